"""Control endpoints: creating, bad documents and mending, edits, traffic, restart, repeatability."""

from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.taobao.spoil import SPOILERS
from connectors.sandbox.taobao.twin import TaobaoTwin
from connectors.sandbox.traffic import fen

from .caller import Caller


def test_count_without_kinds_makes_plain_trades(shop: Caller) -> None:
    answer = shop.client.post("/_twin/trades", json={"count": 3, "kinds": {"cod": 1}, "tag": "demo"})
    tids = answer.get_json()["tids"]
    assert (len(tids["cod"]), len(tids["plain"])) == (1, 2)
    assert shop.entry(tids["cod"][0])["tag"] == "demo"


def test_an_unknown_kind_is_refused_by_name(shop: Caller) -> None:
    answer = shop.client.post("/_twin/trades", json={"kinds": {"cheap": 1}})
    assert answer.status_code == 400
    assert "cheap" in answer.get_json()["error"]


def test_bad_documents_come_in_turn_and_can_be_mended(shop: Caller) -> None:
    bad = shop.create(bad=len(SPOILERS))["bad"]
    assert set(bad) == set(SPOILERS)
    assert shop.trade(bad["amount_text"][0])["payment"] == "abc"
    assert "orders" not in shop.trade(bad["missing_orders"][0])
    assert shop.trade(bad["unknown_status"][0])["status"] == "WAIT_FOR_ALIGNMENT"
    assert shop.trade(bad["time_text"][0])["created"] == "昨天下午"
    off = shop.trade(bad["amounts_do_not_add_up"][0])
    due = sum(fen(line["divide_order_fee"]) for line in off["orders"]["order"]) + fen(off["post_fee"])
    assert due != fen(off["payment"])
    for spoil, (tid,) in bad.items():
        entry = shop.entry(tid)
        assert (entry["kind"], entry["payable"], entry["spoiled"]) == (f"bad:{spoil}", False, spoil)
        shop.act(tid, "mend")
        assert shop.entry(tid)["payable"] is True
        assert fen(shop.trade(tid)["payment"]) > 0


def test_changing_the_quantity_reprices_the_trade(shop: Caller) -> None:
    for tid in shop.create(plain=20)["plain"]:
        before = shop.lines(tid)[0]["num"]
        assert shop.act(tid, "edit_quantity")["num"] == before + 1
        trade = shop.trade(tid)
        due = sum(fen(line["divide_order_fee"]) for line in trade["orders"]["order"]) + fen(trade["post_fee"])
        assert due == fen(trade["payment"])


@pytest.mark.parametrize("verb", ["edit_address", "edit_quantity", "pay", "mend", "sign"])
def test_what_the_state_forbids_answers_409_with_a_sentence(shop: Caller, verb: str) -> None:
    tid = shop.one()
    shop.ship(tid)
    answer = shop.client.post(f"/_twin/trades/{tid}/{verb}", json={})
    assert answer.status_code == 409
    assert tid in answer.get_json()["error"] or "cannot" in answer.get_json()["error"]


def test_unknown_trades_and_verbs_answer_404(shop: Caller) -> None:
    assert shop.client.post("/_twin/trades/1/pay", json={}).status_code == 404
    assert shop.client.post(f"/_twin/trades/{shop.one()}/dance", json={}).status_code == 404


def test_an_unpaid_trade_becomes_payable_by_paying(shop: Caller) -> None:
    tid = shop.one("unpaid")
    assert shop.entry(tid)["payable"] is False
    shop.act(tid, "pay")
    assert shop.entry(tid)["payable"] is True
    assert shop.trade(tid)["pay_time"]


def test_free_traffic_starts_and_stops(shop: Caller) -> None:
    shop.client.post("/_twin/traffic", json={"per_minute": 6000})
    shop.advance(0)
    made = len(shop.client.get("/_twin/ledger").get_json()["trades"])
    assert made > 10
    shop.client.post("/_twin/traffic", json={"per_minute": 0})
    shop.advance(3600)
    stopped = len(shop.client.get("/_twin/ledger").get_json()["trades"])
    shop.advance(3600)
    assert len(shop.client.get("/_twin/ledger").get_json()["trades"]) == stopped == made


def described(twin: TaobaoTwin) -> list[tuple[str, str, Any]]:
    client = Client(twin)
    client.post("/_twin/trades", json={"kinds": {"plain": 5, "split": 2, "merge_pairs": 1}})
    trades = client.get("/_twin/ledger").get_json()["trades"]
    return [(trade["tid"], trade["payment"], [line["outer_sku_id"] for line in trade["lines"]]) for trade in trades]


def test_the_same_seed_makes_the_same_trades(tmp_path: Path) -> None:
    found = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        twin = TaobaoTwin(TwinOptions(tmp_path / name, seed=seed))
        found.append(described(twin))
        twin.close()
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_everything_survives_a_restart_and_numbers_go_on(tmp_path: Path) -> None:
    first = TaobaoTwin(TwinOptions(tmp_path, seed=7))
    shop = Caller(first)
    tid = shop.one()
    shop.ship(tid)
    before = shop.client.get("/_twin/ledger").get_json()
    first.close()
    second = TaobaoTwin(TwinOptions(tmp_path, seed=7))
    again = Caller(second)
    assert again.client.get("/_twin/ledger").get_json() == before
    assert again.ship_error(tid).endswith("B04")
    assert int(again.one()) > int(tid)
    second.close()


def test_reset_forgets_trades_but_never_reuses_numbers(shop: Caller) -> None:
    tid = shop.one()
    shop.client.post("/_twin/reset")
    assert shop.client.get("/_twin/ledger").get_json() == {"trades": [], "refused_shipments": []}
    assert int(shop.one()) > int(tid)
    assert shop.client.get("/_twin/stock").get_json()["stock"]


def test_the_ledger_can_be_made_to_lie(shop: Caller) -> None:
    first, second = shop.create(plain=2)["plain"]
    for tid in (first, second):
        shop.ship(tid)
    for tid, verb in ((first, "forget"), (second, "double")):
        number = shop.entry(tid)["shipments"][0]["id"]
        assert shop.client.post(f"/_twin/shipments/{number}/{verb}").get_json() == {"touched": 1}
    assert [len(shop.entry(tid)["shipments"]) for tid in (first, second)] == [0, 2]
    assert shop.client.post("/_twin/shipments/999/double").status_code == 404
    assert shop.client.post("/_twin/shipments/1/hide").status_code == 404


def test_closing_a_part_shipped_trade_leaves_what_is_on_its_way(shop: Caller) -> None:
    tid = shop.one("split")
    sent, kept = (line["oid_str"] for line in shop.lines(tid))
    shop.ship(tid, is_split=1, sub_tid=sent)
    shop.act(tid, "refund", oid=kept)
    shop.act(tid, "close")
    assert shop.trade(tid)["status"] == "WAIT_BUYER_CONFIRM_GOODS"
    assert [line["status"] for line in shop.lines(tid)] == ["WAIT_BUYER_CONFIRM_GOODS", "TRADE_CLOSED"]
    shop.advance(3 * 86_400)
    assert shop.trade(tid)["status"] == "TRADE_FINISHED"


def test_credentials_of_the_settings_replace_those_of_the_seed(tmp_path: Path) -> None:
    twin = TaobaoTwin(
        TwinOptions(tmp_path, settings={"app_key": "42", "app_secret": "s", "session": "t", "refresh_token": "r"})
    )
    shop = Caller(twin)
    assert shop.keys == {"app_key": "42", "app_secret": "s", "session": "t", "refresh_token": "r"}
    assert shop.trade(shop.one())["status"] == "WAIT_SELLER_SEND_GOODS"
    twin.close()
