"""规则 · 改动记录 of a rule set: who made, activated, rolled back or retired what, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.trail import NO_ORDER, SHOWN
from oms.console.context import connection
from oms.console.messages import _, _l
from oms.console.rules.words import trouble_reason, who
from oms.console.telling.events import Told
from oms.db.activity import Event

#: What happened, by the event's kind, and the tone of its dot; a person's own have a dark one.
KINDS: Final = {
    "rule_set_made": (_l("建了规则集"), "person"),
    "rule_set_renamed": (_l("改了名"), "person"),
    "rule_draft_made": (_l("建了草稿"), "person"),
    "rule_draft_edited": (_l("改了草稿"), "person"),
    "rule_draft_discarded": (_l("丢掉草稿"), "person"),
    "rule_version_activated": (_l("启用了"), "ok"),
    "rule_canary_promoted": (_l("灰度推全"), "ok"),
    "rule_canary_ended": (_l("灰度结束"), "person"),
    "rule_set_rolled_back": (_l("回退到"), "warn"),
    "rule_set_retired": (_l("停用了"), "warn"),
    "rule_paused": (_l("规则停了"), "late"),
    "rule_resumed": (_l("规则恢复"), "ok"),
}


def told_changes(rule_set_id: int) -> list[Told]:
    """The last changes of a rule set in words, newest first."""
    about = Event.detail["rule_set"].as_integer() == rule_set_id
    question = select(Event.kind, Event.actor, Event.at, Event.detail).where(Event.order_id == NO_ORDER, about)
    rows = connection().execute(question.order_by(Event.at.desc(), Event.id.desc()).limit(SHOWN)).all()
    people = who(row.actor for row in rows)
    return [_tell(row, people) for row in rows]


def _tell(row: AnyRow, people: Mapping[str, str]) -> Told:
    what, tone = KINDS.get(row.kind, (row.kind, ""))
    facts = row.detail or {}
    version = f" v{facts['version']}" if "version" in facts else ""
    return Told(row.at, people.get(row.actor, row.actor), f"{what}{version}", _detail(row.kind, facts), tone)


def _detail(kind: str, facts: Mapping[str, Any]) -> str:
    parts = []
    if facts.get("share", 100) != 100:
        parts.append(_("灰度 %(share)s%%", share=facts["share"]))
    if facts.get("rule"):
        parts.append(str(facts["rule"]))
    if isinstance(facts.get("was"), int):
        parts.append(_("原来是 v%(n)s", n=facts["was"]))
    reason = str(facts.get("reason") or "")
    parts.append(trouble_reason(reason) if kind == "rule_paused" else reason)
    return _("，").join(part for part in parts if part)
