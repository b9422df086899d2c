"""The list of orders, documents of every kind and status, receivers, remarks and changes of address."""

import time
from typing import Any

import pytest

from connectors.sandbox.douyin.kinds import KINDS

from .caller import Caller

BAD_LISTS: list[tuple[dict[str, Any], str]] = [
    ({"page": -1}, "page"),
    ({"size": 101}, "size"),
    ({"page": 500, "size": 100}, "page"),
    ({"size": "many"}, "size"),
    ({"order_by": "pay_time"}, "order_by"),
    ({"combine_status": [{"order_status": "999"}]}, "combine_status"),
    ({"combine_status": [{"order_status": "2"}, {"order_status": "3"}]}, "combine_status"),
    ({"update_time_start": 2, "update_time_end": 1}, "update_time_start"),
    ({"update_time_start": 0}, "update_time_end"),
    ({"abnormal_order": 5}, "abnormal_order"),
    ({"order_asc": "sideways"}, "order_asc"),
]


@pytest.mark.parametrize(("params", "name"), BAD_LISTS)
def test_a_list_with_a_bad_value_is_refused(shop: Caller, params: dict[str, Any], name: str) -> None:
    now = int(time.time())
    wanted = {"page": 0, "size": 10, "update_time_start": now - 60, "update_time_end": now, **params}
    assert shop.error("order/searchList", **wanted) == (40004, f"isv.parameter-invalid:{name}")


def test_a_list_with_half_a_window_is_refused(shop: Caller) -> None:
    refused = shop.error("order/searchList", page=0, size=10, create_time_start=1)
    assert refused == (40002, "isv.parameter-missing:create_time_end")


def test_pages_start_with_zero_and_hold_every_order_once(shop: Caller) -> None:
    made = shop.create(plain=5)["plain"]
    pages = [shop.listed(page=page, size=2) for page in range(3)]
    assert [(page["page"], page["total"], page["size"], len(page["shop_order_list"])) for page in pages] == [
        (0, 5, 2, 2),
        (1, 5, 2, 2),
        (2, 5, 2, 1),
    ]
    assert sorted(order["order_id"] for page in pages for order in page["shop_order_list"]) == sorted(made)


def test_without_a_word_on_order_the_newest_created_come_first(shop: Caller) -> None:
    first, second = shop.one(), shop.one()
    shop.fault(**shop.later())
    shop.act(first, "touch")
    found = shop.call("order/searchList", page=0, size=10)["shop_order_list"]
    assert [order["order_id"] for order in found] == [second, first]
    assert shop.numbers() == [second, first]
    assert shop.numbers(order_asc=False) == [first, second]


def test_windows_look_at_the_time_they_name(shop: Caller) -> None:
    number, now = shop.one(), int(time.time())
    assert shop.numbers(update_time_start=now - 900, update_time_end=now - 600) == []
    by_both = {"create_time_start": now - 60, "create_time_end": now + 60}
    assert shop.numbers(**by_both) == [number]
    assert shop.numbers(create_time_start=now - 900, create_time_end=now - 600) == []


@pytest.mark.parametrize(
    ("kind", "status", "main"),
    [
        ("unpaid", 1, 1),
        ("presale_unpaid", 1, 103),
        ("held", 105, 105),
        ("group_buy", 105, 105),
        ("plain", 2, 2),
        ("cod", 2, 2),
    ],
)
def test_new_orders_have_the_status_of_their_kind(shop: Caller, kind: str, status: int, main: int) -> None:
    number = shop.one(kind)
    shop.create(unpaid=1, held=1, plain=1)
    order = shop.order(number)
    assert (order["order_status"], order["main_status"]) == (status, main)
    assert {line["order_status"] for line in order["sku_order_list"]} == {status}
    assert number in shop.numbers(combine_status=[{"order_status": str(status)}])
    others = {1: "105,2", 105: "1,2", 2: "1,105"}[status]
    assert number not in shop.numbers(combine_status=[{"order_status": others}])


def test_an_order_goes_from_paid_to_done(shop: Caller) -> None:
    number = shop.one("split")
    line = shop.lines(number)[0]["order_id"]
    shop.call(
        "order/logisticsAddSinglePack", order_id_list=[number], request_id="r1", company_code="zhongtong",
        logistics_code="ZT0000000001", shipped_order_info=[{"shipped_order_id": line, "shipped_num": 1}],
    )  # fmt: skip
    assert shop.order(number)["order_status"] == 101
    for other in shop.lines(number):
        left = other["item_num"] - (other["order_id"] == line)
        if left:
            shop.call(
                "order/logisticsAddMultiPack", order_id=number, request_id=other["order_id"],
                pack_list=[{"company_code": "shunfeng", "logistics_code": "SF0000000002",
                            "shipped_order_info": [{"shipped_order_id": other["order_id"], "shipped_num": left}]}],
            )  # fmt: skip
    assert shop.order(number)["order_status"] == 3
    shop.act(number, "finish")
    done = shop.order(number)
    assert (done["order_status"], {found["order_status"] for found in done["sku_order_list"]}) == (5, {5})
    assert done["finish_time"] > 0


def test_a_cancelled_order_says_so(shop: Caller) -> None:
    number = shop.one("unpaid")
    shop.act(number, "cancel")
    assert (shop.order(number)["order_status"], shop.numbers(combine_status=[{"order_status": "4"}])) == (4, [number])


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"merge_pairs"}))
def test_the_money_of_every_kind_adds_up(shop: Caller, kind: str) -> None:
    for number in shop.create(**{kind: 4})[kind]:
        order = shop.order(number)
        lines = order["sku_order_list"]
        assert order["pay_amount"] == sum(line["pay_amount"] for line in lines) + order["post_amount"]
        assert order["pay_amount"] == shop.entry(number)["payment"]
        goods = sum(line["sum_amount"] for line in lines) + order["modify_amount"]
        assert order["order_amount"] == goods - order["promotion_amount"] + order["post_amount"]
        borne = [order[f"{who}_cost_amount"] for who in ("shop", "platform", "author")]
        assert order["promotion_amount"] == sum(borne)
        assert order["post_origin_amount"] == order["post_amount"] + order["post_promotion_amount"]
        told = order["promotion_detail"]["shop_discount_detail"]["total_amount"]
        assert told == order["promotion_shop_amount"]


def test_what_the_platform_and_the_talent_bear_is_told_apart(shop: Caller) -> None:
    shop.create(plain=60)
    orders = shop.listed()["shop_order_list"]
    assert any(order["promotion_platform_amount"] for order in orders)
    assert any(order["promotion_talent_amount"] for order in orders)


def test_a_line_names_the_code_and_numbers_as_the_platform_writes_them(shop: Caller) -> None:
    number = shop.one()
    line, held = shop.lines(number)[0], shop.entry(number)["lines"][0]
    assert (line["code"], line["order_id"], line["parent_order_id"]) == (held["outer_sku_id"], held["oid"], number)
    assert isinstance(line["sku_id"], int)
    assert line["product_id_str"] == str(line["product_id"])
    assert line["spec"][0]["name"] == "颜色分类"


def test_a_presale_has_two_phases_until_its_balance_is_paid(shop: Caller) -> None:
    number = shop.one("presale_paid")
    order = shop.order(number)
    phases = order["order_phase_list"]
    assert [phase["pay_success"] for phase in phases] == [True, False]
    assert sum(phase["phase_payable_price"] for phase in phases) == order["pay_amount"]
    assert (order["trade_type"], order["sku_order_list"][0]["pre_sale_type"]) == (2, 2)
    shop.advance(3600)
    after = shop.order(number)
    assert (after["order_status"], [phase["pay_success"] for phase in after["order_phase_list"]]) == (2, [True, True])


def test_a_full_presale_is_promised_for_later(shop: Caller) -> None:
    order = shop.order(shop.one("full_presale"))
    assert order["exp_ship_time"] - order["create_time"] == 15 * 86_400
    assert order["sku_order_list"][0]["pre_sale_type"] == 1
    assert shop.listed(presell_type=1)["total"] == 1


def test_cash_on_delivery_is_paid_when_it_is_signed_for(shop: Caller) -> None:
    number = shop.one("cod")
    order = shop.order(number)
    assert (order["pay_type"], order["pay_time"], order["order_status"]) == (0, 0, 2)
    shop.ship(number)
    shop.act(number, "sign")
    assert shop.order(number)["pay_time"] > 0


def test_a_gift_names_its_master(shop: Caller) -> None:
    lines = shop.lines(shop.one("gift"))
    gift = next(line for line in lines if line["given_product_type"] == "FREE")
    assert (gift["master_sku_order_id_list"], gift["pay_amount"]) == ([lines[0]["order_id"]], 0)


def test_some_bundles_tell_their_parts(shop: Caller) -> None:
    bundles = [shop.lines(number)[0]["bundle_sku_info"] for number in shop.create(bundle=20)["bundle"]]
    told = [parts for parts in bundles if parts]
    assert 0 < len(told) < 20
    assert all(part["code"] and part["item_num"] >= 1 for parts in told for part in parts)


def test_what_the_platform_s_warehouse_ships_is_not_the_seller_s(shop: Caller) -> None:
    number = shop.one("platform_warehouse")
    assert {line["inventory_list"][0]["warehouse_type"] for line in shop.lines(number)} == {2}
    assert shop.ship_error(number) == (50002, "isv.business-failed:20309541")
    assert not shop.entry(number)["payable"]
    shop.act(number, "platform_ships")
    assert (shop.order(number)["order_status"], shop.order(number)["logistics_info"][0]["company"]) == (3, "jd")


def test_orders_under_review_are_listed_as_abnormal_until_released(shop: Caller) -> None:
    held, group = shop.one("held"), shop.one("group_buy")
    assert shop.numbers(abnormal_order=2) == [held]
    assert shop.order(group)["trade_type"] == 1
    shop.advance(3600)
    assert {shop.order(number)["order_status"] for number in (held, group)} == {2}


def test_orders_of_one_buyer_to_one_address_share_an_address_id(shop: Caller) -> None:
    pair = shop.create(merge_pairs=1)["merge_pairs"][0]
    other = shop.one()
    ids = [shop.order(number)["open_address_id"] for number in (*pair, other)]
    assert ids[0] == ids[1] != ids[2]
    ciphers = {shop.order(number)["encrypt_post_receiver"] for number in pair}
    assert len(ciphers) == 2


def test_receivers_are_masked_and_decrypted_for_their_order_alone(shop: Caller) -> None:
    first, second = shop.order(shop.one()), shop.order(shop.one())
    assert first["post_receiver"] == first["post_tel"] == first["post_addr"]["detail"] == ""
    assert first["mask_post_receiver"].endswith("**")
    names = ("encrypt_post_receiver", "encrypt_post_tel")
    texts = [first[name] for name in names] + [first["post_addr"]["encrypt_detail"]]
    asked = [{"auth_id": first["order_id"], "cipher_text": text} for text in texts]
    foreign = {"auth_id": second["order_id"], "cipher_text": texts[0]}
    found = shop.call("order/batchDecrypt", cipher_infos=[*asked, foreign])["decrypt_infos"]
    assert [item["err_no"] == 0 for item in found] == [True, True, True, False]
    assert found[0]["decrypt_text"][0] == first["mask_post_receiver"][0]
    assert found[3]["decrypt_text"] == ""
    masked = shop.call("order/batchSensitive", cipher_infos=asked)["decrypt_infos"]
    assert masked[0]["decrypt_text"] == first["mask_post_receiver"]


def test_some_numbers_are_virtual(shop: Caller) -> None:
    orders = [shop.order(number) for number in shop.create(plain=40)["plain"]]
    asked = [{"auth_id": order["order_id"], "cipher_text": order["encrypt_post_tel"]} for order in orders]
    found = shop.call("order/batchDecrypt", cipher_infos=asked)["decrypt_infos"]
    virtual = [item for item in found if item["is_virtual_tel"]]
    assert 0 < len(virtual) < 40
    assert virtual[0]["decrypt_text"] == f"{virtual[0]['phone_no_a']}-{virtual[0]['phone_no_b']}"
    assert shop.error("order/batchDecrypt", cipher_infos=asked * 2)[0] == 40004


def test_remarks_and_stars_are_kept(shop: Caller) -> None:
    number = shop.one()
    shop.call("order/addOrderRemark", order_id=number, remark="先发", is_add_star="true", star="4")
    assert (shop.order(number)["seller_words"], shop.order(number)["seller_remark_stars"]) == ("先发", 4)
    shop.call("order/addOrderRemark", order_id=number + "A", remark="再发")
    assert (shop.order(number)["seller_words"], shop.order(number)["seller_remark_stars"]) == ("再发", 4)
    assert shop.error("order/addOrderRemark", order_id=number, remark="长" * 61)[0] == 40004
    assert shop.error("order/addOrderRemark", order_id=number, remark="x", is_add_star="true", star="6")[0] == 40004


def test_a_change_of_address_waits_for_the_seller(shop: Caller) -> None:
    number = shop.one("address_change")
    before = shop.order(number)
    assert "address_changing" in {tag["key"] for tag in before["shop_order_tag_ui"]}
    assert shop.ship_error(number)[1] == "isv.business-failed:20309541"
    assert shop.error("order/addressConfirm", order_id=number, is_approved=7)[0] == 40004
    shop.call("order/addressConfirm", order_id=number, is_approved=0)
    assert shop.order(number)["open_address_id"] != before["open_address_id"]
    assert shop.entry(number)["address_changed"]
    assert shop.error("order/addressConfirm", order_id=number, is_approved=0)[0] == 50002


def test_a_refused_change_of_address_changes_nothing(shop: Caller) -> None:
    number = shop.one()
    before = shop.order(number)["open_address_id"]
    shop.act(number, "ask_address")
    shop.call("order/addressConfirm", order_id=number, is_approved=1003)
    assert shop.order(number)["open_address_id"] == before
    shop.ship(number)


def test_an_unknown_order_is_said(shop: Caller) -> None:
    assert shop.error("order/orderDetail", shop_order_id="1")[0] == 50002


def test_damaged_documents_are_shown_until_they_are_mended(shop: Caller) -> None:
    made = shop.create(bad=5)["bad"]
    assert sorted(made) == ["amount_text", "amounts_do_not_add_up", "missing_lines", "time_text", "unknown_status"]
    shown = {kind: shop.order(numbers[0]) for kind, numbers in made.items()}
    assert shown["amount_text"]["pay_amount"] == "abc"
    assert "sku_order_list" not in shown["missing_lines"]
    assert shown["unknown_status"]["order_status"] == 777
    assert shown["time_text"]["create_time"] == "昨天下午"
    wrong = shown["amounts_do_not_add_up"]
    assert wrong["pay_amount"] != sum(line["pay_amount"] for line in wrong["sku_order_list"]) + wrong["post_amount"]
    number = made["amount_text"][0]
    shop.act(number, "mend")
    assert shop.order(number)["pay_amount"] == shop.entry(number)["payment"]


def test_faults_of_lists_have_their_effect(shop: Caller) -> None:
    first, second = shop.one(), shop.one()
    shop.fault(kind="duplicate_rows")
    assert shop.numbers()[:2] == [first, first]
    shop.fault(kind="late_rows", ms=60_000)
    assert shop.numbers() == []
    shop.fault(shop.later(), kind="moving_rows", max_times=1)
    assert shop.numbers() == [second, first]
