"""推库存: tells platforms what a shop may sell now, absolute and only what differs; who switches it on is in `switching`.

A round goes on from rows: what was accepted is kept call by call, what is in doubt is simply told again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, text

from connectors.contract.errors import AuthFailed, ConnectorError, RateLimited
from connectors.contract.families import Connector, Marketplace
from connectors.contract.notices import StockAnswer, StockLevel
from oms.app.kernel.authorisation import refused
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.stock.telling import presale_told, units_told
from oms.db.bulk import psycopg_connection
from oms.domain.errors import HubError, Invalid, LostLease

#: Between two rounds of a shop, and before a refused level is told again although its units are the same.
EVERY, AGAIN = timedelta(seconds=60), timedelta(hours=1)
#: One round calls for so long; what is left goes on at once, after other shops.
PATIENCE = timedelta(seconds=60)
#: What changed is looked up for so many calls at a time.
AT_ONCE: Final = 20
#: Nobody else pushes for a shop meanwhile; much longer than a call of one batch takes.
CLAIM = timedelta(minutes=15)
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=30)
LOG = structlog.get_logger("stock")

CLAIM_NEXT: Final = text("""
with due as (select b.shop_id from stock_push b join shop s on s.id = b.shop_id and s.mode = 'live'
    join account a on a.id = s.account_id and a.state = 'active'
  where b.is_on and b.due_at <= :now order by b.due_at limit 1 for update of b skip locked)
update stock_push b set due_at = :until, fence = b.fence + 1 from due, shop s
where b.shop_id = due.shop_id and s.id = b.shop_id
returning b.shop_id, s.account_id, s.stock_pool_id, b.safety, b.fence""")

#: SKUs that a shop lists, alone or in bundles, told apart by whether the listing sells them before they arrive.
LISTED: Final = """
select p.sku_id, bool_or(e.listing_id is not null), bool_or(e.listing_id is null) from listing g
join lateral (select g.sku_id where g.sku_id is not null
  union all select b.sku_id from bundle_part b where b.bundle_id = g.bundle_id) p on true
left join presale_listing e on e.listing_id = g.id
where g.shop_id = %s and (g.listing_no <> '' or g.variant_no <> '')
  and (%s::bigint[] is null or g.id = any(%s::bigint[])) group by 1"""
#: Units of listings from those of their SKUs: a bundle has what its scarcest part allows. Virtual goods have no stock,
#: and goods that lie nowhere in the pool cannot be sold. What was taken off sale is told 0 when it was told anything
#: before, lest it comes back on sale there with the units of that day; a refusal ends that.
CHANGED: Final = text("""
with listed as (select g.id, g.listing_no, g.variant_no, g.seller_code, g.is_on_sale, p.sku_id, p.units,
    e.listing_id is not null as is_presale
  from listing g
    join lateral (select g.sku_id, cast(1 as bigint) as units where g.sku_id is not null
      union all select b.sku_id, b.units from bundle_part b where b.bundle_id = g.bundle_id) p on true
    left join presale_listing e on e.listing_id = g.id
  where g.shop_id = :shop and (g.is_on_sale or exists (select from listing_push t
      where t.listing_id = g.id and (t.asked <> 0 or t.refusal = '')))
    and (g.listing_no <> '' or g.variant_no <> '')
    and (cast(:only as bigint[]) is null or g.id = any(cast(:only as bigint[])))),
free as (select * from unnest(cast(:skus as bigint[]), cast(:units as bigint[]), cast(:presale as bool[]))
  as v(sku_id, units, is_presale)),
wanted as (select l.id, l.listing_no, l.variant_no, l.seller_code,
    cast(min(case when l.is_on_sale then div(f.units, l.units) else 0 end) as bigint) as units
  from listed l join free f on f.sku_id = l.sku_id and f.is_presale = l.is_presale group by 1, 2, 3, 4)
select w.id, w.listing_no, w.variant_no, w.seller_code, w.units from wanted w
left join listing_push p on p.listing_id = w.id where w.units is distinct from p.units
  and (p.listing_id is null or p.refusal = '' or p.asked <> w.units or p.tried_at is null or p.tried_at < :again)
order by p.tried_at nulls first, w.listing_no, w.id limit :size""")

#: A lost answer may have set the units, so what the platform has is in doubt until it accepts.
ASKED: Final = """
insert into listing_push (listing_id, asked, tried_at) select v.id, v.units, %s
from unnest(%s::bigint[], %s::bigint[]) as v(id, units)
on conflict (listing_id) do update set asked = excluded.asked, tried_at = excluded.tried_at, units = null"""
#: Whoever was overtaken while it called cannot know whether its units came before or after those of the other.
DOUBTED: Final = "update listing_push set units = null where listing_id = any(%s::bigint[])"
ANSWERED: Final = """
update listing_push p set refusal = v.words, units = case when v.words = '' then p.asked end,
  pushed_at = case when v.words = '' then %s else p.pushed_at end
from unnest(%s::bigint[], %s::text[]) as v(id, words) where p.listing_id = v.id"""


@dataclass(frozen=True, slots=True)
class Round:
    """A shop whose turn it is; every write checks its fence."""

    shop_id: int
    account_id: int
    pool_id: int | None
    safety: int
    fence: int


@dataclass(frozen=True, slots=True)
class Due:
    """A listing's units that the platform does not have yet."""

    listing_id: int
    listing_no: str
    variant_no: str
    seller_code: str
    units: int

    @property
    def level(self) -> StockLevel:
        """The same as connectors take it."""
        return StockLevel(self.listing_no, self.variant_no, self.units, self.seller_code)


def can_push_stock(connector: type[Connector] | None) -> bool:
    """Whether a vendor's connector sets units on its platform."""
    return connector is not None and "push_stock" in connector.capabilities()


def push_next(hub: Hub) -> int:
    """Push for the shop that waits longest; answers 1, or 0 when none is due."""
    now = hub.clock()
    with hub.begin() as connection:
        rows = connection.execute(CLAIM_NEXT, {"now": now, "until": now + CLAIM}).all()
    if not rows:
        return 0
    turn = Round(*rows[0])
    try:
        _finish(hub, turn, is_done=_push(hub, turn))
    except LostLease:
        LOG.warning("stock push taken over", shop=turn.shop_id)
    except (ConnectorError, HubError) as error:
        _note_failure(hub, turn, error, error.words)
    except Exception as error:  # A defect must not hold the shop until its claim runs out, nor stay unseen.
        LOG.error("stock push broke", shop=turn.shop_id, error=type(error).__name__, exc_info=True)
        _note_failure(hub, turn, error, f"a defect of the hub: {type(error).__name__}")
    return 1


def _push(hub: Hub, turn: Round) -> bool:
    """Push batch by batch; answers whether nothing is left."""
    connector = connector_of(hub, shop_id=turn.shop_id)
    if not isinstance(connector, Marketplace) or not can_push_stock(type(connector)):
        raise Invalid("is_on", "this platform's connector cannot set stock", "switch the push off")
    if turn.pool_id is None:
        raise Invalid("pool_id", "the shop has no stock pool", "choose one on the shop's page")
    until = time.monotonic() + PATIENCE.total_seconds()
    size = connector.manifest.levels_a_push
    while True:
        due = _changed(hub, turn, size * AT_ONCE)
        if not due:
            return True
        for start in range(0, len(due), size):
            _push_batch(hub, turn, connector, [one.listing_id for one in due[start : start + size]])
            if time.monotonic() >= until:
                return False


def _push_batch(hub: Hub, turn: Round, connector: Marketplace, listing_ids: list[int]) -> None:
    """One call, with what these listings have at this moment: the calls before it have taken their time."""
    due = _changed(hub, turn, len(listing_ids), listing_ids)
    if not due:
        return
    _note_asked(hub, turn, due)
    answer = connector.push_stock([one.level for one in due])
    try:
        _note_answer(hub, turn, due, answer)
    except LostLease:
        with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
            cursor.execute(DOUBTED, (listing_ids,))
        raise


def _changed(hub: Hub, turn: Round, size: int, only: list[int] | None = None) -> list[Due]:
    """Levels that the platform does not have yet, all read at one moment."""
    given = {"shop": turn.shop_id, "size": size, "again": hub.clock() - AGAIN, "only": only}
    with hub.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        free = _free(hub, connection, turn, only)
        columns: list[list[Any]] = [list(column) for column in zip(*free, strict=True)] or [[], [], []]
        given |= dict(zip(("skus", "units", "presale"), columns, strict=True))
        return [Due(*row) for row in connection.execute(CHANGED, given)]


def _free(hub: Hub, connection: Connection, turn: Round, only: list[int] | None) -> list[tuple[int, int, bool]]:
    """(SKU, units, whether they are sold before they arrive) of everything the shop lists, or of these listings."""
    masters = hub.masters.get(connection, hub.clock())
    listed = fetch(connection, LISTED, (turn.shop_id, only, only))
    now = [sku_id for sku_id, _, is_plain in listed if is_plain]
    told = units_told(connection, masters, masters.shops[turn.shop_id], now, kept_back=turn.safety)
    early = presale_told(connection, turn.pool_id, [sku_id for sku_id, is_early, _ in listed if is_early])
    return [(*one, False) for one in told.items()] + [(*one, True) for one in early.items()]


def _note_asked(hub: Hub, turn: Round, due: Sequence[Due]) -> None:
    ids, units = [one.listing_id for one in due], [one.units for one in due]
    _write(hub, turn, ASKED, (hub.clock(), ids, units))


def _note_answer(hub: Hub, turn: Round, due: Sequence[Due], answer: StockAnswer) -> None:
    words = [_words(answer, one) for one in due]
    _write(hub, turn, ANSWERED, (hub.clock(), [one.listing_id for one in due], words))
    LOG.info("stock pushed", shop=turn.shop_id, levels=len(due), refused=len(answer.refused))


def _words(answer: StockAnswer, one: Due) -> str:
    """Why a level was refused, empty when it was not; a platform that gives no reason still refused it."""
    words = answer.refused.get((one.listing_no, one.variant_no))
    return "" if words is None else (words.replace("\0", "")[:300] or "the platform gave no reason")


def _write(hub: Hub, turn: Round, statement: str, values: tuple[object, ...]) -> None:
    with hub.begin() as connection:
        held = fetch(connection, "select fence from stock_push where shop_id = %s for update", (turn.shop_id,))
        if not held or held[0][0] != turn.fence:
            raise LostLease("another worker pushes this shop's stock now")
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(statement.encode(), values)


def _finish(hub: Hub, turn: Round, *, is_done: bool) -> None:
    now = hub.clock()
    _end(hub, turn, now + EVERY if is_done else now, "last_success_at = %s, failures = 0, last_error = ''", (now,))


def _note_failure(hub: Hub, turn: Round, error: Exception, words: str) -> None:
    """The next round waits, longer each time; refused credentials pause the account as everywhere."""
    now, asked = hub.clock(), error.retry_after if isinstance(error, RateLimited) else None
    with hub.engine.connect() as connection:
        rows = fetch(connection, "select failures from stock_push where shop_id = %s", (turn.shop_id,))
    longer = min(EVERY * 2 ** min(rows[0][0] if rows else 0, 9), LONGEST_PAUSE)
    wait = longer if asked is None else max(timedelta(seconds=asked), SHORTEST_PAUSE)
    _end(hub, turn, now + wait, "failures = failures + 1, last_error = %s", (words[:500],))
    if isinstance(error, AuthFailed):
        refused(hub, turn.account_id, words)
    LOG.warning("stock push failed", shop=turn.shop_id, error=type(error).__name__)


def _end(hub: Hub, turn: Round, due_at: datetime, changes: str, values: tuple[object, ...]) -> None:
    """Put the next round off, unless somebody asked for one meanwhile."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            f"update stock_push set due_at = %s, {changes} where shop_id = %s and fence = %s".encode(),
            (due_at, *values, turn.shop_id, turn.fence),
        )
