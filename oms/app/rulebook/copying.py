"""Copies all that decides in one place to another, a draft for each stage; single versions are copied in drafts."""

from __future__ import annotations

from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.rulebook.changing import find_version
from oms.app.rulebook.drafts import copy_version
from oms.app.rulebook.naming import check_names
from oms.app.rulebook.scopes import Place, check_place
from oms.domain.errors import Invalid, NotPossible

_IN_FORCE = text("""
select v.id from rule_set s join rule_set_version v on v.rule_set_id = s.id
where s.scope = :scope and s.scope_id = :scope_id and v.state = 'active' and v.canary = 100 order by s.stage""")


def copy_place(hub: Hub, source: Place, target: Place, actor: str, comment: str = "") -> list[int]:
    """Drafts in the target of every version in force in the source: shop to shop, group to group, any to any.

    Answers the drafts' ids; doing it again before anybody edits them answers the same. NotPossible when nothing is in
    force in the source.
    """
    if source == target:
        raise Invalid("scope_id", "source and target are the same place", "choose another one to copy to")
    with hub.engine.connect() as connection:
        for place in (source, target):
            check_place(connection, *place)
        versions = _in_force(connection, source)
        for version_id in versions:  # All or none is copied.
            check_names(connection, find_version(connection, version_id).body)
    if not versions:
        raise NotPossible("nothing is in force there that could be copied", "choose a place with rules of its own")
    return [copy_version(hub, version_id, *target, actor, comment=comment) for version_id in versions]


def _in_force(connection: Connection, place: Place) -> list[int]:
    return list(connection.execute(_IN_FORCE, {"scope": place[0], "scope_id": place[1]}).scalars())
