"""Changing how shops review: tiers, limits, teams and shifts. What waits already goes on as it was begun."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.reviewers import UNLIMITED
from oms.app.kernel.trail import leave_trail
from oms.domain.errors import Invalid, NotFound
from oms.domain.review import BY_BIT, MODES

LAST_MINUTE: Final = 1440
_SHOP = text("update shop set reviews_in_order = :in_order where id = :shop")
_TIER = text("""
insert into shop_tier (shop_id, tier, mode, position) values (:shop, :tier, :mode, :position)
on conflict (shop_id, tier) do update set mode = excluded.mode, position = excluded.position""")
_NO_LIMITS = text("delete from review_limit where tier = :tier")
_LIMIT = text("""
insert into review_limit (tier, role_id, currency, most_amount) values (:tier, :role, :currency, :most)
on conflict (tier, role_id, currency) do update set most_amount = excluded.most_amount""")
_SHIFT = text("""
insert into duty_shift (user_group_id, user_id, weekdays, starts_min, ends_min, timezone)
values (:team, :person, :days, :starts, :ends, :zone) returning id""")
_MEMBER = text("""
insert into user_group_member (user_group_id, user_id) values (:team, :person) on conflict do nothing""")
_NAMED = text("select id from user_group where code = :code")
_TEAM = text("insert into user_group (code, name) values (:code, :name) on conflict (code) do nothing returning id")


def change_tiers(
    hub: Hub, shop_id: int, modes: Mapping[int, str], order: Sequence[int], *, in_order: bool, actor: str
) -> None:
    """How a shop reviews from now on: the mode of each tier, and who looks first where they look in order."""
    if set(modes) != set(BY_BIT) or not set(modes.values()) <= set(MODES):
        raise Invalid("modes", "each tier is skipped, automatic or manual", f"name one of {', '.join(MODES)} for each")
    if sorted(order) != sorted(BY_BIT):
        raise Invalid("order", "each tier has one place in the order", "name 1, 2, 4 and 8 once each")
    with hub.begin() as connection:
        if not connection.execute(_SHOP, {"shop": shop_id, "in_order": in_order}).rowcount:
            raise NotFound("there is no such shop", "choose one of the list")
        for place, tier in enumerate(order, 1):
            told = {"shop": shop_id, "tier": tier, "mode": modes[tier], "position": place}
            connection.execute(_TIER, told)
        leave_trail(hub, connection, "review_changed", actor, {"shop": shop_id})
    hub.masters.forget()


def change_limits(hub: Hub, tier: int, limits: Collection[tuple[int, str, int | None]], actor: str) -> None:
    """The limits of a tier, (role, currency, most minor units or None for any); none at all lets everybody pass."""
    if tier not in BY_BIT:
        raise Invalid("tier", f"{tier} is no review tier", "use 1, 2, 4 or 8")
    if len({limit[:2] for limit in limits}) != len(limits):
        raise Invalid("limits", "a role has one limit in a currency", "leave the others out")
    with hub.begin() as connection:
        _check_roles(connection, {role for role, _, _ in limits})
        connection.execute(_NO_LIMITS, {"tier": tier})
        for role, currency, most in limits:
            if len(currency) != 3 or not currency.isascii() or not currency.isupper():
                raise Invalid("currency", "this is no currency", "write it like CNY")
            if most is not None and not 0 <= most < UNLIMITED:
                raise Invalid("most_amount", "this amount is too small or too large", "leave it empty for any amount")
            told = {"tier": tier, "role": role, "currency": currency, "most": UNLIMITED if most is None else most}
            connection.execute(_LIMIT, told)
        leave_trail(hub, connection, "limits_changed", actor, {"tier": BY_BIT[tier].code})


def add_shift(
    hub: Hub,
    team_id: int,
    user_id: int,
    weekdays: Collection[int],
    starts_min: int,
    ends_min: int,
    timezone: str,
    actor: str,
) -> int:
    """A shift of somebody in a team, who becomes its member; answers the shift's id."""
    if not weekdays or not set(weekdays) <= set(range(1, 8)):
        raise Invalid("weekdays", "a shift is on some days of the week", "choose days from 1, Monday, to 7")
    if not 0 <= starts_min < LAST_MINUTE or not 0 <= ends_min <= LAST_MINUTE or starts_min == ends_min:
        raise Invalid("ends_min", "a shift begins and ends at different minutes of a day", "write 0 to 1440")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("timezone", "this time zone is unknown", "write it like Asia/Shanghai") from None
    told = {"team": team_id, "person": user_id, "days": sorted(weekdays), "starts": starts_min, "ends": ends_min,
            "zone": timezone}  # fmt: skip
    with hub.begin() as connection:
        _check_named(connection, team_id, user_id)
        shift_id = int(connection.execute(_SHIFT, told).scalar_one())
        connection.execute(_MEMBER, {"team": team_id, "person": user_id})
        leave_trail(hub, connection, "shift_added", actor, {"shift": shift_id})
    return shift_id


def remove_shift(hub: Hub, shift_id: int, actor: str) -> None:
    """End a shift for good; claims that were taken in it keep their end."""
    with hub.begin() as connection:
        if not connection.execute(text("delete from duty_shift where id = :id"), {"id": shift_id}).rowcount:
            raise NotFound("there is no such shift", "reload the page")
        leave_trail(hub, connection, "shift_removed", actor, {"shift": shift_id})


def make_team(hub: Hub, name: str, actor: str) -> int:
    """A team by its name, which is its code as well; one of that name is taken as it is."""
    plain = name.strip()
    if not 1 <= len(plain) <= 40:
        raise Invalid("name", "a team needs a name", "write 1 to 40 characters")
    with hub.begin() as connection:
        made = connection.execute(_TEAM, {"code": plain, "name": plain}).scalar()
        if made is None:
            return int(connection.execute(_NAMED, {"code": plain}).scalar_one())
        leave_trail(hub, connection, "team_made", actor, {"team": made})
    return int(made)


def _check_roles(connection: Connection, role_ids: Collection[int]) -> None:
    known = set(connection.execute(text("select id from role")).scalars())
    if not set(role_ids) <= known:
        raise Invalid("role_id", "there is no such role", "choose one of the list")


def _check_named(connection: Connection, team_id: int, user_id: int) -> None:
    if not connection.execute(text("select 1 from user_group where id = :id"), {"id": team_id}).first():
        raise Invalid("user_group_id", "there is no such team", "choose one of the list")
    if not connection.execute(text("select 1 from users where id = :id and active"), {"id": user_id}).first():
        raise Invalid("user_id", "there is no such colleague", "choose one of the list")
