"""How far a caller's word about rules reaches: a shop's own rules, or those that many shops share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from oms.api.access import caller, hub, visible_shops
from oms.app.rulebook import sets
from oms.app.rulebook.changing import find_version
from oms.domain.errors import Forbidden, NotFound

VIEW, EDIT, ACTIVATE = "rule.view", "rule.edit", "rule.activate"
LARGEST_ID = "int(min=1, max=9223372036854775807)"
SET_ID = f"<{LARGEST_ID}:rule_set_id>"
VERSION_ID = f"<{LARGEST_ID}:version_id>"


def check_reach(permission: str, scope: str, scope_id: int) -> None:
    """Whoever has a permission for some shops may change the rules of one of these, but not what others share."""
    shop_id = scope_id if scope == "shop" else 0  # No shop has the id 0: only a caller for every shop passes.
    if not caller().allows(permission, shop_id):
        raise Forbidden(f"the permission {permission} does not reach this far", "ask somebody who has it for every shop")


def visible_set(connection: Connection, rule_set_id: int) -> Any:
    """A rule set; NotFound when it is of a shop that the caller may not see."""
    return sets.find_set(connection, rule_set_id, visible_shops(connection, VIEW))


def visible_version(connection: Connection, version_id: int) -> tuple[Any, Any]:
    """(version, its rule set); NotFound as for the set."""
    version = find_version(connection, version_id)
    try:
        return version, visible_set(connection, version.rule_set_id)
    except NotFound:
        raise NotFound("there is no such version", "read the rule set again") from None


def reach_set(permission: str, rule_set_id: int) -> None:
    """Refuse a change of a set that the caller may not see or not change."""
    with hub().engine.connect() as connection:
        found = visible_set(connection, rule_set_id)
    check_reach(permission, found.scope, found.scope_id)


def reach_version(permission: str, version_id: int) -> None:
    """The same of the set that a version belongs to."""
    with hub().engine.connect() as connection:
        _, found = visible_version(connection, version_id)
    check_reach(permission, found.scope, found.scope_id)
