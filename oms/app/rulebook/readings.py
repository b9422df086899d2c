"""The rules of past versions, read once a process however often they are asked for: by what they say, not by their id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.queries import why
from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook.documents import read_rules
from rules.model import Rule

#: Versions of some hundred rules each are kept in memory, so many at most.
MOST: Final = 64


@dataclass(frozen=True, slots=True)
class Reading:
    """The rules of a version as far as they can be read; `broken` are (id, reason) of the others.

    `documents` are those of the broken ones as they are stored, by id.
    """

    rules: tuple[Rule, ...]
    broken: tuple[tuple[str, str], ...]
    documents: dict[str, dict[str, Any]]


#: By stage and digest of the body: a body that was changed behind our back is another one.
_KNOWN: Final[dict[tuple[str, bytes], Reading]] = {}


def read_versions(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[AnyRow, Reading]]:
    """(version, its rules) by id."""
    rows = why.versions_of(connection, ids)
    missing = [row.id for row in rows if (row.stage, row.digest) not in _KNOWN]
    bodies = why.bodies_of(connection, missing)
    return {row.id: (row, _reading(row, bodies)) for row in rows}


def read_body(stage: str, body: Any) -> Reading:
    """The rules of a stored body."""
    rules, broken = read_rules(stage, body)
    ids = {rule_id for rule_id, _ in broken}
    documents = [one for one in body.get("rules", ()) if isinstance(one, dict)] if isinstance(body, dict) else []
    return Reading(rules, broken, {str(one["id"]): one for one in documents if one.get("id") in ids})


def _reading(row: AnyRow, bodies: dict[int, Any]) -> Reading:
    key = (row.stage, row.digest)
    known = _KNOWN.get(key)
    if known is None:
        known = _KNOWN[key] = read_body(row.stage, bodies[row.id])
        while len(_KNOWN) > MOST:
            _KNOWN.pop(next(iter(_KNOWN)), None)
    return known
