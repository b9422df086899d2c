"""Refunds: listed, fetched, parsed, paid back once."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import RefundNotice
from connectors.contract.records import CaseLine, RefundState
from connectors.marketplaces.woocommerce.cases import parse_case
from connectors.marketplaces.woocommerce.refunds import refund_lines, spread
from tests.connectors.marketplaces.woocommerce.papers import (
    NO,
    a_refund,
    an_item,
    an_order,
    case_body,
    error_body,
    freight,
)
from tests.connectors.marketplaces.woocommerce.stage import NO_ROUTE, Stage

REFUNDS = f"orders/{NO}/refunds"
PAY_BACK = RefundNotice(NO, 1815, "EUR", "key-1", lines=(("901", 1),), words="Handle broken")


def test_a_refund_is_a_case_that_is_done():
    case = parse_case(case_body(a_refund()))
    assert (case.external_no, case.order_no, case.line_no) == (f"{NO}-4800", NO, "901")
    assert (case.kind, case.state, case.amount, case.units) == ("refund", RefundState.SUCCEEDED, 1815, 1)
    assert case.lines == (CaseLine("901", 1, 1815, "Handle broken"),)


def test_a_refund_of_several_lines_and_freight_names_them_all():
    item = a_refund()["line_items"][0]
    post = {
        "id": 991,
        "total": "-5.00",
        "total_tax": "-1.05",
        "meta_data": [{"key": "_refunded_item_id", "value": "950"}],
    }
    case = parse_case(case_body(a_refund(amount="24.20", line_items=[item], shipping_lines=[post])))
    assert case.line_no == ""
    assert [(line.line_no, line.units, line.amount) for line in case.lines] == [("901", 1, 1815), ("950", 0, 605)]


def test_a_refund_of_an_amount_alone_has_no_lines():
    case = parse_case(case_body(a_refund(amount="1200", line_items=[]), currency="JPY"))
    assert (case.amount, case.currency, case.lines, case.line_no) == (1200, "JPY", (), "")


def test_refunds_are_listed_by_creation_each_with_its_order_s_currency():
    with Stage() as stage:
        stage.answers["GET refunds"] = 200, [a_refund(), a_refund(id=4801, parent_id=5000)]
        stage.answers["GET orders"] = 200, [{"id": int(NO), "currency": "EUR"}]
        stage.answers["GET orders/5000"] = 200, {"id": 5000, "currency": "USD"}
        page = stage.woo.pull_cases("")
        query = stage.sent[0][1]
    assert {"after", "before"} <= set(query)
    assert query["orderby"] == "date"
    cases = [parse_case(document.body) for document in page.documents]
    assert [(case.external_no, case.currency) for case in cases] == [(f"{NO}-4800", "EUR"), ("5000-4801", "USD")]
    assert [document.external_no for document in page.documents] == [case.external_no for case in cases]


def test_a_refund_of_an_order_deleted_for_good_is_no_case():
    with Stage() as stage:
        stage.answers["GET refunds"] = 200, [a_refund()]
        stage.answers["GET orders"] = 200, []
        stage.answers[f"GET orders/{NO}"] = 404, error_body("woocommerce_rest_shop_order_invalid_id")
        assert not stage.woo.pull_cases("").documents


def test_a_shop_without_the_list_of_refunds_is_asked_by_its_orders():
    with Stage() as stage:
        refunded = an_order(refunds=[{"id": 4800, "total": "-18.15"}])
        stage.answers |= {"GET refunds": NO_ROUTE, "GET orders": (200, [an_order(id=1), refunded])}
        stage.answers[f"GET {REFUNDS}"] = 200, [{**a_refund(), "parent_id": None}]
        page = stage.woo.pull_cases("")
    assert [parse_case(document.body).external_no for document in page.documents] == [f"{NO}-4800"]


def test_one_refund_is_read_through_its_order():
    with Stage() as stage:
        refund = a_refund()
        del refund["parent_id"]
        stage.answers[f"GET {REFUNDS}/4800"] = 200, refund
        stage.answers[f"GET orders/{NO}"] = 200, an_order()
        document = stage.woo.get_case(f"{NO}-4800")
    assert parse_case(document.body).order_no == NO
    assert document.changed_at == parse_case(document.body).changed_at


@pytest.mark.parametrize("number", ["4800", "a-1", "1-", "../1-2"])
def test_a_case_number_that_is_none_is_refused(number: str):
    with Stage() as stage, pytest.raises(Refused, match="801-812"):
        stage.woo.get_case(number)


class Till(Stage):
    """A shop that keeps the refunds it is told."""

    def __init__(self, order: dict[str, Any], **settings: str) -> None:
        super().__init__(**settings)
        self.refunds: list[dict[str, Any]] = []
        self.answers[f"GET orders/{NO}"] = 200, order
        self.answers[f"GET {REFUNDS}"] = lambda query, payload: (200, self.refunds)
        self.answers[f"POST {REFUNDS}"] = self._pay

    def _pay(self, query: dict[str, str], payload: Any) -> tuple[int, Any]:
        self.refunds.append({"id": 4800 + len(self.refunds), **payload})
        return 201, self.refunds[-1]


def test_money_goes_back_with_net_and_tax_by_line():
    with Till(an_order()) as till:
        assert till.woo.refund_case(PAY_BACK).reference == f"{NO}-4800"
        assert till.refunds[0] == {
            "id": 4800,
            "amount": "18.15",
            "reason": "Handle broken",
            "api_refund": True,
            "api_restock": False,
            "line_items": [
                {"id": 901, "refund_total": 15.0, "quantity": 1, "refund_tax": [{"id": 3, "refund_total": 3.15}]}
            ],
            "meta_data": [{"key": "_oms_refund_key", "value": "key-1"}],
        }


def test_money_goes_back_once_for_a_key():
    with Till(an_order()) as till:
        assert till.woo.find_refund(PAY_BACK) is None
        first = till.woo.refund_case(PAY_BACK)
        assert till.woo.refund_case(PAY_BACK) == first == till.woo.find_refund(PAY_BACK)
        assert len(till.refunds) == 1


def test_a_shop_may_only_note_what_is_paid_back():
    with Till(an_order(), gateway_refund="no") as till:
        till.woo.refund_case(PAY_BACK)
        assert till.refunds[0]["api_refund"] is False


def test_a_payment_plugin_s_no_is_a_refusal_and_a_fall_is_unknown():
    with Till(an_order()) as till:
        no = error_body("woocommerce_rest_cannot_create_order_refund", "no automatic refunds", 500)
        till.answers[f"POST {REFUNDS}"] = 500, no
        with pytest.raises(Refused, match=r"no automatic refunds; .* gateway_refund"):
            till.woo.refund_case(PAY_BACK)
        till.answers[f"POST {REFUNDS}"] = 500, error_body("internal_server_error")
        with pytest.raises(OutcomeUnknown):
            till.woo.refund_case(PAY_BACK)


def test_a_refund_in_another_currency_or_of_nothing_or_of_a_strange_line_is_refused():
    with Till(an_order()) as till:
        for notice, words in (
            (RefundNotice(NO, 100, "USD", "k"), "in EUR"),
            (RefundNotice(NO, 0, "EUR", "k"), "above zero"),
            (RefundNotice(NO, 100, "EUR", "k", lines=(("777", 1),)), "no line 777"),
        ):
            with pytest.raises(Refused, match=words):
                till.woo.refund_case(notice)
        assert not till.refunds


def test_a_whole_order_goes_back_with_all_lines_and_a_part_of_it_as_an_amount():
    order = an_order(shipping_lines=[freight()])
    lines = refund_lines(order, RefundNotice(NO, 4235, "EUR", "k"))
    assert [(line["id"], line.get("quantity")) for line in lines] == [(901, 2), (950, None)]
    assert refund_lines(order, RefundNotice(NO, 4000, "EUR", "k")) == []


def test_a_line_without_taxes_goes_back_net():
    order = an_order(an_item(total_tax="0.00", taxes=[]))
    assert refund_lines(order, RefundNotice(NO, 1000, "EUR", "k", lines=(("901", 1),))) == [
        {"id": 901, "refund_total": 10.0, "quantity": 1}
    ]


@given(st.integers(0, 10**7), st.lists(st.integers(0, 10**5), min_size=1, max_size=9))
def test_shares_make_the_total(total: int, weights: list[int]):
    shares = spread(total, weights)
    assert sum(shares) == total
    assert len(shares) == len(weights)


def test_the_envelope_of_a_case_holds_nothing_of_the_buyer():
    with Stage() as stage:
        stage.answers["GET refunds"] = 200, [a_refund()]
        stage.answers["GET orders"] = 200, [an_order()]
        (document,) = stage.woo.pull_cases("").documents
    assert orjson.loads(document.body)["order"] == {"id": int(NO), "currency": "EUR"}
