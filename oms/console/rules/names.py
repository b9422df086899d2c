"""The names of rules where only their ids are kept: as the version says that they were met in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from oms.app.kernel.queries.pages import AnyRow
from oms.console.context import connection
from oms.db.rulebook import RuleSetVersion


def rule_names(troubles: Sequence[AnyRow]) -> dict[int, str]:
    """Trouble id → the name of its rule; its id where the version is gone."""
    wanted = {row.version_id for row in troubles}
    question = select(RuleSetVersion.id, RuleSetVersion.body).where(RuleSetVersion.id.in_(wanted))
    rules = {id_: body.get("rules", ()) for id_, body in connection().execute(question)} if wanted else {}
    return {row.id: _name(rules.get(row.version_id, ()), row.rule_id) for row in troubles}


def _name(rules: Sequence[Any], rule_id: str) -> str:
    found = (rule.get("name") for rule in rules if isinstance(rule, dict) and rule.get("id") == rule_id)
    return str(next(found, None) or rule_id)
