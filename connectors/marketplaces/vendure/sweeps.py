"""Finds refunds: of orders that changed, and now and then of all orders placed lately.

A refund is saved without its order, so an order paid back and not touched otherwise never shows among those changed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.records import Page, Reference
from connectors.marketplaces.vendure.progress import case_number
from connectors.marketplaces.vendure.reading import Json, moment, required, rows, time_text
from connectors.marketplaces.vendure.walk import Step, closed_window

EVERY = timedelta(hours=1)

#: One step over a list: a cursor in, rows and the next cursor out.
Stepping = Callable[[str], Step]


def pull_refunds(cursor: str, now: datetime, lately: timedelta, changed: Stepping, placed: Stepping) -> Page:
    """The next page of references; `lately` of nought leaves the second list out, as windows of the past do."""
    main, second, swept = _read(cursor)
    if second:
        step = placed(second)
        return Page(_cursor(main, step.cursor if step.more else "", swept), step.more, references=_found(step.rows))
    step = changed(main)
    is_due = bool(lately) and (not swept or now - datetime.fromisoformat(swept) >= EVERY)
    if step.more or not is_due or _is_window(cursor):
        onward = step.cursor if _is_window(cursor) else _cursor(step.cursor, "", swept)
        return Page(onward, step.more, references=_found(step.rows))
    onward = _cursor(step.cursor, closed_window(now - lately, now), time_text(now))
    return Page(onward, True, references=_found(step.rows))


def _found(orders: list[Json]) -> tuple[Reference, ...]:
    return tuple(
        Reference(case_number(required(order, "id"), required(refund, "id")), moment(refund, "updatedAt"))
        for order in orders
        for payment in rows(order, "payments")
        for refund in rows(payment, "refunds")
    )


def _is_window(cursor: str) -> bool:
    """Cursors of past windows are the walk's own lists, ours are objects."""
    return cursor.startswith("[")


def _cursor(main: str, second: str, swept: str) -> str:
    return orjson.dumps({"changed": main, "placed": second, "swept": swept}).decode()


def _read(cursor: str) -> tuple[str, str, str]:
    if not cursor or _is_window(cursor):
        return cursor, "", ""
    try:
        tree = orjson.loads(cursor)
        swept = str(tree["swept"])
        if swept:
            datetime.fromisoformat(swept)
        return str(tree["changed"]), str(tree["placed"]), swept
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None
