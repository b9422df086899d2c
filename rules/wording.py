"""A condition tree as one sentence in Chinese or English, made only of vocabulary labels.

`reading` reads a sentence back to `simplify(tree)`. The outermost group joins with a comma before the connective
(，而且), its groups without one (而且), groups from the third level on stand in brackets. `none` is 不是 before a
single condition, else 以下都不是： (outermost) or 不是： before all, joined by 或者. Free text is quoted, and labels
hold no connective.
"""

from __future__ import annotations

from rules.model import Condition, Group, GroupKind, Node, Rule, Vocabulary, simplify
from rules.phrases import Language, word_action, word_condition, word_span

AND = {"zh": "而且", "en": " and "}
OR = {"zh": "或者", "en": " or "}
NOT = {"zh": "不是", "en": "not "}
NONE_OUTERMOST = {"zh": "以下都不是：", "en": "none of these: "}
NONE_INSIDE = {"zh": "不是：", "en": "none of: "}
ALWAYS = {"zh": "始终", "en": "always"}
NEVER = {"zh": "从不", "en": "never"}


def word_tree(node: Node, vocabulary: Vocabulary, language: Language) -> str:
    """The tree as a sentence without a full stop."""
    return _Writer(vocabulary, language).node(simplify(node), 1)


def word_rule(rule: Rule, vocabulary: Vocabulary, language: Language) -> str:
    """When and what: the tree, the actions, whether it stops, and when it takes part."""
    when = word_tree(rule.when, vocabulary, language)
    actions = [word_action(action.name, action.params, vocabulary, language) for action in rule.actions]
    if rule.stop:
        actions.append("停止后续规则" if language == "zh" else "stop")
    spans = _spans(rule, language)
    if language == "zh":
        return f"如果{when}，那么{'、'.join(actions)}{spans}"
    return f"If {when}, then {', '.join(actions)}{spans}"


def _spans(rule: Rule, language: Language) -> str:
    text = ""
    for words_zh, words_en, spans in (("生效：", "active ", rule.active), ("除外：", "except ", rule.excluded)):
        worded = [word_span(span, language) for span in spans]
        if worded:
            text += f"；{words_zh}{'、'.join(worded)}" if language == "zh" else f"; {words_en}{' / '.join(worded)}"
    return text


class _Writer:
    def __init__(self, vocabulary: Vocabulary, language: Language) -> None:
        self.vocabulary = vocabulary
        self.language = language

    def node(self, node: Node, depth: int) -> str:
        if isinstance(node, Condition):
            return word_condition(node, self.vocabulary, self.language)
        if not node.children and node.kind is GroupKind.ALL:
            return ALWAYS[self.language]
        text = self._prefix(node, depth) + self._joined(node, depth)
        if depth < 3:
            return text
        return f"（{text}）" if self.language == "zh" else f"({text})"

    def _prefix(self, group: Group, depth: int) -> str:
        if group.kind is not GroupKind.NONE:
            return ""
        if len(group.children) == 1 and isinstance(group.children[0], Condition):
            return NOT[self.language]
        return (NONE_OUTERMOST if depth == 1 else NONE_INSIDE)[self.language]

    def _joined(self, group: Group, depth: int) -> str:
        if not group.children:
            return NEVER[self.language]
        word = (AND if group.kind is GroupKind.ALL else OR)[self.language]
        comma = ("，" if self.language == "zh" else ",") if depth == 1 else ""
        return (comma + word).join(self.node(child, depth + 1) for child in group.children)
