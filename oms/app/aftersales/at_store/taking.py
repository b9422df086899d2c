"""A clerk takes goods back: the goods are at the store, the case is open, and where a shop lets it, it is agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from oms.app.aftersales.at_store.finding import seen_by
from oms.app.aftersales.at_store.own_cases import agree_own, can_refund, rest_of
from oms.app.aftersales.at_store.returnable import Returnable, ReturnLine, returnable
from oms.app.aftersales.deciding import tell_on
from oms.app.aftersales.said import Said
from oms.app.aftersales.stored import lock_case
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.app.pipeline.outbound.decisions import leave_step
from oms.app.pipeline.stores.acting import Doing, note_act
from oms.app.pipeline.stores.goods_back import BroughtBack, book_goods
from oms.app.pipeline.stores.photos import kind_of
from oms.db.bulk import psycopg_connection
from oms.db.store_returns import CONDITIONS
from oms.domain.errors import HubError, Invalid, NotFound, NotPossible, Stale
from oms.domain.numbers import document_no

REASONS: Final = ("not_wanted", "does_not_fit", "bad_quality", "wrong_goods", "damaged", "other")
#: Reasons that a picture has to show.
SHOWN: Final = ("damaged",)
MOST_PHOTOS: Final = 6
#: Why an order may not come back, as `returnable` says it.
WHY = {
    "the order was cancelled": "the order was cancelled",
    "nothing of it has reached the buyer": "nothing of it has reached the buyer",
    "the time for bringing it back is over": "the time for bringing it back is over",
    "nothing of it is left to come back": "nothing of it is left to come back",
}
#: People have so long to answer what a clerk may not.
ANSWER_IN: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Told:
    """What a clerk says: units and condition by order line, why, pictures; `returned` is what the page had seen."""

    units: Mapping[int, int]
    conditions: Mapping[int, str]
    reason: str
    words: str = ""
    photos: Sequence[bytes] = ()
    returned: int | None = None
    token: str = ""


def take_back(hub: Hub, doing: Doing, order_id: int, told: Told) -> int:
    """Take goods of an order back at this store; answers the return's id, the same one for a repeated click.

    Stale when somebody else has taken goods of it back meanwhile, Invalid when more is given than may come back.
    """
    kinds = [kind_of(body) for body in told.photos[:MOST_PHOTOS]]
    with hub.begin() as connection:
        batch = open_batch(hub, connection, [order_id])
        batch.actor = doing.actor
        known = fetch(connection, "select id from store_return where stock_point_id = %s and key = %s",
                      (doing.point_id, doing.key))  # fmt: skip
        if known:
            return int(known[0][0])
        seen = seen_by(hub, connection, doing.point_id, order_id, told.token)
        order = returnable(connection, order_id, hub.clock())
        if seen is None or order is None:
            raise NotFound("there is no such order here", "look for it again")
        chosen = _checked(order, told)
        return_id = batch.new_id()
        note_act(connection, hub, doing, "order", order_id, "take_back", units=sum(told.units.values()))
        case_id, is_ours = _case(batch, order, chosen, told, doing)
        amount = order.amount(dict(chosen)) if is_ours else 0
        store_part = min(amount, order.taken)
        _write(batch, doing, return_id, order, case_id, (seen.found_by, amount, store_part), told)
        _keep_photos(batch, return_id, told.photos, kinds)
        book_goods(batch, return_id, doing.point_id, _goods(order, chosen, told.conditions))
        _count(batch, order, chosen)
        detail = {"return": return_id, "units": sum(chosen.values()), "case": document_no("case", case_id)}
        batch.note(batch.orders[order_id], "goods_brought_back", {**detail, "reason": told.reason})
        close_batch(batch)
        if is_ours and _is_small(order, amount, told):
            agree_own(hub, connection, case_id, doing.actor, "")
            _refund_at_once(hub, connection, case_id, doing.actor)
    batch.tell()
    hub.poke("outbound")
    return return_id


def _checked(order: Returnable, told: Told) -> dict[int, int]:
    """Line → units, of what may come back; raises with what is wrong."""
    if told.returned is not None and told.returned != order.returned:
        raise Stale("somebody has just taken goods of this order back", "look at what is left")
    if order.why_not:
        raise NotPossible(WHY[order.why_not], "customer service can still open a case")
    chosen = {line_id: units for line_id, units in told.units.items() if units}
    lines = {line.id: line for line in order.lines}
    if not chosen:
        raise Invalid("units", "nothing was chosen", "say how many came back")
    for line_id, units in chosen.items():
        line = lines.get(line_id)
        if line is None or units < 0 or units > line.units:
            raise Invalid("units", "more than may come back", "count again; look at what came back before")
        if told.conditions.get(line_id, "good") not in CONDITIONS:
            raise Invalid("condition", "this is none of the choices", "choose one of the list")
    if told.reason not in REASONS:
        raise Invalid("reason", "a reason is needed", "say why it comes back")
    if told.reason in SHOWN and not told.photos:
        raise Invalid("photo", "a picture is needed", "take one of what is broken")
    if len({line.case_no for line in map(lines.__getitem__, chosen) if line.is_asked} | _plain(lines, chosen)) > 1:
        raise Invalid("units", "these belong to different requests", "take them back one request at a time")
    return chosen


def _plain(lines: Mapping[int, ReturnLine], chosen: Mapping[int, int]) -> set[str]:
    return {"" for line_id in chosen if not lines[line_id].is_asked}


def _case(
    batch: Batch, order: Returnable, chosen: Mapping[int, int], told: Told, doing: Doing
) -> tuple[int, bool]:  # fmt: skip
    """The case these goods are of, and whether it is ours: one that the platform opened goes its own way."""
    asked = {line.case_no for line in order.lines if line.id in chosen and line.is_asked}
    if asked:
        case_id = order.cases[asked.pop()][0]
        detail = {"units": sum(chosen.values()), "at": doing.point_id}
        leave_step(batch.connection, case_id, "merchant", doing.actor, "goods_at_store", told.words, detail, batch.now)
        return case_id, False
    return _open_case(batch, order, chosen, told, doing), True


def _open_case(batch: Batch, order: Returnable, chosen: Mapping[int, int], told: Told, doing: Doing) -> int:
    case_id = batch.new_id()
    lines = [line for line in order.lines if line.id in chosen]
    amounts = [line.amount(chosen[line.id]) for line in lines]
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into cases (id, shop_id, origin, external_no, order_id, order_no, kind, goods, platform_state,
                 currency, asked_amount, reason, return_point_id, respond_by, opened_at, changed_at)
               values (%s, %s, 'store', %s, %s, %s, 'return', 'inspected', 'asked', %s, %s, %s, %s, %s, %s, %s)""",
            (case_id, order.shop_id, document_no("case", case_id), order.order_id, order.external_no, order.currency,
             sum(amounts), told.reason, doing.point_id, batch.now + ANSWER_IN, batch.now, batch.now),
        )  # fmt: skip
        cursor.executemany(
            """insert into case_line (id, case_id, order_line_id, units, received, amount)
               values (%s, %s, %s, %s, %s, %s)""",
            [(batch.new_id(), case_id, line.id, chosen[line.id], chosen[line.id], amount)
             for line, amount in zip(lines, amounts, strict=True)],
        )  # fmt: skip
    told_lines = [[line.external_no, chosen[line.id], amount] for line, amount in zip(lines, amounts, strict=True)]
    evidence = {"lines": told_lines, "allows": []}
    leave_step(batch.connection, case_id, "merchant", doing.actor, "goods_at_store", told.words, evidence, batch.now)
    return case_id


def _write(
    batch: Batch, doing: Doing, return_id: int, order: Returnable, case_id: int, money: tuple[str, int, int], told: Told
) -> None:
    found_by, amount, store_part = money
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into store_return (id, stock_point_id, key, order_id, shop_id, case_id, found_by, reason, words,
                 amount, store_part, currency, at, by)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (return_id, doing.point_id, doing.key, order.order_id, order.shop_id, case_id, found_by, told.reason,
             told.words[:300], amount, store_part, order.currency, batch.now, doing.actor),
        )  # fmt: skip


def _keep_photos(batch: Batch, return_id: int, bodies: Sequence[bytes], kinds: Sequence[str]) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.executemany(
            """insert into store_return_photo (id, store_return_id, media_type, body, at, by)
               values (%s, %s, %s, %s, %s, %s)""",
            [(batch.new_id(), return_id, kind, body, batch.now, batch.actor)
             for kind, body in zip(kinds, bodies, strict=False)],
        )  # fmt: skip


def _goods(order: Returnable, chosen: Mapping[int, int], conditions: Mapping[int, str]) -> list[BroughtBack]:
    """The SKUs of what came back, each from the point that has most claim on it: the one it was taken from first."""
    goods: list[BroughtBack] = []
    for line in order.lines:
        units = chosen.get(line.id, 0)
        counted = units
        wanted = {piece.sku_id: units * piece.per_unit for piece in line.pieces}
        for piece in line.pieces if units else ():
            part = min(wanted[piece.sku_id], piece.units)
            wanted[piece.sku_id] -= part
            if part > 0:
                condition = conditions.get(line.id, "good")
                goods.append(BroughtBack(line.id, piece.sku_id, counted, part, condition, piece.point_id))
                counted = 0
    return goods


def _count(batch: Batch, order: Returnable, chosen: Mapping[int, int]) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.executemany(
            "update order_line set returned = returned + %s where id = %s and order_id = %s",
            [(units, line_id, order.order_id) for line_id, units in sorted(chosen.items())],
        )


def _is_small(order: Returnable, amount: int, told: Told) -> bool:
    """Whether the clerk's word is enough: whole goods, up to what the shop lets stores decide."""
    conditions = {told.conditions.get(line_id, "good") for line_id, units in told.units.items() if units}
    return 0 < amount <= order.own_limit and conditions == {"good"}


def _refund_at_once(hub: Hub, connection: Connection, case_id: int, actor: str) -> None:
    """Have the platform pay its part without anybody else, where it lets us; otherwise people see it as due."""
    case = lock_case(connection, case_id)
    rest = rest_of(connection, case_id)
    if not rest or case.money != "due" or not can_refund(hub, connection, case):
        return
    try:
        with connection.begin_nested():
            tell_on(hub, connection, case, Said("refund", amount=rest), actor)
    except HubError as error:
        leave_step(connection, case_id, "system", actor, "not_told", error.words, {}, hub.clock())
