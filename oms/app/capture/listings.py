"""平台货品: what a shop sells on its platform, kept and matched to SKUs by people; suggestions live in `suggesting`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from connectors.contract.errors import AuthFailed, ConnectorError
from connectors.contract.families import Marketplace
from connectors.contract.records import ListingRecord
from oms.app.capture.suggesting import sure_ones
from oms.app.kernel.authorisation import refused
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import HubError, Invalid, NotFound

#: How long one click may read a platform's goods; the next click goes on from there.
PATIENCE = timedelta(seconds=20)
AT_ONCE = 5000

#: What a person matched stays. A match by code ends when the seller puts another code there: other goods, another SKU.
KEEP: Final = """
insert into listing (shop_id, listing_no, variant_no, seller_code, title, variant, barcode, is_on_sale, seen_at)
select %s, v.*, %s from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bool[])
  as v(listing_no, variant_no, seller_code, title, variant, barcode, is_on_sale)
order by listing_no, variant_no
on conflict (shop_id, listing_no, variant_no) do update set title = excluded.title, variant = excluded.variant,
  seller_code = excluded.seller_code, barcode = excluded.barcode, is_on_sale = excluded.is_on_sale,
  seen_at = excluded.seen_at,
  sku_id = case when listing.matched_by = 'code' and listing.seller_code <> excluded.seller_code
    then null else listing.sku_id end,
  bundle_id = case when listing.matched_by = 'code' and listing.seller_code <> excluded.seller_code
    then null else listing.bundle_id end,
  matched_at = case when listing.matched_by = 'code' and listing.seller_code <> excluded.seller_code
    then null else listing.matched_at end,
  matched_by = case when listing.matched_by = 'code' and listing.seller_code <> excluded.seller_code
    then '' else listing.matched_by end"""

WAKE: Final = """
update orders set ready_at = %s where id in (
  select o.id from orders o join hold h on h.order_id = o.id
    and h.kind = 'unmatched_sku' and h.cleared_at is null
  where o.status = 'open' and o.ready_at is null and exists (
    select from order_line l where l.order_id = o.id and l.kind = 'goods'
      and l.sku_id is null and l.bundle_id is null and not l.is_gone and (
        exists (select from listing g where g.shop_id = o.shop_id and g.listing_no = l.listing_no
          and g.variant_no = l.variant_no and num_nonnulls(g.sku_id, g.bundle_id) > 0
          and (g.matched_by <> 'code' or g.seller_code = l.seller_code))
        or exists (select from sku k where k.code = l.seller_code and not k.is_archived)
        or exists (select from bundle b where b.code = l.seller_code)))
  for update of o skip locked)"""


@dataclass(frozen=True, slots=True)
class Pair:
    """A listing and what it is: exactly one of SKU and bundle."""

    listing_id: int
    sku_id: int | None = None
    bundle_id: int | None = None


@dataclass(frozen=True, slots=True)
class Pulled:
    """How many listings were read, and where to go on; an empty cursor when that was all."""

    count: int
    cursor: str = ""


def pull_listings_of(hub: Hub, shop_id: int, cursor: str = "", *, patience: timedelta = PATIENCE) -> Pulled:
    """Read what a shop sells page by page, each kept in a transaction of its own, for as long as `patience` lasts."""
    connector = connector_of(hub, shop_id=shop_id)
    if not isinstance(connector, Marketplace) or "pull_listings" not in connector.capabilities():
        raise Invalid("shop", "this platform does not list its goods", "match them when their first order has come")
    until, count = time.monotonic() + patience.total_seconds(), 0
    while True:
        try:
            page = connector.pull_listings(cursor)
        except ConnectorError as error:
            raise _told(hub, shop_id, error) from error
        count += _keep(hub, shop_id, page.listings)
        if not page.more:
            return Pulled(count)
        if page.cursor == cursor:
            raise HubError("the platform gave the same cursor twice with more to come", "tell the connector's author")
        cursor = page.cursor
        if time.monotonic() >= until:
            return Pulled(count, cursor)


def match(hub: Hub, pairs: Sequence[Pair], actor: str) -> int:
    """Match listings for good; orders that waited for them go on at once. Answers how many listings changed.

    Lines without any number of the platform share one nameless listing; that one is never matched.
    """
    if not pairs:
        raise Invalid("code", "nothing is chosen", "choose a SKU or a bundle for one listing at least")
    with hub.begin() as connection:
        _check(connection, pairs)
        count = _write(connection, pairs, actor, hub.clock())
    wake_matched(hub)
    return count


def match_sure(hub: Hub, shop_id: int, actor: str) -> int:
    """Match every listing of a shop whose suggestion leaves no doubt; answers how many."""
    with hub.begin() as connection:
        found = sure_ones(connection, shop_id)
        pairs = [Pair(one.listing_id, one.sku_id, one.bundle_id) for one in found[:AT_ONCE]]
        count = _write(connection, pairs, actor, hub.clock()) if pairs else 0
    if count:
        wake_matched(hub)
    return count


def unmatch(hub: Hub, listing_ids: Sequence[int]) -> int:
    """Take matches back; lines of orders that have their goods keep them. Answers how many there were."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update listing set sku_id = null, bundle_id = null, matched_by = '', matched_at = null
               where id = any(%s) and num_nonnulls(sku_id, bundle_id) > 0""",
            (list(listing_ids),),
        )
        return cursor.rowcount


def wake_matched(hub: Hub) -> int:
    """Let orders go on whose goods were unknown and can be matched by now; the step itself looks again."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(WAKE, (hub.clock(),))
        count = cursor.rowcount
    if count:
        hub.poke("advance")
    return count


def _keep(hub: Hub, shop_id: int, listings: Sequence[ListingRecord]) -> int:
    """Rows of one page; of a variant named twice the last one counts."""
    rows = {(x.listing_no, x.variant_no): x for x in listings if x.listing_no or x.variant_no}
    if not rows:
        return 0
    columns = zip(*(_row(record) for record in rows.values()), strict=True)
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(KEEP, (shop_id, hub.clock(), *(list(column) for column in columns)))
    return len(rows)


def _row(x: ListingRecord) -> tuple[str | bool, ...]:
    """PostgreSQL keeps no NUL characters, and titles are cut as those of orders are."""
    words = (x.listing_no, x.variant_no, x.seller_code, x.title[:200], x.variant[:200], x.barcode)
    return *(text.replace("\0", "") for text in words), x.is_on_sale


def _check(connection: Connection, pairs: Sequence[Pair]) -> None:
    if any((pair.sku_id is None) == (pair.bundle_id is None) for pair in pairs):
        raise Invalid("code", "a listing is one SKU or one bundle", "choose exactly one")
    wanted = {pair.sku_id for pair in pairs if pair.sku_id is not None}
    rows = fetch(connection, "select count(*) from sku where id = any(%s) and not is_archived", (list(wanted),))
    wanted_bundles = {pair.bundle_id for pair in pairs if pair.bundle_id is not None}
    bundles = fetch(connection, "select count(*) from bundle where id = any(%s)", (list(wanted_bundles),))
    if (rows[0][0], bundles[0][0]) != (len(wanted), len(wanted_bundles)):
        raise NotFound("there is no such SKU or bundle, or it is archived", "choose another one")


def _write(connection: Connection, pairs: Sequence[Pair], actor: str, now: datetime) -> int:
    rows = {pair.listing_id: pair for pair in pairs}
    ids = sorted(rows)
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update listing l set sku_id = v.sku, bundle_id = v.bundle, matched_by = %s, matched_at = %s
               from unnest(%s::bigint[], %s::bigint[], %s::bigint[]) as v(id, sku, bundle)
               where l.id = v.id and (l.listing_no <> '' or l.variant_no <> '')""",
            (actor, now, ids, [rows[id_].sku_id for id_ in ids], [rows[id_].bundle_id for id_ in ids]),
        )
        return cursor.rowcount


def _told(hub: Hub, shop_id: int, error: ConnectorError) -> HubError:
    """The platform's refusal as people read it; refused credentials pause the account as everywhere."""
    if not isinstance(error, AuthFailed):
        return HubError(error.words, "what was read is kept; try again in a minute")
    with hub.begin() as connection:
        rows = fetch(connection, "select account_id from shop where id = %s", (shop_id,))
    refused(hub, rows[0][0], error.words)
    return HubError(error.words, "authorise the account again under Settings · Shops")
