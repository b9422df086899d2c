"""Why an order cannot be merged by hand, in sentences with what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.merging.settings import MergeRule
from oms.domain.holds import Block

LEFT = ("shipped", "delivered", "closed")
MOVING = ("sending", "sent", "accepted", "part_shipped", "stopping")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence, and the next thing to do."""

    words: str
    remedy: str


def why_not_alone(batch: Batch, order: OrderWork, rule: MergeRule, *, is_mine: bool) -> Refusal | None:
    """What speaks against merging an order with whatever other."""
    if not is_mine:
        return Refusal("the permission fulfilment.merge is missing for this shop", "ask an administrator")
    if order.status != "open" or order.fulfiller != "us":
        return Refusal("there is nothing of it for us to send", "take it out of the selection")
    if any(line.in_refund for line in order.lines):
        return Refusal("the buyer asks for money back", "decide the case first")
    if order.is_kept_from(Block.DISPATCH):
        return Refusal("it is on hold", "lift its holds first")
    if order.review == "sent_back":
        return Refusal("it was sent back by review", "have it reviewed again first")
    return _why_not_planned(order) or _why_not_kind(order, rule)


def _why_not_planned(order: OrderWork) -> Refusal | None:
    planned = [work for work in order.fulfilments if work.status == "planned"]
    if planned:
        if all(work.mode != "courier" for work in planned):
            return Refusal("it goes through a store and leaves as it is", "take it out of the selection")
        sealed = order.is_sealed or all(work.is_sealed for work in planned)
        return Refusal("it is sealed and leaves as it is", "take it out of the selection") if sealed else None
    if any(work.status in MOVING for work in order.fulfilments):
        return Refusal("it was handed to its warehouse already", "stop it there; what comes back can be merged")
    if any(work.status in LEFT for work in order.fulfilments):
        return Refusal("it has left already", "take it out of the selection")
    return Refusal("nothing of it is planned yet", "wait until its goods are sourced")


def _why_not_kind(order: OrderWork, rule: MergeRule) -> Refusal | None:
    if order.is_cod and not rule.merges_cod:
        return Refusal("orders with cash on delivery are never merged here", "change that in the settings of merging")
    if order.is_presale and not rule.merges_presale:
        return Refusal("presales are never merged here", "change that in the settings of merging")
    return None


def why_not_with(
    first: tuple[OrderWork, FulfilmentWork],
    other: tuple[OrderWork, FulfilmentWork],
    places: Mapping[int, bytes],
    appointed: Collection[int],
) -> Refusal | None:
    """What of an order differs from the first, of what must be the same for both to leave as one."""
    (mine, my_work), (its, its_work) = first, other
    alone = "let it leave by itself"
    if mine.is_masked != its.is_masked or places.get(mine.id) is None or places.get(mine.id) != places.get(its.id):
        return Refusal("it goes to another address or phone", "correct the address first, or let it leave by itself")
    if my_work.stock_point_id != its_work.stock_point_id:
        return Refusal("it leaves from another stock point", "have it sourced at the same stock point first")
    if my_work.mode != its_work.mode:
        return Refusal("it is delivered in another way", alone)
    if mine.is_cod != its.is_cod:
        return Refusal("one is paid and the other pays on delivery", alone)
    if mine.is_presale != its.is_presale:
        return Refusal("one is a presale and the other is not", alone)
    if mine.owner != its.owner:
        return Refusal("it belongs to another owner", alone)
    if mine.currency != its.currency:
        return Refusal("it is in another currency", alone)
    if my_work.carrier_id != its_work.carrier_id and {mine.id, its.id} & set(appointed):
        return Refusal("a rule names another carrier for it", "change the rule, or let it leave by itself")
    return None
