"""The lists and the detail: windows, paging, fields, masking, and every status of the sheet."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.sandbox.traffic import fen

from .caller import ALL_FIELDS, Caller, gmt8

LIST = "taobao.trades.sold.increment.get"
DETAIL = "taobao.trade.fullinfo.get"


def window(minutes: int = 30) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "fields": "tid,modified,status",
        "start_modified": gmt8(now - timedelta(minutes=minutes)),
        "end_modified": gmt8(now + timedelta(seconds=5)),
    }


def page(shop: Caller, **more: Any) -> dict[str, Any]:
    return shop.call(LIST, **{**window(), **more})


def rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return answer.get("trades", {}).get("trade", [])


def faults(shop: Caller, *active: dict[str, Any]) -> None:
    shop.client.post("/_twin/faults", json={"faults": list(active)})


def test_an_empty_list_has_no_trades_key(shop: Caller) -> None:
    answer = page(shop)
    assert "trades" not in answer
    assert answer["total_results"] == 0
    assert page(shop, use_has_next="true")["has_next"] is False


def test_pages_go_down_by_modified_and_say_whether_more_follow(shop: Caller) -> None:
    shop.create(plain=5)
    first = page(shop, page_size=2, use_has_next="true")
    assert first["has_next"] is True
    assert "total_results" not in first
    pages = [rows(page(shop, page_size=2, page_no=n, use_has_next="true")) for n in (1, 2, 3)]
    assert [len(found) for found in pages] == [2, 2, 1]
    seen = [(row["modified"], row["tid"]) for found in pages for row in found]
    assert seen == sorted(seen, reverse=True)
    assert page(shop, page_size=2)["total_results"] == 5


def paged_while_rows_move(shop: Caller, backwards: bool) -> tuple[set[str], set[str]]:
    """All trades of a past window, and those that paging through it saw or that moved out of it meanwhile."""
    made = shop.create(plain=25)["plain"]
    now = datetime.now(UTC)
    for age, tid in enumerate(made, start=100):
        moment = gmt8(now - timedelta(seconds=age))
        shop.twin.storage.execute("update trade set modified = ? where tid = ?", (moment, tid))
    past = {**window(), "end_modified": gmt8(now - timedelta(seconds=60)), "page_size": "5"}
    faults(shop, {"kind": "moving_rows", "match": LIST, "max_times": 5})
    numbers = range(5, 0, -1) if backwards else range(1, 6)
    pages = [rows(shop.call(LIST, **past, page_no=number, use_has_next="true")) for number in numbers]
    seen = {str(row["tid"]) for found in pages for row in found}
    past_end = past["end_modified"]
    moved = shop.twin.storage.rows("select tid from trade where modified > ?", (past_end,))
    return set(made), seen | {row["tid"] for row in moved}


def test_last_page_to_first_loses_nothing_although_rows_move(shop: Caller) -> None:
    made, found = paged_while_rows_move(shop, backwards=True)
    assert found == made


def test_first_page_to_last_loses_what_slips_to_a_page_already_read(shop: Caller) -> None:
    made, found = paged_while_rows_move(shop, backwards=False)
    assert found < made


def test_a_row_can_come_twice_on_demand(shop: Caller) -> None:
    shop.create(plain=2)
    faults(shop, {"kind": "duplicate_rows", "match": "taobao.trades.*", "max_times": 1})
    assert len(rows(page(shop))) == 3
    assert len(rows(page(shop))) == 2


def test_a_list_can_lag_behind(shop: Caller) -> None:
    tid = shop.one()
    faults(shop, {"kind": "late_rows", "ms": 60_000, "max_times": 1})
    assert rows(page(shop)) == []
    assert [str(row["tid"]) for row in rows(page(shop))] == [tid]


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"start_modified": "2026-01-01 00:00:00", "end_modified": "2026-01-01 00:00:00"}, "start_modified"),
        ({"start_modified": "2026-01-01 00:00:00", "end_modified": "2026-01-03 00:00:00"}, "end_modified"),
        ({"start_modified": "2020-01-01 00:00:00", "end_modified": "2020-01-01 01:00:00"}, "start_modified"),
        ({"start_modified": "2026/01/01"}, "start_modified"),
        ({"page_size": "101"}, "page_size"),
        ({"page_size": "0"}, "page_size"),
        ({"page_no": "0"}, "page_no"),
        ({"status": "A,B"}, "status"),
    ],
)
def test_bad_windows_and_pages_are_refused(shop: Caller, change: dict[str, str], parameter: str) -> None:
    error = shop.error(LIST, **{**window(), **change})
    assert (error["code"], error["sub_code"]) == (41, f"isv.invalid-parameter:{parameter}")


def test_only_the_asked_fields_are_answered(shop: Caller) -> None:
    shop.one()
    assert set(rows(page(shop, fields="tid,status"))[0]) == {"tid", "status"}
    lines = rows(page(shop, fields="tid,orders.oid"))[0]["orders"]["order"]
    assert set(lines[0]) == {"oid"}


def test_the_list_keeps_the_person_back(shop: Caller) -> None:
    shop.one()
    row = rows(page(shop, fields=ALL_FIELDS + ",oaid"))[0]
    assert not {"oaid", "receiver_name", "receiver_mobile", "seller_memo", "promotion_details"} & set(row)


def test_filters_by_status_and_by_type(shop: Caller) -> None:
    shop.create(plain=1, cod=1, unpaid=1, pre_auth=1)
    assert len(rows(page(shop, status="WAIT_BUYER_PAY"))) == 1
    assert len(rows(page(shop, type="cod"))) == 1
    # A pre-authorised trade is listed only when its type is asked for.
    assert len(rows(page(shop))) == 3
    assert len(rows(page(shop, type="pre_auth_type"))) == 1


def test_the_other_lists_go_by_arrival_and_creation(shop: Caller) -> None:
    tid, times = shop.one(), window()
    bounds = {"start_create": times["start_modified"], "end_create": times["end_modified"]}
    arrived = shop.call("taobao.trades.sold.incrementv.get", fields="tid", **bounds)
    assert [str(row["tid"]) for row in rows(arrived)] == [tid]
    created = shop.call("taobao.trades.sold.get", fields="tid")
    assert [str(row["tid"]) for row in rows(created)] == [tid]


def test_the_detail_masks_the_receiver_and_gives_the_oaid_on_demand(shop: Caller, twin: Any) -> None:
    tid = shop.one()
    receiver = twin.market.trade(tid).receiver
    trade = shop.trade(tid)
    assert trade["receiver_name"].endswith("**")
    assert trade["receiver_mobile"] == "*******" + receiver["mobile"][-4:]
    assert receiver["address"] not in trade["receiver_address"]
    assert trade["oaid"]
    assert "oaid" not in shop.call(DETAIL, tid=tid, fields="tid,receiver_name")["trade"]
    five = "receiver_name,receiver_address,created,receiver_mobile,receiver_phone"
    assert shop.call(DETAIL, tid=tid, fields=five)["trade"]["oaid"] == trade["oaid"]


def test_an_unknown_trade_is_refused(shop: Caller) -> None:
    assert shop.error(DETAIL, tid="1", fields="tid")["sub_code"] == "isv.trade-not-exist"


def test_amounts_of_a_whole_trade_add_up(shop: Caller) -> None:
    made = shop.create(plain=40, bundle=5, gift=5, cod=5)
    for tid in [tid for tids in made.values() for tid in tids]:
        trade = shop.trade(tid)
        lines = trade["orders"]["order"]
        due = sum(fen(line["divide_order_fee"]) for line in lines) + fen(trade["post_fee"])
        assert due == fen(trade["payment"])
        assert fen(trade["discount_fee"]) == sum(fen(line["part_mjz_discount"]) for line in lines)
        single = len(lines) == 1
        assert (lines[0]["oid"] == trade["tid"]) is single
        assert (trade["num"] == 0) is not single


def test_kinds_show_in_the_document(shop: Caller) -> None:
    made = shop.create(cod=1, presale_paid=1, gift=1, bundle=20, split=1, held=1, group_buy=1, unknown_sku=1)
    trades = {kind: shop.trade(tids[0]) for kind, tids in made.items()}
    assert trades["cod"]["type"] == "cod"
    assert "pay_time" not in trades["cod"]
    assert trades["presale_paid"]["step_trade_status"] == "FRONT_PAID_FINAL_NOPAID"
    gift = trades["gift"]["orders"]["order"][-1]
    assert (gift["is_free_gift"], gift["divide_order_fee"]) == (True, "0.00")
    assert trades["held"]["top_hold"] == 1
    assert trades["group_buy"]["status"] == "PAID_FORBID_CONSIGN"
    bundles = [shop.lines(tid)[0] for tid in made["bundle"]]
    assert {"combine_item_info" in line for line in bundles} == {True, False}
    assert all(line["outer_sku_id"].startswith("BD") for line in bundles)
    told = next(line["combine_item_info"]["combine_item_info"] for line in bundles if "combine_item_info" in line)
    assert all(part["quantity"] >= 1 and part["sku_id"] for part in told)
    stocked = {item["code"]: item["stocked_at"] for item in catalogue_of(shop)}
    split = [stocked[line["outer_sku_id"]] for line in trades["split"]["orders"]["order"]]
    assert split == ["east", "south"]
    assert trades["unknown_sku"]["orders"]["order"][0]["outer_sku_id"] not in stocked


def catalogue_of(shop: Caller) -> list[dict[str, Any]]:
    return shop.client.get("/_twin/catalogue").get_json()["items"]


def test_every_status_of_the_sheet_is_reached(shop: Caller) -> None:
    seen: set[str] = set()

    def note(tid: str) -> str:
        seen.add(shop.trade(tid)["status"])
        return tid

    for kind in ("no_pay_created", "unpaid", "pay_pending", "pre_auth", "group_buy"):
        note(shop.one(kind))
    cod, closed, refunded = shop.one("cod"), shop.one("unpaid"), shop.one()
    shop.call("taobao.logistics.online.send", tid=cod, out_sid="SF0000000001", company_code="SF")
    note(cod)
    shop.act(cod, "sign")
    note(cod)
    shop.act(cod, "finish")
    note(cod)
    shop.act(closed, "close")
    note(closed)
    shop.act(refunded, "close")
    note(refunded)
    split = note(shop.one("split"))
    shop.ship(split, is_split=1, sub_tid=shop.lines(split)[0]["oid_str"])
    note(split)
    assert seen == {
        "TRADE_NO_CREATE_PAY",
        "WAIT_BUYER_PAY",
        "SELLER_CONSIGNED_PART",
        "WAIT_SELLER_SEND_GOODS",
        "WAIT_BUYER_CONFIRM_GOODS",
        "TRADE_BUYER_SIGNED",
        "TRADE_FINISHED",
        "TRADE_CLOSED",
        "TRADE_CLOSED_BY_TAOBAO",
        "PAY_PENDING",
        "WAIT_PRE_AUTH_CONFIRM",
        "PAID_FORBID_CONSIGN",
    }


def test_a_presale_pays_its_balance_later_or_forfeits(shop: Caller) -> None:
    paid, never = shop.one("presale_paid"), shop.one("presale_unpaid")
    assert not shop.entry(paid)["payable"]
    shop.advance(600)
    assert shop.entry(paid)["step"] == "FRONT_PAID_FINAL_PAID"
    assert shop.entry(paid)["payable"]
    assert shop.entry(never)["step"] == "FRONT_PAID_FINAL_NOPAID"
    shop.act(never, "close")
    assert shop.entry(never)["step"] == "FRONT_PAID_FRONT_FORFEITED"
    assert shop.entry(never)["status"] == "TRADE_CLOSED_BY_TAOBAO"
