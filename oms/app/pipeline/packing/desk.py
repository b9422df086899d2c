"""Work of a stock point without a system: what its people say moves fulfilments as a warehouse's report would.

Everything comes with a key, so that saying it twice is harmless. What they look at is in kernel.queries.packing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.contract.notices import ShipmentReport, WarehouseState
from oms.app.intercept.emergency import stops_in_force
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import Result
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.booking import free_short
from oms.app.pipeline.giving_back import give_back, give_up
from oms.app.pipeline.labels.acknowledged import require_relabelled
from oms.app.pipeline.outbound.consequences import cancel_refused, close_batch, find_work, open_batch, order_ids_of
from oms.app.pipeline.packing.parcels import PackedParcel, check_parcels, forget_checked, open_units
from oms.app.pipeline.refusals import note_refusal
from oms.app.pipeline.ship import apply_shipment
from oms.app.stock.proposing import propose_count
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible
from oms.domain.numbers import document_no

#: Statuses of a fulfilment that a stock point has before it and may work on.
AT_WORK = ("sending", "sent", "accepted", "part_shipped")
OUT_OF_STOCK = "out of stock there"


@dataclass(frozen=True, slots=True)
class Teller:
    """Who says something, at which stock points, and the key of what is said."""

    actor: str
    points: Collection[int]
    key: str


Change = Callable[[Batch, FulfilmentWork], None]


def accept(hub: Hub, fulfilment_id: int, teller: Teller) -> bool:
    """接单: the point begins with it. Answers whether this was news."""

    def change(batch: Batch, work: FulfilmentWork) -> None:
        require_at_work(work)
        require_no_stop(batch, work)
        if work.status in ("sending", "sent"):
            move_fulfilment(batch, work, "warehouse_accepted")

    return _say(hub, fulfilment_id, teller, "accept", {}, change)


def ship(hub: Hub, fulfilment_id: int, parcels: Sequence[PackedParcel], teller: Teller, *, final: bool = True) -> bool:
    """发货: these parcels were handed to their couriers; `final` says that no more will follow, and frees the rest.

    A parcel without items holds everything that is open. What was cancelled before is booked as gone all the same, and
    the orders are held for people.
    """

    def change(batch: Batch, work: FulfilmentWork) -> None:
        if work.status != "cancelled":
            require_at_work(work)
            require_relabelled(batch, work)
            require_no_stop(batch, work)
        packed = check_parcels(batch, work, parcels)
        number = document_no("fulfilment", work.id, work.version)
        state = WarehouseState.SHIPPED if final else WarehouseState.PART_SHIPPED
        report = ShipmentReport(number, teller.key, state, final, batch.now, packed, ())
        apply_shipment(batch, work, report, only_adds=True)
        forget_checked(batch, work)

    told = {"parcels": [parcel.told() for parcel in parcels], "final": final}
    return _say(hub, fulfilment_id, teller, "ship", told, change)


def report_short(
    hub: Hub, fulfilment_id: int, lack: Mapping[str, int], teller: Teller, *, left: int | None = None
) -> bool:
    """缺货: so many units of SKU codes cannot be found; they are planned again elsewhere, the rest goes on.

    `left` units of each are still there for others: what was sellable beyond that is taken off the count, so that
    nothing more is planned on an empty shelf until it is counted or filled. Without it only the missing units are.
    """

    def change(batch: Batch, work: FulfilmentWork) -> None:
        require_at_work(work)
        _free(batch, work, lack, left)
        for order_id in work.order_ids:
            lines = [{"sku": code, "short": units} for code, units in lack.items()]
            batch.note(batch.orders[order_id], "shortage", {"lines": lines}, fulfilment_id=work.id)
        if not any(line.open_units or line.shipped for line in work.lines):
            give_up(batch, work, OUT_OF_STOCK, lacks_goods=True)
            return
        for order_id in work.order_ids:  # What is missing is not looked for here again.
            note_refusal(batch, batch.orders[order_id], work, OUT_OF_STOCK, lacks_goods=True)
        if not any(line.open_units for line in work.lines):
            move_fulfilment(batch, work, "close_short")

    return _say(hub, fulfilment_id, teller, "short", {"lack": dict(lack), "left": left}, change)


def refuse(hub: Hub, fulfilment_id: int, reason: str, teller: Teller) -> bool:
    """拒单: the point does not send it, for this reason; it is sourced again."""
    if len(reason.strip()) < 2:
        raise Invalid("reason", "a reason is needed", "say why it cannot be sent")

    def change(batch: Batch, work: FulfilmentWork) -> None:
        require_at_work(work)
        if work.status == "part_shipped":
            raise NotPossible("part of it has left already", "report the missing units as short instead")
        give_up(batch, work, reason.strip())

    return _say(hub, fulfilment_id, teller, "refuse", {"reason": reason.strip()[:200]}, change)


def answer_stop(hub: Hub, fulfilment_id: int, stopped: bool, teller: Teller, words: str = "") -> bool:
    """截停答复: it was put aside, or it had gone already; either ends the interception."""

    def change(batch: Batch, work: FulfilmentWork) -> None:
        if work.stop != "asked":
            raise NotPossible("nobody asks for it to be stopped any more")
        if stopped:
            give_back(batch, work, words.strip() or "put aside at the stock point")
            forget_checked(batch, work)
        else:
            cancel_refused(batch, work, Result("refused", words.strip() or "it had gone already"))

    verb = "stopped" if stopped else "gone"
    return _say(hub, fulfilment_id, teller, verb, {"words": words.strip()[:200]}, change)


def _say(hub: Hub, fulfilment_id: int, teller: Teller, verb: str, told: dict[str, Any], change: Change) -> bool:
    """Note what was said and do what follows, in one transaction; False when the very same was said before."""
    with hub.begin() as connection:
        batch = open_batch(hub, connection, order_ids_of(connection, fulfilment_id))
        batch.actor = teller.actor
        if _is_repeat(batch, fulfilment_id, teller, verb, told):
            return False
        work = own_work(batch, fulfilment_id, teller.points)
        if not note_report(batch, work, teller, verb, told):
            return False
        change(batch, work)
        close_batch(batch)
    batch.tell()
    hub.poke("advance")
    return True


def _is_repeat(batch: Batch, fulfilment_id: int, teller: Teller, verb: str, told: dict[str, Any]) -> bool:
    """Whether the very same was said before with this key, wherever the fulfilment has gone since."""
    question = """select detail from packing_report
                  where stock_point_id = any(%s) and key = %s and fulfilment_id = %s and verb = %s"""
    said = fetch(batch.connection, question, (list(teller.points), teller.key, fulfilment_id, verb))
    return any(row[0] == told for row in said)


def own_work(batch: Batch, fulfilment_id: int, points: Collection[int]) -> FulfilmentWork:
    """A fulfilment of a point without a system, among these points; NotFound otherwise, whatever the reason."""
    work = find_work(batch, fulfilment_id)
    if work is not None and work.stock_point_id in points:
        card = batch.masters.points.get(work.stock_point_id)
        if card is not None and card.account_id is None and work.status not in ("planned", "on_hold", "merged"):
            return work
    raise NotFound("there is no such fulfilment at your stock points", "reload the page")


def note_report(batch: Batch, work: FulfilmentWork, teller: Teller, verb: str, told: dict[str, Any]) -> bool:
    """Keep what was said; False when it was said before, Invalid when the key was used for something else."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into packing_report (id, stock_point_id, key, fulfilment_id, verb, actor, at, detail)
               values (%s, %s, %s, %s, %s, %s, %s, %s::jsonb)
               on conflict (stock_point_id, key) do nothing returning id""",
            (batch.new_id(), work.stock_point_id, teller.key, work.id, verb, teller.actor, batch.now,
             orjson.dumps(told).decode()),
        )  # fmt: skip
        if cursor.fetchone() is not None:
            return True
    question = "select fulfilment_id, verb, detail from packing_report where stock_point_id = %s and key = %s"
    if fetch(batch.connection, question, (work.stock_point_id, teller.key)) != [(work.id, verb, told)]:
        raise Invalid("key", "this key was used for another report", "use a new key for a new report")
    return False


def require_at_work(work: FulfilmentWork) -> None:
    """NotPossible while it is being stopped, or when it is not at work any more."""
    if work.stop == "asked":
        raise NotPossible("it is being stopped", "answer first: put aside, or gone already")
    if work.status not in AT_WORK:
        raise NotPossible("there is nothing left to do with it here")


def require_no_stop(batch: Batch, work: FulfilmentWork) -> None:
    """NotPossible while an emergency stop covers it that was placed after it was dispatched.

    A stop that is being placed waits for this, and what comes later sees it.
    """
    stops, carrier = stops_in_force(batch), work.carrier_id
    places = [(id_, batch.orders[id_].shop_id, work.stock_point_id, carrier) for id_ in work.order_ids]
    if any(stops.against(*place) is not None for place in places):
        raise NotPossible("an emergency stop is in force", "pack and send nothing until it has ended")


def _free(batch: Batch, work: FulfilmentWork, lack: Mapping[str, int], left: int | None) -> None:
    """Take the missing units off the fulfilment, and what was believed to be sellable off the level."""
    there = open_units(batch, work)
    wrong = next((code for code, units in lack.items() if not 0 < units <= there.get(code, (0, 0))[1]), None)
    if wrong is not None or not lack:
        raise Invalid("units", "so many units are not open", "name SKUs of this fulfilment, and no more than is open")
    lock_skus(batch, [line.sku_id for line in work.lines])
    for code, units in lack.items():
        sku_id, rest = there[code][0], units
        for line in sorted(work.lines, key=lambda line: -line.id):
            some = min(rest, line.open_units) if line.sku_id == sku_id else 0
            if some:
                free_short(batch, work, line, some)
                rest -= some
        empty_shelf(batch, work, sku_id, units, left)


def empty_shelf(batch: Batch, work: FulfilmentWork, sku_id: int, units: int, left: int | None) -> None:
    """Nobody else is promised what is not there; what others were promised stays until they miss it themselves.

    Where nobody has looked what is left, only the units that are missing go. So it is where that takes more off than
    the stock point's limit of differences: the rest waits for people who may correct stock.
    """
    rows = fetch(
        batch.connection,
        """select s.on_hand, s.reserved, s.safety, p.difference_limit from stock_level s
           join stock_point p on p.id = s.stock_point_id
           where s.stock_point_id = %s and s.sku_id = %s and s.kind = 'good'""",
        (work.stock_point_id, sku_id),
    )
    for on_hand, reserved, safety, limit in rows:
        key = (work.stock_point_id, sku_id, "good")
        kept = least = max(0, reserved - units, on_hand - units)
        if left is not None:
            kept = max(0, reserved - units) + left + (safety if left else 0)
        if limit is not None and on_hand - kept > limit and kept < least:
            propose_count(batch, key, kept, least, document_no("fulfilment", work.id, work.version))
            kept = least
        if on_hand > kept:
            batch.move_stock(key, on_hand=kept - on_hand, reason="short", document_id=work.id)
