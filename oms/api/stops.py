"""紧急停发 through the API: place, release in stages, end."""

from __future__ import annotations

from typing import Any

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, Routes
from oms.api.schemas import ReleaseIn, StopIn, StopList, StopOut
from oms.app.intercept import emergency
from oms.app.kernel.queries.documents import find_stop, stops
from oms.domain.errors import Forbidden, NotFound

ID = "<int(min=1, max=9223372036854775807):stop_id>"
routes = Routes("stops", "Emergency stops")


@routes.get("/emergency-stops", "operations.view", StopList)
def list_stops() -> dict[str, Any]:
    """Emergency stops in force."""
    with hub().engine.connect() as connection:
        return {"stops": stops(connection)}


@routes.post("/emergency-stops", "stop.place", StopOut, asks=[(BODY, StopIn)], refuses=[422], status=201)
def place(asked: dict[str, Any]) -> Any:
    """Stop everything outbound in a scope, at once; while it is stopped, a second stop of it answers the one in force."""
    _check_scope("stop.place", asked["scope"], asked["scope_id"])
    stop_id = emergency.place(hub(), asked["scope"], asked["scope_id"], asked["reason"], caller().actor)
    return _find(stop_id)


@routes.post(f"/emergency-stops/{ID}/release", "stop.release", StopOut, asks=[(BODY, ReleaseIn)], refuses=[404, 422])
def release(asked: dict[str, int], stop_id: int) -> Any:
    """Let the stopped orders go on, so many a minute; the stop ends when none waits any more."""
    found = _find(stop_id)
    _check_scope("stop.release", found.scope, found.scope_id)
    emergency.release(hub(), stop_id, asked["per_minute"], caller().actor)
    return _find(stop_id)


@routes.post(f"/emergency-stops/{ID}/end", "stop.release", None, refuses=[404], status=204)
def end(stop_id: int) -> None:
    """End a stop and let everything go on."""
    found = _find(stop_id)
    _check_scope("stop.release", found.scope, found.scope_id)
    emergency.end(hub(), stop_id, caller().actor)


def _find(stop_id: int) -> Any:
    with hub().engine.connect() as connection:
        found = find_stop(connection, stop_id)
    if found is None:
        raise NotFound("there is no such emergency stop")
    return found


def _check_scope(permission: str, scope: str, scope_id: int) -> None:
    """Whoever has a permission for some shops may stop one of these, but not what all shops share."""
    shop_id = scope_id if scope == "shop" else 0  # No shop has the id 0: only a caller for every shop passes.
    if not caller().allows(permission, shop_id):
        raise Forbidden(f"the permission {permission} does not reach this far", "ask somebody who has it for every shop")
