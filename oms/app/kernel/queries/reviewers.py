"""Who reviews: what people may pass at a tier, by the roles they have in a shop and the limits of these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, text

PASSES: Final = "order.pass_review"
ANY_AMOUNT: Final = "order.pass_any_amount"
#: What counts as no limit for a role: more than any order is worth.
UNLIMITED: Final = 10**15

_LIMITS = text("select role_id, currency, most_amount from review_limit where tier = :tier")
_GRANTS = text("""
select u.id, coalesce(nullif(u.display_name, ''), u.email), r.id, r.label_zh, r.label_en, ur.shop_ids,
       :pass = any(r.permissions), :pass_any = any(r.permissions)
from user_role ur join users u on u.id = ur.user_id join role r on r.id = ur.role_id
where u.active order by 2, 1, r.id""")


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that somebody has in some shops, None for all, and what it allows in review."""

    role_id: int
    label_zh: str
    label_en: str
    shop_ids: frozenset[int] | None
    may_pass: bool
    may_pass_any: bool

    def reaches(self, shop_id: int) -> bool:
        """Whether it was given for this shop."""
        return self.shop_ids is None or shop_id in self.shop_ids


@dataclass(slots=True)
class Reviewer:
    """Somebody with their roles."""

    id: int
    name: str
    grants: list[Grant] = field(default_factory=list)


@dataclass(slots=True)
class Desk:
    """A tier with its limits, (role, currency) → most, and everybody who has a role."""

    limits: dict[tuple[int, str], int]
    people: dict[int, Reviewer]

    def most(self, user_id: int, shop_id: int, currency: str) -> int | None:
        """What the limits let somebody pass in a shop; None when no limit names a role of theirs."""
        mine = self.people[user_id].grants if user_id in self.people else []
        found = [self.limits.get((grant.role_id, currency)) for grant in mine if grant.reaches(shop_id)]
        return max((most for most in found if most is not None), default=None)

    def able(self, shop_id: int, currency: str, amount: int) -> list[tuple[Reviewer, Grant]]:
        """Who may pass an order, each with the role that allows it."""
        found = []
        for person in self.people.values():
            role = self._allowing(person, shop_id, currency, amount)
            if role is not None:
                found.append((person, role))
        return found

    def _allowing(self, person: Reviewer, shop_id: int, currency: str, amount: int) -> Grant | None:
        mine = [grant for grant in person.grants if grant.reaches(shop_id)]
        passing = next((grant for grant in mine if grant.may_pass), None)
        if passing is None or not self.limits:
            return passing
        for grant in mine:
            most = self.limits.get((grant.role_id, currency))
            if grant.may_pass_any or (most is not None and amount <= most):
                return grant
        return None


def load_limits(connection: Connection, tier: int) -> dict[tuple[int, str], int]:
    """(role, currency) → the largest amount it may pass at this tier; empty where amounts do not matter."""
    return {(row[0], row[1]): row[2] for row in connection.execute(_LIMITS, {"tier": tier})}


def load_desk(connection: Connection, tier: int) -> Desk:
    """A tier with its limits and people."""
    desk = Desk(load_limits(connection, tier), {})
    for id_, name, role_id, zh, en, shops, may_pass, may_any in connection.execute(
        _GRANTS, {"pass": PASSES, "pass_any": ANY_AMOUNT}
    ):
        person = desk.people.setdefault(id_, Reviewer(id_, name))
        reach = None if shops is None else frozenset(shops)
        person.grants.append(Grant(role_id, zh, en, reach, may_pass, may_any))
    return desk


def user_of(actor: str) -> int | None:
    """The id of the person that an actor is; None for keys and programs."""
    kind, _colon, number = actor.partition(":")
    return int(number) if kind == "user" and number.isdecimal() else None


def names_of_actors(connection: Connection, actors: Iterable[str]) -> dict[str, str]:
    """Actor → the name to tell colleagues; one that is neither a person nor a key is told as it is."""
    wanted = set(actors)
    users = {user: actor for actor in wanted if (user := user_of(actor)) is not None}
    keys = {int(actor[4:]): actor for actor in wanted if actor.startswith("api:") and actor[4:].isdecimal()}
    found = {actor: actor for actor in wanted}
    if users:
        rows = connection.execute(
            text("select id, coalesce(nullif(display_name, ''), email) from users where id = any(:ids)"),
            {"ids": list(users)},
        )
        found |= {users[id_]: name for id_, name in rows}
    if keys:
        rows = connection.execute(text("select id, name from api_key where id = any(:ids)"), {"ids": list(keys)})
        found |= {keys[id_]: name for id_, name in rows}
    return found
