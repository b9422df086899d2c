"""Rule sets through the API: lists, making, drafts, and what of a set is in force. Versions have their own routes."""

from __future__ import annotations

from typing import Any

from oms.api.access import caller, hub, require_shop, visible_shops
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.rule_sets_access import ACTIVATE, EDIT, SET_ID, VIEW, check_reach, reach_set, visible_set
from oms.api.rule_sets_asked import CopyAllIn, DraftIn, NameIn, ReasonIn, RollBackIn, SetIn, SetsQuestion
from oms.api.rule_sets_schemas import SetFull, SetPage, VersionFull, VersionList
from oms.api.rule_sets_versions import full_version
from oms.app.rulebook import copying, drafts, sets, versions

routes = Routes("rule_sets", "Rule sets: what decides by itself, for whom, and who said so")


@routes.get("/rule-sets", VIEW, SetPage, asks=[(QUERY, SetsQuestion)], refuses=[422])
def list_sets(asked: dict[str, Any]) -> dict[str, Any]:
    """Rule sets with what of them is in force, fifty a page."""
    with hub().engine.connect() as connection:
        rows = sets.list_sets(connection, visible_shops(connection, VIEW), **asked)
    return {"rule_sets": rows, "next": rows[-1].id if len(rows) == sets.SIZE else 0}


@routes.post("/rule-sets", EDIT, VersionFull, asks=[(BODY, SetIn)], refuses=[404, 409, 422], status=201)
def make_set(asked: dict[str, Any]) -> dict[str, Any]:
    """A rule set of a stage and scope with its first draft; sent twice, it is made once."""
    check_reach(EDIT, asked["scope"], asked["scope_id"])
    content = drafts.Content(asked["rules"], asked["limits"], asked["comment"])
    place = asked["stage"], asked["scope"], asked["scope_id"], asked["name"]
    return full_version(drafts.create_set(hub(), *place, content, caller().actor))


@routes.post("/rule-copies", EDIT, VersionList, asks=[(BODY, CopyAllIn)], refuses=[404, 409, 422], status=201)
def copy_place(asked: dict[str, Any]) -> dict[str, Any]:
    """Drafts in one place of all that is in force in another: shop to shop, group to group; twice makes them once."""
    source, target = (asked["from_scope"], asked["from_id"]), (asked["scope"], asked["scope_id"])
    if source[0] == "shop":
        require_shop(VIEW, source[1], "shop")
    check_reach(EDIT, *target)
    made = copying.copy_place(hub(), source, target, caller().actor, asked["comment"])
    return {"versions": [full_version(version_id) for version_id in made]}


@routes.get(f"/rule-sets/{SET_ID}", VIEW, SetFull, refuses=[404])
def show_set(rule_set_id: int) -> dict[str, Any]:
    """One rule set with its versions, newest first."""
    return _full(rule_set_id)


@routes.put(f"/rule-sets/{SET_ID}", EDIT, SetFull, asks=[(BODY, NameIn)], refuses=[404, 409, 422])
def rename(asked: dict[str, str], rule_set_id: int) -> dict[str, Any]:
    """Give a rule set another name."""
    reach_set(EDIT, rule_set_id)
    drafts.rename_set(hub(), rule_set_id, asked["name"], caller().actor)
    return _full(rule_set_id)


@routes.post(
    f"/rule-sets/{SET_ID}/drafts", EDIT, VersionFull, asks=[(BODY, DraftIn)], refuses=[404, 409, 422], status=201
)
def make_draft(asked: dict[str, str], rule_set_id: int) -> dict[str, Any]:
    """A draft of what is in force, or of nothing; sent twice before anybody edits it, it is made once."""
    reach_set(EDIT, rule_set_id)
    is_empty = asked["begin"] == "nothing"
    draft = drafts.create_draft(hub(), rule_set_id, caller().actor, is_empty=is_empty, comment=asked["comment"])
    return full_version(draft)


@routes.post(f"/rule-sets/{SET_ID}/roll-back", ACTIVATE, SetFull, asks=[(BODY, RollBackIn)], refuses=[404, 409, 422])
def roll_back(asked: dict[str, Any], rule_set_id: int) -> dict[str, Any]:
    """Put an archived version in force again, in every process within seconds; a canary ends with it."""
    reach_set(ACTIVATE, rule_set_id)
    versions.roll_back(hub(), asked["version_id"], caller().actor, asked["reason"], rule_set_id=rule_set_id)
    return _full(rule_set_id)


@routes.post(f"/rule-sets/{SET_ID}/promote-canary", ACTIVATE, SetFull, refuses=[404, 409, 422])
def promote_canary(rule_set_id: int) -> dict[str, Any]:
    """Let the canary decide for all orders."""
    reach_set(ACTIVATE, rule_set_id)
    versions.promote_canary(hub(), rule_set_id, caller().actor)
    return _full(rule_set_id)


@routes.post(f"/rule-sets/{SET_ID}/end-canary", ACTIVATE, SetFull, refuses=[404, 409])
def end_canary(rule_set_id: int) -> dict[str, Any]:
    """End the canary; without one nothing happens."""
    reach_set(ACTIVATE, rule_set_id)
    versions.end_canary(hub(), rule_set_id, caller().actor)
    return _full(rule_set_id)


@routes.post(f"/rule-sets/{SET_ID}/retire", ACTIVATE, SetFull, asks=[(BODY, ReasonIn)], refuses=[404, 409, 422])
def retire(asked: dict[str, str], rule_set_id: int) -> dict[str, Any]:
    """Take a rule set out of force, so that the next wider scope decides."""
    reach_set(ACTIVATE, rule_set_id)
    versions.retire(hub(), rule_set_id, caller().actor, asked["reason"])
    return _full(rule_set_id)


def _full(rule_set_id: int) -> dict[str, Any]:
    with hub().engine.connect() as connection:
        found = visible_set(connection, rule_set_id)
        return dict(found._mapping) | {"versions": sets.versions_of(connection, rule_set_id)}
