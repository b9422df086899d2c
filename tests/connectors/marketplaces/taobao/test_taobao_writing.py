"""What the hub tells Taobao: parcels, waybills, memos, stock, closings, and what it asks about people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import MergeCandidate, ShipmentNotice, StockLevel
from connectors.marketplaces.taobao import codes
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.taobao.papers import OAID, TID, a_line, a_trade, error_body
from tests.connectors.marketplaces.taobao.stage import Stage

WHOLE = ShipmentNotice(TID, "ZTO", "75500001", whole=True, shipped_at=NOW)
SHIPPED = {"shipping": {"is_success": True}}
ALREADY = error_body(15, "isv.logistics-offline-service-error:B04", "state not allowed")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


def shipped_trade(waybill: str) -> dict[str, object]:
    return {"trade": a_trade(a_line(1, status="WAIT_BUYER_CONFIRM_GOODS", invoice_no=waybill), a_line(2))}


def test_a_whole_order_leaves_in_one_call(stage: Stage):
    stage.answers(SHIPPED)
    assert stage.taobao.push_shipment(WHOLE).reference == "75500001"
    sent = stage.sent[0]
    assert sent["method"] == "taobao.logistics.offline.send"
    assert (sent["tid"], sent["out_sid"], sent["company_code"]) == (TID, "75500001", "ZTO")
    assert "is_split" not in sent
    assert "sub_tid" not in sent


def test_a_part_names_its_lines_without_the_postage(stage: Stage):
    stage.answers(SHIPPED)
    stage.taobao.push_shipment(replace(WHOLE, whole=False, line_nos=("11", "12", "freight", "cod_fee")))
    assert (stage.sent[0]["is_split"], stage.sent[0]["sub_tid"]) == ("1", "11,12")


def test_a_part_of_nothing_is_refused_before_any_call(stage: Stage):
    with pytest.raises(Refused, match="numbers of its lines"):
        stage.taobao.push_shipment(replace(WHOLE, whole=False, line_nos=("freight",)))
    assert not stage.sent


def test_cash_on_delivery_goes_through_online_send(stage: Stage):
    stage.answers(SHIPPED)
    stage.taobao.push_shipment(replace(WHOLE, is_cod=True))
    assert stage.sent[0]["method"] == "taobao.logistics.online.send"


def test_goods_without_a_parcel_go_through_dummy_send(stage: Stage):
    stage.answers(SHIPPED)
    stage.taobao.push_shipment(replace(WHOLE, carrier_code=codes.NO_CARRIER, waybill_no=""))
    assert stage.sent[0]["method"] == "taobao.logistics.dummy.send"


def test_goods_without_a_parcel_leave_with_the_whole_order_alone(stage: Stage):
    part = replace(WHOLE, carrier_code=codes.NO_CARRIER, waybill_no="", whole=False, line_nos=("11",))
    stage.answers(shipped_trade("75500001"), shipped_trade("75500001"))
    with pytest.raises(Refused, match="only as a whole"):
        stage.taobao.push_shipment(replace(part, line_nos=("99",)))
    stage.taobao.push_shipment(replace(part, line_nos=(str(_first_line()),)))
    assert all(sent["method"] == "taobao.trade.fullinfo.get" for sent in stage.sent)


def test_an_order_that_left_without_a_parcel_before_is_a_success(stage: Stage):
    stage.answers(ALREADY, shipped_trade(""))
    assert stage.taobao.push_shipment(replace(WHOLE, carrier_code=codes.NO_CARRIER, waybill_no="")).words


def _first_line() -> object:
    return a_line(1)["oid_str"]


def test_a_parcel_without_a_waybill_is_refused_before_any_call(stage: Stage):
    with pytest.raises(Refused, match="waybill"):
        stage.taobao.push_shipment(replace(WHOLE, waybill_no=""))
    assert not stage.sent


def test_an_unknown_carrier_is_refused_by_name(stage: Stage):
    with pytest.raises(Refused, match="PIGEON"):
        stage.taobao.push_shipment(replace(WHOLE, carrier_code="PIGEON"))


def test_not_accepted_is_a_refusal_and_silence_is_unknown(stage: Stage):
    stage.answers({"shipping": {"is_success": False}}, {})
    with pytest.raises(Refused):
        stage.taobao.push_shipment(WHOLE)
    with pytest.raises(OutcomeUnknown):
        stage.taobao.push_shipment(WHOLE)


def test_a_parcel_that_is_there_already_is_a_success(stage: Stage):
    stage.answers(ALREADY, shipped_trade("75500001"))
    part = replace(WHOLE, whole=False, line_nos=(str(int(TID) + 1),))
    assert "already" in stage.taobao.push_shipment(part).words


@pytest.mark.parametrize("there", ["", "99900009"])
def test_another_waybill_there_already_is_a_refusal(stage: Stage, there: str):
    stage.answers(ALREADY, shipped_trade(there))
    with pytest.raises(Refused, match="state not allowed"):
        stage.taobao.push_shipment(replace(WHOLE, whole=False, line_nos=(str(int(TID) + 1),)))


def test_what_has_left_is_found_by_line(stage: Stage):
    stage.answers(shipped_trade("75500001"))
    assert stage.taobao.find_shipment(TID).waybills == {str(int(TID) + 1): "75500001"}


def test_a_waybill_is_replaced(stage: Stage):
    stage.answers(SHIPPED)
    stage.taobao.change_shipment(replace(WHOLE, carrier_code="SF", waybill_no="SF1"))
    sent = stage.sent[0]
    assert (sent["method"], sent["company_code"], sent["out_sid"]) == ("taobao.logistics.consign.resend", "SF", "SF1")


def test_carrier_codes_go_both_ways():
    assert {codes.CARRIERS_BY_COMPANY[company] for company in codes.COMPANY_CODES.values()} == set(codes.CARRIERS)
    assert {"ZTO", "YTO", "STO", "SF", "YUNDA", "EMS", "JD", "JT"} <= set(codes.CARRIERS)
    assert {codes.FLAG_NUMBERS[colour] for colour in codes.FLAGS.values()} == set(codes.FLAGS)


def test_merging_asks_the_platform_a_hundred_at_a_time(stage: Stage):
    candidates = [MergeCandidate(str(i), {"oaid": f"o{i}"}) for i in range(130)] + [MergeCandidate("bare", {})]
    stage.answers({"tid_list": {"string": ["0,1", "2", "3,4,5"]}}, {"tid_list": ["128,129"]})
    groups = stage.taobao.merge_groups(candidates)
    assert groups == [frozenset({"0", "1"}), frozenset({"3", "4", "5"}), frozenset({"128", "129"})]
    asked = [orjson.loads(sent["merge_list"]) for sent in stage.sent]
    assert [len(chunk) for chunk in asked] == [100, 30]
    assert asked[0][0] == {"oaid": "o0", "tid": "0"}


def test_those_of_one_group_are_asked_about_in_one_call_in_whatever_order_they_come(stage: Stage):
    candidates = [MergeCandidate(f"{i}-{half}", {"oaid": "o"}, str(i)) for half in "ab" for i in range(80)]
    stage.answers({"tid_list": []}, {"tid_list": []})
    assert stage.taobao.merge_groups(candidates) == []
    asked = [{row["tid"] for row in orjson.loads(sent["merge_list"])} for sent in stage.sent]
    assert [len(call) for call in asked] == [100, 60]
    assert all({f"{i}-a", f"{i}-b"} <= call or not {f"{i}-a", f"{i}-b"} & call for i in range(80) for call in asked)


def test_a_receiver_is_decrypted_for_a_scene(stage: Stage):
    person = {
        "matched": True,
        "name": "林小满",
        "mobile": "13900000000",
        "city": "广州市",
        "address_detail": "枫叶巷8号",
    }
    stage.answers({"receiver_list": {"receiver": [person]}})
    receiver = stage.taobao.decrypt_receiver(TID, {"oaid": OAID}, "manual")
    assert (receiver.name, receiver.address, receiver.masked) == ("林小满", "枫叶巷8号", False)
    assert orjson.loads(stage.sent[0]["query_list"]) == [{"oaid": OAID, "tid": TID, "scene": "1006"}]


def test_a_changed_address_is_not_decrypted(stage: Stage):
    stage.answers({"receiver_list": {"receiver": [{"matched": False}]}})
    with pytest.raises(Refused, match="read the order again"):
        stage.taobao.decrypt_receiver(TID, {"oaid": OAID}, "1006")
    with pytest.raises(Refused, match="no OAID"):
        stage.taobao.decrypt_receiver(TID, {}, "1006")


def test_a_memo_is_added_below_what_people_wrote(stage: Stage):
    stage.answers({"trade": a_trade(seller_memo="客户要蓝色", seller_flag=1)}, {"trade": {}})
    stage.taobao.set_memo(TID, "[OMS]已审", "green")
    assert (stage.sent[1]["memo"], stage.sent[1]["flag"]) == ("客户要蓝色\n[OMS]已审", "3")


def test_an_empty_flag_keeps_the_colour(stage: Stage):
    stage.answers({"trade": a_trade(seller_memo="", seller_flag=4)}, {"trade": {}})
    stage.taobao.set_memo(TID, "新备注", "")
    assert (stage.sent[1]["memo"], stage.sent[1]["flag"]) == ("新备注", "4")


def test_a_memo_that_is_there_already_is_not_written_again(stage: Stage):
    stage.answers({"trade": a_trade(seller_memo="甲\n[OMS]已审", seller_flag=3)})
    assert stage.taobao.set_memo(TID, "[OMS]已审", "green").words == "nothing to change"
    assert len(stage.sent) == 1


def test_a_memo_too_long_or_an_unknown_colour_is_refused(stage: Stage):
    stage.answers({"trade": a_trade(seller_memo="长" * 330)})
    with pytest.raises(Refused, match="1000 bytes"):
        stage.taobao.set_memo(TID, "再加一些字吧", "")
    with pytest.raises(Refused, match="no pink flag"):
        stage.taobao.set_memo(TID, "x", "pink")


def test_an_order_is_closed_with_a_reason(stage: Stage):
    stage.answers({"trade": {"tid": 1}})
    stage.taobao.cancel_order(TID, "缺货")
    assert (stage.sent[0]["method"], stage.sent[0]["close_reason"]) == ("taobao.trade.close", "缺货")


def test_stock_is_set_absolutely_twenty_variants_at_a_time(stage: Stage):
    stage.answers({}, {}, {})
    levels = [StockLevel("8800001", str(i), i) for i in range(25)] + [StockLevel("8800002", "", -3)]
    stage.taobao.push_stock(levels)
    first, second, third = stage.sent
    assert (first["method"], first["num_iid"], first["type"]) == ("taobao.skus.quantity.update", "8800001", "1")
    assert len(first["skuid_quantities"].split(";")) == 20
    assert second["skuid_quantities"] == "20:20;21:21;22:22;23:23;24:24"
    assert (third["method"], third["quantity"], third["type"]) == ("taobao.item.quantity.update", "0", "1")


def test_a_line_leaves_with_its_first_parcel_and_a_further_one_has_no_place(stage: Stage):
    first, second = str(int(TID) + 1), str(int(TID) + 2)
    notice = replace(WHOLE, whole=False, line_nos=(first, second), units={first: 1})
    stage.answers(shipped_trade("ELSE"), SHIPPED, shipped_trade("ELSE"))
    stage.taobao.push_shipment(notice)
    assert stage.sent[1]["sub_tid"] == second
    assert "one waybill" in stage.taobao.push_shipment(replace(notice, line_nos=(first,))).words
    assert len(stage.sent) == 3
