"""What a pushed document must not say: times far ahead, a case that contradicts its order. Reading is elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from connectors.contract.errors import BadRecord
from connectors.contract.records import CaseRecord, OrderRecord
from oms.app.capture.case_rows import named_lines
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of

#: Clocks differ; a stamp further ahead is a slip, and would make all that comes until then look old.
AHEAD: Final = timedelta(days=1)
TIMES: Final = ("changed_at", "created_at", "paid_at")
Read = OrderRecord | CaseRecord | BadRecord


def check_times(record: OrderRecord | CaseRecord, now: datetime) -> None:
    """BadRecord names the time that lies more than a day ahead."""
    for field in TIMES:
        told = getattr(record, field, None)
        if told is not None and told > now + AHEAD:
            raise BadRecord("lies more than a day in the future; look at the clock and the offset", field=field)


def refuse_strange_cases(connection: Connection, shop_id: int, read: Sequence[Read]) -> list[Read]:
    """The same cases, with BadRecord instead of those that contradict their order or name another than before."""
    cases = [item for item in read if isinstance(item, CaseRecord)]
    order_of = _orders_of(connection, shop_id, [case.external_no for case in cases])
    orders = _lines_of(connection, shop_id, [case.order_no for case in cases])
    checked: list[Read] = []
    for item in read:
        fault = None
        if isinstance(item, CaseRecord):
            known = order_of.setdefault(item.external_no, item.order_no)
            fault = _fault(item, known, *orders.get(item.order_no, ("", {})))
        checked.append(fault or item)
    return checked


def _fault(case: CaseRecord, known: str, currency: str, lines: dict[str, int]) -> BadRecord | None:
    if case.order_no != known:
        return BadRecord(
            "a case belongs to one order, and this one to another; use a number of its own", field="order_no"
        )
    if currency and case.currency != currency:
        return BadRecord(f"the order is in {currency}", field="currency")
    for number, (units, _amount) in named_lines(case).items():
        if number in lines and units > lines[number]:
            return BadRecord(f"the order's line has {lines[number]}", field="units")
    return None


def _orders_of(connection: Connection, shop_id: int, numbers: Sequence[str]) -> dict[str, str]:
    """Case number → the order it is kept with."""
    statement = """select external_no, order_no from cases
    where shop_id = %s and origin = 'platform' and external_no = any(%s)"""
    return {case: order for case, order in fetch(connection, statement, (shop_id, array_of(numbers)))}


def _lines_of(connection: Connection, shop_id: int, numbers: Sequence[str]) -> dict[str, tuple[str, dict[str, int]]]:
    """Order number → its currency, and the units of each of its lines."""
    statement = """select o.external_no, o.currency, l.external_no, l.ordered from orders o
    join order_line l on l.order_id = o.id
    where o.shop_id = %s and o.origin = 'platform' and o.external_no = any(%s)"""
    found: dict[str, tuple[str, dict[str, int]]] = {}
    for order, currency, line, units in fetch(connection, statement, (shop_id, array_of(numbers))):
        found.setdefault(order, (currency, {}))[1][line] = units
    return found
