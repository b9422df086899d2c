"""How rules, versions, limits and differences read on screen; conditions are worded by the rules themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from oms.app.rulebook.documents import read_rules
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.console.messages import _, _l
from oms.console.rendering import amount, label
from oms.console.telling.events import people_of
from oms.console.translating import language
from oms.db.rulebook import STAGES
from rules.model import ActionSpec, Rule, ValueType
from rules.phrases import Language, word_action, word_span
from rules.wording import word_tree

STAGE_WORDS: Final = {
    "fetch": ("抓单", "Fetch"),
    "preprocess": ("预处理", "Preprocess"),
    "review": ("审核", "Review"),
    "merge": ("合单", "Merge"),
    "route": ("分仓", "Routing"),
    "carrier": ("承运商", "Carrier"),
    "intercept": ("截停", "Intercept"),
    "aftersales": ("售后", "After-sales"),
    "gift": ("赠品", "Gifts"),
    "sla": ("时效", "Deadlines"),
}
STATES: Final = {
    "draft": (_l("草稿"), ""),
    "active": (_l("生效中"), "ok"),
    "archived": (_l("归档"), "off"),
}
#: What of a rule differs between two versions.
FIELDS: Final = {
    "actions": ("动作", "actions"),
    "active": ("生效时间", "active times"),
    "enabled": ("开关", "on or off"),
    "excluded": ("除外时间", "excepted times"),
    "limits": ("限额", "limits"),
    "name": ("名称", "name"),
    "priority": ("优先级", "priority"),
    "stop": ("命中后停止", "stops after a match"),
    "when": ("条件", "conditions"),
}
BOUNDS: Final = {
    "per_hour": _l("每小时最多 %(n)s 单"),
    "amount_per_hour": _l("每小时最多给 %(n)s"),
    "least": _l("一单不少于 %(n)s"),
    "most": _l("一单不多于 %(n)s"),
}
#: Why a rule was paused.
PAUSES: Final = {
    "limit": _l("一小时内「%(action)s」的量超过限额"),
    "band": _l("一单「%(action)s」的数额超出限额"),
}
FINDINGS: Final = {
    "never": _l("永远不会命中"),
    "shadowed": _l("轮不到它"),
    "always": _l("命中每一单"),
    "overlap": _l("互相矛盾"),
    "unknown": _l("无法判断"),
    "unlimited": _l("没有限额"),
    "currency": _l("店铺币种不同"),
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A rule in words, as a page shows it; of a broken one `broken` says why it cannot be read."""

    id: str
    name: str
    priority: int
    when: str = ""
    actions: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    stops: bool = False
    enabled: bool = True
    broken: str = ""


def stage_word(stage: str) -> str:
    """The word of a stage."""
    return label(*STAGE_WORDS[stage])


def stage_words() -> dict[str, str]:
    """Every stage with its word, in the order in which an order meets them."""
    return {stage: stage_word(stage) for stage in STAGES}


def who(actors: Iterable[str | None]) -> dict[str, str]:
    """The names of the people among these actors; the program and keys of the API by what they are."""
    known = {actor for actor in actors if actor}
    named = people_of(sorted(known))
    return {actor: named.get(actor) or _other(actor) for actor in known}


def spoken_rules(stage: str, version: Any) -> list[Spoken]:
    """The rules of a stored version in the order of evaluation, those that nobody can read last."""
    rules, broken = read_rules(stage, version.body)
    limits = _limits_by_rule(version.limits)
    found = [_spoken(rule, limits.get(rule.id, ())) for rule in sorted(rules, key=lambda rule: rule.priority)]
    raw = {str(each.get("id")): each for each in version.body.get("rules", ()) if isinstance(each, dict)}
    return found + [
        Spoken(rule_id, str(raw.get(rule_id, {}).get("name", rule_id)), 0, broken=reason) for rule_id, reason in broken
    ]


def field_words(fields: Iterable[str]) -> str:
    """The names of what differs, joined."""
    return _("、").join(label(*FIELDS.get(name, (name, name))) for name in fields)


def trouble_reason(reason: str) -> str:
    """Why a rule was skipped or paused, from what the rule book kept of it."""
    bound, _of, action = reason.partition(" of ")
    if bound in PAUSES and action:
        spec = VOCABULARY.actions.get(action)
        return str(PAUSES[bound]) % {"action": label(spec.label_zh, spec.label_en) if spec else action}
    if reason.startswith("unreadable: "):
        return _("用到的条件或动作已经没有了")
    return _("计算时出错 %(kind)s", kind=reason)


def _language() -> Language:
    return "en" if language() == "en" else "zh"


def _spoken(rule: Rule, limits: Iterable[Mapping[str, Any]]) -> Spoken:
    tongue = _language()
    return Spoken(
        rule.id,
        rule.name,
        rule.priority,
        word_tree(rule.when, VOCABULARY, tongue),
        tuple(word_action(action.name, action.params, VOCABULARY, tongue) for action in rule.actions),
        (
            *(_("只在 %(span)s", span=word_span(span, tongue)) for span in rule.active),
            *(_("除了 %(span)s", span=word_span(span, tongue)) for span in rule.excluded),
        ),
        tuple(_limit(limit) for limit in limits),
        rule.stop,
        rule.enabled,
    )


def _limits_by_rule(limits: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for limit in limits:
        found.setdefault(str(limit["rule"]), []).append(limit)
    return found


def _limit(limit: Mapping[str, Any]) -> str:
    spec = VOCABULARY.actions.get(str(limit["action"]))
    action = label(spec.label_zh, spec.label_en) if spec else str(limit["action"])
    bounds = _("、").join(
        str(words) % {"n": _bound(spec, name, limit[name])} for name, words in BOUNDS.items() if name in limit
    )
    return _("%(action)s：%(bounds)s", action=action, bounds=bounds)


def _bound(spec: ActionSpec | None, name: str, value: int) -> str:
    param = spec.param("amount") if spec and name != "per_hour" else None
    is_money = param is not None and param.type is ValueType.MONEY
    return amount(value, param.unit, sign=True) if param is not None and is_money else f"{value:,}"


def _other(actor: str) -> str:
    kind, _colon, name = actor.partition(":")
    if kind in ("system", "demo"):
        return _("系统")
    return _("接口 %(name)s", name=name) if kind in ("api", "key") else actor
