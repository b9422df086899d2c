"""The signature against worked vectors."""

import pytest

from connectors.sandbox.qimen.signing import is_signed, joined, signature

PARAMS = {
    "method": "deliveryorder.create",
    "timestamp": "2026-11-21 10:05:00",
    "format": "xml",
    "app_key": "erp-app",
    "v": "2.0",
    "sign_method": "md5",
    "customerId": "c1",
}
BODY = (
    '<?xml version="1.0" encoding="utf-8"?><request><deliveryOrder><deliveryOrderCode>DO1</deliveryOrderCode>'
    "<remark>中文</remark></deliveryOrder></request>"
).encode()


def test_parameters_are_joined_in_byte_order_without_separators() -> None:
    assert joined(PARAMS) == (
        "app_keyerp-appcustomerIdc1formatxmlmethoddeliveryorder.createsign_methodmd5timestamp2026-11-21 10:05:00v2.0"
    )


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("md5", "630512F9870B48C0ED0F31AC33A514E6"),
        ("hmac", "E7C41A976710CCF0EE43C6EDB58A2E1D"),
        ("hmac-sha256", "EFAAEE1770CD1F5FEE2D3DECDFC00879D5106FB62DC265F4F65D4CD3C82BCC66"),
    ],
)
def test_each_method_gives_the_worked_value(method: str, expected: str) -> None:
    assert signature({**PARAMS, "sign_method": method}, BODY, "secret-1") == expected


def test_an_empty_body_is_signed_too() -> None:
    params = {
        **PARAMS,
        "method": "taobao.qimen.itemlack.report",
        "timestamp": "2015-04-26 00:00:07",
        "app_key": "testerp_appkey",
        "customerId": "stub-cust-code",
    }
    assert signature(params, b"", "test") == "349F96AB42F33BE919D3612688085D48"


def test_empty_parameters_and_the_signature_itself_are_not_signed() -> None:
    more = {**PARAMS, "session": "", "": "x", "sign": "ABC"}
    assert signature(more, BODY, "secret-1") == signature(PARAMS, BODY, "secret-1")


@pytest.mark.parametrize("change", [{"v": "1.0"}, {"partner_id": "p"}])
def test_a_changed_parameter_breaks_the_signature(change: dict[str, str]) -> None:
    signed = {**PARAMS, "sign": signature(PARAMS, BODY, "secret-1")}
    assert is_signed(signed, BODY, "secret-1")
    assert not is_signed({**signed, **change}, BODY, "secret-1")
    assert not is_signed(signed, BODY + b" ", "secret-1")


def test_an_unknown_method_is_named() -> None:
    with pytest.raises(ValueError, match="sha1"):
        signature({**PARAMS, "sign_method": "sha1"}, BODY, "secret-1")
