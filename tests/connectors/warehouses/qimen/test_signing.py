"""Qimen signatures against worked vectors."""

import pytest

from connectors.warehouses.qimen.signing import is_genuine, sign

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
VECTORS = {
    "md5": "630512F9870B48C0ED0F31AC33A514E6",
    "hmac": "E7C41A976710CCF0EE43C6EDB58A2E1D",
    "hmac-sha256": "EFAAEE1770CD1F5FEE2D3DECDFC00879D5106FB62DC265F4F65D4CD3C82BCC66",
}


@pytest.mark.parametrize("method", VECTORS)
def test_it_signs_as_the_worked_examples_do(method: str) -> None:
    assert sign("secret-1", PARAMS | {"sign_method": method}, BODY) == VECTORS[method]


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"", "349F96AB42F33BE919D3612688085D48"), (b"body", "E4E83589F1454C1B677DDF0B59026C6A")],
)
def test_the_parameters_of_the_published_example_sign_as_computed(body: bytes, expected: str) -> None:
    params = PARAMS | {
        "method": "taobao.qimen.itemlack.report",
        "timestamp": "2015-04-26 00:00:07",
        "app_key": "testerp_appkey",
        "customerId": "stub-cust-code",
    }
    assert sign("test", params, body) == expected


def test_empty_parameters_and_the_signature_itself_take_no_part() -> None:
    assert sign("secret-1", PARAMS | {"sign": "X", "session": "", "": "y"}, BODY) == VECTORS["md5"]


@pytest.mark.parametrize("method", VECTORS)
def test_a_fitting_signature_is_genuine_in_either_case(method: str) -> None:
    params = PARAMS | {"sign_method": method, "sign": VECTORS[method].lower()}
    assert is_genuine("secret-1", params, BODY)
    assert not is_genuine("secret-1", params, BODY + b" ")
    assert not is_genuine("secret-2", params, BODY)
    assert not is_genuine("", params, BODY)


@pytest.mark.parametrize("sign_", ["", "中文", "\ud800", "0" * 32])
def test_missing_or_strange_signatures_are_not_genuine(sign_: str) -> None:
    assert not is_genuine("secret-1", PARAMS | {"sign": sign_}, BODY)


def test_a_query_that_is_no_text_is_not_genuine() -> None:
    assert not is_genuine("secret-1", PARAMS | {"sign": "X", "odd": "\ud800"}, BODY)


def test_an_unknown_way_of_signing_is_not_genuine() -> None:
    assert not is_genuine("secret-1", PARAMS | {"sign_method": "none", "sign": "X"}, BODY)
