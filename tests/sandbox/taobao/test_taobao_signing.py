"""The signature vectors of the call guide, by all three methods."""

import pytest

from connectors.sandbox.taobao.signing import is_signed, sign

ITEM_CALL = {
    "method": "taobao.item.seller.get",
    "app_key": "12345678",
    "session": "test",
    "timestamp": "2016-01-01 12:00:00",
    "format": "json",
    "v": "2.0",
    "sign_method": "md5",
    "fields": "num_iid,title,nick,price,num",
    "num_iid": "11223344",
}
INCREMENT_CALL = {
    "method": "taobao.trades.sold.increment.get",
    "app_key": "12345678",
    "session": "test-session",
    "timestamp": "2026-01-15 10:00:00",
    "format": "json",
    "v": "2.0",
    "fields": "tid,status,modified,has_next",
    "start_modified": "2026-01-15 09:30:00",
    "end_modified": "2026-01-15 10:00:00",
    "page_no": "1",
    "page_size": "50",
    "use_has_next": "true",
}
INCREMENT_SIGNS = {
    "md5": "F831AACD47EB506C993ECC6D912BB672",
    "hmac": "BF7CB1E5DE3EF8928D825B69EB7491A1",
    "hmac-sha256": "93E8C185D67821EE0708238D61C9FABC9A78CDB37E8D9B5607C8BBAC67F47653",
}


def test_the_guides_own_example() -> None:
    assert sign(ITEM_CALL, "helloworld", "md5") == "66987CB115214E59E6EC978214934FB8"


@pytest.mark.parametrize("sign_method", INCREMENT_SIGNS)
def test_the_three_methods_over_one_call(sign_method: str) -> None:
    call = {**INCREMENT_CALL, "sign_method": sign_method}
    assert sign(call, "helloworld", sign_method) == INCREMENT_SIGNS[sign_method]
    assert is_signed({**call, "sign": INCREMENT_SIGNS[sign_method]}, "helloworld")


def test_a_changed_parameter_breaks_the_signature() -> None:
    call = {**ITEM_CALL, "sign": "66987CB115214E59E6EC978214934FB8"}
    assert is_signed(call, "helloworld")
    assert not is_signed({**call, "num_iid": "11223345"}, "helloworld")
    assert not is_signed(call, "another")
    assert not is_signed({**call, "sign_method": "sha1"}, "helloworld")
