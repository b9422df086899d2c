"""自动下单: proposals that are sure enough are ordered by themselves, within a limit; others are left to people."""

from __future__ import annotations

from typing import Final

import structlog

from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.stock.replenishing import Order, accept_proposal, renew_proposals
from oms.domain.errors import HubError, NotPossible

#: A rate is sure enough when the SKU sold on so many of the days looked back on, and none of them was out of the usual.
LEAST_DAYS: Final = 7
ACTOR: Final = "replenishment"
#: What one order may cost is written in this currency; other prices cannot be compared with it.
LIMIT_CURRENCY: Final = "CNY"
ORDERED, LEFT = "replenish_ordered", "replenish_left"
LOG = structlog.get_logger("stock")
#: Open proposals of SKUs that order themselves, with what says whether they may. Backlogs are people's: one order that
#: nobody meant, for more than anybody sells, must not be bought for.
DUE: Final = """
select p.id, k.code, p.units, p.backlog, t.code, s.supplier_name, s.order_limit, c.amount, c.currency,
  split_part(p.reason, '/', 1), (select count(distinct d.day) from sku_day d
    join shop h on h.id = d.shop_id and h.stock_pool_id = p.pool_id
    where d.sku_id = p.sku_id and d.units > 0 and d.day >= %s::date - s.look_back_days and d.day < %s::date)
from replenish_proposal p join sku k on k.id = p.sku_id
join lateral (select * from replenish_setting s where s.pool_id = p.pool_id and s.sku_id in (0, p.sku_id)
  order by s.sku_id desc limit 1) s on s.is_ordering_itself
join stock_point t on t.id = s.stock_point_id and t.state <> 'closed'
left join lateral (select amount, currency from cost_price c where c.sku_id = p.sku_id and c.valid_from <= %s
  order by c.valid_from desc limit 1) c on true
where p.state = 'open' and p.renewed_at >= %s order by p.days_left, p.id"""


def order_by_itself(hub: Hub) -> int:
    """Renew all proposals, and order each that may be ordered by itself; answers how many. Each leaves an alert.

    Figures of before are not bought on: somebody may have bought the same since.
    """
    now = hub.clock()
    renew_proposals(hub)
    with hub.engine.connect() as connection:
        due = fetch(connection, DUE, (now.date(), now.date(), now, now))
    ordered = 0
    for id_, sku, units, backlog, point, supplier, limit, cost, currency, capped, days in due:
        try:
            check_sure(units, backlog, limit, cost, currency, is_capped=capped != "0", days=days)
            accept_proposal(hub, id_, Order(units, point, f"AUTO-{id_}", supplier), ACTOR)
        except HubError as error:  # A person may also have decided it meanwhile, or the point have closed.
            with hub.begin() as connection:
                raise_alert(connection, LEFT, sku, error.words)
            continue
        ordered += 1
        with hub.begin() as connection:
            raise_alert(
                connection,
                ORDERED,
                sku,
                f"{units} units were ordered to {point} for {units * cost} minor units of {currency}",
            )
        LOG.info("replenishment ordered", proposal=id_, units=units)
    return ordered


def check_sure(
    units: int, backlog: int, limit: int, cost: int | None, currency: str | None, *, is_capped: bool, days: int
) -> None:
    """NotPossible when a proposal is left to people, with the reason."""
    if cost is None:
        raise NotPossible("there is no cost price, so what it costs is not known")
    if currency != LIMIT_CURRENCY:
        raise NotPossible(f"its cost price is in {currency}, the limit in {LIMIT_CURRENCY}")
    if units * cost > limit:
        raise NotPossible(f"{units} units cost {units * cost} minor units, more than {limit}")
    if days < LEAST_DAYS:
        raise NotPossible(f"it sold on {days} days only, so its rate is not sure")
    if is_capped:
        raise NotPossible("some days sold far more than usual, so its rate is not sure")
    if backlog:
        raise NotPossible(f"{backlog} units are waited for beyond what is there")
