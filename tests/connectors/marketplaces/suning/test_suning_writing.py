"""Writing to Suning: parcels whole, by line and several, changed waybills, memo, stock."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import ShipmentNotice, StockLevel
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.suning.papers import ORDER, a_line, an_order, answer, error_body
from tests.connectors.marketplaces.suning.stage import Stage

FIRST, SECOND = f"{ORDER}01", f"{ORDER}02"
DONE = answer("orderDelivery", {"sendDetail": {"productCode": "180000001", "sendresult": "Y"}})
DETAIL = answer("orderGet", an_order())


def parcel(*line_nos: str, carrier: str = "ZTO", waybill: str = "75001", whole: bool = False) -> ShipmentNotice:
    """A parcel with the lines given."""
    return ShipmentNotice(ORDER, carrier, waybill, whole=whole, shipped_at=NOW, line_nos=line_nos)


def accepted(*results: str) -> bytes:
    """The answer to a parcel, line by line."""
    return answer("orderDelivery", {"sendDetail": [{"sendresult": result} for result in results]})


def companies(*rows: tuple[str, str], pages: str = "1") -> bytes:
    """A page of the platform's list of carriers."""
    listed = [{"expressCompanyCode": code, "expressCompanyName": name} for code, name in rows]
    return answer("logisticCompany", listed, pageTotal=pages)


def test_a_whole_order_leaves_with_all_its_lines_and_products():
    with Stage(DETAIL, accepted("Y", "Y")) as stage:
        receipt = stage.vendor.push_shipment(parcel(whole=True))
    assert receipt.reference == "75001"
    assert stage.methods == ["order.get", "orderdelivery.add"]
    assert stage.sent[1][1] == {
        "orderCode": ORDER,
        "expressNo": "75001",
        "expressCompanyCode": "Z01",
        "orderLineNumbers": {"orderLineNumber": [FIRST, SECOND]},
        "sendDetail": {"productCode": ["180000001", "180000002"]},
        "deliveryTime": "2026-03-02 12:00:00",
    }


def test_a_parcel_of_one_line_leaves_the_other_and_the_freight_alone():
    with Stage(DETAIL, DONE) as stage:
        stage.vendor.push_shipment(parcel(SECOND, "freight"))
    assert stage.sent[1][1]["orderLineNumbers"] == {"orderLineNumber": [SECOND]}


def test_several_parcels_are_several_calls():
    with Stage(DETAIL, DONE, DETAIL, DONE) as stage:
        stage.vendor.push_shipment(parcel(FIRST))
        stage.vendor.push_shipment(parcel(SECOND, waybill="75002"))
    assert [sent["expressNo"] for _, sent in stage.sent if "expressNo" in sent] == ["75001", "75002"]


def test_a_product_in_two_lines_is_not_named_twice():
    detail = answer("orderGet", an_order(a_line(1), a_line(2, productCode="180000001")))
    with Stage(detail, accepted("Y", "Y")) as stage:
        stage.vendor.push_shipment(parcel(whole=True))
    assert "sendDetail" not in stage.sent[1][1]


def test_what_is_there_with_this_waybill_is_not_sent_again():
    there = a_line(1, expressno="75001", orderLineStatus="20")
    with Stage(answer("orderGet", an_order(there, a_line(2))), DONE) as stage:
        stage.vendor.push_shipment(parcel(whole=True))
    assert stage.sent[1][1]["orderLineNumbers"] == {"orderLineNumber": [SECOND]}
    with Stage(answer("orderGet", an_order(there))) as stage:
        assert "already" in stage.vendor.push_shipment(parcel(FIRST)).words
    assert stage.methods == ["order.get"]


def test_a_partly_accepted_parcel_is_refused_with_how_much():
    with Stage(DETAIL, accepted("Y", "N")) as stage, pytest.raises(Refused, match="1 of 2 lines"):
        stage.vendor.push_shipment(parcel(whole=True))


def test_an_answer_that_does_not_tell_of_the_lines_is_an_unknown_outcome():
    with Stage(DETAIL, answer("orderDelivery", {})) as stage, pytest.raises(OutcomeUnknown):
        stage.vendor.push_shipment(parcel(whole=True))


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (parcel(whole=True, waybill=""), "waybill number"),
        (parcel(), "numbers of its lines"),
        (parcel("freight"), "numbers of its lines"),
        (parcel("404"), "read the order again"),
        (parcel(FIRST, "404"), "read the order again"),
    ],
)
def test_a_parcel_that_cannot_be_written_says_why(notice: ShipmentNotice, words: str):
    with Stage(DETAIL) as stage, pytest.raises(Refused, match=words):
        stage.vendor.push_shipment(notice)


def test_a_carrier_without_a_code_is_found_by_name_over_all_pages():
    lists = (companies(("X1", "某某物流"), pages="2"), companies(("Y9", "圆通国际"), ("Y01", "圆通"), pages="2"))
    with Stage(*lists, DETAIL, DONE) as stage:
        stage.vendor.push_shipment(parcel(FIRST, carrier="YTO"))
    assert [sent["pageNo"] for _, sent in stage.sent[:2]] == ["1", "2"]
    assert stage.sent[-1][1]["expressCompanyCode"] == "Y01"


def test_a_carrier_s_code_may_be_set():
    with Stage(DETAIL, DONE, carriers="YTO=Y77") as stage:
        stage.vendor.push_shipment(parcel(FIRST, carrier="YTO"))
    assert stage.sent[-1][1]["expressCompanyCode"] == "Y77"


@pytest.mark.parametrize(
    ("carrier", "listed"), [("NOBODY", ()), ("YTO", (companies(("X1", "某某物流")),)),
                            ("YTO", (error_body("biz.handler.data-get:no-result"),))],
)  # fmt: skip
def test_an_unknown_carrier_is_refused_with_the_remedy(carrier: str, listed: tuple[bytes, ...]):
    with Stage(*listed) as stage, pytest.raises(Refused, match="setting of carrier codes"):
        stage.vendor.push_shipment(parcel(FIRST, carrier=carrier))


def test_a_changed_waybill_replaces_what_is_there():
    with Stage(DETAIL, answer("orderDelivery", {})) as stage:
        assert stage.vendor.change_shipment(parcel(FIRST, waybill="75009")).reference == "75009"
    method, sent = stage.sent[1]
    assert method == "suning.custom.orderdelivery.modify"
    assert (sent["expressNo"], sent["orderLineNumbers"]) == ("75009", {"orderLineNumber": [FIRST]})


def test_a_refused_change_is_told():
    with Stage(DETAIL, accepted("N")) as stage, pytest.raises(Refused, match="1 of 1"):
        stage.vendor.change_shipment(parcel(FIRST))


def test_the_platform_s_books_tell_which_lines_have_left():
    detail = an_order(a_line(1, expressno="75001"), a_line(2, orderLineStatus="20"), a_line(3))
    with Stage(answer("orderGet", detail)) as stage:
        assert stage.vendor.find_shipment(ORDER).waybills == {FIRST: "75001", SECOND: ""}


def test_a_missing_order_is_refused():
    with Stage(error_body("biz.handler.data-get:no-result")) as stage, pytest.raises(Refused, match="no such order"):
        stage.vendor.find_shipment(ORDER)


# ---- memo ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "memo", "flag", "written"),
    [
        ({}, "易碎", "red", {"noteContent": "易碎", "colorMarkFlag": "1"}),
        ({"sellerOrdRemark": "老客"}, "易碎", "", {"noteContent": "老客\n易碎", "colorMarkFlag": ""}),
        ({"sellerOrdRemark": "老客", "colorMarkFlags": "3"}, "老客 易碎", "",
         {"noteContent": "老客 易碎", "colorMarkFlag": "3"}),
        ({"sellerOrdRemark": "老客", "colorMarkFlags": "3"}, "老客", "grey",
         {"noteContent": "老客", "colorMarkFlag": ""}),
    ],
)  # fmt: skip
def test_a_memo_keeps_what_people_wrote(there: dict[str, Any], memo: str, flag: str, written: dict[str, str]):
    with Stage(answer("orderGet", an_order(**there)), answer("orderNote", {"result": "Y"})) as stage:
        stage.vendor.set_memo(ORDER, memo, flag)
    assert stage.methods == ["order.get", "ordernote.modify"]
    assert stage.sent[1][1] == {"orderCode": ORDER, "noteFlag": "1", **written}


def test_a_memo_that_changes_nothing_is_not_written():
    with Stage(answer("orderGet", an_order(sellerOrdRemark="易碎", colorMarkFlags="1"))) as stage:
        assert stage.vendor.set_memo(ORDER, "易碎", "red").words == "nothing to change"
    assert stage.methods == ["order.get"]


def test_a_colour_that_suning_lacks_is_refused():
    with Stage() as stage, pytest.raises(Refused, match="no pink flag"):
        stage.vendor.set_memo(ORDER, "易碎", "pink")


# ---- stock -----------------------------------------------------------------------------------


def test_stock_is_set_product_by_product_and_never_below_nothing():
    done = answer("modifySyncinventory", {"result": "Y"})
    levels = [StockLevel("18", "181", 5), StockLevel("19", "", -2, location="W2")]
    with Stage(done, done, stock_place="W1", stock_kind="02") as stage:
        assert stage.vendor.push_stock(levels).done == 2
    assert [sent for _, sent in stage.sent] == [
        {"productCode": "181", "invQty": "5", "invCode": "W1", "invType": "02"},
        {"productCode": "19", "invQty": "0", "invCode": "W2", "invType": "02"},
    ]


def test_a_refused_level_leaves_the_others_to_go_on():
    answers = (error_body("biz.inv:no", "没有此商品"), answer("modifySyncinventory", {"result": "N"}),
               answer("modifySyncinventory", {}))  # fmt: skip
    with Stage(*answers) as stage:
        told = stage.vendor.push_stock([StockLevel("1", "11", 1), StockLevel("2", "22", 2), StockLevel("3", "33", 3)])
    assert told.done == 1
    assert told.refused == {("1", "11"): "没有此商品", ("2", "22"): "the platform did not accept the units"}


def test_a_line_leaves_with_its_first_parcel_and_a_further_one_has_no_place():
    there = answer("orderGet", an_order(a_line(1, expressno="75001"), a_line(2)))
    with Stage(there, DONE, there) as stage:
        stage.vendor.push_shipment(replace(parcel(FIRST, SECOND, waybill="75002"), units={FIRST: 1}))
        assert stage.sent[1][1]["orderLineNumbers"] == {"orderLineNumber": [SECOND]}
        again = stage.vendor.push_shipment(replace(parcel(FIRST, waybill="75002"), units={FIRST: 1}))
    assert "already" in again.words
