"""Reading orders: lists, paging, filters, what each kind shows, sealed people, merging, damage."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.sandbox.pinduoduo.caller import Caller
from tests.sandbox.pinduoduo.conftest import MakeCaller

LIST = "pdd.order.number.list.increment.get"
BY_DEAL = "pdd.order.list.get"


def numbers(answer: Any, name: str = "order_sn_list") -> list[str]:
    return [order["order_sn"] for order in answer[name]]


def fen(value: float) -> int:
    return round(value * 100)


def test_changes_are_paged_newest_first(shop: Caller) -> None:
    made = shop.make("plain", 5)
    shop.act(made[0], "touch")
    first, second, third = (shop.changes(page=page, page_size=2) for page in (1, 2, 3))
    assert [first["total_count"], first["has_next"], third["has_next"]] == [5, True, False]
    assert numbers(first)[0] == made[0]
    assert sorted(numbers(first) + numbers(second) + numbers(third)) == sorted(made)
    counted = shop.changes(page=1, page_size=2, use_has_next=True)
    assert (counted["has_next"], "total_count" in counted) == (True, False)
    shown = shop.order(made[0])
    assert first["order_sn_list"][0] == shown


@pytest.mark.parametrize(
    ("changed", "name"),
    [({"page_size": 101}, "page_size"), ({"page": 0}, "page"), ({"order_status": 4}, "order_status"),
     ({"refund_status": 9}, "refund_status"), ({"is_lucky_flag": 3}, "is_lucky_flag"), ({"trade_type": 2}, "trade_type"),
     ({"start_updated_at": "x"}, "start_updated_at"), ({"start_updated_at": 9_999_999_999}, "start_updated_at"),
     ({"start_updated_at": int(time.time()) - 2_000}, "end_updated_at"), ({"start_updated_at": 1}, "end_updated_at")],
)  # fmt: skip
def test_a_bad_window_page_or_filter_is_named(shop: Caller, changed: dict[str, object], name: str) -> None:
    code, words = shop.refused(LIST, **shop.change_params(**changed))
    assert (code, words.partition(":")[0]) == (21002, name)


def test_the_list_by_change_ends_three_minutes_ago(start: MakeCaller) -> None:
    shop, now = start(end_lag=180), int(time.time())
    late = {"start_updated_at": now - 600, "end_updated_at": now - 170}
    assert shop.refused(LIST, **shop.change_params(**late)) == (21002, "end_updated_at:结束时间不能晚于系统时间前3分钟")
    assert shop.changes(start_updated_at=now - 600, end_updated_at=now - 185)["order_sn_list"] == []
    ninety = now - 91 * 86_400
    assert shop.refused(LIST, **shop.change_params(start_updated_at=ninety, end_updated_at=ninety + 9))[0] == 21002


def test_deals_are_listed_by_the_time_of_the_deal(shop: Caller) -> None:
    plain, group = shop.one(), shop.one("group_buy")
    now = int(time.time())
    window = {"start_confirm_at": now - 60, "end_confirm_at": now + 60, "order_status": 5, "refund_status": 5}
    assert numbers(shop.call(BY_DEAL, **window), "order_list") == [plain]
    shop.act(group, "release")
    assert set(numbers(shop.call(BY_DEAL, **window), "order_list")) == {plain, group}
    basic = shop.call("pdd.order.basic.list.get", **window)["order_list"][0]
    assert "receiver_name" not in basic
    assert basic["item_list"]
    assert shop.refused(BY_DEAL, **{**window, "start_confirm_at": now - 90_000})[0] == 21002


def test_money_of_every_kind_adds_up(shop: Caller) -> None:
    made = [shop.one(kind) for kind in shop.twin.kinds if kind not in ("unpaid", "merge_pairs")]
    for number in made:
        order = shop.order(number)
        fees = sum(fee["service_fee"] for fee in order["service_fee_detail"])
        goods = sum(fen(item["goods_price"]) * item["goods_count"] for item in order["item_list"])
        discounts = ("platform_discount", "seller_discount", "capital_free_discount")
        assert fen(order["goods_amount"]) == goods - fen(order["order_change_amount"])
        assert fen(order["discount_amount"]) == sum(fen(order[name]) for name in discounts)
        assert fen(order["pay_amount"]) == fen(order["goods_amount"] - order["discount_amount"] + order["postage"] + fees)
        assert fen(order["pay_amount"]) == shop.ledger(number)["payment"]


def test_each_kind_shows_what_makes_it_special(shop: Caller) -> None:
    def of(kind: str) -> Any:
        return shop.order(shop.one(kind))

    assert (of("group_buy")["group_status"], of("group_buy")["confirm_status"]) == (0, 0)
    assert of("group_buy")["capital_free_discount"] == 1.0
    risk = of("risk")
    assert (risk["risk_control_status"], risk["confirm_status"], risk["receiver_name"]) == (1, 1, "")
    assert of("lottery")["is_lucky_flag"] == 2
    assert {"name": "ship_hold", "value": 1} in of("held")["order_tag_list"]
    assert of("presale_goods")["is_pre_sale"] == 1
    assert of("depot")["order_depot_info"]["depot_type"] == 2
    assert of("own_depot")["order_depot_info"]["depot_type"] == 1
    assert of("trade_in")["promotion_detail_list"][0]["promotion_type"] == 30
    assert of("home_delivery")["service_fee_detail"] == [{"service_name": "送货入户", "service_fee": 20.0}]
    assert of("pickup")["store_info"]["store_number"] == "MD001"
    assert of("consolidated")["consolidate_info"] is not None
    assert (len(of("split")["item_list"]), len(of("plain")["item_list"])) == (2, 1)
    gift = of("gift")
    assert (len(gift["item_list"]), gift["gift_list"][0]["outer_id"][:2]) == (1, "GF")


def test_a_deposit_order_goes_through_its_steps(shop: Caller) -> None:
    number = shop.one("presale_unpaid")
    assert shop.order(number)["step_order_info"]["step_trade_status"] == 0
    shop.act(number, "pay_deposit")
    order = shop.order(number)
    assert (order["trade_type"], order["step_order_info"]["step_trade_status"], order["confirm_status"]) == (1, 1, 0)
    assert order["step_order_info"]["advanced_paid_fee"] > 0
    assert numbers(shop.changes(trade_type=1)) == [number]
    assert numbers(shop.changes(trade_type=0)) == []
    paid = shop.one("presale_paid")
    shop.advance(700)
    assert shop.order(paid)["step_order_info"]["step_trade_status"] == 2
    assert shop.order(paid)["confirm_status"] == 1


def test_what_was_not_paid_is_not_shown(shop: Caller) -> None:
    number = shop.one("unpaid")
    assert numbers(shop.changes()) == []
    assert shop.refused("pdd.order.information.get", order_sn=number)[0] == 50001
    assert shop.call("pdd.order.status.get", order_sns=number)["order_status_list"][0]["order_status"] == 0
    shop.act(number, "pay")
    assert numbers(shop.changes()) == [number]
    assert shop.order(number)["confirm_time"] != ""


def test_groups_form_or_fail_and_lotteries_are_won_or_lost(shop: Caller) -> None:
    formed, failed = shop.make("group_buy", 2)
    won, lost = shop.make("lottery", 2)
    shop.act(failed, "fail_group")
    shop.act(lost, "lose_lottery")
    shop.advance(400)
    orders = {number: shop.order(number) for number in (formed, failed, won, lost)}
    shown = [(o["group_status"], o["confirm_status"], o["refund_status"]) for o in orders.values()]
    assert shown == [(1, 1, 1), (2, 2, 4), (1, 1, 1), (1, 2, 4)]
    assert [shop.ledger(number)["payable"] for number in orders] == [True, False, True, False]
    assert set(numbers(shop.changes(is_lucky_flag=2))) == {won, lost}
    assert set(numbers(shop.changes(is_lucky_flag=1, refund_status=4))) == {failed}


def test_order_and_refund_filters_agree_with_what_is_shown(shop: Caller) -> None:
    asked, paying, back, sent, done, open_ = shop.make("plain", 6)
    shop.ask(asked)
    case = shop.ask(paying)
    shop.call("pdd.refund.agree", request={"order_sn": paying, "after_sales_id": int(case)})
    shop.act(back, "cancel")
    for number in (sent, done):
        shop.send(number)
    shop.act(done, "finish")
    by_refund = {status: set(numbers(shop.changes(refund_status=status))) for status in (1, 2, 3, 4)}
    assert by_refund == {1: {sent, done, open_}, 2: {asked}, 3: {paying}, 4: {back}}
    by_order = {status: set(numbers(shop.changes(order_status=status))) for status in (1, 2, 3)}
    assert by_order == {1: {asked, paying, back, open_}, 2: {sent}, 3: {done}}
    for status, found in by_refund.items():
        assert {shop.order(number)["refund_status"] for number in found} == {status}
    told = shop.call("pdd.order.status.get", order_sns=f"{sent},{paying},nothing")["order_status_list"]
    assert [(row["orderSn"], row["order_status"], row["refund_status"]) for row in told] == [
        (sent, 2, 1), (paying, 1, 3), ("nothing", 0, 0),
    ]  # fmt: skip
    refunding = shop.call("pdd.refund.status.check", order_sns=f"{sent},{asked}")["order_sns_exists_refund"]
    assert refunding == [{"order_sn": asked}]


def test_people_are_sealed_until_the_order_has_shipped(shop: Caller) -> None:
    number = shop.one()
    order = shop.order(number)
    rows = [
        {"data_tag": number, "encrypted_data": order[name]} for name in ("receiver_name", "receiver_phone", "address")
    ]
    opened = shop.call("pdd.open.decrypt.batch", data_list=rows)["data_decrypt_list"]
    assert [row["data_type"] for row in opened] == [5, 6, 8]
    assert opened[0]["decrypted_data"][0] == order["receiver_name_mask"][0]
    assert opened[1]["decrypted_data"][:3] == order["receiver_phone_mask"][:3]
    masked = shop.call("pdd.open.decrypt.mask.batch", data_list=rows)["data_decrypt_list"]
    assert masked[2]["decrypted_data"] == order["address_mask"]
    assert opened[2]["decrypted_data"] not in str(order)
    shop.send(number)
    later = shop.order(number)
    assert [later[name] for name in ("receiver_name", "receiver_phone", "receiver_address", "address")] == [""] * 4
    assert later["receiver_name_mask"] == order["receiver_name_mask"]
    wrong = [{"data_tag": number, "encrypted_data": "~AgAAAAx~0~"}]
    assert shop.call("pdd.open.decrypt.batch", data_list=wrong)["data_decrypt_list"][0]["error_code"] != 0
    assert shop.refused("pdd.open.decrypt.batch", data_list=rows * 34)[0] == 21002


def test_numbers_can_be_virtual(start: MakeCaller) -> None:
    shop = start(virtual_numbers=True)
    number = shop.one()
    row = {"data_tag": number, "encrypted_data": shop.order(number)["receiver_phone"]}
    told = shop.call("pdd.open.decrypt.batch", data_list=[row])["data_decrypt_list"][0]
    assert (told["virtual_number_type"], told["decrypted_data"][11]) == (1, "-")


def test_orders_of_one_addressee_may_be_merged_until_one_moves(shop: Caller) -> None:
    first, second = shop.make("merge_pairs")[0]
    other = shop.one()
    asked = [{"order_sn": number} for number in (first, second, other)]

    def groups() -> list[list[str]]:
        told = shop.call("pdd.order.merge.ship.order.group", order_list=asked)["order_group_list"]
        return [group["order_sn_list"] for group in told]

    assert shop.order(first)["open_address_id"] == shop.order(second)["open_address_id"]
    assert groups() == [[first, second], [other]]
    before = shop.order(second)
    shop.act(second, "edit_address")
    after = shop.order(second)
    assert (after["open_address_id"] != before["open_address_id"], after["address"] != before["address"]) == (True, True)
    assert groups() == [[first], [second], [other]]


def test_damaged_orders_are_shown_damaged_until_mended(shop: Caller) -> None:
    made = shop.client.post("/_twin/trades", json={"kinds": {"bad": 5}}).get_json()["tids"]["bad"]
    orders = {spoil: shop.order(found[0]) for spoil, found in made.items()}
    assert orders["amount_text"]["pay_amount"] == "abc"
    assert "item_list" not in orders["missing_lines"]
    assert orders["unknown_status"]["order_status"] == 97
    assert orders["amounts_do_not_add_up"]["goods_amount"] > 900_000
    assert orders["time_text"]["created_time"] == "昨天下午"
    number = made["amount_text"][0]
    shop.act(number, "mend")
    assert shop.order(number)["pay_amount"] > 0


def test_lists_lag_repeat_and_move_on_demand(shop: Caller) -> None:
    made = shop.make("plain", 3)
    shop.faults({"kind": "late_rows", "ms": 60_000, "max_times": 1})
    assert shop.changes()["order_sn_list"] == []
    shop.faults({"kind": "duplicate_rows", "max_times": 1})
    repeated = numbers(shop.changes())
    assert (len(repeated), len(set(repeated))) == (4, 3)
    shop.faults({"kind": "moving_rows", "max_times": 1})
    before = shop.ledger(made[0])["changed_ms"]
    assert numbers(shop.changes())[0] == made[0]
    assert shop.ledger(made[0])["changed_ms"] > before


def test_a_restart_on_the_same_folder_goes_on(start: MakeCaller) -> None:
    shop = start()
    number = shop.one("group_buy")
    shop.twin.close()
    again = start()
    assert again.order(number)["group_status"] == 0
    again.advance(400)
    assert again.order(number)["group_status"] == 1
    assert again.one() > number
