"""配额和超卖策略: what people set for a place; how many units each shop would be told of a SKU, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import Masters, ShopCard
from oms.app.kernel.trail import leave_trail
from oms.app.stock.freeing import free_goods_in, free_goods_of
from oms.app.stock.telling import look_at_shelf
from oms.db.bulk import psycopg_connection
from oms.db.promises import QUOTA_SCOPES
from oms.domain.errors import Invalid, NotFound
from oms.domain.quotas import EXACTNESS, Supply, Told

MOST_UNITS: Final = 1_000_000
PAGE: Final = 200
QUOTAS: Final = """
select q.id, q.scope, q.scope_id, coalesce(s.name, c.label_zh, '') as place, coalesce(s.name, c.label_en, '') as place_en,
  coalesce(k.code, '') as sku, coalesce(k.name, '') as sku_name, q.exclusive, coalesce(u.units, 0)::bigint as used,
  q.ratio_bp, q.threshold, q.threshold_units, q.is_enabled, q.changed_at, q.changed_by
from stock_quota q left join shop s on q.scope = 'shop' and s.id = q.scope_id
left join channel c on q.scope = 'channel' and c.id = q.scope_id left join sku k on k.id = q.sku_id
left join lateral (select sum(units) as units from quota_use where quota_id = q.id) u on true"""
PLACE: Final = "coalesce(k.code, ''), case q.scope when 'global' then 0 when 'channel' then 1 else 2 end, q.scope_id"
LISTED: Final = f"""{QUOTAS}
where (%s::text = '' or k.code = %s::text or q.sku_id = 0) and ({PLACE}) > (%s::text, %s::int, %s::bigint)
order by {PLACE} limit %s"""
ONE: Final = f"{QUOTAS} where q.id = %s"
NAMES: Final = (
    "id", "scope", "scope_id", "place", "place_en", "sku", "sku_name", "exclusive", "used", "ratio_bp", "threshold",
    "threshold_units", "is_enabled", "changed_at", "changed_by",
)  # fmt: skip
#: Where a quota stands in the list: the code of its SKU, how exact its scope is, the id of the shop or channel.
Place = tuple[str, int, int]
FIRST: Final = ("", -1, 0)
SET: Final = """
insert into stock_quota (scope, scope_id, sku_id, exclusive, ratio_bp, threshold, threshold_units, is_enabled, changed_at,
  changed_by) values (%s, %s, %s, %s, %s, %s, %s, true, %s, %s)
on conflict (scope, scope_id, sku_id) do update set exclusive = excluded.exclusive, ratio_bp = excluded.ratio_bp,
  threshold = excluded.threshold, threshold_units = excluded.threshold_units, is_enabled = true,
  changed_at = excluded.changed_at, changed_by = excluded.changed_by
returning id"""
#: A new number of exclusive units is what is left for the place from now on.
AFRESH: Final = """
delete from quota_use u using stock_quota q where q.id = u.quota_id and q.scope = %s and q.scope_id = %s and q.sku_id = %s
  and q.exclusive is distinct from %s"""
POLICY: Final = """
insert into promise_policy (pool_id, shop_id, unpaid_minutes, short_hours, backorder_units, last_units, late_fine,
  keep_bp, large_units)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (pool_id, shop_id) do update set unpaid_minutes = excluded.unpaid_minutes,
  short_hours = excluded.short_hours, backorder_units = excluded.backorder_units, last_units = excluded.last_units,
  late_fine = excluded.late_fine, keep_bp = excluded.keep_bp, large_units = excluded.large_units"""
POLICY_FIELDS: Final = {
    "unpaid_minutes": 60 * 24 * 30,
    "short_hours": 24 * 365,
    "backorder_units": MOST_UNITS,
    "last_units": MOST_UNITS,
    "late_fine": 100_000_000,
    "keep_bp": 10_000,
    "large_units": MOST_UNITS,
}
#: A large line has at least one unit.
LEAST: Final = {"large_units": 1}


@dataclass(frozen=True, slots=True)
class QuotaForm:
    """What a person sets; None leaves a field to the wider place."""

    exclusive: int | None = None
    ratio_bp: int | None = None
    threshold: int | None = None
    threshold_units: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What one shop would be told of a SKU; one that is ranked without a worth sells in another currency."""

    shop: ShopCard
    told: Told
    worth: int | None
    own: int
    is_ranked: bool


def set_quota(hub: Hub, scope: str, scope_id: int, sku: str, form: QuotaForm, actor: str) -> int:
    """Set a place's quota on a SKU (empty code: every SKU); answers its number. A new exclusive number counts afresh."""
    _check_form(scope, sku, form)
    with hub.begin() as connection:
        sku_id = _sku_id(connection, sku)
        _check_place(connection, scope, scope_id)
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(AFRESH, (scope, scope_id, sku_id, form.exclusive))
            values = (form.exclusive, form.ratio_bp, form.threshold, form.threshold_units)
            cursor.execute(SET, (scope, scope_id, sku_id, *values, hub.clock(), actor))
            row = cursor.fetchone()
        free_goods_of(connection, [sku_id])
        _leave_trail(hub, connection, scope, scope_id, actor)
    _pushed_again(hub)
    return int(row[0]) if row else 0


def _check_form(scope: str, sku: str, form: QuotaForm) -> None:
    numbers = (("exclusive", form.exclusive), ("threshold", form.threshold), ("threshold_units", form.threshold_units))
    for name, units in numbers:
        if units is not None and not 0 <= units <= MOST_UNITS:
            raise Invalid(name, "this number is too small or too large", f"write 0 to {MOST_UNITS}")
    if form.ratio_bp is not None and not 0 <= form.ratio_bp <= 10_000:
        raise Invalid("ratio_bp", "a share is 0 to 100 percent", "write 0 to 100 percent")
    if form.exclusive is not None and (scope == "global" or not sku):
        raise Invalid("exclusive", "exclusive units are of one SKU for one shop or channel", "name the SKU and the place")
    if all(value is None for value in (form.exclusive, form.ratio_bp, form.threshold)):
        raise Invalid("exclusive", "nothing is set", "set exclusive units, a share or a threshold")


def remove_quota(hub: Hub, quota_id: int, actor: str) -> None:
    """Take a quota away; the wider place counts again."""
    with hub.begin() as connection:
        gone = "delete from stock_quota where id = %s returning scope, scope_id, sku_id"
        found = fetch(connection, gone, (quota_id,))
        if not found:
            raise NotFound("there is no such quota any more", "look at the list again")
        free_goods_of(connection, [found[0][2]])
        _leave_trail(hub, connection, found[0][0], found[0][1], actor)
    _pushed_again(hub)


def set_policy(hub: Hub, pool_id: int, shop_id: int, fields: dict[str, int | None], actor: str) -> None:
    """Set the oversell policy of a pool (shop 0) or of one of its shops; None leaves a field to the pool, then to us."""
    for name, most in POLICY_FIELDS.items():
        value = fields.get(name)
        if value is not None and not LEAST.get(name, 0) <= value <= most:
            raise Invalid(name, "this number is too small or too large", f"write {LEAST.get(name, 0)} to {most}")
    with hub.begin() as connection:
        known = fetch(
            connection,
            """select p.id from stock_pool p where p.id = %s
               and (%s = 0 or exists (select from shop s where s.id = %s and s.stock_pool_id = p.id))""",
            (pool_id, shop_id, shop_id),
        )
        if not known:
            raise NotFound("there is no such pool, or the shop is not served from it", "choose one of the list")
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(POLICY, (pool_id, shop_id, *[fields.get(name) for name in POLICY_FIELDS]))
        free_goods_in(connection, pool_id)
        _leave_trail(hub, connection, "shop" if shop_id else "global", shop_id, actor, field="promise_policy")
    _pushed_again(hub)


def set_reserving(hub: Hub, shop_id: int, reserve_at: str, actor: str) -> None:
    """When a shop's orders have their units reserved: with the order, or once it is paid."""
    if reserve_at not in ("order", "payment"):
        raise Invalid("reserve_at", "this is no moment to reserve at", "choose order or payment")
    with hub.begin() as connection:
        asked = "update shop set reserve_at = %s where id = %s and reserve_at <> %s returning id"
        if fetch(connection, asked, (reserve_at, shop_id, reserve_at)):
            leave_trail(hub, connection, "shop_changed", actor, {"shop": shop_id, "field": ["reserve_at"]})
    hub.masters.forget()


def _sku_id(connection: Connection, code: str) -> int:
    if not code:
        return 0
    found = fetch(connection, "select id from sku where code = %s and not is_archived and not is_virtual", (code,))
    if not found:
        raise Invalid("sku", f"there is no SKU {code} in use", "look at its spelling")
    return int(found[0][0])


def _check_place(connection: Connection, scope: str, scope_id: int) -> None:
    if scope not in QUOTA_SCOPES:
        raise Invalid("scope", "this is no place for a quota", "choose global, channel or shop")
    table = {"channel": "channel", "shop": "shop"}.get(scope)
    if table is None:
        is_known = scope_id == 0
    else:
        is_known = bool(fetch(connection, f"select id from {table} where id = %s", (scope_id,)))
    if not is_known:
        raise Invalid("scope_id", "there is no such place", "choose one of the list")


def _leave_trail(
    hub: Hub, connection: Connection, scope: str, scope_id: int, actor: str, *, field: str = "stock_quota"
) -> None:
    detail: dict[str, Any] = {"field": [field]}
    if scope == "shop":
        detail["shop"] = scope_id
    leave_trail(hub, connection, "shop_changed", actor, detail)


def _pushed_again(hub: Hub) -> None:
    """Shops are told soon, and who waits is looked at; what their platforms have already is not told twice."""
    hub.masters.forget()
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute("update stock_push set due_at = least(due_at, %s) where is_on", (hub.clock(),))
    hub.poke("push_stock")
    hub.poke("wake_short")


def list_quotas(connection: Connection, sku: str = "", after: Place = FIRST) -> list[dict[str, Any]]:
    """A page of quotas, those of all SKUs first, beginning after a place; with a code those that bear on this SKU."""
    return [dict(zip(NAMES, row, strict=True)) for row in fetch(connection, LISTED, (sku, sku, *after, PAGE))]


def place_of(quota: dict[str, Any]) -> Place:
    """Where a listed quota stands."""
    return quota["sku"], EXACTNESS[quota["scope"]], quota["scope_id"]


def find_quota(connection: Connection, quota_id: int) -> dict[str, Any]:
    """One quota as it is listed; NotFound when it was taken away."""
    for row in fetch(connection, ONE, (quota_id,)):
        return dict(zip(NAMES, row, strict=True))
    raise NotFound("there is no such quota any more", "look at the list again")


def preview(
    connection: Connection, masters: Masters, sku: str, visible: set[int] | None = None
) -> list[tuple[str, Supply, list[Preview]]]:
    """By pool what each live shop would be told of a SKU now, and why; NotFound for an unknown code."""
    found = fetch(connection, "select id from sku where code = %s", (sku,))
    if not found:
        raise NotFound(f"there is no SKU {sku}", "look at its spelling")
    sku_id = int(found[0][0])
    kept = dict(fetch(connection, "select shop_id, safety from stock_push where is_on"))
    told = []
    for pool_id, name in fetch(connection, "select id, name from stock_pool order by id"):
        shops = [card for card in masters.shops.values() if card.pool_id == pool_id and card.mode == "live"]
        shelf = look_at_shelf(connection, masters, pool_id, [sku_id])
        if not shops or sku_id not in shelf.supply:
            continue
        worth = dict(shelf.ranks.get(sku_id, ()))
        rows = [
            Preview(card, shelf.told(card, sku_id, kept_back=kept.get(card.id, 0)), worth.get(card.id),
                    shelf.shares(card, sku_id)[0], card.id in worth)
            for card in shops if visible is None or card.id in visible
        ]  # fmt: skip
        told.append((name, shelf.supply[sku_id], rows))
    return told
