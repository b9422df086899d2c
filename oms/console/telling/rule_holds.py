"""What holds of rules say to people: rules by their names, and why a rule left an order to people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import g
from sqlalchemy import text

from oms.console.context import connection
from oms.console.messages import _, _l

#: The newest name of a rule; ids are kept from version to version.
_NAMES = text("""
select distinct on (r ->> 'id') r ->> 'id', r ->> 'name' from rule_set_version v
cross join lateral jsonb_array_elements(v.body -> 'rules') r
where v.state <> 'draft' and r ->> 'id' = any(:ids) order by r ->> 'id', v.id desc""")
#: Why a rule that matched did nothing by itself.
WHY: Final = {
    "paused": _l("规则停了"),
    "limit": _l("超过每小时限额"),
    "band": _l("金额超出允许范围"),
    "unknown fact": _l("有条件当时读不到"),
}


def rule_names(ids: Sequence[str]) -> list[str]:
    """The names of rules by their ids; one that no version has keeps its id."""
    known: dict[str, str] = g.setdefault("names_of_rules", {})
    missing = [id_ for id_ in ids if id_ not in known]
    if missing:
        rows = connection().execute(_NAMES, {"ids": missing})
        known.update(dict.fromkeys(missing, ""), **{id_: name for id_, name in rows})
    return [known[id_] or id_ for id_ in ids]


def told_by_rules(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a hold with its rules by name; its reason in the reader's language where the hub wrote it."""
    rules = facts.get("rules")
    if not isinstance(rules, list) or not rules:
        return facts
    ids = [str(rule) for rule in rules]
    names = dict(zip(ids, rule_names(ids), strict=True))
    reasons = [_reason(part, names) for part in str(facts.get("reason", "")).split(", ")]
    reason = _("、").join(filter(None, reasons)) if all(reasons) else facts.get("reason", "")
    return {**facts, "rules": list(names.values())} | ({"reason": reason} if "reason" in facts else {})


def _reason(part: str, names: dict[str, str]) -> str:
    rule, colon, why = part.partition(": ")
    if not colon or rule not in names:
        return ""
    told = str(WHY.get(why, _("出错 %(what)s", what=why)))
    return told if len(names) == 1 else _("%(rule)s %(why)s", rule=names[rule], why=told)
