"""The standard interface keeps the promises of a marketplace that can be kept without calling anybody."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import responses

from connectors.contract.errors import NotSupported
from connectors.contract.families import Marketplace
from connectors.contract.notices import InterceptionNotice, ShipmentNotice, StockLevel
from connectors.marketplaces.standard import Standard
from tests.connectors.contract_suite import NOW, BadDocument, Kit, MarketplaceSuite
from tests.connectors.marketplaces.standard.papers import NAME, PHONE, STREET, a_case, a_line, an_order

NOTICE = ShipmentNotice("M-1", "ZTO", "753", True, NOW)


def body(tree: dict[str, Any]) -> bytes:
    return orjson.dumps(tree)


FULL = an_order(
    "M-2",
    a_line("1", "A", 2, 1800, list_amount=2000, discount_platform=150, discount_member=50, refund="asked"),
    a_line("2", "", 1, 500, kind="freight", title="运费", tax_amount=20, tax_included=False, list_amount=480),
    invoice={"title": "个人", "kind": "personal"},
    ship_by="2026-03-04T10:00:00+08:00",
    state="part_shipped",
)


class TestContract(MarketplaceSuite):
    """The suite of every marketplace; what only makes sense of somebody who answers is left out at the end."""

    connector = Standard
    kit = Kit(
        read=lambda standard: standard.check(),
        private=(NAME, PHONE, STREET),
        orders=(body(an_order()), body(FULL), body(an_order(payments=[], is_cod=True, state="unpaid"))),
        cases=(body(a_case()), body(a_case("C-2", kind="return", state="returned", return_waybill="SF1"))),
        bad_orders=(
            BadDocument(body(an_order(paid_total=999)), "paid_total"),
            BadDocument(body(an_order("M-1", a_line(paid=1000, list_amount=1001))), "lines[0].paid_amount"),
            BadDocument(body(an_order("M-1", a_line(units=0))), "lines[0].units"),
            BadDocument(body(an_order("M-1", a_line(paid=1.5))), "amount"),  # type: ignore[arg-type]
            BadDocument(body(an_order("M-1", a_line(), a_line())), "lines"),
            BadDocument(body(an_order("M-1", a_line(code=""))), "lines[0].seller_code"),
            BadDocument(body(an_order(created_at="2026-03-02T10:00:00")), "created_at"),
            BadDocument(body(an_order(state="paid")), "state"),
            BadDocument(body(an_order(currency="yuan")), "currency"),
            BadDocument(body(an_order(external_no="")), "external_no"),
            BadDocument(body(an_order(payments=[{"kind": "online", "amount": 1}])), "payments"),
        ),
        bad_cases=(
            BadDocument(body(a_case(kind="gift")), "kind"),
            BadDocument(body(a_case(line_no="")), "line_no"),
            BadDocument(body(a_case(amount=-1)), "amount"),
            BadDocument(body(a_case(evidence=["javascript:1"])), "evidence"),
        ),
    )

    def test_it_is_a_marketplace_that_captures_and_writes_back(self) -> None:
        assert issubclass(self.connector, Marketplace)
        can = self.connector.capabilities()
        assert {"parse_order", "parse_case", "push_shipment", "decide_case", "push_stock"} <= can
        assert not {"pull_orders", "pull_cases", "get_order", "get_case", "refresh"} & can

    def test_no_write_calls_anybody(self, vendor: Standard, platform: responses.RequestsMock) -> None:
        vendor.push_shipment(NOTICE)
        vendor.change_shipment(NOTICE)
        vendor.confirm_interception(InterceptionNotice("M-1", "C-1", True, NOW))
        vendor.decide_case("C-1", True, "", {})
        vendor.goods_received("C-1", {})
        assert vendor.push_stock([StockLevel("A", "", 3)]).done == 1
        assert vendor.find_shipment("M-1").waybills == {}
        assert vendor.check().ok
        assert len(platform.calls) == 0

    def test_it_pulls_nothing(self, vendor: Standard) -> None:
        with pytest.raises(NotSupported):
            vendor.pull_orders("")

    # Nobody is called, so nobody can answer badly.
    test_account_gateway_is_called_instead_of_the_vendor_s = None  # type: ignore[assignment]
    test_transport_trouble_is_sorted_by_what_to_do_next = None  # type: ignore[assignment]
    test_vendor_errors_are_sorted_by_what_to_do_next = None  # type: ignore[assignment]
    test_no_exception_tells_what_a_platform_echoes = None  # type: ignore[assignment]
    test_no_transport_failure_tells_secrets = None  # type: ignore[assignment]
    test_a_quiet_platform_ends_the_stream_at_now = None  # type: ignore[assignment]
