"""补货: cover of what a pool sells, proposals of what to buy, and what people make of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.queries.sellable import supply_of
from oms.app.stock.coming import GOOD_ON_THE_WAY
from oms.app.stock.confirming import open_batch
from oms.app.stock.receipts import NewReceipt, expect_goods, flush_outbound
from oms.app.stock.replenishing_sales import count_sales, sales_of
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible
from oms.domain.replenishment import Parameters, Position, Rate, daily_rate, days_left, proposed_units

MOST_UNITS: Final = 10_000_000
#: What people have ordered without a receipt counts as on its way until so long after it was expected.
GRACE: Final = timedelta(days=3)
SETTINGS: Final = """
select sku_id, is_watched, lead_days, cover_days, look_back_days, multiple, least_units, user_group_id,
  is_ordering_itself, order_limit, stock_point_id, supplier_name
from replenish_setting where pool_id = %s"""
#: Goods that a transfer has taken out of one point are counted there no more, and lie at the other one as on their way.
INCOMING: Final = f"""
select sku_id, sum(units)::bigint from (
  select l.sku_id, greatest(0, l.expected - l.received_good - l.received_defective) as units
  from goods_receipt r join goods_receipt_line l on l.goods_receipt_id = r.id
  where r.status not in ('closed', 'cancelled', 'received')
    and r.stock_point_id in (select stock_point_id from pool_member where pool_id = %s)
  union all
  select w.sku_id, w.units from ({GOOD_ON_THE_WAY}) w
  where w.stock_point_id in (select stock_point_id from pool_member where pool_id = %s)
  union all
  select p.sku_id, p.ordered_units from replenish_proposal p
  where p.pool_id = %s and p.state = 'ordered' and p.receipt_id is null and p.expected_on >= %s) x group by 1"""
WAITING: Final = "select distinct sku_id from demand_reservation where pool_id = %s and kind = 'good'"
RENEW: Final = """
insert into replenish_proposal (pool_id, sku_id, units, daily_milli, free, backlog, incoming, lead_days, cover_days,
  days_left, reason, created_at, renewed_at)
select %s, v.*, %s, %s from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
  %s::int[], %s::int[], %s::int[], %s::text[]) as v
on conflict (pool_id, sku_id) where state = 'open' do update set units = excluded.units,
  daily_milli = excluded.daily_milli, free = excluded.free, backlog = excluded.backlog, incoming = excluded.incoming,
  lead_days = excluded.lead_days, cover_days = excluded.cover_days, days_left = excluded.days_left,
  reason = excluded.reason, renewed_at = excluded.renewed_at"""
GONE: Final = """
update replenish_proposal set state = 'gone', decided_at = %s where pool_id = %s and state = 'open'
  and sku_id <> all(%s::bigint[])"""
#: A proposal that people dismissed is not made again for a week.
DISMISSED: Final = """
select sku_id from replenish_proposal where pool_id = %s and state = 'dismissed' and decided_at > %s"""
QUIET: Final = timedelta(days=7)
NOTICE: Final = """
insert into notice (kind, key, user_group_id, words, detail, at)
select 'replenish', 'replenish:' || v.pool_id || ':' || v.sku || ':' || %s, v.team, v.sku,
  jsonb_build_object('days', v.days, 'units', v.units), %s
from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::int[], %s::bigint[]) as v(pool_id, sku, team, days, units)
on conflict (key) do nothing"""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a pool's SKU is watched."""

    is_watched: bool = True
    lead_days: int = 7
    cover_days: int = 14
    look_back_days: int = 28
    multiple: int = 1
    least_units: int = 0
    user_group_id: int | None = None
    is_ordering_itself: bool = False
    order_limit: int | None = None
    stock_point_id: int | None = None
    supplier_name: str = ""

    @property
    def parameters(self) -> Parameters:
        """The same for the reckoning."""
        return Parameters(self.lead_days, self.cover_days, self.multiple, self.least_units)


@dataclass(frozen=True, slots=True)
class Cover:
    """How long what a pool has of a SKU lasts, and what to buy, 0 for nothing."""

    sku_id: int
    rate: Rate
    position: Position
    days_left: int
    units: int
    setting: Setting


def settings_of(connection: Connection, pool_id: int) -> dict[int, Setting]:
    """By SKU; 0 is every SKU that has none of its own."""
    return {row[0]: Setting(*row[1:]) for row in fetch(connection, SETTINGS, (pool_id,))}


def cover_of(connection: Connection, hub: Hub, pool_id: int) -> list[Cover]:
    """Every watched SKU that shops sold lately, that orders wait for or that has a setting; best sellers first."""
    today = hub.clock().date()
    settings = settings_of(connection, pool_id)
    usual = settings.get(0, Setting())
    longest = max([usual.look_back_days, *[one.look_back_days for one in settings.values()]])
    sales = sales_of(connection, pool_id, today, longest)
    waiting = [row[0] for row in fetch(connection, WAITING, (pool_id,))]
    watched = {id_: settings.get(id_, usual) for id_ in {*sales, *settings, *waiting} - {0}}
    supply = supply_of(connection, pool_id, [id_ for id_, one in watched.items() if one.is_watched])
    incoming = dict(fetch(connection, INCOMING, (pool_id, pool_id, pool_id, today - GRACE)))
    covers = []
    for sku_id, there in supply.items():
        setting = watched[sku_id]
        rate = daily_rate(sales.get(sku_id, [0] * longest)[-setting.look_back_days :])
        position = Position(there.available, there.backlog, incoming.get(sku_id, 0))
        units = proposed_units(position, rate, setting.parameters)
        covers.append(Cover(sku_id, rate, position, days_left(position, rate), units, setting))
    covers.sort(key=lambda cover: (-cover.rate.milli, cover.sku_id))
    return covers


def renew_proposals(hub: Hub) -> int:
    """Count sales, renew every pool's open proposals, tell teams of new ones; answers how many are open."""
    count_sales(hub)
    with hub.engine.connect() as connection:
        pools = [row[0] for row in fetch(connection, "select id from stock_pool order by id")]
    return sum(renew_pool(hub, pool_id) for pool_id in pools)


def renew_pool(hub: Hub, pool_id: int) -> int:
    """Renew one pool's proposals; those no longer needed are gone."""
    now = hub.clock()
    with hub.begin() as connection:
        _lock_pool(connection, pool_id)
        quiet = {row[0] for row in fetch(connection, DISMISSED, (pool_id, now - QUIET))}
        due = [one for one in cover_of(connection, hub, pool_id) if one.units and one.sku_id not in quiet]
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(GONE, (now, pool_id, array_of(one.sku_id for one in due)))
            if due:
                rows = [_row(one) for one in due]
                columns = [array_of(column) for column in zip(*rows, strict=True)]
                cursor.execute(RENEW, (pool_id, now, now, *columns))
        _tell_teams(hub, connection, pool_id, due)
    return len(due)


def _lock_pool(connection: Connection, pool_id: int) -> None:
    """One at a time renews or decides a pool's proposals: what is ordered or dismissed meanwhile would come back open.

    Reservations, which name their pool, do not wait for it.
    """
    fetch(connection, "select id from stock_pool where id = %s for no key update", (pool_id,))


def _row(one: Cover) -> tuple[Any, ...]:
    position, setting = one.position, one.setting
    return (
        one.sku_id, one.units, one.rate.milli, position.free, position.backlog, position.incoming, setting.lead_days,
        setting.cover_days, one.days_left, f"{one.rate.capped_days}/{one.rate.cap}",
    )  # fmt: skip


def _tell_teams(hub: Hub, connection: Connection, pool_id: int, due: list[Cover]) -> None:
    """One notice a SKU and week, to the team that is set for it; without a team nobody is disturbed."""
    told = [one for one in due if one.setting.user_group_id is not None]
    if not told:
        return
    asked = (array_of(one.sku_id for one in told),)
    codes = dict(fetch(connection, "select id, code from sku where id = any(%s::bigint[])", asked))
    rows = [(pool_id, codes[one.sku_id], one.setting.user_group_id, one.days_left, one.units) for one in told]
    now = hub.clock()
    columns = [array_of(column) for column in zip(*rows, strict=True)]
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(NOTICE, (now.strftime("%G-%V"), now, *columns))


@dataclass(frozen=True, slots=True)
class Order:
    """What a person orders on a proposal: how many, and where they are to come, which makes a receipt."""

    units: int
    stock_point: str = ""
    purchase_no: str = ""
    supplier_name: str = ""


def accept_proposal(hub: Hub, proposal_id: int, order: Order, actor: str) -> int | None:
    """Order what is proposed; with a stock point a receipt is made with it, whose number is the answer."""
    if not 0 < order.units <= MOST_UNITS:
        raise Invalid("units", "this number is too small or too large", f"write 1 to {MOST_UNITS}")
    with hub.begin() as connection:
        batch = open_batch(hub, connection, actor)
        _, sku, lead = _open_proposal(connection, proposal_id)
        expected_at = hub.clock() + timedelta(days=lead)
        receipt_id = _expect(batch, sku, order, expected_at) if order.stock_point else None
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """update replenish_proposal set state = 'ordered', ordered_units = %s, decided_at = %s, decided_by = %s,
                   words = %s, expected_on = %s, receipt_id = %s where id = %s""",
                (order.units, hub.clock(), actor, order.purchase_no[:100], expected_at.date(), receipt_id, proposal_id),
            )
    batch.tell()
    return receipt_id


def _expect(batch: Batch, sku: str, order: Order, expected_at: datetime) -> int:
    wanted = NewReceipt(
        order.stock_point, {sku: order.units}, order.purchase_no, "", order.supplier_name, expected_at=expected_at
    )
    receipt_id = expect_goods(batch, wanted)
    flush_outbound(batch)
    return receipt_id


def dismiss_proposal(hub: Hub, proposal_id: int, words: str, actor: str) -> None:
    """Not now: the SKU is not proposed again for a week. A reason is asked for."""
    if not words.strip():
        raise Invalid("words", "a reason is missing", "write why not")
    with hub.begin() as connection:
        _open_proposal(connection, proposal_id)
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """update replenish_proposal set state = 'dismissed', decided_at = %s, decided_by = %s, words = %s
                   where id = %s""",
                (hub.clock(), actor, words.strip()[:300], proposal_id),
            )


def _open_proposal(connection: Connection, proposal_id: int) -> tuple[int, str, int]:
    for (pool_id,) in fetch(connection, "select pool_id from replenish_proposal where id = %s", (proposal_id,)):
        _lock_pool(connection, pool_id)
    rows = fetch(
        connection,
        """select p.pool_id, k.code, p.lead_days, p.state from replenish_proposal p join sku k on k.id = p.sku_id
           where p.id = %s for update of p""",
        (proposal_id,),
    )
    if not rows:
        raise NotFound("there is no such proposal", "look at the list again")
    if rows[0][3] != "open":
        raise NotPossible("somebody has decided this proposal already", "look at the list again")
    return rows[0][0], rows[0][1], rows[0][2]
