"""Writes discounts that rules gave: the lines' money, the named shares, the payment that is due, the demands' shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.goods import Goods
from oms.db.bulk import copy_rows, psycopg_connection, update_rows
from oms.domain.shares import split


class Share(NamedTuple):
    """A named discount of a line and who pays for it, in minor units."""

    order_id: int
    line_id: int
    funder: str
    amount: int
    promotion_no: str
    name: str


SHARE: Final = ("id", "order_id", "order_line_id", "funder", "amount", "promotion_no", "name")
LINES: Final = """
update order_line l set paid_amount = l.paid_amount - v.merchant - v.member - v.distributor,
  discount_merchant = l.discount_merchant + v.merchant, discount_member = l.discount_member + v.member,
  discount_distributor = l.discount_distributor + v.distributor
from (select line_id,
        coalesce(sum(less) filter (where funder = 'merchant'), 0)::bigint as merchant,
        coalesce(sum(less) filter (where funder = 'member'), 0)::bigint as member,
        coalesce(sum(less) filter (where funder = 'distributor'), 0)::bigint as distributor
      from unnest(%s::bigint[], %s::text[], %s::bigint[]) as v(line_id, funder, less) group by 1) v
where l.id = v.line_id"""
TOTALS: Final = [("paid_total", "bigint")]
#: The largest part that is due takes it; an order's parts are few.
DUE: Final = """
update payment p set amount = p.amount - v.less
from unnest(%s::bigint[], %s::bigint[]) as v(order_id, less)
where p.id = (select q.id from payment q where q.order_id = v.order_id and q.state = 'due'
              order by q.amount desc, q.id limit 1)"""
FORGET: Final = "delete from discount_share where order_id = any(%s) and promotion_no like 'rule:%%'"


def write_discounts(
    batch: Batch,
    repriced: Sequence[tuple[OrderWork, Sequence[Share], int]],
    lines: Sequence[tuple[Any, ...]],
    goods: Goods,
) -> None:
    """Write orders with their shares and by how much each is cheaper than before; `lines` are (line, funder, less)."""
    if not repriced:
        return
    connection = batch.connection
    less = [(order.id, total) for order, _, total in repriced if total]
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(FORGET, ([order.id for order, _, _ in repriced],))
        cursor.execute(LINES, _columns(lines))
        if less:
            cursor.execute(DUE, _columns(less))
    shares = [(batch.new_id(), *share) for _, shares, _ in repriced for share in shares]
    copy_rows(connection, "discount_share", SHARE, shares)
    update_rows(connection, "orders", "id", TOTALS, [(order.id, order.paid_total) for order, _, _ in repriced])
    demands = [row for order, _, _ in repriced for row in _share_anew(order, goods)]
    update_rows(connection, "demand", "id", [("share_amount", "bigint")], demands)


def _share_anew(order: OrderWork, goods: Goods) -> list[tuple[int, int]]:
    """Share the lines' money among their demands as it was shared at first; answers (demand, share) of stored ones."""
    changed = []
    for line in order.lines:
        mine = [d for d in order.demands if d.line_id == line.id and d.origin != "gift" and d.units > d.cancelled]
        if not mine:
            continue
        parts = {sku_id: weight * count for sku_id, count, weight in goods.bundles.get(line.bundle_id or 0, ())}
        weights = [parts.get(demand.sku_id, max(0, demand.share_amount)) for demand in mine]
        for demand, share in zip(mine, split(line.paid_amount, weights), strict=True):
            if demand.share_amount != share:
                demand.share_amount = share
                if not demand.is_new:
                    changed.append((demand.id, share))
    return changed


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
