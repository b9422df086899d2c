"""What the hub tells Douyin: parcels, waybills, memos, stock; and what it asks about people and goods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.contract.errors import BadRecord, OutcomeUnknown, Refused, Retryable
from connectors.contract.notices import MergeCandidate, ShipmentNotice, StockLevel
from connectors.contract.records import ListingRecord
from connectors.marketplaces.douyin import codes
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.douyin.papers import (
    ORDER_NO,
    a_line,
    a_parcel,
    an_order,
    error_body,
    line_no,
)
from tests.connectors.marketplaces.douyin.stage import Stage

WHOLE = ShipmentNotice(ORDER_NO, "ZTO", "755", whole=True, shipped_at=NOW, idempotency_key="out-1")
PART = replace(WHOLE, whole=False, line_nos=(line_no(1), "freight"))
ALREADY = error_body(50002, "isv.business-failed:20309541", "state not allowed")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


def shipped(*parcels: dict[str, object], **changes: object) -> dict[str, object]:
    return {"shop_order_detail": an_order(logistics_info=list(parcels), **changes)}


def test_a_whole_order_leaves_in_one_call(stage: Stage):
    stage.answers({})
    assert stage.douyin.push_shipment(WHOLE).reference == "755"
    assert stage.sent == [
        ("order/logisticsAdd", {"order_id": ORDER_NO, "company_code": "zhongtong", "logistics_code": "755"})
    ]


def test_a_part_names_its_lines_with_the_units_that_are_left(stage: Stage):
    stage.answers(shipped(a_parcel("754", 1, units=1)), {"pack_id": "9"}, shipped(), {"pack_id": "9"})
    stage.douyin.push_shipment(PART)
    stage.douyin.push_shipment(replace(PART, line_nos=(line_no(1), line_no(2))))
    path, sent = stage.sent[1]
    assert path == "order/logisticsAddSinglePack"
    assert sent["order_id_list"] == [ORDER_NO]
    assert sent["shipped_order_info"] == [{"shipped_order_id": line_no(1), "shipped_num": 1}]
    assert [row["shipped_num"] for row in stage.sent[3][1]["shipped_order_info"]] == [2, 2]
    assert sent["request_id"] == stage.sent[3][1]["request_id"]


def test_a_parcel_sent_again_keeps_its_request_id_and_another_has_its_own(stage: Stage):
    nameless = replace(PART, idempotency_key="")
    for notice in (nameless, nameless, replace(nameless, waybill_no="756"), PART):
        stage.answers(shipped(), {})
        stage.douyin.push_shipment(notice)
    first, again, other, named = (sent["request_id"] for path, sent in stage.sent if "SinglePack" in path)
    assert first == again
    assert len({first, other, named}) == 3


def test_a_part_of_nothing_is_refused(stage: Stage):
    with pytest.raises(Refused, match="numbers of its lines"):
        stage.douyin.push_shipment(replace(PART, line_nos=("freight",)))
    assert not stage.sent
    stage.answers(shipped(), shipped())
    with pytest.raises(Refused, match="nothing of 5"):
        stage.douyin.push_shipment(replace(PART, line_nos=("5",)))


def test_carriers_are_known_by_table_or_by_the_account_s_setting(stage: Stage):
    with pytest.raises(Refused, match="PIGEON"):
        stage.douyin.push_shipment(replace(WHOLE, carrier_code="PIGEON"))
    with pytest.raises(Refused, match="waybill"):
        stage.douyin.push_shipment(replace(WHOLE, waybill_no=""))
    with Stage(carriers="PIGEON=gezi, ZTO=zto2") as other:
        other.answers({}, {})
        other.douyin.push_shipment(replace(WHOLE, carrier_code="PIGEON"))
        other.douyin.push_shipment(WHOLE)
    assert [sent["company_code"] for _, sent in other.sent] == ["gezi", "zto2"]
    assert {"ZTO", "YTO", "STO", "SF", "YUNDA", "EMS", "JD", "JT"} <= set(codes.COMPANIES)
    assert len(codes.CARRIERS) == len(codes.COMPANIES)


def test_shipping_refuses_a_refund_only_where_the_account_says_so():
    with Stage(refuse_refunds="yes") as stage:
        stage.answers({}, shipped(), {})
        stage.douyin.push_shipment(WHOLE)
        stage.douyin.push_shipment(PART)
    assert stage.sent[0][1]["is_refund_reject"] is True
    assert stage.sent[2][1]["is_refund_reject"] is True


def test_a_parcel_that_is_there_already_is_a_success(stage: Stage):
    there = a_parcel("755", 1, 2)
    stage.answers(ALREADY, shipped(there), shipped(there), shipped(there))
    assert "already" in stage.douyin.push_shipment(WHOLE).words
    assert "already" in stage.douyin.push_shipment(PART).words


def test_another_waybill_or_a_refund_in_the_way_is_a_refusal(stage: Stage):
    stage.answers(ALREADY, shipped(a_parcel("999", 1, 2)), ALREADY, shipped())
    for _ in range(2):
        with pytest.raises(Refused, match="state not allowed"):
            stage.douyin.push_shipment(WHOLE)


@pytest.mark.parametrize("words", ["该订单有退款需要处理，请先处理退款", "订单有待审核的地址修改申请"])
def test_a_refusal_that_passes_is_tried_again_later(stage: Stage, words: str):
    refusal = error_body(50002, "isv.business-failed:1", words)
    stage.answers(refusal, shipped(), refusal, shipped(a_parcel("755", 1, 2)))
    with pytest.raises(Retryable, match=words) as caught:
        stage.douyin.push_shipment(WHOLE)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert "already" in stage.douyin.push_shipment(WHOLE).words


def test_what_has_left_is_found_by_line(stage: Stage):
    lines = a_line(1), a_line(2), a_line(3, order_status=3, main_status=3)
    order = an_order(*lines, logistics_info=[a_parcel("755", 1), a_parcel("756", 2, units=1)])
    stage.answers({"shop_order_detail": order})
    assert stage.douyin.find_shipment(ORDER_NO).waybills == {line_no(1): "755", line_no(3): ""}


def test_the_only_parcel_s_waybill_is_replaced(stage: Stage):
    stage.answers(shipped(a_parcel("700", 1, 2)), {})
    stage.douyin.change_shipment(replace(WHOLE, carrier_code="SF", waybill_no="SF1"))
    assert stage.sent[1] == (
        "order/logisticsEdit",
        {"order_id": ORDER_NO, "company_code": "shunfeng", "logistics_code": "SF1"},
    )


def test_one_parcel_s_waybill_of_several_is_replaced_by_its_id(stage: Stage):
    parcels = a_parcel("700", 1, pack="p1"), a_parcel("701", 2, pack="p2")
    stage.answers(shipped(*parcels), {}, shipped(*parcels))
    stage.douyin.change_shipment(PART)
    path, sent = stage.sent[1]
    assert (path, sent["pack_id"], sent["logistics_code"]) == ("order/logisticsEditByPack", "p1", "755")
    assert "already" in stage.douyin.change_shipment(replace(PART, waybill_no="700")).words


def test_orders_to_one_address_may_merge():
    candidates = [
        MergeCandidate(str(i), {"open_address_id": address}) for i, address in enumerate(["a", "b", "a", "c", "c"])
    ] + [MergeCandidate("bare", {}), MergeCandidate("bare too", {})]
    with Stage() as stage:
        groups = stage.douyin.merge_groups(candidates)
    assert groups == [frozenset({"0", "2"}), frozenset({"3", "4"})]


def test_a_memo_is_added_below_what_people_wrote(stage: Stage):
    stage.answers(shipped(seller_words="客户要蓝色", seller_remark_stars=1), {})
    stage.douyin.set_memo(ORDER_NO, "[OMS]已审", "green")
    assert stage.sent[1] == (
        "order/addOrderRemark",
        {"order_id": ORDER_NO, "remark": "客户要蓝色\n[OMS]已审", "is_add_star": "true", "star": "3"},
    )


def test_an_empty_flag_keeps_the_colour_and_nothing_new_writes_nothing(stage: Stage):
    stage.answers(shipped(seller_words="", seller_remark_stars=4), {}, shipped(seller_words="甲\n新备注"))
    stage.douyin.set_memo(ORDER_NO, "新备注", "")
    assert stage.sent[1][1]["star"] == "4"
    assert stage.douyin.set_memo(ORDER_NO, "新备注", "").words == "nothing to change"
    assert len(stage.sent) == 3


def test_a_memo_too_long_or_an_unknown_colour_is_refused(stage: Stage):
    stage.answers(shipped(seller_words="长" * 58))
    with pytest.raises(Refused, match="60 characters"):
        stage.douyin.set_memo(ORDER_NO, "再加一些字吧", "")
    with pytest.raises(Refused, match="no yellow flag"):
        stage.douyin.set_memo(ORDER_NO, "x", "yellow")


def test_stock_is_set_absolutely_and_one_refusal_leaves_the_others(stage: Stage):
    stage.answers({}, error_body(50002, "isv.business-failed:1", "no such sku"), {})
    levels = [
        StockLevel("35", "175", 7, location="WH1"),
        StockLevel("36", "176", 5),
        StockLevel("37", "", -3, "CUP"),
        StockLevel("38", "", 1),
    ]
    answer = stage.douyin.push_stock(levels)
    assert answer.done == 2
    assert answer.refused[("36", "176")] == "no such sku"
    assert "merchant code" in answer.refused[("38", "")]
    assert stage.sent[0][1] == {
        "sku_id": 175,
        "product_id": 35,
        "stock_num": 7,
        "incremental": False,
        "out_warehouse_id": "WH1",
    }
    assert (stage.sent[2][1]["code"], stage.sent[2][1]["stock_num"]) == ("CUP", 0)


def test_a_platform_that_is_down_stops_the_stock(stage: Stage):
    stage.answers(error_body(20000, "isp.service-error"))
    with pytest.raises(Retryable):
        stage.douyin.push_stock([StockLevel("35", "175", 7)])


def test_a_receiver_is_decrypted_with_a_virtual_number(stage: Stage):
    rows = [
        {"cipher_text": "c-name", "decrypt_text": "林小满", "err_no": 0},
        {"cipher_text": "c-tel", "decrypt_text": "", "is_virtual_tel": True, "phone_no_a": "184", "phone_no_b": "75"},
        {"cipher_text": "c-detail", "decrypt_text": "枫叶巷8号"},
    ]
    stage.answers({"decrypt_infos": rows})
    tokens = {"name": "c-name", "phone": "c-tel", "address": "c-detail"}
    receiver = stage.douyin.decrypt_receiver(ORDER_NO, tokens, "manual")
    assert (receiver.name, receiver.phone, receiver.address, receiver.masked) == (
        "林小满",
        "184-75",
        "枫叶巷8号",
        False,
    )
    assert stage.sent[0][1]["cipher_infos"][0] == {"auth_id": ORDER_NO, "cipher_text": "c-name"}


@pytest.mark.parametrize(
    "answer",
    [{"custom_err": {"err_code": 300008}}, {"decrypt_infos": [{"cipher_text": "c", "err_no": 30, "err_msg": "x"}]}],
)
def test_what_is_not_decrypted_is_refused(stage: Stage, answer: dict[str, object]):
    stage.answers(answer)
    with pytest.raises(Refused):
        stage.douyin.decrypt_receiver(ORDER_NO, {"name": "c"}, "")
    with pytest.raises(Refused, match="no ciphertexts"):
        stage.douyin.decrypt_receiver(ORDER_NO, {}, "")


def test_listings_come_with_their_variants(stage: Stage):
    product = {"product_id": 35, "name": "陶瓷杯", "status": 0, "check_status": 3}
    off_sale = product | {"product_id": 36, "status": 1}
    red = {"id": 175, "code": "CUP-RED", "price": 4000, "stock_num": 9, "sell_properties": [{"value_name": "红"}]}
    old = {"id": 176, "out_sku_id": 88, "price": 1, "stock_num": 0, "spec_detail_name1": "蓝"}
    stage.answers({"data": [product, off_sale], "total": 21}, [red], [old], {"data": [], "total": 21})
    page = stage.douyin.pull_listings("")
    assert page.listings == (
        ListingRecord("35", "175", "CUP-RED", "陶瓷杯", "红", price=4000, currency="CNY", units=9),
        ListingRecord("36", "176", "88", "陶瓷杯", "蓝", price=1, currency="CNY", units=0, is_on_sale=False),
    )
    assert (page.more, page.cursor) == (True, "2")
    assert not stage.douyin.pull_listings(page.cursor).more
    with pytest.raises(BadRecord, match="start the stream anew"):
        stage.douyin.pull_listings("x")


def test_units_of_a_line_leave_and_a_repeated_parcel_does_not(stage: Stage):
    notice = replace(PART, line_nos=(line_no(1),), units={line_no(1): 1})
    stage.answers(shipped(), {"pack_id": "9"})
    stage.douyin.push_shipment(notice)
    assert stage.sent[1][1]["shipped_order_info"] == [{"shipped_order_id": line_no(1), "shipped_num": 1}]
    stage.answers(shipped(a_parcel("755", 1, units=1)), shipped(a_parcel("755", 1, units=1)))
    assert "already" in stage.douyin.push_shipment(notice).words
    assert stage.douyin.find_shipment(ORDER_NO).has(line_no(1), notice)
