"""Who works on what waits in review: take the next orders, hand over to a colleague or a team, give back.

A claim is written under its order's lock alone, so claims never wait for one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, lock_orders
from oms.app.kernel.queries.claims import claims_of
from oms.app.kernel.queries.duty import DutyTurn, duty_turns, teams_of, turn_of
from oms.app.kernel.queries.reviewers import PASSES, user_of
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.reviewing.guard import CLAIMS, Asking, May, Refusal, anything, standing_of
from oms.app.pipeline.reviewing.passing import GONE, Outcome, check_tier
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotFound
from oms.domain.review import BY_BIT

#: Orders that one press of the key takes, and most of a request.
USUAL, MOST = 20, 200
#: A claim of somebody without shifts lasts so long.
LASTS: Final = timedelta(hours=8)
EVENT: Final = ("month", "order_id", "id", "kind", "actor", "at", "detail")

# Orders of shops that another team looks after come last; of those that are too much for the person more are looked at.
FREE: Final = """
select o.id, o.shop_id, o.currency, o.paid_total, o.captured_at from orders o
join shop s on s.id = o.shop_id
left join review_claim c on c.order_id = o.id and c.tier = %(tier)s
  and (c.user_group_id is not null or c.expires_at is null or c.expires_at > %(now)s)
where o.status in ('unpaid', 'open') and o.phase = 'review' and o.tiers_waiting & %(tier)s <> 0
  and o.shop_id = any(%(shops)s)
  and (c.order_id is null or ((c.user_id is null or c.expires_at <= %(now)s) and c.user_group_id = any(%(teams)s)))
order by s.user_group_id is not null and not s.user_group_id = any(%(teams)s), o.ship_by, o.id
limit %(most)s for update of o skip locked"""
PUT: Final = """
insert into review_claim (order_id, tier, user_id, user_group_id, claimed_at, claimed_by, expires_at)
select unnest(%s::bigint[]), %s, %s, %s, %s, %s, %s
on conflict (order_id, tier) do update set user_id = excluded.user_id, user_group_id = excluded.user_group_id,
  claimed_at = excluded.claimed_at, claimed_by = excluded.claimed_by, expires_at = excluded.expires_at"""
OVER: Final = """
delete from review_claim c using orders o where o.id = c.order_id and c.user_id = %s
and (o.status in ('completed', 'cancelled') or o.tiers_waiting & c.tier = 0 and o.tiers_passed & c.tier <> 0)"""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a claim is for: a person until it ends, and then, or from the start, a team."""

    user_id: int | None
    team_id: int | None
    expires_at: datetime | None


def claim_next(
    hub: Hub, tier: int, actor: str, shop_ids: Sequence[int], count: int = USUAL, *, may: May = anything
) -> list[int]:
    """Take the next orders that wait at a tier, most urgent first, which nobody has and the actor may pass."""
    check_tier(tier)
    user_id = user_of(actor)
    if user_id is None:
        raise Invalid("actor", "only a person can take orders", "sign in at the console")
    if not 1 <= count <= MOST:
        raise Invalid("count", "this number is too small or too large", f"write 1 to {MOST}")
    now = hub.clock()
    with hub.begin() as connection:
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(OVER, (user_id,))
        teams = teams_of(connection, user_id)
        asking = Asking(connection, hub.masters.get(connection, now), now, tier, actor, may)
        mine = [shop_id for shop_id in shop_ids if may(PASSES, shop_id)]
        told = {"tier": tier, "now": now, "shops": mine, "teams": teams, "most": count * 5}
        with psycopg_connection(connection).cursor() as cursor:
            free = cursor.execute(FREE, told).fetchall()
        taken = [row for row in free if asking.over_limit(*row[1:4]) is None][:count]
        _put(connection, [row[0] for row in taken], tier, _holder(connection, user_id, teams, now), actor, now)
        _note(
            hub, connection, "claim_review", actor, now, [(row[0], row[4]) for row in taken], {"tier": BY_BIT[tier].code}
        )
    return [row[0] for row in taken]


def hand_over(
    hub: Hub,
    order_ids: Sequence[int],
    tier: int,
    actor: str,
    *,
    user_id: int | None = None,
    team_id: int | None = None,
    reason: str = "",
    may: May = anything,
) -> list[Outcome]:
    """Give orders to a colleague, who must be able to pass them, or to a team; what others have needs a permission."""
    check_tier(tier)
    if (user_id is None) == (team_id is None):
        raise Invalid("to", "it is handed to one person or to one team", "name one of them")
    now = hub.clock()
    with hub.begin() as connection:
        name = _name(connection, user_id, team_id)
        asking = Asking(connection, hub.masters.get(connection, now), now, tier, actor, may, CLAIMS)
        orders, refused = _look(connection, asking, order_ids)
        if user_id is not None:
            refused |= _unable(asking, orders, user_id, name)
        given = [order for order in orders if order.id not in refused]
        holder = Holder(None, team_id, None) if user_id is None else _holder(connection, user_id, (), now)
        _put(connection, [order.id for order in given], tier, holder, actor, now)
        told = {"tier": BY_BIT[tier].code, "to": name} | ({"reason": reason[:500]} if reason else {})
        _note(hub, connection, "hand_over_review", actor, now, [(one.id, one.captured_at) for one in given], told)
    return [_outcome(order_id, refused) for order_id in order_ids]


def give_back(hub: Hub, order_ids: Sequence[int], tier: int, actor: str, *, may: May = anything) -> list[Outcome]:
    """Let orders go that one has taken: they are the team's again, else anybody's."""
    check_tier(tier)
    now = hub.clock()
    with hub.begin() as connection:
        asking = Asking(connection, hub.masters.get(connection, now), now, tier, actor, may, CLAIMS)
        orders, refused = _look(connection, asking, order_ids)
        claims = claims_of(connection, [order.id for order in orders], tier, now)
        refused |= {order.id: Refusal("free", "nobody has taken it") for order in orders if order.id not in claims}
        given = [order for order in orders if order.id not in refused]
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """delete from review_claim where order_id = any(%s) and tier = %s
                   and (user_group_id is null or user_id is null)""",
                (array_of([order.id for order in given]), tier),
            )
            cursor.execute(
                "update review_claim set user_id = null, expires_at = null where order_id = any(%s) and tier = %s",
                (array_of([order.id for order in given]), tier),
            )
        told = {"tier": BY_BIT[tier].code}
        _note(hub, connection, "give_back_review", actor, now, [(one.id, one.captured_at) for one in given], told)
    return [_outcome(order_id, refused) for order_id in order_ids]


def _look(connection: Connection, asking: Asking, order_ids: Sequence[int]) -> tuple[list[OrderWork], dict[int, Refusal]]:
    """Lock the orders; (those that there is something to do with, the refused ones)."""
    orders = lock_orders(connection, set(order_ids))
    refused = asking.refusals([standing_of(order) for order in orders])
    known = {order.id for order in orders}
    refused |= {order_id: GONE for order_id in order_ids if order_id not in known}
    return [order for order in orders if order.id not in refused], refused


def _unable(asking: Asking, orders: Iterable[OrderWork], user_id: int, name: str) -> dict[int, Refusal]:
    """Orders that the colleague may not pass at this tier."""
    found = {}
    for order in orders:
        able = asking.desk.able(order.shop_id, order.currency, order.paid_total)
        if user_id not in {person.id for person, _ in able}:
            found[order.id] = Refusal("unable", f"{name} may not pass it at this tier; choose somebody who may")
    return found


def _outcome(order_id: int, refused: dict[int, Refusal]) -> Outcome:
    refusal = refused.get(order_id)
    return Outcome(order_id, refusal is None, refusal.words if refusal else "")


def _name(connection: Connection, user_id: int | None, team_id: int | None) -> str:
    question = (
        "select coalesce(nullif(display_name, ''), email) from users where id = %s and active"
        if user_id is not None
        else "select name from user_group where id = %s"
    )
    rows = fetch(connection, question, (user_id if user_id is not None else team_id,))
    if not rows:
        raise NotFound("there is no such colleague or team", "choose one of the list")
    return str(rows[0][0])


def _holder(connection: Connection, user_id: int, teams: Sequence[int], now: datetime) -> Holder:
    """Somebody until the end of their shift, then the shift's team; without shifts for some hours."""
    turn: DutyTurn | None = turn_of(duty_turns(connection, now), user_id)
    if turn is not None and turn.turn is not None:
        return Holder(user_id, turn.team_id, turn.turn.ends_at)
    return Holder(user_id, teams[0] if len(teams) == 1 else None, now + LASTS)


def _put(connection: Connection, order_ids: Sequence[int], tier: int, holder: Holder, actor: str, now: datetime) -> None:
    values = (array_of(order_ids), tier, holder.user_id, holder.team_id, now, actor, holder.expires_at)
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(PUT, values)


def _note(
    hub: Hub,
    connection: Connection,
    kind: str,
    actor: str,
    now: datetime,
    orders: Sequence[tuple[int, datetime]],
    detail: dict[str, Any],
) -> None:
    """A line on each order's timeline; the order itself has not changed."""
    ids = hub.ids.take(connection, len(orders))
    copy_rows(connection, "event", EVENT, [
        (date(captured.year, captured.month, 1), order_id, id_, kind, actor, now, detail)
        for id_, (order_id, captured) in zip(ids, orders, strict=True)
    ])  # fmt: skip
