"""Rule sets from JSON and back: strict, bounded, every refusal with its path. Single values are read in values."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from hashlib import sha256
from typing import Any

import orjson

from rules.model import (
    Action,
    ActionSpec,
    Condition,
    FactSpec,
    Group,
    GroupKind,
    Node,
    Rule,
    RuleSet,
    Span,
    Vocabulary,
)
from rules.operators import OPERATORS, Operator, Shape, operators_for
from rules.refusals import RuleRefused, pointer_to
from rules.values import (
    read_bool,
    read_integer,
    read_list,
    read_object,
    read_scalar,
    read_shape,
    read_span,
    read_text,
    write_value,
)

FORMAT = 1
BYTES_LIMIT = 4_000_000
DEPTH_LIMIT = 20
RULES_LIMIT = 1000
CONDITIONS_LIMIT = 200  # in one rule, its groups included
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PRIORITY = 1_000_000


def load_rule_set(text: str | bytes, vocabulary: Vocabulary) -> RuleSet:
    """A rule set from JSON text; raises RuleRefused and nothing else."""
    if len(text) > BYTES_LIMIT:
        raise RuleRefused("too_large", "", limit=BYTES_LIMIT, what="bytes")
    repeats: list[tuple[dict[str, Any], str]] = []
    try:
        document = json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, repeats))
    except RecursionError as error:
        raise RuleRefused("too_deep", "", limit=DEPTH_LIMIT) from error
    except UnicodeDecodeError as error:
        raise RuleRefused("json", "", why="not UTF-8") from error
    except ValueError as error:
        raise RuleRefused("json", "", why=error) from error
    if repeats:
        found, key = repeats[-1]
        raise RuleRefused("repeated_key", pointer_to(found, document), key=key)
    return read_rule_set(document, vocabulary)


def read_rule_set(document: object, vocabulary: Vocabulary) -> RuleSet:
    """A rule set from parsed JSON; raises RuleRefused at the first place that is wrong."""
    found = read_object(document, ("format", "stage", "rules"), ("version", "scope"), "")
    if found["format"] != FORMAT or isinstance(found["format"], bool):
        raise RuleRefused("format", "/format", seen=found["format"], known=FORMAT)
    stage = found["stage"]
    if not isinstance(stage, str) or stage not in vocabulary.stages:
        raise RuleRefused("stage", "/stage", seen=stage, known=", ".join(sorted(vocabulary.stages)))
    version = read_integer(found.get("version", 0), 0, 2**31 - 1, "/version")
    scope = read_text(found["scope"], "/scope", 200) if found.get("scope", "") != "" else ""
    return RuleSet(stage, _Reader(vocabulary, stage).rules(found["rules"]), version, scope)


def read_node(document: object, vocabulary: Vocabulary, stage: str, path: str = "") -> Node:
    """One condition tree from parsed JSON, as a screen sends it while somebody is building a rule."""
    return _Reader(vocabulary, stage).tree(document, path)


def write_rule_set(rule_set: RuleSet) -> dict[str, object]:
    """A rule set as JSON types with every default written out."""
    return {
        "format": FORMAT,
        "stage": rule_set.stage,
        "version": rule_set.version,
        "scope": rule_set.scope,
        "rules": [write_rule(rule) for rule in rule_set.rules],
    }


def write_rule(rule: Rule) -> dict[str, object]:
    """One rule as JSON types."""
    return {
        "id": rule.id,
        "name": rule.name,
        "when": write_node(rule.when),
        "actions": [_write_action(action) for action in rule.actions],
        "stop": rule.stop,
        "priority": rule.priority,
        "active": [write_value(span) for span in rule.active],
        "excluded": [write_value(span) for span in rule.excluded],
        "enabled": rule.enabled,
    }


def write_node(node: Node) -> dict[str, object]:
    """A condition tree as JSON types."""
    if isinstance(node, Group):
        return {node.kind.value: [write_node(child) for child in node.children]}
    written: dict[str, object] = {"fact": node.fact, "op": node.op}
    if node.value is not None:
        written["value"] = write_value(node.value)
    return written


def canonical_json(rule_set: RuleSet) -> bytes:
    """The one way to write a rule set: sorted keys, no blanks, UTF-8."""
    return orjson.dumps(write_rule_set(rule_set), option=orjson.OPT_SORT_KEYS)


def content_hash(rule_set: RuleSet) -> str:
    """64 hex digits of stage and rules; a copy under another version or scope has the same."""
    return sha256(canonical_json(RuleSet(rule_set.stage, rule_set.rules))).hexdigest()


def _write_action(action: Action) -> dict[str, object]:
    return {"action": action.name, "params": {name: write_value(value) for name, value in action.params}}


def _object(pairs: list[tuple[str, Any]], repeats: list[tuple[dict[str, Any], str]]) -> dict[str, Any]:
    """The object; one with a repeated key is noted, since where it stands is not known before the end."""
    found = dict(pairs)
    if len(found) < len(pairs):
        ((key, _),) = Counter(key for key, _ in pairs).most_common(1)
        repeats.append((found, key))
    return found


class _Reader:
    """Reads rules against one vocabulary and stage; `left` counts down the conditions and groups of a rule."""

    def __init__(self, vocabulary: Vocabulary, stage: str) -> None:
        self.vocabulary = vocabulary
        self.stage = stage
        self.left = CONDITIONS_LIMIT

    def rules(self, raw: object) -> tuple[Rule, ...]:
        rules: list[Rule] = []
        ids: set[str] = set()
        for at, document in enumerate(read_list(raw, "/rules", RULES_LIMIT)):
            rule = self._rule(document, f"/rules/{at}")
            if rule.id in ids:
                raise RuleRefused("repeated_id", f"/rules/{at}/id", seen=rule.id)
            ids.add(rule.id)
            rules.append(rule)
        return tuple(rules)

    def tree(self, raw: object, path: str) -> Node:
        self.left = CONDITIONS_LIMIT
        return self._node(raw, path, 1)

    def _rule(self, raw: object, path: str) -> Rule:
        found = read_object(
            raw, ("id", "name", "when", "actions"), ("stop", "priority", "active", "excluded", "enabled"), path
        )
        if not isinstance(found["id"], str) or not _ID.fullmatch(found["id"]):
            raise RuleRefused("bad_id", f"{path}/id", seen=found["id"])
        rule = Rule(
            id=found["id"],
            name=read_text(found["name"], f"{path}/name", 100),
            when=self.tree(found["when"], f"{path}/when"),
            actions=self._actions(found["actions"], f"{path}/actions"),
            stop=read_bool(found.get("stop", False), f"{path}/stop"),
            priority=read_integer(found.get("priority", 100), -_PRIORITY, _PRIORITY, f"{path}/priority"),
            active=_spans(found.get("active", []), f"{path}/active"),
            excluded=_spans(found.get("excluded", []), f"{path}/excluded"),
            enabled=read_bool(found.get("enabled", True), f"{path}/enabled"),
        )
        if not rule.actions and not rule.stop:
            raise RuleRefused("no_actions", f"{path}/actions")
        return rule

    def _node(self, raw: object, path: str, depth: int) -> Node:
        if not isinstance(raw, dict):
            raise RuleRefused(
                "wrong_shape", path, want_zh="条件或 all/any/none 组", want_en="a condition or an all, any or none group"
            )
        kinds = [kind for kind in GroupKind if kind.value in raw]
        if not kinds:
            return self._condition(raw, path)
        kind = kinds[0]
        inner = read_object(raw, (kind.value,), (), path)[kind.value]
        self._count(path)
        children = read_list(inner, f"{path}/{kind}", CONDITIONS_LIMIT)
        if depth >= DEPTH_LIMIT:
            raise RuleRefused("too_deep", path, limit=DEPTH_LIMIT)
        if not children and kind is not GroupKind.ALL:
            raise RuleRefused("empty_group", f"{path}/{kind}", kind=kind.value)
        return Group(
            kind, tuple(self._node(child, f"{path}/{kind}/{at}", depth + 1) for at, child in enumerate(children))
        )

    def _condition(self, raw: dict[str, Any], path: str) -> Condition:
        found = read_object(raw, ("fact", "op"), ("value",), path)
        self._count(path)
        fact = self._fact(found["fact"], f"{path}/fact")
        operator = _operator(found["op"], fact, f"{path}/op")
        if operator.shape is Shape.NOTHING:
            if "value" in found:
                raise RuleRefused("no_value", f"{path}/value", seen=operator.name)
            return Condition(fact.name, operator.name)
        if "value" not in found:
            raise RuleRefused("missing_key", path, key="value")
        value = read_shape(found["value"], operator.shape, fact.type, fact.choices, f"{path}/value")
        return Condition(fact.name, operator.name, value)

    def _count(self, path: str) -> None:
        """Conditions and groups count alike, so that empty groups cannot make a tree large."""
        self.left -= 1
        if self.left < 0:
            raise RuleRefused("too_large", path, limit=CONDITIONS_LIMIT, what="conditions and groups")

    def _fact(self, name: object, path: str) -> FactSpec:
        fact = self.vocabulary.facts.get(name) if isinstance(name, str) else None
        if fact is None:
            raise RuleRefused("fact", path, seen=name, near=_near(name, self.vocabulary.facts))
        if self.stage not in fact.stages:
            raise RuleRefused("fact_stage", path, seen=name, stage=self.stage, known=", ".join(sorted(fact.stages)))
        return fact

    def _actions(self, raw: object, path: str) -> tuple[Action, ...]:
        return tuple(self._action(item, f"{path}/{at}") for at, item in enumerate(read_list(raw, path, 50)))

    def _action(self, raw: object, path: str) -> Action:
        found = read_object(raw, ("action",), ("params",), path)
        name = found["action"]
        spec = self.vocabulary.actions.get(name) if isinstance(name, str) else None
        if spec is None:
            raise RuleRefused("action", f"{path}/action", seen=name, near=_near(name, self.vocabulary.actions))
        if self.stage not in spec.stages:
            raise RuleRefused(
                "action_stage", f"{path}/action", seen=name, stage=self.stage, known=", ".join(sorted(spec.stages))
            )
        place = f"{path}/params" if "params" in found else path
        return Action(spec.name, _params(found.get("params", {}), spec, place))


def _params(raw: object, action: ActionSpec, path: str) -> tuple[tuple[str, object], ...]:
    required = [spec.name for spec in action.params if spec.required]
    optional = [spec.name for spec in action.params if not spec.required]
    found = read_object(raw, required, optional, path)
    specs = sorted((spec for spec in action.params if spec.name in found), key=lambda spec: spec.name)
    return tuple(
        (spec.name, read_scalar(found[spec.name], spec.type, spec.choices, f"{path}/{spec.name}")) for spec in specs
    )


def _operator(name: object, fact: FactSpec, path: str) -> Operator:
    operator = OPERATORS.get(name) if isinstance(name, str) else None
    known = ", ".join(operators_for(fact.type))
    if operator is None:
        raise RuleRefused("op", path, seen=name, known=known)
    if fact.type not in operator.types:
        raise RuleRefused("op_type", path, seen=name, type=fact.type.value, known=known)
    return operator


def _spans(raw: object, path: str) -> tuple[Span, ...]:
    return tuple(read_span(item, f"{path}/{at}") for at, item in enumerate(read_list(raw, path, 50)))


def _near(name: object, known: Iterable[str]) -> str:
    close = get_close_matches(name[:100], list(known), 3) if isinstance(name, str) else []
    return f" ({', '.join(close)})" if close else ""
