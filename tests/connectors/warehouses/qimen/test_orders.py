"""What deliveryorder.create carries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.money import to_minor
from connectors.contract.records import ReceiverRecord
from connectors.warehouses.qimen.orders import build_create
from connectors.warehouses.qimen.xml import parse
from tests.connectors.warehouses.qimen.factories import RECEIVER, SETTINGS, a_line, a_notice

REQUIRED = [
    "deliveryOrderCode",
    "orderType",
    "warehouseCode",
    "createTime",
    "placeOrderTime",
    "operateTime",
    "shopNick",
    "logisticsCode",
    "senderInfo/name",
    "senderInfo/mobile",
    "senderInfo/province",
    "senderInfo/city",
    "senderInfo/detailAddress",
    "receiverInfo/name",
    "receiverInfo/mobile",
    "receiverInfo/province",
    "receiverInfo/city",
    "receiverInfo/detailAddress",
]
CLEAR = ReceiverRecord("李四", "13000000009", "", "", "广东省", "东莞市", "", "", "示例街2号")


def built(settings: dict[str, str] | None = None, **changes: Any) -> dict[str, str]:
    """Leaf texts of the deliveryOrder by path."""
    order = parse(build_create(a_notice(**changes), settings or SETTINGS)).find("deliveryOrder")
    assert order is not None
    leaves = {node.tag: node.text or "" for node in order if not len(node)}
    for group in ("senderInfo", "receiverInfo"):
        leaves |= {f"{group}/{node.tag}": node.text or "" for node in order.findall(f"{group}/*")}
    return leaves


def lines_of(**changes: Any) -> list[dict[str, str]]:
    root = parse(build_create(a_notice(**changes), SETTINGS))
    return [{leaf.tag: leaf.text or "" for leaf in line.iter()} for line in root.iterfind("orderLines/orderLine")]


def fen(text: str) -> int:
    return to_minor(text, "amount")


def test_every_required_element_is_there() -> None:
    order, line = built(), lines_of()[0]
    assert [name for name in REQUIRED if not order.get(name)] == []
    assert {"ownerCode", "itemCode", "planQty", "actualPrice"} <= line.keys()


def test_times_are_those_of_china() -> None:
    order = built(paid_at=a_notice().created_at, ship_by=a_notice().created_at)
    assert order["createTime"] == order["operateTime"] == order["payTime"] == "2026-11-21 10:05:00"
    assert order["placeOrderTime"] == "2026-11-21 09:30:12"
    assert order["latestDeliveryTime"] == "2026-11-21 10:05:00"


def test_a_repeated_call_sends_the_same_bytes() -> None:
    assert build_create(a_notice(is_split=True), SETTINGS) == build_create(a_notice(is_split=True), SETTINGS)


@pytest.mark.parametrize(
    ("kind", "order_type"), [("sale", "JYCK"), ("exchange", "HHCK"), ("reship", "BFCK"), ("other", "QTCK")]
)
def test_the_kind_chooses_the_order_type(kind: str, order_type: str) -> None:
    assert built(kind=kind)["orderType"] == order_type


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({}, None),
        ({"is_cod": True}, None),  # An earlier parcel of the order collects everything.
        ({"is_cod": True, "collect_amount": 200, "paid_amount": 10000}, "COD"),
        ({"is_presale": True, "is_split": True}, "PRESELL^SPLIT"),
        ({"collect_amount": 200, "paid_amount": 10000, "is_presale": True}, "COD^PRESELL"),
        ({"kind": "exchange"}, "EXCHANGE"),
    ],
)
def test_flags_are_joined_by_carets(changes: dict[str, Any], flags: str | None) -> None:
    assert built(**changes).get("orderFlag") == flags


@given(
    goods=st.integers(0, 10**9),
    discount=st.integers(0, 10**8),
    freight=st.integers(0, 10**6),
    share=st.integers(0, 100),
)
def test_order_amounts_keep_both_identities(goods: int, discount: int, freight: int, share: int) -> None:
    discount = min(discount, goods)
    total = goods - discount + freight
    collect = total * share // 100
    order = built(
        goods_amount=goods,
        discount_amount=discount,
        freight_amount=freight,
        collect_amount=collect,
        paid_amount=total - collect,
    )
    amount = {name: fen(order[name]) for name in order if name.endswith("Amount") or name == "freight"}
    assert amount["totalAmount"] == amount["arAmount"] + amount["gotAmount"]
    assert amount["totalAmount"] == amount["itemAmount"] - amount["discountAmount"] + amount["freight"]
    assert amount["arAmount"] == collect


@given(units=st.integers(1, 999), paid=st.integers(0, 10**7), more=st.integers(0, 10**6))
def test_prices_per_piece_add_up_and_the_line_s_true_total_is_not_lost(units: int, paid: int, more: int) -> None:
    line = lines_of(lines=(a_line(units=units, paid_amount=paid, list_amount=paid + more),))[0]
    actual, listed, discount = (fen(line[name]) for name in ("actualPrice", "retailPrice", "discountAmount"))
    assert listed == actual + discount
    assert (fen(line["lineAmount"]) if "lineAmount" in line else actual * units) == paid
    assert abs(actual * units - paid) <= units / 2


def test_amounts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(BadRecord) as caught:
        build_create(a_notice(paid_amount=10201), SETTINGS)
    assert caught.value.field == "paid_amount"


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(BadRecord, match="below zero"):
        build_create(a_notice(collect_amount=-1, paid_amount=10201), SETTINGS)


def test_the_token_s_order_leads_the_lines() -> None:
    lines = lines_of(
        lines=(a_line("1", order_no="7"), a_line("2", order_no="8"), a_line("3", order_no="7")), token_order_no="8"
    )
    assert [line["orderLineNo"] for line in lines] == ["2", "1", "3"]
    assert built(lines=(a_line(order_no="8"),), token_order_no="8")["oaidOrderSourceCode"] == "8"


def test_a_token_without_its_order_among_the_lines_is_refused() -> None:
    with pytest.raises(BadRecord) as caught:
        build_create(a_notice(token_order_no="900000000000000009"), SETTINGS)
    assert caught.value.field == "token_order_no"


def test_a_receiver_edited_in_clear_text_goes_without_token() -> None:
    order = built(receiver=replace(RECEIVER, masked=False))
    assert "receiverInfo/oaid" not in order
    assert "oaidOrderSourceCode" not in order


def test_a_reship_names_no_order_of_its_token() -> None:
    order = built(kind="reship")
    assert order["receiverInfo/oaid"] == "EXAMPLE-OAID-0001"
    assert "oaidOrderSourceCode" not in order


def test_each_delivery_of_a_split_order_has_an_own_order_number() -> None:
    first, second = (lines_of(is_split=True, number=number)[0] for number in ("DO1", "DO2"))
    assert first["sourceOrderCode"].startswith("900000000000000001-")
    assert first["sourceOrderCode"] != second["sourceOrderCode"]
    assert first["subSourceOrderCode"] == second["subSourceOrderCode"] == "900000000000000001"
    assert built(is_split=True)["oaidOrderSourceCode"] == "900000000000000001"


def test_the_split_mark_can_be_switched_off() -> None:
    root = parse(build_create(a_notice(is_split=True), SETTINGS | {"split_separator": "none"}))
    assert root.findtext("orderLines/orderLine/sourceOrderCode") == "900000000000000001"


def test_the_sender_of_a_warehouse_goes_before_the_account_s() -> None:
    settings = SETTINGS | {"sender_city@WH-HZ-01": "绍兴市", "sender_city@WH-2": "广州市"}
    assert built(settings)["senderInfo/city"] == "绍兴市"
    assert built(settings)["senderInfo/name"] == "示例仓"


def test_a_missing_sender_names_the_setting() -> None:
    settings = {name: value for name, value in SETTINGS.items() if name != "sender_mobile"}
    with pytest.raises(Refused, match="sender_mobile"):
        build_create(a_notice(), settings)


@pytest.mark.parametrize("number", ["D" * 51, ""])
def test_a_document_number_that_a_warehouse_would_cut_is_refused(number: str) -> None:
    with pytest.raises(BadRecord) as caught:
        build_create(a_notice(number=number), SETTINGS)
    assert caught.value.field == "number"


def test_the_longest_document_number_passes() -> None:
    assert built(number="D" * 50)["deliveryOrderCode"] == "D" * 50


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "receiver.name"),
        ({"phone": ""}, "receiver.phone"),
        ({"state": ""}, "receiver.state"),
        ({"city": ""}, "receiver.city"),
        ({"address": ""}, "receiver.address"),
        ({"address": "示" * 201}, "receiver.address"),
        ({"name": "名" * 201}, "receiver.name"),
    ],
)
def test_an_incomplete_or_overlong_receiver_is_refused_without_being_told(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRecord) as caught:
        build_create(a_notice(receiver=replace(CLEAR, **change)), SETTINGS)
    assert caught.value.field == field
    assert "李四" not in repr(caught.value)
    assert "示" not in repr(caught.value)


def test_a_county_level_city_stands_in_for_a_missing_city() -> None:
    assert built(receiver=replace(CLEAR, city="", district="仙桃市"))["receiverInfo/city"] == "仙桃市"


def test_a_landline_stands_in_for_a_missing_mobile() -> None:
    assert built(receiver=replace(CLEAR, phone="", telephone="021-5550000"))["receiverInfo/mobile"] == "021-5550000"


def test_words_are_cut_where_the_warehouse_s_columns_end() -> None:
    order = built(buyer_message="话" * 600, seller_memo="备" * 600, shop_name="店" * 300, buyer_nick="b" * 300)
    assert [len(order[name]) for name in ("buyerMessage", "sellerMessage", "shopNick", "buyerNick")] == [
        500,
        500,
        200,
        200,
    ]


def test_markup_and_control_characters_do_no_harm() -> None:
    message = "a</buyerMessage><x>&amp; ]]> \x00\x0b\ud800\uffff 喜😀"
    assert built(buyer_message=message)["buyerMessage"] == "a</buyerMessage><x>&amp; ]]>  喜😀"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"units": 0}, "units"),
        ({"sku_code": ""}, "sku_code"),
        ({"sku_code": "S" * 51}, "sku_code"),
        ({"item_id": "I" * 51}, "item_id"),
    ],
)
def test_a_line_that_a_warehouse_cannot_pack_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRecord) as caught:
        build_create(a_notice(lines=(a_line(**change),)), SETTINGS)
    assert caught.value.field == field


def test_a_fulfilment_without_lines_is_refused() -> None:
    with pytest.raises(BadRecord, match="no line"):
        build_create(a_notice(lines=()), SETTINGS)


def test_ciphertexts_stand_where_a_platform_has_no_oaid() -> None:
    tokens = {"name": "~AgAAAA-name~", "phone": "$AgAAAA-phone$" * 8, "address": "~AgAAAA-street~" * 40}
    sealed = replace(CLEAR, name="李**", phone="130****0009", address="示例街*号", masked=True, tokens=tokens)
    order = built(receiver=sealed)
    assert order["receiverInfo/name"] == tokens["name"]
    assert order["receiverInfo/mobile"] == tokens["phone"]
    assert order["receiverInfo/detailAddress"] == tokens["address"]
    assert "receiverInfo/oaid" not in order


def test_an_oaid_goes_with_the_stars_it_stands_for() -> None:
    sealed = replace(CLEAR, name="李**", masked=True, tokens={"oaid": "1abc", "name": "~cipher~"})
    order = built(receiver=sealed)
    assert (order["receiverInfo/name"], order["receiverInfo/oaid"]) == ("李**", "1abc")


def test_numbers_longer_than_a_code_are_shortened_to_ones_of_their_own() -> None:
    long = "T3JkZXI6MzdjYjA0MWMtZmYwNS01ZDkwLWI5NGUtNzg2YzBmZTdiOGZk"
    lines = (a_line(order_no=long, order_line_no=long), a_line("2", order_no=long[:-1] + "l"))
    first, second = lines_of(lines=lines, receiver=CLEAR, token_order_no="", is_split=True)
    assert first["sourceOrderCode"].startswith(long[:30])
    assert len(first["sourceOrderCode"]) == len(first["subSourceOrderCode"]) == 50
    assert first["sourceOrderCode"] != second["sourceOrderCode"]
    assert first["sourceOrderCode"][-9:] == second["sourceOrderCode"][-9:]


@pytest.mark.parametrize(("name", "sent"), [("", {}), ("printData", {"printData": '{"a": "<b>&"}'})])
def test_print_data_goes_under_the_name_agreed_with_the_warehouse_or_not_at_all(name: str, sent: dict[str, str]) -> None:
    settings = SETTINGS | {"print_data_key": name}
    root = parse(build_create(a_notice(waybill_no="ZT1", print_data='{"a": "<b>&"}'), settings))
    assert {leaf.tag: leaf.text for leaf in root.findall("extendProps/*")} == sent
    assert parse(build_create(a_notice(), settings)).find("extendProps") is None


def test_a_name_that_is_no_element_s_is_refused_with_what_to_mend() -> None:
    with pytest.raises(Refused, match="print_data_key") as caught:
        build_create(a_notice(print_data="x"), SETTINGS | {"print_data_key": "打印 数据"})
    assert caught.value.code == "settings"
