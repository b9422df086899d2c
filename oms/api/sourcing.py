"""Settings and plans of sourcing through the API: read, written against a revision, tried first, undone, made now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection

from oms.api.access import caller, hub, visible_shops
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.sourcing_access import EDIT, LARGEST_ID, TRY, VIEW, check_reach
from oms.api.sourcing_schemas import (
    PlanSettingIn,
    PlanToldOut,
    SeenRevisionQuestion,
    SourcingChangePage,
    SourcingChangesQuestion,
    SourcingFields,
    SourcingPlanList,
    SourcingPlanOut,
    SourcingPreviewOut,
    SourcingSettingIn,
    SourcingSettingList,
    SourcingSettingOut,
    ZoneQuestion,
)
from oms.app.pipeline.steering import plans, policies
from oms.app.pipeline.steering.followed import count_followed
from oms.app.pipeline.steering.history import SIZE, find_change, list_changes
from oms.app.pipeline.steering.plan_told import tell_plan
from oms.app.pipeline.steering.previewing import keep_preview
from oms.app.pipeline.steering.setting import read_setting
from oms.db.planning import SOURCING_SCOPES
from oms.domain.errors import NotFound

routes = Routes("sourcing", "Sourcing as it is set by pool, channel and shop, and the plans of the batch planner")
SETTING: Final = f"/sourcing-settings/<any({','.join(SOURCING_SCOPES)}):scope>/<{LARGEST_ID}:scope_id>"
CHANGES: Final = "/sourcing-changes"
PLAN: Final = f"/sourcing-plans/<{LARGEST_ID}:pool_id>"


@routes.get("/sourcing-settings", VIEW, SourcingSettingList)
def list_settings() -> dict[str, Any]:
    """What pools, channels and the caller's shops say of their own."""
    with hub().engine.connect() as connection:
        mine = visible_shops(connection, VIEW)
        kept = policies.list_settings(connection).values()
    return {"settings": [_told(one) for one in kept if one.scope != "shop" or one.scope_id in mine]}


@routes.get(SETTING, VIEW, SourcingSettingOut, refuses=[404])
def show_setting(scope: str, scope_id: int) -> dict[str, Any]:
    """What one place says; with revision 0 what is usual there."""
    with hub().engine.connect() as connection:
        _visible(connection, scope, scope_id)
        return _told(policies.find_setting(connection, scope, scope_id))


@routes.put(SETTING, EDIT, SourcingSettingOut, asks=[(BODY, SourcingSettingIn)], refuses=[404, 409, 422])
def set_setting(asked: dict[str, Any], scope: str, scope_id: int) -> dict[str, Any]:
    """Have a place say this, all of it; in force within two seconds for orders that are not planned yet."""
    _reach(EDIT, scope, scope_id)
    revision = asked.pop("revision")
    policies.set_setting(hub(), scope, scope_id, read_setting(asked), revision, caller().actor)
    return show(scope, scope_id)


@routes.delete(SETTING, EDIT, asks=[(QUERY, SeenRevisionQuestion)], refuses=[404, 409, 422])
def drop_setting(asked: dict[str, int], scope: str, scope_id: int) -> None:
    """Have a place say nothing of its own any more."""
    _reach(EDIT, scope, scope_id)
    policies.drop_setting(hub(), scope, scope_id, asked["revision"], caller().actor)


@routes.post(f"{SETTING}/preview", TRY, SourcingPreviewOut, asks=[(BODY, SourcingFields)], refuses=[404, 422], status=201)
def preview_setting(asked: dict[str, Any], scope: str, scope_id: int) -> dict[str, int]:
    """Keep a change as a variant, to be tried over orders beside what is in force; nothing follows it."""
    with hub().engine.connect() as connection:
        _visible(connection, scope, scope_id)
    return {"variant_id": keep_preview(hub(), scope, scope_id, read_setting(asked), caller().actor)}


@routes.get(CHANGES, VIEW, SourcingChangePage, asks=[(QUERY, SourcingChangesQuestion)], refuses=[422])
def show_changes(asked: dict[str, Any]) -> dict[str, Any]:
    """Who changed what of settings and plans, newest first."""
    with hub().engine.connect() as connection:
        rows = list_changes(connection, visible_shops(connection, VIEW), **asked)
    return {"changes": rows, "next": rows[-1].id if len(rows) == SIZE else 0}


@routes.post(f"{CHANGES}/<{LARGEST_ID}:change_id>/undo", EDIT, None, refuses=[404, 409, 422], status=204)
def undo_change(change_id: int) -> None:
    """Put back what was said before the newest change of a place."""
    with hub().engine.connect() as connection:
        change = find_change(connection, change_id)
        _visible(connection, change.scope, change.scope_id)
    check_reach(EDIT, change.scope, change.scope_id)
    undo = plans.undo_plan if change.subject == plans.PLAN else policies.undo_setting
    undo(hub(), change_id, caller().actor)


@routes.get("/sourcing-plans", VIEW, SourcingPlanList)
def list_plans() -> dict[str, Any]:
    """Every pool: whether it is planned for, and how its last plan was made."""
    with hub().engine.connect() as connection:
        return {"plans": plans.list_plans(connection)}


@routes.get(PLAN, VIEW, PlanToldOut, asks=[(QUERY, ZoneQuestion)], refuses=[404, 422])
def show_plan(asked: dict[str, str], pool_id: int) -> dict[str, Any]:
    """What a pool's plan says: parcels by zone, type and point, prices of scarce stock, and how far it was followed."""
    with hub().engine.connect() as connection:
        row = plans.find_plan(connection, pool_id)
        told = tell_plan(connection, pool_id, asked["zone"])
        followed = count_followed(connection, pool_id, hub().clock())
    return {
        "plan": row, "zones": told.zones, "types": told.types, "prices": told.prices,
        "followed": asdict(followed) | {"percent": followed.percent},
    }  # fmt: skip


@routes.put(PLAN, EDIT, SourcingPlanOut, asks=[(BODY, PlanSettingIn)], refuses=[404, 409, 422])
def set_plan(asked: dict[str, Any], pool_id: int) -> Any:
    """Switch planning for a pool on or off, or change how it plans; on, a plan is made at once."""
    check_reach(EDIT, "pool", pool_id)
    revision = asked.pop("revision")
    plans.set_plan(hub(), pool_id, plans.PlanSetting(**asked), revision, caller().actor)
    with hub().engine.connect() as connection:
        return plans.find_plan(connection, pool_id)


@routes.post(f"{PLAN}/compute", EDIT, None, refuses=[404, 409], status=204)
def compute_plan(pool_id: int) -> None:
    """Have a pool's plan made now."""
    check_reach(EDIT, "pool", pool_id)
    plans.compute_now(hub(), pool_id, caller().actor)


def show(scope: str, scope_id: int) -> dict[str, Any]:
    """What a place says now."""
    with hub().engine.connect() as connection:
        return _told(policies.find_setting(connection, scope, scope_id))


def _told(kept: policies.Kept) -> dict[str, Any]:
    return {
        "scope": kept.scope, "scope_id": kept.scope_id, "revision": kept.revision, "changed_by": kept.changed_by,
        "changed_at": kept.changed_at, "setting": kept.setting.written(),
    }  # fmt: skip


def _visible(connection: Connection, scope: str, scope_id: int) -> None:
    """NotFound for a shop whose settings the caller may not see."""
    if scope == "shop" and scope_id not in visible_shops(connection, VIEW):
        raise NotFound("there is no such shop")


def _reach(permission: str, scope: str, scope_id: int) -> None:
    with hub().engine.connect() as connection:
        _visible(connection, scope, scope_id)
    check_reach(permission, scope, scope_id)
