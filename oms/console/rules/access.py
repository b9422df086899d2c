"""How far a person's word about rules reaches: a shop's own rules, or those that many shops share."""

from __future__ import annotations

from typing import Final

from flask import current_app

from oms.app.rulebook import sets
from oms.app.rulebook.changing import AnyRow, find_version
from oms.console.context import connection, person, shops
from oms.console.messages import _
from oms.console.permissions import PERMISSIONS
from oms.console.rendering import label
from oms.domain.errors import Forbidden, NotFound

VIEW: Final = "rule.view"
EDIT: Final = "rule.edit"
ACTIVATE: Final = "rule.activate"


def reaches(permission: str, scope: str, scope_id: int) -> bool:
    """Whether the person may do this to the rules of a place; what shops share asks for every shop."""
    # No shop has the id 0: only somebody for every shop passes.
    return person().allows(permission, scope_id if scope == "shop" else 0)


def check_reach(permission: str, scope: str, scope_id: int) -> None:
    """Forbidden unless it reaches so far."""
    if not reaches(permission, scope, scope_id):
        raise Forbidden(why_not(permission, scope, scope_id), _("找在所有店铺都有这个权限的人"))


def why_not(permission: str, scope: str, scope_id: int) -> str:
    """Why the person may not do this here, for beside the disabled button; empty when they may."""
    if reaches(permission, scope, scope_id):
        return ""
    name = label(*PERMISSIONS[permission])
    if scope != "shop" and person().allows(permission):
        return _("多家店共用的规则，要在所有店铺都有「%(name)s」权限", name=name)
    return _("要「%(name)s」权限，找管理员", name=name)


def has_page(endpoint: str) -> bool:
    """Whether this installation has a page that others are linked to."""
    return endpoint in current_app.view_functions


def visible_set(rule_set_id: int) -> AnyRow:
    """A rule set; NotFound when it is of a shop that the person may not see."""
    found: AnyRow = sets.find_set(connection(), rule_set_id, shops(VIEW).ids)
    return found


def visible_version(version_id: int, rule_set_id: int | None = None) -> tuple[AnyRow, AnyRow]:
    """(version, its rule set); NotFound as for the set, or when it is of another one than it is asked for."""
    version = find_version(connection(), version_id)
    try:
        found = visible_set(version.rule_set_id)
    except NotFound:
        raise _no_version() from None
    if rule_set_id not in (None, found.id):
        raise _no_version()
    return version, found


def reach_set(permission: str, rule_set_id: int) -> AnyRow:
    """A rule set that the person may see and change."""
    found = visible_set(rule_set_id)
    check_reach(permission, found.scope, found.scope_id)
    return found


def _no_version() -> NotFound:
    return NotFound("there is no such version", "read the rule set again")
