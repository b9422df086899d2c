"""Findings about a rule set in words, Chinese and English, and as JSON types for a page or an API answer."""

from __future__ import annotations

from rules.candidates import Literal
from rules.conflicts import Finding, FindingKind
from rules.model import Condition, Period, RuleSet, ValueType, Vocabulary, Window
from rules.moments import NOW
from rules.phrases import Language, word_action, word_condition, word_span
from rules.possible import Example
from rules.values import write_value

_FACTS_SHOWN = 6
_REMEDIES = {
    FindingKind.NEVER: (
        "修改其中一个条件，或停用这条规则",
        "change one of these conditions, or disable the rule",
    ),
    FindingKind.SHADOWED: (
        "把它移到前面（优先级更小），或收窄前面的规则",
        "move it to the front (a smaller priority), or narrow the earlier rule down",
    ),
    FindingKind.OVERLAP: (
        "让先执行的规则停止后续规则，或加条件使两者不会同时命中",
        "let the earlier rule stop the later ones, or add a condition that keeps them apart",
    ),
    FindingKind.ALWAYS: (
        "加上条件，只留下该这样做的单据",
        "add a condition that leaves only what should be done so",
    ),
    FindingKind.UNKNOWN: (
        "用试跑和回测查看真实单据",
        "try it on real documents with a dry run or a backtest",
    ),
}


def write_finding(finding: Finding, rule_set: RuleSet, vocabulary: Vocabulary) -> dict[str, object]:
    """One finding as JSON types; `path` is the JSON pointer to the rule in its document."""
    (at,) = [at for at, rule in enumerate(rule_set.rules) if rule.id == finding.rule.id]
    remedy_zh, remedy_en = _REMEDIES[finding.kind]
    example = finding.answer.example
    return {
        "kind": finding.kind.value,
        "path": f"/rules/{at}",
        "rule": finding.rule.id,
        "others": [rule.id for rule in finding.others],
        "reason_zh": word_finding(finding, vocabulary, "zh"),
        "reason_en": word_finding(finding, vocabulary, "en"),
        "remedy_zh": remedy_zh,
        "remedy_en": remedy_en,
        "example": None if example is None else _write_example(example),
    }


def word_finding(finding: Finding, vocabulary: Vocabulary, language: Language) -> str:
    """What was found, as a sentence without a full stop."""
    if finding.kind is FindingKind.NEVER:
        return _never(finding, vocabulary, language)
    if finding.kind is FindingKind.SHADOWED:
        return _shadowed(finding, language)
    if finding.kind is FindingKind.ALWAYS:
        return _always(finding, vocabulary, language)
    if not finding.actions:
        return _unknown(finding, vocabulary, language)
    return _overlap(finding, vocabulary, language)


def _never(finding: Finding, vocabulary: Vocabulary, language: Language) -> str:
    name = finding.rule.name
    clashes = [_clash(clash, vocabulary, language) for clash in finding.answer.clashes]
    if language == "zh":
        return f"规则「{name}」永远不会命中" + (f"：{'；'.join(clashes)}" if clashes else "")
    return f"rule “{name}” can never match" + (f": {'; '.join(clashes)}" if clashes else "")


def _clash(clash: tuple[Literal, ...], vocabulary: Vocabulary, language: Language) -> str:
    words = [_word_literal(literal, vocabulary, language) for literal in clash]
    if language == "zh":
        return f"“{words[0]}”不可能成立" if len(words) == 1 else f"“{'”与“'.join(words)}”不能同时成立"
    return f"“{words[0]}” cannot be" if len(words) == 1 else f"“{'” and “'.join(words)}” exclude each other"


def _word_literal(literal: Literal, vocabulary: Vocabulary, language: Language) -> str:
    condition, truth = literal
    if condition.fact == NOW and isinstance(condition.value, Window | Period):
        words = ("决定时间：" if language == "zh" else "decided ") + word_span(condition.value, language)
    elif condition.op == "contains_none" and not condition.value:
        words = _label(condition.fact, vocabulary, language) + ("有值" if language == "zh" else " has a value")
    else:
        words = word_condition(condition, vocabulary, language)
    return words if truth else ("不是" if language == "zh" else "not ") + words


def _label(fact: str, vocabulary: Vocabulary, language: Language) -> str:
    if fact == NOW:
        return "决定时间" if language == "zh" else "time of decision"
    spec = vocabulary.facts[fact]
    return spec.label_zh if language == "zh" else spec.label_en


def _unknown(finding: Finding, vocabulary: Vocabulary, language: Language) -> str:
    why = _why_open(finding, vocabulary, language)
    if language == "zh":
        return f"无法判断规则「{finding.rule.name}」能否命中、是否与别的规则矛盾：{why}"
    return f"it is not known whether rule “{finding.rule.name}” can match or contradicts another one: {why}"


def _why_open(finding: Finding, vocabulary: Vocabulary, language: Language) -> str:
    labels = [_label(fact, vocabulary, language) for fact in finding.answer.open_facts]
    if language == "zh":
        return f"没有找到满足各条件的{'、'.join(labels)}，也不能证明没有" if labels else "组合太多"
    met = "no value was found that meets all conditions, nor a proof that there is none"
    return f"of {', '.join(labels)} {met}" if labels else "there are too many combinations"


def _always(finding: Finding, vocabulary: Vocabulary, language: Language) -> str:
    grave = [action for action in finding.rule.actions if vocabulary.actions[action.name].is_grave]
    words = [word_action(action.name, action.params, vocabulary, language) for action in grave]
    if language == "zh":
        return f"规则「{finding.rule.name}」命中每一单，全部“{'”“'.join(words)}”"
    return f"rule “{finding.rule.name}” matches everything: “{'”, “'.join(words)}”"


def _shadowed(finding: Finding, language: Language) -> str:
    name, names = finding.rule.name, [rule.name for rule in finding.others]
    if language == "zh":
        return f"轮不到规则「{name}」：凡是它能命中的，前面的规则「{'」「'.join(names)}」都已命中并停止后续规则"
    return f"rule “{name}” is never reached: whatever it could match, “{'”, “'.join(names)}” has matched before and stops"


def _overlap(finding: Finding, vocabulary: Vocabulary, language: Language) -> str:
    one, other = (word_action(action.name, action.params, vocabulary, language) for action in finding.actions)
    names = [rule.name for rule in (*finding.others, finding.rule)]
    is_sure = finding.kind is FindingKind.OVERLAP
    example = finding.answer.example
    shown = _example_words(example, vocabulary, language) if is_sure else _why_open(finding, vocabulary, language)
    if language == "zh":
        may, lead = ("会", "例如") if is_sure else ("或许会", "无法判断：")
        rules = f"规则「{'」和「'.join(names)}」{may}命中同一单据" if len(names) > 1 else f"规则「{names[0]}」自相矛盾"
        return f"{rules}，而“{one}”与“{other}”相互矛盾" + (f"；{lead}{shown}" if shown else "")
    may, lead = ("can", "for example ") if is_sure else ("may", "not known: ")
    rules = f"rules “{'” and “'.join(names)}” {may} match one document" if len(names) > 1 else f"rule “{names[0]}”"
    return f"{rules}: “{one}” contradicts “{other}”" + (f"; {lead}{shown}" if shown else "")


def _example_words(example: Example | None, vocabulary: Vocabulary, language: Language) -> str:
    if example is None:
        return ""
    words = [_word_seen(fact, value, vocabulary, language) for fact, value in sorted(example.facts.items())]
    more = "……" if language == "zh" else " …"
    joined = ("，" if language == "zh" else ", ").join(words[:_FACTS_SHOWN])
    return joined + (more if len(words) > _FACTS_SHOWN else "")


def _word_seen(fact: str, value: object, vocabulary: Vocabulary, language: Language) -> str:
    if value is None or value in ("", frozenset()):
        return word_condition(Condition(fact, "is_empty"), vocabulary, language)
    op = "contains_all" if vocabulary.facts[fact].type is ValueType.SET else "eq"
    shown = tuple(sorted(value)) if isinstance(value, frozenset) else value
    return word_condition(Condition(fact, op, shown), vocabulary, language)


def _write_example(example: Example) -> dict[str, object]:
    facts = {fact: write_value(value) for fact, value in sorted(example.facts.items())}
    return {"facts": facts, "now": write_value(example.now)}
