"""What is stored of how an order was decided: decisions with their versions, holds, people's words, rules kept back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.queries.timeline import month_of

Rows = Sequence[AnyRow]
#: An order whose goods lack is sourced again and again; the newest so many decisions are told.
MOST: Final = 400

_DECISIONS = text("""
select id, stage, rule_set_version_id as version_id, verdict, coalesce(matched, '{}') as matched, facts, choices, engine,
       input_hash, at
from decision where month >= :month and order_id = :id order by at desc, id desc limit :most""")
_PLACE_NAMES: Final = """case {owner}.scope
  when 'shop' then (select name from shop where id = {owner}.scope_id)
  when 'user_group' then (select name from user_group where id = {owner}.scope_id)
  when 'shop_group' then (select name from shop_group where id = {owner}.scope_id)
  when 'channel' then (select {label} from channel where id = {owner}.scope_id)
  else '' end"""
_VERSIONS = text(f"""
select v.id, v.rule_set_id, v.number, v.created_at, v.state, v.canary, v.author, v.comment, v.activated_at, v.archived_at,
       sha256(convert_to(v.body::text, 'UTF8')) as digest, s.stage, s.name, s.scope, s.scope_id,
       {_PLACE_NAMES.format(owner="s", label="label_zh")} as place_zh,
       {_PLACE_NAMES.format(owner="s", label="label_en")} as place_en
from rule_set_version v join rule_set s on s.id = v.rule_set_id where v.id = any(:ids)""")
_BODIES = text("select id, body from rule_set_version where id = any(:ids)")
_HOLDS = text("""
select id, kind, blocks, clears, lifted_with, seen, placed_at, placed_by, cleared_at, cleared_by, clear_reason
from hold where order_id = :id order by placed_at, id""")
_REVIEWS = text("""
select id, tier, verdict, actor, amount, reason, at, invalidated_at, invalidated_by
from review_decision where order_id = :id order by at, id""")
_TOLD_OF_RULES = text("""
select at, detail from event where month = :month and order_id = :id and kind in ('rule_unhealthy', 'hold_placed')
  and detail ? 'rules'""")
_PAUSED = text("""
select rule_set_id, rule_id, reason, first_at, cleared_at from rule_trouble
where kind = 'paused' and rule_set_id = any(:ids)""")
_SHOP = text("select id, code, name, timezone from shop where id = :id")
#: What put versions in force, as the trail of changes tells it.
_PUT_IN_FORCE = text("""
select at, id, cast(detail ->> 'rule_set' as bigint) as rule_set_id, cast(detail ->> 'version' as int) as number,
       coalesce(cast(detail ->> 'share' as int), 100) as share
from event where month between :first and :last and order_id = 0
  and kind in ('rule_version_activated', 'rule_set_rolled_back', 'rule_canary_promoted')
  and cast(detail ->> 'rule_set' as bigint) = any(:ids)
order by at, id""")
_POINTS = text("select id, code, name from stock_point where id = any(:ids)")


def decisions_of(connection: Connection, order: AnyRow) -> list[AnyRow]:
    """The newest decisions about an order, oldest first."""
    asked = {"month": month_of(order.captured_at), "id": order.id, "most": MOST}
    return list(reversed(connection.execute(_DECISIONS, asked).all()))


def versions_of(connection: Connection, ids: Sequence[int]) -> Rows:
    """Versions with a digest of their rules and the place of their set."""
    return connection.execute(_VERSIONS, {"ids": list(ids)}).all() if ids else ()


def bodies_of(connection: Connection, ids: Sequence[int]) -> dict[int, Any]:
    """The stored documents of versions by id."""
    return {row.id: row.body for row in connection.execute(_BODIES, {"ids": list(ids)})} if ids else {}


def holds_of(connection: Connection, order_id: int) -> Rows:
    """Every hold of an order, lifted ones too."""
    return connection.execute(_HOLDS, {"id": order_id}).all()


def reviews_of(connection: Connection, order_id: int) -> Rows:
    """What people said of an order, also what is void since."""
    return connection.execute(_REVIEWS, {"id": order_id}).all()


def told_of_rules(connection: Connection, order: AnyRow) -> Rows:
    """When the order's timeline told of rules that could not act, and of which."""
    return connection.execute(_TOLD_OF_RULES, {"month": month_of(order.captured_at), "id": order.id}).all()


def pauses_of(connection: Connection, rule_set_ids: Sequence[int]) -> Rows:
    """When rules of these sets were paused."""
    return connection.execute(_PAUSED, {"ids": list(rule_set_ids)}).all() if rule_set_ids else ()


def put_in_force(connection: Connection, versions: Rows, until: datetime) -> Rows:
    """When versions of these sets were put in force and for which share of the orders, oldest first."""
    if not versions:
        return ()
    asked = {"ids": sorted({row.rule_set_id for row in versions}), "last": month_of(until)}
    return connection.execute(_PUT_IN_FORCE, asked | {"first": month_of(min(row.created_at for row in versions))}).all()


def points_of(connection: Connection, ids: Sequence[int]) -> dict[int, AnyRow]:
    """Stock points by id."""
    return {row.id: row for row in connection.execute(_POINTS, {"ids": list(ids)})} if ids else {}


def shop_of(connection: Connection, shop_id: int) -> AnyRow:
    """The order's shop."""
    return connection.execute(_SHOP, {"id": shop_id}).one()
