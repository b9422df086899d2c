"""Writing to the platform: parcels whole, split and several, memo, stock; merging, decrypting, listings, messages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord, OutcomeUnknown, Refused, Retryable
from connectors.contract.notices import MergeCandidate, ShipmentNotice, StockLevel
from connectors.marketplaces.pinduoduo.messages import connection_path, read_frame
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.pinduoduo.papers import CASE, CASE_NO, SN, an_item, an_order, error_body, order_body
from tests.connectors.marketplaces.pinduoduo.stage import Stage, staged

SENT = {"logistics_online_send_response": {"is_success": True, "request_id": "r"}}
ADDED = {"upload_extra_logistics_response": {"success": True, "request_id": "r"}}


def notice(waybill_no: str = "7550001", *line_nos: str, carrier: str = "ZTO") -> ShipmentNotice:
    """A parcel of the order; with line numbers a part of it."""
    return ShipmentNotice(SN, carrier, waybill_no, not line_nos, NOW, line_nos)


def shipped(waybill_no: str = "7550001", **changes: Any) -> bytes:
    """The order as the platform has it once a parcel left."""
    order = an_order(an_item(1), an_item(2), order_status=2, tracking_number=waybill_no, **changes)
    return order_body(order)


def test_a_whole_order_is_one_call():
    with Stage() as stage:
        stage.answers(SENT)
        assert stage.vendor.push_shipment(notice()).reference == "7550001"
    (call,) = stage.sent
    assert (call["type"], call["order_sn"], call["logistics_id"]) == ("pdd.logistics.online.send", SN, "115")
    assert (call["tracking_number"], call["redelivery_type"]) == ("7550001", "1")


def test_the_first_part_ships_the_order_and_the_next_is_a_parcel_more():
    with Stage() as stage:
        stage.answers(order_body(an_order(an_item(1), an_item(2))), SENT, shipped(), ADDED)
        stage.vendor.push_shipment(notice("7550001", "9900001"))
        stage.vendor.push_shipment(notice("YT100", "9900002", "freight", carrier="YTO"))
    assert stage.methods == [
        "pdd.order.information.get",
        "pdd.logistics.online.send",
        "pdd.order.information.get",
        "pdd.order.upload.extra.logistics",
    ]
    assert stage.sent[3]["extra_track_type"] == "1"
    assert stage.sent[3]["extra_track_list"] == [{"shipping_id": 85, "tracking_number": "YT100"}]


def test_a_parcel_of_gifts_alone_is_told_as_such():
    with Stage() as stage:
        stage.answers(shipped(), ADDED)
        stage.vendor.push_shipment(notice("YT100", "gift-9900003"))
    assert stage.sent[1]["extra_track_type"] == "3"


@pytest.mark.parametrize("field", ["extra_delivery_list", "gift_delivery_list"])
def test_a_parcel_that_is_there_already_is_not_written_twice(field: str):
    with Stage() as stage:
        stage.answers(shipped(**{field: [{"logistics_id": 85, "tracking_number": "YT100"}]}))
        assert "already" in stage.vendor.push_shipment(notice("YT100", "9900002")).words
    assert stage.methods == ["pdd.order.information.get"]


def test_a_refusal_because_it_has_left_with_this_waybill_is_a_success():
    with Stage() as stage:
        stage.answers(error_body(50001, sub_words="订单已发货"), shipped())
        assert "already" in stage.vendor.push_shipment(notice()).words


def test_a_refusal_because_it_has_left_with_another_waybill_goes_to_a_person():
    with (
        staged(error_body(50001, sub_words="订单已发货"), shipped("OTHER")) as stage,
        pytest.raises(Refused, match="已发货"),
    ):
        stage.vendor.push_shipment(notice())


@pytest.mark.parametrize(
    ("answer", "error"), [({"is_success": False, "request_id": "r"}, Refused), ({"request_id": "r"}, OutcomeUnknown)]
)
def test_an_answer_that_does_not_say_yes_is_no_success(answer: dict[str, Any], error: type[Exception]):
    with staged({"logistics_online_send_response": answer}, order_body(an_order())) as stage, pytest.raises(error):
        stage.vendor.push_shipment(notice())


def test_a_parcel_without_a_waybill_or_lines_is_refused_before_any_call():
    for bad in (notice(""), notice("7550001", "freight", "fee-1")):
        with pytest.raises(Refused):
            Stage().vendor.push_shipment(bad)


def test_a_waybill_is_replaced_by_the_same_call():
    with Stage() as stage:
        stage.answers(SENT)
        stage.vendor.change_shipment(notice("7550002"))
    assert (stage.sent[0]["redelivery_type"], stage.sent[0]["tracking_number"]) == ("2", "7550002")


def test_what_has_left_is_found_line_by_line():
    gifts = {"gift_list": [an_item(3)], "gift_delivery_list": [{"tracking_number": "G1"}]}
    with Stage() as stage:
        stage.answers(order_body(an_order()), shipped(), shipped(**gifts))
        assert stage.vendor.find_shipment(SN).waybills == {}
        assert stage.vendor.find_shipment(SN).waybills == {"9900001": "7550001", "9900002": "7550001"}
        assert stage.vendor.find_shipment(SN).waybills["gift-9900003"] == "G1"


def test_carriers_come_from_the_account_then_our_table_then_the_platform_s_list():
    companies = {
        "logistics_companies_get_response": {
            "logistics_companies": [
                {"id": 1, "logistics_company": "申通快递"},
                {"id": 129, "logistics_company": "宅急送"},
            ]
        }
    }
    with Stage(carriers="ZTO=9115, JT = 9384") as stage:
        stage.answers(SENT, SENT, companies, SENT)
        for code in ("ZTO", "YTO", "ZJS"):
            stage.vendor.push_shipment(notice(carrier=code))
    assert [call["logistics_id"] for call in stage.sent if "logistics_id" in call] == ["9115", "85", "129"]


@pytest.mark.parametrize("carrier", ["NOBODY", "ZJS"])
def test_an_unknown_carrier_is_refused_with_the_remedy(carrier: str):
    with (
        staged({"logistics_companies_get_response": {"logistics_companies": [], "request_id": "r"}}) as stage,
        pytest.raises(Refused, match="account's carriers"),
    ):
        stage.vendor.push_shipment(notice(carrier=carrier))


# ---- memo, stock, listings ------------------------------------------------------------------------

NOTED = {"response": {"is_success": True}}


def test_a_memo_is_added_to_what_people_wrote_and_the_colour_kept():
    with Stage() as stage:
        stage.answers(order_body(an_order(remark="老客户", remark_tag=2, remark_tag_name="急")), NOTED)
        stage.vendor.set_memo(SN, "缺货", "")
    call = stage.sent[1]
    assert (call["note"], call["tag"], call["tag_name"]) == ("老客户\n缺货", "2", "急")


def test_a_memo_that_repeats_what_is_there_is_not_doubled():
    with staged(order_body(an_order(remark="缺货")), NOTED) as stage:
        stage.vendor.set_memo(SN, "缺货，已联系买家", "")
    assert stage.sent[1]["note"] == "缺货，已联系买家"


def test_a_new_colour_drops_the_old_one_s_name():
    with Stage() as stage:
        stage.answers(order_body(an_order(remark_tag=2, remark_tag_name="急")), NOTED)
        stage.vendor.set_memo(SN, "缺货", "red")
    assert stage.sent[1]["tag"] == "1"
    assert "tag_name" not in stage.sent[1]


def test_nothing_is_written_when_the_memo_is_there_and_unknown_colours_are_refused():
    with Stage() as stage:
        stage.answers(order_body(an_order(remark="老客户，缺货", remark_tag=1)))
        assert "nothing" in stage.vendor.set_memo(SN, "缺货", "red").words
    with pytest.raises(Refused, match="grey"):
        stage.vendor.set_memo(SN, "x", "grey")


def test_a_memo_that_was_not_kept_is_a_refusal():
    with (
        staged(order_body(an_order()), {"response": {"is_success": False}}) as stage,
        pytest.raises(Refused, match="memo"),
    ):
        stage.vendor.set_memo(SN, "x1", "")


def test_stock_is_set_variant_by_variant_and_a_refusal_leaves_the_others():
    done = {"goods_quantity_update_response": {"is_success": True}}
    levels = [StockLevel("88", "991", 5), StockLevel("88", "992", 6), StockLevel("89", "", -2, seller_code="CUP")]
    with Stage() as stage:
        stage.answers(done, error_body(50001, sub_words="商品已下架"), done)
        answer = stage.vendor.push_stock(levels)
    assert (answer.done, answer.refused) == (2, {("88", "992"): "商品已下架"})
    assert [(call.get("sku_id"), call.get("outer_id"), call["quantity"]) for call in stage.sent] == [
        ("991", None, "5"),
        ("992", None, "6"),
        (None, "CUP", "0"),
    ]
    assert {call["update_type"] for call in stage.sent} == {"1"}


def test_listings_are_read_page_by_page_a_record_a_variant():
    cup = {"sku_id": 991, "outer_id": "CUP-RED", "spec": "红", "sku_quantity": 7, "is_sku_onsale": 1}
    goods = {"goods_id": 88, "goods_name": "杯", "is_onsale": 1, "sku_list": [cup, {**cup, "is_sku_onsale": 0}]}
    single = {"goods_id": 89, "goods_name": "盘", "is_onsale": 0, "goods_quantity": 3}
    with Stage() as stage:
        stage.answers(
            {"goods_list_get_response": {"goods_list": [goods], "total_count": 101}},
            {"goods_list_get_response": {"goods_list": [single], "total_count": 101}},
        )
        first = stage.vendor.pull_listings("")
        second = stage.vendor.pull_listings(first.cursor)
    assert [(x.listing_no, x.variant_no, x.seller_code, x.units, x.is_on_sale) for x in first.listings] == [
        ("88", "991", "CUP-RED", 7, True),
        ("88", "991", "CUP-RED", 7, False),
    ]
    assert (first.more, second.more) == (True, False)
    assert [(x.variant_no, x.units, x.is_on_sale) for x in second.listings] == [("", 3, False)]
    assert [call["page"] for call in stage.sent] == ["1", "2"]
    with pytest.raises(BadRecord, match="cursor"):
        stage.vendor.pull_listings("[0]")


# ---- people ---------------------------------------------------------------------------------------


def test_the_platform_says_which_orders_may_ship_as_one():
    candidates = [MergeCandidate(f"S{i}", {"open_address_id": f"place-{i % 2}"}) for i in range(4)]
    answer = {"order_group_list": [{"order_sn_list": ["S0", "S2"]}, {"order_sn_list": ["S1"]}, {"order_sn_list": None}]}
    with Stage() as stage:
        stage.answers({"merge_ship_order_group_response": answer})
        groups = stage.vendor.merge_groups([*candidates, MergeCandidate("S9", {})])
    assert groups == [frozenset({"S0", "S2"})]
    assert [row["order_sn"] for row in stage.sent[0]["order_list"]] == ["S0", "S2", "S1", "S3"]
    assert stage.vendor.merge_groups(candidates[:1]) == []


def test_orders_to_one_address_are_asked_about_in_one_call():
    candidates = [MergeCandidate(f"S{i:03}", {"open_address_id": f"{i % 50:02}"}) for i in range(150)]
    none = {"merge_ship_order_group_response": {"order_group_list": [], "request_id": "r"}}
    with Stage() as stage:
        stage.answers(none, none)
        assert stage.vendor.merge_groups(candidates) == []
    asked = [[row["order_sn"] for row in call["order_list"]] for call in stage.sent]
    assert [len(call) for call in asked] == [99, 51]
    assert {"S000", "S050", "S100"} <= set(asked[0])


def test_more_than_a_hundred_orders_are_asked_about_in_several_calls():
    candidates = [MergeCandidate(f"S{i:03}", {"open_address_id": "one"}) for i in range(150)]
    none = {"merge_ship_order_group_response": {"order_group_list": [], "request_id": "r"}}
    with Stage() as stage:
        stage.answers(none, none)
        assert stage.vendor.merge_groups(candidates) == []
    assert [len(call["order_list"]) for call in stage.sent] == [100, 50]


TOKENS = {"name": "~n~", "phone": "$p$", "address": "~a~", "open_address_id": "place-1"}


def test_a_receiver_is_decrypted_by_its_ciphertexts():
    plain = [("~a~", 8, "枫林巷 5 号"), ("~n~", 5, "林小姐"), ("$p$", 6, "17000000000-1234")]
    answer = {
        "data_decrypt_list": [
            {"data_tag": SN, "encrypted_data": token, "data_type": kind, "decrypted_data": text, "error_code": 0}
            for token, kind, text in plain
        ]
    }
    with Stage() as stage:
        stage.answers({"open_decrypt_batch_response": answer})
        person = stage.vendor.decrypt_receiver(SN, TOKENS, "manual")
    assert (person.name, person.phone, person.address) == ("林小姐", "17000000000-1234", "枫林巷 5 号")
    assert stage.sent[0]["data_list"][0] == {"data_tag": SN, "encrypted_data": "~n~"}


def test_a_receiver_that_cannot_be_decrypted_is_refused_without_telling_whom():
    row = {"encrypted_data": "~n~", "error_code": 5, "error_msg": "林小姐 not allowed"}
    with (
        staged({"open_decrypt_batch_response": {"data_decrypt_list": [row]}}) as stage,
        pytest.raises(Refused, match="read the order again") as caught,
    ):
        stage.vendor.decrypt_receiver(SN, TOKENS, "")
    assert "林小姐" not in str(caught.value)
    with (
        staged({"open_decrypt_batch_response": {"data_decrypt_list": [], "request_id": "r"}}) as stage,
        pytest.raises(Retryable),
    ):
        stage.vendor.decrypt_receiver(SN, TOKENS, "")
    with pytest.raises(Refused, match="no ciphertexts"):
        Stage().vendor.decrypt_receiver(SN, {"open_address_id": "place-1"}, "")


def test_ciphertexts_the_platform_echoes_are_silenced():
    with staged(error_body(50001, sub_words="cannot decrypt ~n~ $p$")) as stage, pytest.raises(Refused) as caught:
        stage.vendor.decrypt_receiver(SN, TOKENS, "")
    assert "~n~" not in str(caught.value)
    assert "$p$" not in str(caught.value)


# ---- messages -------------------------------------------------------------------------------------


def frame(topic: str, kind: str = "Common", **content: Any) -> bytes:
    """A frame of the message channel."""
    message = {"type": topic, "mallID": 100, "content": orjson.dumps({"mall_id": 100, **content}).decode()}
    return orjson.dumps({"id": 9007199254740993, "commandType": kind, "sendTime": 1700000000123, "message": message})


def test_the_channel_is_opened_by_the_published_path():
    assert connection_path("app", "secret", 1700000000000) == (
        "/message/app/1700000000000/OTgxODMwNDI2NWZiN2NiNzA2NzIxOTI0ZjJlMDMxMjE%3D"
    )


def test_a_message_hints_at_the_order_or_the_case_and_is_acknowledged_as_it_came():
    order = read_frame(frame("pdd_trade_TradeConfirmed", tid=SN))
    assert order is not None
    assert order.hint is not None
    assert (order.hint.kind, order.hint.external_no, order.mall_id) == ("order", SN, "100")
    assert orjson.loads(order.acknowledgement) == {
        "id": 9007199254740993,
        "commandType": "Ack",
        "sendTime": 1700000000123,
        "type": "pdd_trade_TradeConfirmed",
        "mallID": 100,
    }
    case = read_frame(frame("pdd_refund_RefundCreated", tid=SN, refund_id=CASE, modified=1772416800000))
    assert case is not None
    assert case.hint is not None
    assert (case.hint.kind, case.hint.external_no) == ("case", CASE_NO)
    assert case.hint.changed_at == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert case.key != order.key


def test_heartbeats_say_nothing_and_other_topics_hint_at_nothing():
    assert read_frame(b'{"id":1,"commandType":"HeartBeat","sendTime":1}') is None
    other = read_frame(frame("pdd_goods_GoodsUpdate", goods_id=5))
    assert other is not None
    assert other.hint is None
    for broken in (b"?", b"[]", b'{"commandType":"Common","message":{"type":"t","content":"?"}}'):
        with pytest.raises(BadRecord):
            read_frame(broken)
