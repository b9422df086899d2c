"""OAID, memos, stock, messages and closing."""

import json

import pytest

from .caller import Caller

DECRYPT, MERGE = "taobao.top.oaid.decrypt", "taobao.top.oaid.merge"


def decrypt(shop: Caller, tid: str, oaid: str, scene: str = "1001") -> dict[str, object]:
    query = json.dumps([{"tid": tid, "oaid": oaid, "scene": scene}])
    return shop.call(DECRYPT, query_list=query)["receiver_list"]["receiver"][0]


def merged(shop: Caller, *tids: str) -> list[str]:
    items = [{"tid": tid, "oaid": shop.trade(tid)["oaid"]} for tid in tids]
    return shop.call(MERGE, merge_list=json.dumps(items))["tid_list"]["string"]


def test_decrypting_gives_the_receiver_until_the_address_changes(shop: Caller) -> None:
    tid = shop.one()
    oaid = shop.trade(tid)["oaid"]
    receiver = decrypt(shop, tid, oaid)
    assert receiver["matched"] is True
    assert receiver["name"] == shop.twin.market.trade(tid).receiver["name"]
    shop.act(tid, "edit_address")
    stale = decrypt(shop, tid, oaid)
    assert stale["matched"] is False
    assert "name" not in stale
    trade = shop.trade(tid)
    assert (trade["lm"], trade["orders"]["order"][0]["modify_address"]) == ("1", "1")
    assert decrypt(shop, tid, trade["oaid"])["matched"] is True


def test_some_buyers_hide_their_number(shop: Caller) -> None:
    tids = shop.create(plain=120)["plain"]
    receivers = [decrypt(shop, tid, shop.trade(tid)["oaid"]) for tid in tids]
    hidden = [row for row in receivers if row["privacy_protection"]]
    assert 0 < len(hidden) < len(receivers)
    assert all("-" in str(row["mobile"]) and row["secret_no_expire_time"] for row in hidden)


@pytest.mark.parametrize(
    "query", ["[]", "{}", '[{"tid":"1"}]', '[{"tid":"1","oaid":"x","scene":"7"}]', json.dumps([{}] * 21)]
)
def test_a_bad_decrypt_query_is_refused(shop: Caller, query: str) -> None:
    assert shop.error(DECRYPT, query_list=query)["code"] == 41


def test_trades_of_one_buyer_and_address_may_merge_and_no_others(shop: Caller) -> None:
    ((first, second),) = shop.create(merge_pairs=1)["merge_pairs"]
    other = shop.one()
    assert shop.trade(first)["oaid"] != shop.trade(second)["oaid"]
    assert merged(shop, first, second, other) == [f"{first},{second}", other]
    shop.act(second, "edit_address")
    assert merged(shop, first, second) == [first, second]


def test_a_stale_oaid_never_merges(shop: Caller) -> None:
    ((first, second),) = shop.create(merge_pairs=1)["merge_pairs"]
    items = [{"tid": first, "oaid": shop.trade(first)["oaid"]}, {"tid": second, "oaid": "1abc"}]
    assert shop.call(MERGE, merge_list=json.dumps(items))["tid_list"]["string"] == [first, second]


def test_a_memo_overwrites_and_moves_modified(shop: Caller) -> None:
    tid = shop.one()
    shop.twin.storage.execute("update trade set modified = '2026-01-01 00:00:00' where tid = ?", (tid,))
    shop.call("taobao.trade.memo.update", tid=tid, memo="已审", flag=3)
    trade = shop.trade(tid)
    assert (trade["seller_memo"], trade["seller_flag"]) == ("已审", 3)
    assert trade["modified"] > "2026-01-01 00:00:00"
    assert shop.error("taobao.trade.memo.add", tid=tid, memo="再来")["code"] == 15
    assert shop.error("taobao.trade.memo.update", tid=tid, memo="长" * 334)["code"] == 41
    assert shop.error("taobao.trade.memo.update", tid=tid, flag=6)["code"] == 41
    shop.call("taobao.trade.memo.update", tid=tid, reset="true")
    assert shop.trade(tid)["seller_memo"] == ""
    shop.call("taobao.trade.memo.add", tid=tid, memo="再来")
    assert shop.trade(tid)["seller_memo"] == "再来"


def test_stock_is_set_in_full_or_by_difference(shop: Caller) -> None:
    item = shop.client.get("/_twin/catalogue").get_json()["items"][0]
    method, num_iid = "taobao.skus.quantity.update", item["num_iid"]
    shop.call(method, num_iid=num_iid, type=1, skuid_quantities=f"{item['sku_id']}:40")
    answer = shop.call(method, num_iid=num_iid, type=2, outerid_quantities=f"{item['code']}:-15")
    assert answer["item"]["skus"]["sku"][0]["quantity"] == 25
    assert shop.client.get("/_twin/stock").get_json()["stock"][item["code"]] == 25
    assert shop.error(method, num_iid=num_iid, skuid_quantities="1:5")["code"] == 41
    assert shop.error(method, num_iid=num_iid, skuid_quantities="x")["code"] == 41


def test_messages_come_again_until_they_are_confirmed(shop: Caller) -> None:
    tid = shop.one()
    consume, confirm = "taobao.tmc.messages.consume", "taobao.tmc.messages.confirm"
    (message,) = shop.call(consume, quantity=10)["messages"]["tmc_message"]
    assert message["topic"] == "taobao_trade_TradeCreate"
    assert str(json.loads(message["content"])["tid"]) == tid
    assert shop.call(consume)["messages"]["tmc_message"][0]["id"] == message["id"]
    assert shop.call(confirm, s_message_ids=message["id"])["is_success"] is True
    assert "messages" not in shop.call(consume)
    assert shop.error(consume, quantity=9)["code"] == 41


def test_closing_takes_an_unpaid_trade_older_than_ten_seconds(shop: Caller) -> None:
    tid, paid = shop.one("unpaid"), shop.one()
    close = "taobao.trade.close"
    assert "CLOSE_TRADE_TOO_FAST" in shop.error(close, tid=tid, close_reason="缺货")["sub_code"]
    for made in (tid, paid):
        trade = shop.twin.market.trade(made)
        trade.doc["created"] = "2026-01-01 00:00:00"
        shop.twin.market.trades.save(trade)
    shop.call(close, tid=tid, close_reason="缺货")
    assert shop.trade(tid)["status"] == "TRADE_CLOSED_BY_TAOBAO"
    assert shop.error(close, tid=paid, close_reason="缺货")["code"] == 15
