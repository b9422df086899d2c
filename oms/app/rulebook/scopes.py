"""Where a rule set holds: global < channel < shop group < user group < shop; which one wins a shop, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from oms.db.rulebook import STAGES
from oms.domain.errors import Invalid, NotFound

#: The most exact first: the first with a version in force wins.
PRECEDENCE: Final = ("shop", "user_group", "shop_group", "channel", "global")
LABELS: Final = {
    "shop": ("店铺", "shop"),
    "user_group": ("用户组", "user group"),
    "shop_group": ("店铺组", "shop group"),
    "channel": ("渠道", "channel"),
    "global": ("全局", "global"),
}
#: Why a scope decides for a shop or does not: 中文, English.
REASONS: Final = {
    "in_force": ("生效中", "in force"),
    "more_exact": ("被更具体的范围覆盖", "a more exact scope is in force"),
    "not_active": ("没有启用的版本", "none of its versions is active"),
    "no_set": ("这里没有规则集", "there is no rule set here"),
    "no_group": ("店铺不属于任何组", "the shop belongs to no such group"),
}
_NAMES: Final = {
    "shop": "select name from shop where id = :id",
    "user_group": "select name from user_group where id = :id",
    "shop_group": "select name from shop_group where id = :id",
    "channel": "select label_zh from channel where id = :id",
}
_SHOPS = text("""
select id, code, name, user_group_id, shop_group_id, channel_id from shop
where id = any(:ids) and id > :after order by id limit :size""")
_SETS = text("""
select s.id, s.stage, s.scope, s.scope_id, s.name, v.id as version_id, v.number, c.id as canary_id,
       c.number as canary_number, c.canary
from rule_set s
left join rule_set_version v on v.rule_set_id = s.id and v.state = 'active' and v.canary = 100
left join rule_set_version c on c.rule_set_id = s.id and c.state = 'active' and c.canary < 100
where s.stage = any(:stages)""")

Place = tuple[str, int]
AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Contender:
    """A scope that might decide for a shop: `why` is a key of REASONS; without a set its ids are None."""

    scope: str
    scope_id: int | None
    why: str
    rule_set_id: int | None = None
    name: str = ""
    version_id: int | None = None
    number: int | None = None
    canary_id: int | None = None
    canary_number: int | None = None
    canary: int | None = None

    @property
    def wins(self) -> bool:
        """Whether it decides."""
        return self.why == "in_force"


@dataclass(frozen=True, slots=True)
class Standing:
    """The contenders for one shop and stage, the most exact first."""

    shop_id: int
    shop_code: str
    shop_name: str
    stage: str
    contenders: tuple[Contender, ...]

    @property
    def winner(self) -> Contender | None:
        """The one that decides, if there is any."""
        return next((contender for contender in self.contenders if contender.wins), None)


def places_of(shop: Any) -> Iterator[tuple[str, int | None]]:
    """(scope, id) of a shop's row or card, the most exact first; a group that it lacks has None."""
    yield "shop", shop.id
    yield "user_group", shop.user_group_id
    yield "shop_group", shop.shop_group_id
    yield "channel", shop.channel_id
    yield "global", 0


def check_place(connection: Connection, scope: str, scope_id: int) -> str:
    """The name of a place that exists; Invalid otherwise. The id of the global scope is 0."""
    if scope == "global":
        if scope_id:
            raise Invalid("scope_id", "the global scope has no document", "send 0 or leave it out")
        return LABELS["global"][0]
    if scope not in _NAMES:
        raise Invalid("scope", f"there is no scope {scope}", f"use one of {', '.join(LABELS)}")
    name = connection.execute(text(_NAMES[scope]), {"id": scope_id}).scalar()
    if name is None:
        raise Invalid("scope_id", f"there is no such {LABELS[scope][1]}", "choose one that exists")
    return str(name)


def find_standing(connection: Connection, shop_id: int, stage: str) -> Standing:
    """Which rule set decides for a shop at a stage, and why the others do not."""
    if stage not in STAGES:
        raise Invalid("stage", f"there is no stage {stage}", f"use one of {', '.join(STAGES)}")
    found = list_standings(connection, [shop_id], [stage])
    if not found:
        raise NotFound("there is no such shop")
    return found[0]


def list_standings(
    connection: Connection, shop_ids: Sequence[int], stages: Sequence[str] = STAGES, *, after: int = 0, size: int = 1000
) -> list[Standing]:
    """The standing of every stage for these shops, ordered by shop; a page begins behind the shop id `after`."""
    sets = {(row.stage, row.scope, row.scope_id): row for row in connection.execute(_SETS, {"stages": list(stages)})}
    shops = connection.execute(_SHOPS, {"ids": list(shop_ids), "after": after, "size": size}).all()
    return [
        Standing(shop.id, shop.code, shop.name, stage, _contenders(shop, stage, sets))
        for shop in shops
        for stage in stages
    ]


def _contenders(shop: AnyRow, stage: str, sets: dict[tuple[str, str, int], AnyRow]) -> tuple[Contender, ...]:
    found: list[Contender] = []
    for scope, scope_id in places_of(shop):
        row = sets.get((stage, scope, scope_id)) if scope_id is not None else None
        if row is None:
            found.append(Contender(scope, scope_id, "no_group" if scope_id is None else "no_set"))
            continue
        is_won = any(contender.wins for contender in found)
        why = "not_active" if row.version_id is None else "more_exact" if is_won else "in_force"
        found.append(
            Contender(scope, scope_id, why, row.id, row.name, row.version_id, row.number, row.canary_id,
                      row.canary_number, row.canary)
        )  # fmt: skip
    return tuple(found)
