"""The live sentence of a rule, also of one that is not whole yet: a gap stands where something is missing."""

from __future__ import annotations

import re
from typing import Any, Final

from oms.app.rulebook.vocabulary import VOCABULARY
from oms.console.rules.editor.typed import KINDS
from rules.codec import CONDITIONS_LIMIT, DEPTH_LIMIT, read_node, read_rule_set
from rules.model import Action, Condition, Group, GroupKind, Node, Period, Rule, Window
from rules.operators import OPERATORS
from rules.phrases import Language, phrase_of, word_action, word_condition
from rules.refusals import RuleRefused
from rules.values import read_span
from rules.wording import word_rule, word_tree

GAP: Final = "＿＿"
#: Stands in a tree for a condition or an action that is put into the sentence afterwards; nobody can type it.
MARK: Final = "\ue000"
_MARKED = re.compile(f"[「“]{MARK}([0-9]+) ?[」”]")
_JOINING = re.compile("(以下都不是：|不是：|不是(?=$)|而且|或者|none of these: |none of: |not (?=$)| and | or )")

Piece = dict[str, Any]


class _Worded:
    """A rule with marks in place of its conditions and actions, and what stands for each mark."""

    def __init__(self, stage: str, language: Language) -> None:
        self.stage = stage
        self.language = language
        self.parts: list[Piece] = []

    def node(self, raw: Any, path: str, depth: int = 1) -> Node:
        for kind in KINDS:
            children = raw.get(kind) if isinstance(raw, dict) else None
            if isinstance(children, list) and depth < DEPTH_LIMIT:
                inner = [self.node(child, f"{path}/{kind}/{at}", depth + 1) for at, child in enumerate(children)]
                return Group(GroupKind(kind), tuple(inner))
        if len(self.parts) > CONDITIONS_LIMIT:
            return Group(GroupKind.ALL, ())
        return Condition(self._mark(path, self._condition(raw)), "")

    def _condition(self, raw: Any) -> str | None:
        try:
            leaf = read_node(raw, VOCABULARY, self.stage)
        except RuleRefused:
            return None
        return word_condition(leaf, VOCABULARY, self.language) if isinstance(leaf, Condition) else None

    def _mark(self, path: str, words: str | None, gap: str = GAP) -> str:
        self.parts.append({"text": gap if words is None else words, "path": path, "gap": words is None})
        return f"{MARK}{len(self.parts) - 1}"

    def action(self, raw: Any, path: str) -> Action:
        alone = {"id": "x", "name": "x", "when": {"all": []}, "actions": [raw]}
        try:
            document = {"format": 1, "stage": self.stage, "rules": [alone]}
            (action,) = read_rule_set(document, VOCABULARY).rules[0].actions
        except RuleRefused:
            return Action(self._mark(path, None, self._begun_action(raw)))
        return Action(self._mark(path, word_action(action.name, action.params, VOCABULARY, self.language)))

    def _begun_action(self, raw: Any) -> str:
        name = raw.get("action") if isinstance(raw, dict) else None
        spec = VOCABULARY.actions.get(name) if isinstance(name, str) else None
        return (spec.label_zh if self.language == "zh" else spec.label_en) + GAP if spec else GAP

    def begin(self, raw: Any, part: Piece) -> None:
        """Word as much as is known of a condition that is not whole."""
        name, op = (raw.get("fact"), raw.get("op")) if isinstance(raw, dict) else (None, None)
        fact = VOCABULARY.facts.get(name) if isinstance(name, str) else None
        if fact is None:
            return
        label = fact.label_zh if self.language == "zh" else fact.label_en
        known = isinstance(op, str) and op in OPERATORS and fact.type in OPERATORS[op].types
        phrase = phrase_of(fact, str(op), is_one=False)[self.language == "en"] if known else "{value}"
        part["text"] = label + phrase.format(value=GAP)


def word_draft(rule: Any, path: str, stage: str, language: Language) -> list[Piece]:
    """The sentence of a rule in pieces: text, connectives (`join`), conditions and actions with their `path`."""
    if not isinstance(rule, dict) or not isinstance(rule.get("when"), dict):
        return []
    worded = _Worded(stage, language)
    when = worded.node(rule["when"], f"{path}/when")
    for part in worded.parts:
        if part["gap"]:
            worded.begin(_at(rule, part["path"].removeprefix(path)), part)
    actions = rule["actions"][:50] if isinstance(rule.get("actions"), list) else []
    marked = tuple(worded.action(action, f"{path}/actions/{at}") for at, action in enumerate(actions))
    spans = {name: _spans(rule.get(name)) for name in ("active", "excluded")}
    whole = Rule("x", "x", when, marked, rule.get("stop") is True, 100, spans["active"], spans["excluded"])
    return _pieces(word_rule(whole, VOCABULARY, language), worded.parts)


def word_conditions(rule: Any, stage: str, language: Language) -> str:
    """The sentence of the conditions alone, as it can be typed and read back; nothing while it is not whole."""
    try:
        tree = read_node(rule.get("when") if isinstance(rule, dict) else None, VOCABULARY, stage)
    except RuleRefused:
        return ""
    return word_tree(tree, VOCABULARY, language)


def _spans(raw: Any) -> tuple[Window | Period, ...]:
    found = []
    for span in raw[:50] if isinstance(raw, list) else ():
        try:
            found.append(read_span(span, ""))
        except RuleRefused:
            continue
    return tuple(found)


def _at(document: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        document = document[int(token)] if isinstance(document, list) else document[token]
    return document


def _pieces(sentence: str, parts: list[Piece]) -> list[Piece]:
    """The sentence with its marks replaced, in order."""
    found: list[Piece] = []
    for at, text in enumerate(_MARKED.split(sentence)):
        if at % 2:
            found.append(parts[int(text)])
            continue
        for number, word in enumerate(_JOINING.split(text)):
            if word:
                found.append({"text": word, "join": True} if number % 2 else {"text": word})
    return found
