"""What Suning's orders and returns become: states, receivers, money, invoices, unknown values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Account
from connectors.contract.records import (
    Fulfiller,
    Funder,
    InvoiceRecord,
    LineRecord,
    OrderRecord,
    OrderState,
    PaymentKind,
    RefundState,
)
from connectors.marketplaces.suning import Suning
from tests.connectors.marketplaces.suning.papers import (
    ORDER,
    STREET,
    a_line,
    a_return,
    an_order,
    answer,
    case_body,
    order_body,
)


def parsed(order: dict[str, Any], **settings: str) -> OrderRecord:
    """The order as a shop with these settings reads it."""
    return Suning(Account(settings)).parse_order(order_body(order))


def one_line(order_changes: dict[str, Any] | None = None, **changes: Any) -> LineRecord:
    """The only line of an order."""
    return parsed(an_order(a_line(**changes), **(order_changes or {}))).lines[0]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("10", OrderState.OPEN),
        ("20", OrderState.SHIPPED),
        ("21", OrderState.PART_SHIPPED),
        ("30", OrderState.COMPLETED),
        ("40", OrderState.CANCELLED),
    ],
)
def test_every_status_has_its_state(status: str, state: OrderState):
    order = parsed(an_order(orderTotalStatus=status))
    assert (order.state, order.platform_status, order.alerts, order.platform_holds) == (state, status, (), ())


def test_an_unknown_status_holds_the_order_and_alerts():
    order = parsed(an_order(orderTotalStatus="99"))
    assert order.state is OrderState.OPEN
    assert order.platform_holds == ("unknown_status",)
    assert order.alerts == ("orderTotalStatus=99",)


def test_lines_have_states_of_their_own():
    order = parsed(an_order(a_line(1, orderLineStatus="20"), a_line(2), orderTotalStatus="21"))
    assert [line.state for line in order.lines] == [OrderState.SHIPPED, OrderState.OPEN]


def test_a_closed_order_closes_its_lines():
    assert one_line({"orderTotalStatus": "40"}).state is OrderState.CANCELLED


def test_unknown_values_of_a_line_alert_and_ask_for_care():
    order = parsed(an_order(a_line(orderLineStatus="77", returnOrderFlag="2"), invoiceType="88", colorMarkFlags="9"))
    assert order.lines[0].state is OrderState.OPEN
    assert order.lines[0].refund is RefundState.ASKED
    assert set(order.alerts) == {"orderLineStatus=77", "returnOrderFlag=2", "invoiceType=88", "colorMarkFlags=9"}


def test_the_order_s_own_fields():
    order = parsed(an_order(buyerOrdRemark="门口", sellerOrdRemark="老客", colorMarkFlags="4"))
    assert (order.external_no, order.currency, order.paid_total) == (ORDER, "CNY", 16000)
    assert order.created_at == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert order.paid_at == order.changed_at == datetime(2026, 3, 2, 1, 1, tzinfo=UTC)
    assert (order.buyer_message, order.seller_memo, order.flag) == ("门口", "老客", "blue")
    assert order.buyer.external_id == "sn***77"


def test_the_line_s_own_fields():
    left = {"expressno": "75001", "expresscompanycode": "Z01", "orderLineStatus": "20"}
    line = one_line(**left, deliveryTime="2026-03-02 11:00:00")
    assert (line.external_no, line.listing_no, line.seller_code) == ("3000000007701", "180000001", "CUP1-RED")
    assert (line.units, line.list_amount, line.paid_amount, line.waybill_no) == (2, 8000, 8000, "75001")
    assert line.shipped_at == datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    assert line.carrier == "ZTO"


def test_the_latest_stamp_of_a_line_is_the_order_s_change():
    order = parsed(an_order(a_line(1), a_line(2, orderLineStatusChangeTime="2026-03-02 10:30:00")))
    assert order.changed_at == datetime(2026, 3, 2, 2, 30, tzinfo=UTC)


def test_without_a_time_of_payment_the_sale_is_the_payment():
    order = parsed(an_order(payTime=None))
    assert order.paid_at == order.created_at == order.payments[0].paid_at


def test_the_receiver_s_address_loses_the_places_written_in_front_of_it():
    receiver = parsed(an_order()).receiver
    assert (receiver.state, receiver.city, receiver.district) == ("广东省", "广州市", "天河区")
    assert receiver.address == STREET
    assert receiver.masked


def test_a_plain_receiver_is_not_masked():
    plain = {"customerName": "收件人", "mobNum": "10000000000", "customerAddress": "梧桐路1号", "phoneNum": "020-1"}
    receiver = parsed(an_order(**plain)).receiver
    assert not receiver.masked
    assert (receiver.address, receiver.telephone) == ("梧桐路1号", "020-1")


def test_a_single_line_may_come_without_its_list():
    assert parsed(an_order(orderDetail=a_line())).lines == parsed(an_order(a_line())).lines


def test_empty_elements_may_come_as_empty_objects():
    order = parsed(an_order(a_line(invCode={}, expressno={}), buyerOrdRemark={}))
    assert (order.buyer_message, order.lines[0].waybill_no) == ("", "")


def test_an_answer_of_a_list_with_one_order_is_a_document_too():
    body = answer("orderQuery", [an_order()], totalSize="1")
    assert Suning(Account()).parse_order(body) == parsed(an_order())


def test_goods_in_a_store_of_suning_s_are_shipped_by_suning():
    lines = parsed(an_order(a_line(1, invCode="D001"), a_line(2, invCode="S9")), platform_stores="D001,D002").lines
    assert [line.fulfiller for line in lines] == [Fulfiller.PLATFORM, Fulfiller.US]


def test_a_return_asked_for_shows_at_the_line():
    assert one_line(returnOrderFlag="1").refund is RefundState.ASKED
    assert one_line().refund is RefundState.NONE


# ---- money -----------------------------------------------------------------------------------


def test_freight_of_all_lines_is_a_line_of_its_own():
    order = parsed(an_order(a_line(1, transportFee="6.00"), a_line(2, transportFee="2.50")))
    freight = order.lines[-1]
    assert (freight.kind, freight.external_no, freight.paid_amount) == ("freight", "freight", 850)
    assert order.paid_total == 16850
    assert [payment.amount for payment in order.payments] == [16850]


def test_freight_inside_the_line_s_payment_is_taken_out_of_it():
    order = parsed(an_order(a_line(payAmount="86.00", transportFee="6.00")))
    assert [line.paid_amount for line in order.lines] == [8000, 600]
    assert not order.alerts


def test_coupons_are_paid_by_shop_or_platform_as_the_payments_tell():
    payments = [
        {"paycode": "6901", "banktypecode": "20001", "payamount": "15.00000"},
        {"paycode": "6901", "banktypecode": "10006", "payamount": "10.00000"},
        {"paycode": "4148", "banktypecode": "", "payamount": "55.00000"},
    ]
    order = parsed(an_order(a_line(payAmount="55.00000", coupontotalMoney="25.00000", paymentList=payments)))
    line = order.lines[0]
    assert (line.list_amount, line.paid_amount) == (8000, 5500)
    assert (line.discount_platform, line.discount_merchant) == (1500, 1000)
    assert [(each.funder, each.amount) for each in order.promotions] == [
        (Funder.PLATFORM, 1500),
        (Funder.MERCHANT, 1000),
    ]


def test_a_discount_that_no_payment_explains_is_the_shop_s():
    line = one_line(payAmount="60.00", coupontotalMoney="15.00", vouchertotalMoney="5.00")
    assert (line.discount_merchant, line.discount_platform) == (2000, 0)


def test_a_discount_without_a_name_is_the_shop_s_and_alerts():
    order = parsed(an_order(a_line(payAmount="77.00")))
    assert order.lines[0].discount_merchant == 300
    assert "300 fen" in order.alerts[0]


def test_the_payments_tell_whether_freight_is_inside_where_a_discount_has_no_name():
    payments = [{"banktypecode": "7901", "payamount": "83.00"}]
    order = parsed(an_order(a_line(payAmount="83.00", transportFee="6.00", paymentList=payments)))
    assert [line.paid_amount for line in order.lines] == [7700, 600]


def test_coupons_larger_than_the_discount_leave_it_to_the_shop_and_alert():
    payments = [{"banktypecode": "10004", "payamount": "50.00"}]
    order = parsed(an_order(a_line(payAmount="60.00", coupontotalMoney="20.00", paymentList=payments)))
    assert (order.lines[0].discount_merchant, order.lines[0].discount_platform) == (2000, 0)
    assert order.alerts == ("paymentList: coupons outside the line's discount",)


def test_a_price_of_more_decimals_is_rounded_only_over_all_units():
    line = one_line(unitPrice="33.33333", saleNum="3.00000", payAmount="100.00000")
    assert (line.units, line.list_amount, line.discount_merchant) == (3, 10000, 0)


def test_a_gift_costs_nothing():
    line = one_line(unitPrice="0.00", payAmount="0.00", paymentList=[])
    assert (line.list_amount, line.paid_amount) == (0, 0)


@pytest.mark.parametrize("amounts", [{"payAmount": "-1.00"}, {"payAmount": "90.00"}, {"transportFee": "-2.00"}])
def test_money_that_cannot_be_is_refused(amounts: dict[str, str]):
    with pytest.raises(BadRecord, match="payAmount"):
        one_line(**amounts)


def test_cash_on_delivery_is_due_until_it_is_collected():
    payments = [{"banktypecode": "8801", "payamount": "80.00"}]
    order = parsed(an_order(a_line(1, paymentList=payments), a_line(2), payTime=None), cod_codes="8801")
    assert order.is_cod
    assert order.paid_at is None
    assert [(each.kind, each.amount, each.paid_at is None) for each in order.payments] == [
        (PaymentKind.ONLINE, 8000, False),
        (PaymentKind.COD, 8000, True),
    ]
    assert not parsed(an_order(a_line(paymentList=payments))).is_cod


@pytest.mark.parametrize(
    ("changes", "invoice"),
    [
        ({"invoiceHead": "个人", "invoiceType": "05"}, InvoiceRecord("个人", "personal")),
        ({"invoiceHead": "某厂", "vatTaxNo": "91T"}, InvoiceRecord("某厂", "company", "91T", "paper")),
        ({"invoiceHead": "某厂", "invoiceType": "01", "vatTaxpayerNumber": "91T"},
         InvoiceRecord("某厂", "special", "91T", "paper")),
        ({"invoiceHead": ""}, None),
        ({"invoiceHead": "个人", "needinvoiceflag": "N"}, None),
    ],
)  # fmt: skip
def test_invoices_asked_for(changes: dict[str, str], invoice: InvoiceRecord | None):
    assert parsed(an_order(**changes)).invoice == invoice


# ---- returns ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("退款待处理", RefundState.ASKED),
        ("2", RefundState.REFUSED),
        ("3-待买家发货", RefundState.AGREED),
        ("待商家收货", RefundState.RETURNED),
        ("5", RefundState.ASKED),
        ("退款处理中", RefundState.AGREED),
        ("退款关闭", RefundState.CLOSED),
        ("8", RefundState.SUCCEEDED),
    ],
)
def test_every_status_of_a_return_by_number_or_word(told: str, state: RefundState):
    case = Suning(Account()).parse_case(case_body(a_return(statusDesc=told)))
    assert (case.state, case.platform_status, case.alerts) == (state, told, ())


def test_an_unknown_status_of_a_return_counts_as_asked():
    case = Suning(Account()).parse_case(case_body(a_return(statusDesc="商家申诉")))
    assert case.state is RefundState.ASKED
    assert case.alerts == ("statusDesc=商家申诉",)


def test_a_return_s_fields():
    row = a_return(
        expressNo="77001",
        expressCompanyCode="Z01",
        statusDesc="4",
        returnMoney="40.00",
        statusPassTime="2026-03-09 10:00:00",
        operateTime="2026-03-02 10:30:00",
    )
    case = Suning(Account()).parse_case(case_body(row))
    assert (case.kind, case.order_no, case.line_no, case.amount) == ("return", ORDER, "3000000007701", 4000)
    assert (case.return_carrier, case.return_waybill, case.reason) == ("ZTO", "77001", "拍错了")
    assert case.created_at == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert case.changed_at == datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    assert case.respond_by == datetime(2026, 3, 9, 2, 0, tzinfo=UTC)


def test_money_back_without_goods_is_a_refund_and_its_product_names_a_case_without_a_line():
    case = Suning(Account()).parse_case(case_body(a_return(orderLineNumber="", returnMoney="")))
    assert (case.kind, case.line_no, case.amount) == ("refund", "", 8000)
    assert case.external_no == "30000000077-180000001-20260302100000"


def test_a_second_request_for_the_same_line_is_a_case_of_its_own():
    suning = Suning(Account())
    later = suning.parse_case(case_body(a_return(applyTime="2026-03-05 10:00:00")))
    assert later.external_no != suning.parse_case(case_body(a_return())).external_no


def test_a_shop_s_carrier_codes_go_before_the_known_ones():
    row = case_body(a_return(expressNo="1", expressCompanyCode="Z01"))
    assert Suning(Account({"carriers": "STO=Z01"})).parse_case(row).return_carrier == "STO"
    assert orjson.loads(row)["batchQueryRejected"]["expressCompanyCode"] == "Z01"
