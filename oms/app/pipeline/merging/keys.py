"""What planned fulfilments must have in common to leave as one; waiting and joining are in merge.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.partnered import load_partnered
from oms.app.kernel.receivers import RECEIVER_PARTS, matching_key, open_receivers
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.merging.settings import MergeRule, Merging, merging_of
from oms.db.bulk import array_of
from oms.domain.grouping import merge_key

#: Orders whose carrier a rule has named: they join only those that leave by the same one for the same reason.
APPOINTED: Final = """
select distinct order_id from decision
where order_id = any(%s) and stage = 'carrier' and verdict like '%%only_carrier%%'"""


@dataclass(slots=True)
class Keys:
    """Makes the merge keys of a batch's orders; what only some shops' rules need is looked up for their orders alone."""

    merging: Merging
    receivers: dict[int, bytes] = field(default_factory=dict)
    appointed: set[int] = field(default_factory=set)

    def key_of(self, batch: Batch, order: OrderWork, work: FulfilmentWork) -> bytes | None:
        """What a fulfilment must have in common with others to leave with them; None when it never merges."""
        shop = batch.masters.shops[order.shop_id]
        rule = self.merging.rule_of(shop)
        receiver = order.receiver_key if order.is_masked or rule.counts_all else self.receivers.get(order.id)
        if receiver is None or not may_merge(rule, order, work):
            return None
        carrier = work.carrier_id if "carrier" in rule.parts else None
        # The platform's word about masked receivers holds within its shop.
        return merge_key(
            rule.merges_with, order.customer_id if "buyer" in rule.parts else None, receiver.hex(),
            shop.id if order.is_masked else "", work.stock_point_id, work.carrier_id if order.id in self.appointed else
            carrier, order.id in self.appointed, work.mode, order.is_cod, order.is_presale,
            owner_of(batch, order), order.currency,
        )  # fmt: skip


def owner_of(batch: Batch, order: OrderWork) -> str:
    """Whose an order is, by partner: orders of two agents never leave in one parcel."""
    known = batch.partnering.orders.get(order.id) if order.owner != "own" else None
    return f"{order.owner}:{known.partner_id}" if known is not None else order.owner


def owners_of(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, str]:
    """Whose these orders are; one question where there are partners and orders that may be theirs."""
    if batch.masters.partners.by_id:
        load_partnered(batch, [order for order in orders if order.owner != "own"])
    return {order.id: owner_of(batch, order) for order in orders}


def may_merge(rule: MergeRule, order: OrderWork, work: FulfilmentWork) -> bool:
    """Whether it may leave with any other at all, as its shop's rule says."""
    if work.is_sealed or order.is_sealed or work.mode != "courier" or rule.cap < 2:
        return False
    if (order.is_cod and not rule.merges_cod) or (order.is_presale and not rule.merges_presale):
        return False
    return order.customer_id is not None or "buyer" not in rule.parts


def load_keys(batch: Batch, orders: Sequence[OrderWork]) -> Keys:
    """The maker of keys for these orders; asks nothing unless a shop's rule counts less than everything."""
    merging = merging_of(batch)
    keys = Keys(merging)
    if batch.masters.partners.by_id:
        owners_of(batch, orders)
    if not merging.said:
        return keys
    rules = {order.id: merging.rule_of(batch.masters.shops[order.shop_id]) for order in orders}
    partly = [order for order in orders if not order.is_masked and not rules[order.id].counts_all]
    if partly:
        opened = open_receivers(batch.hub, batch.connection, [order.id for order in partly])
        for id_, (person, _) in opened.items():
            parts = [part for part in RECEIVER_PARTS if part in rules[id_].parts]
            keys.receivers[id_] = matching_key(batch.hub.keys, person, parts)
    by_any = [id_ for id_, rule in rules.items() if "carrier" not in rule.parts]
    if by_any:
        keys.appointed = appointed_ids(batch, by_any)
    return keys


def appointed_ids(batch: Batch, order_ids: Sequence[int]) -> set[int]:
    """The orders whose carrier a rule has named, also in this very batch."""
    named = {row[1] for row in batch.decisions if row[3] == "carrier" and "only_carrier" in row[5]}
    return named | {row[0] for row in fetch(batch.connection, APPOINTED, (array_of(order_ids),))}
