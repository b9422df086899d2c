"""People, teams and shifts for the tests of review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from tests.factories import World, advance, an_order, review_all

REVIEWER = ["order.view", "order.pass_review", "order.send_back"]
LEAD = [*REVIEWER, "order.assign_review", "order.force_review", "order.pass_any_amount"]


def may_only(*permissions: str, shops: tuple[int, ...] | None = None) -> Callable[[str, int], bool]:
    """What somebody with these permissions may do, in some shops or in all."""
    return lambda permission, shop_id: permission in permissions and (shops is None or shop_id in shops)


PLAIN = may_only(*REVIEWER)


def a_role(world: World, name: str, permissions: list[str] | None = None) -> int:
    return int(
        world_insert(world, "insert into role (name, label_zh, label_en, permissions) "
                     "values (:name, :name, :name, :given) returning id", name=name, given=permissions or REVIEWER)
    )  # fmt: skip


def a_person(world: World, name: str, *role_ids: int, shops: list[int] | None = None) -> int:
    """Somebody with roles; answers the id."""
    id_ = world_insert(
        world,
        "insert into users (email, display_name, fs_uniquifier) values (:email, :name, :name) returning id",
        email=f"{name}@example.com",
        name=name,
    )
    for role_id in role_ids:
        world.run(
            "insert into user_role (user_id, role_id, shop_ids) values (:user, :role, :shops)",
            user=id_, role=role_id, shops=shops,
        )  # fmt: skip
    return int(id_)


def a_team(world: World, name: str, *members: int) -> int:
    id_ = world_insert(world, "insert into user_group (code, name) values (:name, :name) returning id", name=name)
    for user_id in members:
        world.run("insert into user_group_member values (:team, :user)", team=id_, user=user_id)
    return int(id_)


def a_limit(world: World, tier: int, role_id: int, most: int, currency: str = "CNY") -> None:
    world.run(
        "insert into review_limit (tier, role_id, currency, most_amount) values (:tier, :role, :currency, :most)",
        tier=tier, role=role_id, currency=currency, most=most,
    )  # fmt: skip


def world_insert(world: World, statement: str, **values: object) -> int:
    """Insert and answer the id."""
    with world.hub.begin() as connection:
        return int(connection.execute(text(statement), values).scalar_one())


def queued(world: World, tier: str = "service", count: int = 1, **changes: Any) -> list[int]:
    """Orders that wait at a tier."""
    if not world.rows("select 1 from rule_set"):
        review_all(world, tier)
    ids = [an_order(world, **changes) for _ in range(count)]
    advance(world)
    return ids


def waits(world: World, order_id: int) -> tuple[str, int, str, int]:
    """(review, tiers waiting, tiers to come, tiers passed)."""
    rows = world.rows("select review, tiers_waiting, tiers_next, tiers_passed from orders where id = :id", id=order_id)
    return tuple(rows[0])
