"""How rules split an order's goods before they are sourced, and that what they put apart stays apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.goods import Goods
from oms.app.pipeline.merging.settings import merging_of
from oms.app.pipeline.routing.wishes import Wishes
from oms.db.bulk import copy_rows
from oms.domain.sourcing import Need
from oms.domain.splitting import Parting, part_needs

#: The line itself, among what goods may be told apart by.
LINE = "line"


def part_goods(
    order: OrderWork, needs: Sequence[Need], goods: Goods, kinds: Mapping[int, Mapping[str, Any]], wishes: Wishes
) -> list[list[Need]]:
    """The groups that leave apart, each at most one parcel of what a rule allows in one."""
    demands = {demand.id: demand for demand in order.demands}

    def kind_of(need: Need) -> object:
        line = demands[need.demand_id].line_id
        return tuple([line if by == LINE else kinds[need.sku_id][by] for by in wishes.split_by])

    def size_of(need: Need) -> Mapping[str, int]:
        demand = demands[need.demand_id]
        value = -(-max(0, demand.share_amount) // demand.units)
        weight = goods.skus[need.sku_id].weight_g
        return {"weight": weight, "volume": int(kinds[need.sku_id]["volume"]), "value": value, "units": 1}

    return part_needs(needs, Parting(
        {need.demand_id: demands[need.demand_id].line_id for need in needs},
        frozenset([demand.id for demand in order.demands if demand.origin == "gift"]),
        kind_of if wishes.split_by else None, size_of, wishes.limits,
    ))  # fmt: skip


def seals(batch: Batch, order: OrderWork, *, is_apart: bool) -> bool:
    """Whether a fulfilment is joined with no other: the order says so, or it was split and its shop's rule says so."""
    if order.is_sealed or not is_apart:
        return order.is_sealed
    return not merging_of(batch).rule_of(batch.masters.shops[order.shop_id]).merges_split


def keep_apart(batch: Batch, order: OrderWork, made: Sequence[FulfilmentWork]) -> None:
    """Parts of one order that may join others, though never each other."""
    apart = [(work.id, order.id) for work in made if not work.is_sealed]
    copy_rows(batch.connection, "apart", ("document_id", "set_id"), apart)
