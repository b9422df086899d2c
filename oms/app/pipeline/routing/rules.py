"""Asks the rules of route and carrier about orders that are to be planned; what they want is kept until it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.lifted import lifted_mark
from oms.app.kernel.load import fetch
from oms.app.kernel.work import HoldWork, OrderWork
from oms.app.pipeline.asked import notify
from oms.app.pipeline.labels.refused import hear_refusing
from oms.app.pipeline.routing.wishes import EFFECTS, Wishes
from oms.app.rulebook.facts.binding import kept
from oms.app.rulebook.stages import decide_stage, left_at
from oms.db.bulk import array_of
from rules.engine import Verdict

STAGES: Final = ("route", "carrier")
KINDS: Final = "select id, size_class, category, is_virtual, volume_cm3 from sku where id = any(%s)"
#: Under what a batch keeps them.
WISHES: Final = "routing wishes"
#: SKU → what its goods may be told apart by.
SkuKinds = dict[int, dict[str, object]]


def ask(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Wishes]:
    """What rules want of these orders, by id; nothing of those that no rule speaks of.

    A rule that a person has lifted from an order wants nothing of it any more.
    """
    found: dict[int, Wishes] = {}
    for stage in STAGES:
        decided = decide_stage(batch, orders, stage)
        if decided:
            _hear(batch, stage, decided, found)
    hear_refusing(batch, orders, found)
    for order in orders if found else ():
        wishes = found.get(order.id)
        if wishes is not None:
            pool_id = batch.masters.shops[order.shop_id].pool_id
            points = [point_id for _, point_id in batch.masters.pools.get(pool_id or 0, ())]
            wishes.settle(points, batch.masters.carriers)
    if found:
        kept(batch, WISHES).update(found)
    return found


def wishes_of(batch: Batch, order: OrderWork) -> Wishes | None:
    """What rules wanted of an order that this batch has asked them about."""
    return kept(batch, WISHES).get(order.id)


def _hear(batch: Batch, stage: str, decided: Sequence[tuple[OrderWork, Verdict]], found: dict[int, Wishes]) -> None:
    points = {card.code: id_ for id_, card in batch.masters.points.items()}
    carriers = {card.code: id_ for id_, card in batch.masters.carriers.items()}
    for order, verdict in decided:
        for applied in verdict.actions:
            if applied.action == "notify":
                notify(batch, order, applied)
            elif lifted_mark(applied.rule_id, stage) not in order.lifted:
                wishes = found.setdefault(order.id, Wishes())
                EFFECTS[applied.action](wishes, applied, points.get if stage == "route" else carriers.get)


def is_ours(hold: HoldWork) -> bool:
    """Whether a hold was placed because these rules could not decide: they are asked again in spite of it."""
    return hold.kind == "by_rule" and hold.seen.get("stage") in STAGES


def is_left_to_people(order: OrderWork) -> bool:
    """Whether these rules could not decide about the order."""
    return left_at(order) in STAGES


def kinds_of(batch: Batch, sku_ids: Sequence[int]) -> SkuKinds:
    """Size class, category, volume and whether they are virtual, of SKUs."""
    rows = fetch(batch.connection, KINDS, (array_of(sorted(sku_ids)),)) if sku_ids else ()
    return {
        id_: {"size_class": size, "category": category, "is_virtual": virtual, "volume": volume}
        for id_, size, category, virtual, volume in rows
    }
