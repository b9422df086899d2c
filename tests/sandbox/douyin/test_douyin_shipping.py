"""Shipping whole, split, together and in several parcels; changes; what is refused."""

from typing import Any

import pytest

from .caller import Caller

STATE, REFUND_OPEN, NOT_FOUND = (f"isv.business-failed:{number}" for number in (20309541, 20309542, 20309540))
PARCEL = {"company_code": "zhongtong", "logistics_code": "ZT0000000001"}


def units(lines: list[dict[str, Any]], num: int | None = None) -> list[dict[str, Any]]:
    return [{"shipped_order_id": line["order_id"], "shipped_num": num or line["item_num"]} for line in lines]


def test_a_whole_order_ships_once(shop: Caller) -> None:
    number = shop.shipped()
    order = shop.order(number)
    parcel = order["logistics_info"][0]
    assert (parcel["tracking_no"], parcel["company"], parcel["company_name"]) == (
        f"ZT{number[-12:]}",
        "zhongtong",
        "中通快递",
    )
    told = {(item["sku_order_id"], item["product_count"]) for item in parcel["product_info"]}
    assert told == {(line["order_id"], line["item_num"]) for line in order["sku_order_list"]}
    assert shop.ship_error(number) == (50002, STATE)
    assert len(shop.entry(number)["shipments"]) == 1
    assert [found["tid"] for found in shop.client.get("/_twin/ledger").get_json()["refused_shipments"]] == [number]
    assert shop.numbers(tracking_no=parcel["tracking_no"]) == [number]


@pytest.mark.parametrize("kind", ["unpaid", "held", "group_buy", "presale_unpaid", "virtual"])
def test_what_may_not_ship_is_refused(shop: Caller, kind: str) -> None:
    number = shop.one(kind)
    assert shop.ship_error(number) == (50002, STATE)
    assert shop.entry(number)["shipments"] == []


@pytest.mark.parametrize(
    ("change", "name"), [({"company_code": "pigeon"}, "company_code"), ({"logistics_code": "1"}, "logistics_code")]
)
def test_unknown_carriers_and_bad_waybills_are_refused(shop: Caller, change: dict[str, str], name: str) -> None:
    assert shop.ship_error(shop.one(), **change) == (40004, f"isv.parameter-invalid:{name}")


def test_lines_ship_in_parcels_of_their_own(shop: Caller) -> None:
    number = shop.one("split")
    first, second = shop.lines(number)
    pack = {"company_code": "yuantong", "logistics_code": "YT0000000002"}
    parcels = [{**PARCEL, "shipped_order_info": units([first])}, {**pack, "shipped_order_info": units([second])}]
    told = shop.call("order/logisticsAddMultiPack", order_id=number, pack_list=parcels, request_id="m1")
    order = shop.order(number)
    assert [pack["pack_id"] for pack in told["pack_list"]] == [pack["delivery_id"] for pack in order["logistics_info"]]
    assert order["order_status"] == 3
    again = shop.call("order/logisticsAddMultiPack", order_id=number, pack_list=parcels, request_id="m1")
    assert (again, len(shop.entry(number)["shipments"])) == (told, 2)
    refused = shop.error("order/logisticsAddMultiPack", order_id=number, pack_list=parcels, request_id="m2")
    assert refused == (50002, STATE)


def test_parcels_that_hold_more_than_is_open_ship_nothing(shop: Caller) -> None:
    number = shop.one()
    lines = shop.lines(number)
    parcels = [{**PARCEL, "shipped_order_info": units(lines)}] * 2
    refused = shop.error("order/logisticsAddMultiPack", order_id=number, pack_list=parcels, request_id="m1")
    assert (refused, shop.entry(number)["shipments"]) == ((50002, STATE), [])


def test_orders_to_one_address_ship_in_one_parcel(shop: Caller) -> None:
    pair = shop.create(merge_pairs=1)["merge_pairs"][0]
    lines = [line for number in pair for line in shop.lines(number)]
    told = shop.call(
        "order/logisticsAddSinglePack", order_id_list=pair, request_id="s1", shipped_order_info=units(lines), **PARCEL
    )
    packs = [shop.order(number)["logistics_info"][0]["delivery_id"] for number in pair]
    assert packs == [told["pack_id"]] * 2
    again = shop.call(
        "order/logisticsAddSinglePack", order_id_list=pair, request_id="s1", shipped_order_info=units(lines), **PARCEL
    )
    assert again == told


def test_orders_to_two_addresses_do_not_ship_together(shop: Caller) -> None:
    numbers = shop.create(plain=2)["plain"]
    lines = [line for number in numbers for line in shop.lines(number)]
    refused = shop.error(
        "order/logisticsAddSinglePack", order_id_list=numbers, request_id="s1", shipped_order_info=units(lines), **PARCEL
    )
    assert refused == (50002, STATE)
    assert all(shop.order(number)["order_status"] == 2 for number in numbers)


def test_a_foreign_line_is_refused(shop: Caller) -> None:
    first, second = shop.create(plain=2)["plain"]
    lines = shop.lines(first) + shop.lines(second)
    refused = shop.error(
        "order/logisticsAddSinglePack", order_id_list=[first], request_id="s1", shipped_order_info=units(lines), **PARCEL
    )
    assert refused == (50002, NOT_FOUND)


def test_an_open_refund_stops_the_parcel_unless_it_is_refused_with_it(shop: Caller) -> None:
    number = shop.one("split")
    case = shop.ask(number)
    first, second = shop.lines(number)
    assert first["after_sale_info"] == {"after_sale_status": 6, "after_sale_type": 2, "refund_status": 1}
    assert shop.ship_error(number) == (50002, REFUND_OPEN)
    shop.call(
        "order/logisticsAddSinglePack", order_id_list=[number], request_id="s1", shipped_order_info=units([second]),
        **PARCEL,
    )  # fmt: skip
    shop.ship(number, is_refund_reject=True)
    assert (shop.case(case)["aftersale_status"], shop.order(number)["order_status"]) == (27, 3)


def test_a_changed_waybill_keeps_its_parcel(shop: Caller) -> None:
    number = shop.shipped()
    before = shop.order(number)["logistics_info"][0]
    shop.call("order/logisticsEdit", order_id=number, company_code="shunfeng", logistics_code="SF0000000009")
    shop.call(
        "order/logisticsEditByPack", order_id=number, pack_id=before["delivery_id"], company_code="ems",
        logistics_code="EMS000000001",
    )  # fmt: skip
    after = shop.order(number)["logistics_info"]
    assert [(pack["delivery_id"], pack["tracking_no"]) for pack in after] == [(before["delivery_id"], "EMS000000001")]
    assert [found["kind"] for found in shop.entry(number)["shipments"]] == ["online", "resend", "resend"]
    assert shop.entry(number)["lines"][0]["waybills"] == ["EMS000000001"]


def test_a_change_must_name_its_parcel_when_there_are_several(shop: Caller) -> None:
    number = shop.one("split")
    for position, line in enumerate(shop.lines(number)):
        shop.call(
            "order/logisticsAddSinglePack", order_id_list=[number], request_id=str(position),
            shipped_order_info=units([line]), company_code="zhongtong", logistics_code=f"ZT000000000{position}",
        )  # fmt: skip
    refused = shop.error("order/logisticsEdit", order_id=number, **PARCEL)
    assert refused == (40002, "isv.parameter-missing:pack_id")
    assert shop.error("order/logisticsEditByPack", order_id=number, pack_id="1", **PARCEL) == (50002, NOT_FOUND)


def test_carriers_are_listed_by_code(shop: Caller) -> None:
    found = {carrier["code"]: carrier["name"] for carrier in shop.call("order/logisticsCompanyList")}
    assert found["shunfeng"] == "顺丰速运"
