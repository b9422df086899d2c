"""Why orders that look alike are not joined by rule: of each the first thing that keeps it from the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.leaving import may_leave
from oms.app.pipeline.merge import APART
from oms.app.pipeline.merging.by_hand import Candidate, preview_join
from oms.app.pipeline.merging.keys import Keys, load_keys, may_merge
from oms.app.pipeline.merging.refusals import Refusal

#: What a rule looks at that a person may pass over: 中文 and English are the console's.
WHY: Final = ("together", "reach", "buyer", "receiver", "carrier", "kind", "apart", "review", "window")


@dataclass(frozen=True, slots=True)
class Kin:
    """An order beside another: what forbids merging by hand too, or why no rule joins them ("together" if one will)."""

    candidate: Candidate
    refusal: Refusal | None
    why: str


def kin_reasons(hub: Hub, connection: Connection, order_id: int, others: Sequence[int]) -> list[Kin]:
    """Each of these orders as it stands beside the first."""
    found = preview_join(hub, connection, [order_id, *others])
    batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock())
    batch.orders.update({it.order.id: it.order for it in found.candidates})
    first = next(it for it in found.candidates if it.order.id == order_id)
    keys = load_keys(batch, [it.order for it in found.candidates])
    ids = [id_ for it in found.candidates for id_ in (it.order.id, it.work.id if it.work else 0)]
    apart: dict[int, set[int]] = {}
    for document_id, set_id in fetch(connection, APART, (ids,)):
        apart.setdefault(document_id, set()).add(set_id)
    return [
        Kin(it, it.refusal, "" if it.refusal else _why(batch, keys, apart, first, it))
        for it in found.candidates
        if it is not first
    ]


def _why(batch: Batch, keys: Keys, apart: dict[int, set[int]], first: Candidate, it: Candidate) -> str:
    if first.work is None or it.work is None:
        return ""
    if first.work is it.work:
        return "together"
    rules = [keys.merging.rule_of(batch.masters.shops[one.order.shop_id]) for one in (first, it)]
    if rules[0].merges_with != rules[1].merges_with:
        return "reach"
    pairs = ((first.order, first.work, rules[0]), (it.order, it.work, rules[1]))
    if not all(may_merge(rule, order, work) for order, work, rule in pairs):
        return "kind"
    if "buyer" in rules[0].parts and first.order.customer_id != it.order.customer_id:
        return "buyer"
    if "carrier" in rules[0].parts and first.work.carrier_id != it.work.carrier_id:
        return "carrier"
    if keys.key_of(batch, first.order, first.work) != keys.key_of(batch, it.order, it.work):
        return "receiver"
    return _why_later(batch, apart, (first.order, first.work), (it.order, it.work))


def _why_later(
    batch: Batch,
    apart: dict[int, set[int]],
    first: tuple[OrderWork, FulfilmentWork],
    other: tuple[OrderWork, FulfilmentWork],
) -> str:
    sets = [apart.get(order.id, set()) | apart.get(work.id, set()) for order, work in (first, other)]
    if sets[0] & sets[1]:
        return "apart"
    if not all(may_leave(order, batch.now) for order, _ in (first, other)):
        return "review"
    return "together" if first[1].merge_key == other[1].merge_key else "window"
