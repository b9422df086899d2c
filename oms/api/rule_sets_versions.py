"""Versions of rule sets through the API: read, edit a draft, activate, copy, compare."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.rule_sets_access import ACTIVATE, EDIT, VERSION_ID, VIEW, check_reach, reach_version, visible_version
from oms.api.rule_sets_asked import ActivateIn, AgainstQuestion, CopyIn, EditIn, RevisionQuestion
from oms.api.rule_sets_schemas import DiffOut, FindingList, VersionFull
from oms.app.rulebook import diff, drafts, versions

routes = Routes("rule_set_versions", "Versions of rule sets: drafts that are edited, and what never changes again")


@routes.get(f"/rule-set-versions/{VERSION_ID}", VIEW, VersionFull, refuses=[404])
def show_version(version_id: int) -> dict[str, Any]:
    """One version with its rules, as a document and in words."""
    return full_version(version_id)


@routes.put(f"/rule-set-versions/{VERSION_ID}", EDIT, VersionFull, asks=[(BODY, EditIn)], refuses=[404, 409, 422])
def edit_version(asked: dict[str, Any], version_id: int) -> dict[str, Any]:
    """Replace what a draft says; refused when somebody else changed it since you read it."""
    reach_version(EDIT, version_id)
    content = drafts.Content(asked["rules"], asked["limits"], asked["comment"])
    drafts.edit_draft(hub(), version_id, content, asked["revision"], caller().actor)
    return full_version(version_id)


@routes.delete(f"/rule-set-versions/{VERSION_ID}", EDIT, asks=[(QUERY, RevisionQuestion)], refuses=[404, 409, 422])
def discard_version(asked: dict[str, int], version_id: int) -> None:
    """Throw a draft away; what was once in force is kept for ever."""
    reach_version(EDIT, version_id)
    drafts.discard_draft(hub(), version_id, asked.get("revision"), caller().actor)


@routes.post(
    f"/rule-set-versions/{VERSION_ID}/activate", ACTIVATE, VersionFull, asks=[(BODY, ActivateIn)], refuses=[404, 409, 422]
)
def activate(asked: dict[str, int], version_id: int) -> dict[str, Any]:
    """Put a draft in force, for all orders or as a canary for a share of them; twice does no harm."""
    reach_version(ACTIVATE, version_id)
    versions.activate(
        hub(), version_id, caller().actor, revision=asked.get("revision"), share=asked["share"],
        despite_findings=bool(asked["despite_findings"]),
    )  # fmt: skip
    return full_version(version_id)


@routes.get(f"/rule-set-versions/{VERSION_ID}/findings", VIEW, FindingList, refuses=[404])
def show_findings(version_id: int) -> dict[str, Any]:
    """Rules of a version that never match, are shadowed or contradict each other; may take seconds."""
    with hub().engine.connect() as connection:
        visible_version(connection, version_id)
    return {"findings": versions.findings_of(hub(), version_id)}


@routes.post(
    f"/rule-set-versions/{VERSION_ID}/copies",
    EDIT,
    VersionFull,
    asks=[(BODY, CopyIn)],
    refuses=[404, 409, 422],
    status=201,
)
def copy_version(asked: dict[str, Any], version_id: int) -> dict[str, Any]:
    """A draft with these rules in another scope; sent twice before anybody edits it, it is made once."""
    with hub().engine.connect() as connection:
        visible_version(connection, version_id)
    check_reach(EDIT, asked["scope"], asked["scope_id"])
    place = asked["scope"], asked["scope_id"]
    words = {"name": asked["name"], "comment": asked["comment"]}
    return full_version(drafts.copy_version(hub(), version_id, *place, caller().actor, **words))


@routes.get(f"/rule-set-versions/{VERSION_ID}/diff", VIEW, DiffOut, asks=[(QUERY, AgainstQuestion)], refuses=[404, 422])
def show_diff(asked: dict[str, int], version_id: int) -> dict[str, Any]:
    """What changes from the version `against` to this one, rule by rule, in words of both."""
    with hub().engine.connect() as connection:
        for each in (asked["against"], version_id):
            visible_version(connection, each)
        return asdict(diff.diff_versions(connection, asked["against"], version_id))


def full_version(version_id: int) -> dict[str, Any]:
    """A version with its rules and their words, as the caller may see it."""
    with hub().engine.connect() as connection:
        version, rule_set = visible_version(connection, version_id)
    words = [{"rule_id": id_} | asdict(worded) for id_, worded in diff.word_version(rule_set.stage, version).items()]
    place = {"stage": rule_set.stage, "scope": rule_set.scope, "scope_id": rule_set.scope_id}
    return dict(version._mapping) | place | {"rules": version.body.get("rules", []), "words": words}
