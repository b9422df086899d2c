"""What the documents of the standard interface say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Account
from connectors.contract.records import Fulfiller, OrderState, RefundState
from connectors.marketplaces.standard import Standard
from tests.connectors.marketplaces.standard.papers import NAME, a_case, a_line, an_order

standard = Standard(Account())


def test_times_with_any_offset_become_utc() -> None:
    order = standard.parse_order(orjson.dumps(an_order()))
    assert order.created_at == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def test_a_line_without_a_listing_is_listed_under_the_seller_s_code() -> None:
    (line,) = standard.parse_order(orjson.dumps(an_order())).lines
    assert (line.listing_no, line.seller_code) == ("A", "A")


def test_what_is_left_out_has_the_harmless_meaning() -> None:
    order = standard.parse_order(orjson.dumps(an_order()))
    line = order.lines[0]
    assert (line.refund, line.fulfiller, line.kind, line.is_gift) == (RefundState.NONE, Fulfiller.US, "goods", False)
    assert (order.is_cod, order.is_presale, order.invoice, order.ship_by) == (False, False, None, None)
    assert order.receiver.name == NAME
    assert order.receiver.masked is False


def test_a_partner_comes_with_its_number_and_the_prices_that_lines_name() -> None:
    lines = [a_line("1", settlement_amount=640), a_line("2")]
    told = standard.parse_order(orjson.dumps(an_order("M-1", *lines, partner={"code": "DX", "reference": "R-1"})))
    assert told.partner is not None
    assert (told.partner.code, told.partner.reference, told.partner.amounts) == ("DX", "R-1", {"1": 640})
    assert standard.parse_order(orjson.dumps(an_order())).partner is None
    for wrong in ({"code": ""}, {"reference": "R-1"}):
        with pytest.raises(BadRecord, match="partner has a code"):
            standard.parse_order(orjson.dumps(an_order(partner=wrong)))
    with pytest.raises(BadRecord, match="settlement_amount"):
        standard.parse_order(orjson.dumps(an_order("M-1", a_line("1", settlement_amount=-1), partner={"code": "DX"})))


def test_unknown_states_are_refused_by_naming_those_there_are() -> None:
    with pytest.raises(BadRecord, match="unpaid, open, part_shipped"):
        standard.parse_order(orjson.dumps(an_order(state="new")))


def test_a_line_others_ship_is_not_ours() -> None:
    order = standard.parse_order(orjson.dumps(an_order("M-9", a_line(fulfiller="platform"))))
    assert order.lines[0].fulfiller is Fulfiller.PLATFORM
    assert order.state is OrderState.OPEN


@pytest.mark.parametrize(
    ("state", "allows"), [("asked", ("agree", "refuse")), ("returned", ("goods_received",)), ("succeeded", ())]
)
def test_what_may_be_done_about_a_case_follows_its_state(state: str, allows: tuple[str, ...]) -> None:
    case = standard.parse_case(orjson.dumps(a_case(state=state)))
    assert case.allows == allows
    assert [(line.line_no, line.units, line.amount) for line in case.lines] == [("1", 1, 1000)]


@pytest.mark.parametrize("year", ["1999", "2101"])
def test_times_far_away_are_mistakes(year: str) -> None:
    with pytest.raises(BadRecord, match="created_at"):
        standard.parse_order(orjson.dumps(an_order(created_at=f"{year}-03-02T10:00:00Z")))


def test_a_balance_still_due_when_goods_may_leave_is_collected_by_the_courier() -> None:
    paid = {"kind": "deposit", "amount": 300, "paid_at": "2026-03-02T10:00:05+08:00"}
    total = an_order()["paid_total"]
    payments = [paid, {"kind": "balance", "amount": total - 300}]

    def told(**changes: Any) -> tuple[bool, str]:
        order = standard.parse_order(orjson.dumps(an_order(**({"payments": payments} | changes))))
        return order.is_cod, order.payments[1].kind

    assert told() == (True, "cod")
    for other in ({"is_presale": True}, {"state": "unpaid"}, {"delivery": {"mode": "store_pickup", "store": "S"}},
                  {"payments": [paid, payments[1] | {"paid_at": paid["paid_at"]}]}):  # fmt: skip
        assert told(**other) == (False, "balance")
