"""What is wrong with a draft while somebody writes it, all places at once; the codec alone says what is right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.rulebook.documents import read_document
from oms.app.rulebook.limits import BOUNDS
from oms.app.rulebook.naming import check_names
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.console.messages import _
from oms.console.refusals import told
from oms.console.rules.editor.storing import Fault, Storing, fault_of, is_blank
from oms.console.rules.editor.typed import KINDS, amount_unit
from oms.domain.errors import Invalid
from rules.codec import CONDITIONS_LIMIT, DEPTH_LIMIT, FORMAT, read_node, read_rule_set
from rules.model import ValueType
from rules.refusals import RuleRefused

#: Faults that are told at once; who has mended these is told the next.
MOST_FAULTS: Final = 50
ALWAYS: Final[dict[str, Any]] = {"all": []}


def store_rule(raw: Any, stage: str, path: str) -> tuple[Any, list[Fault]]:
    """(the rule as it would be stored, what is wrong with it)."""
    storing = Storing()
    found = storing.rule(raw, path)
    faults = {fault.path: fault for fault in storing.faults}
    if isinstance(found, dict) and not _is_too_large(found.get("when")):
        for place, fault in _parts_faults(found, stage, path):
            faults.setdefault(place, fault)
    if not faults:
        refused = _refusal({"rules": [found]}, stage)
        if refused is not None:
            faults[refused.path] = _moved(refused, "/rules/0", path)
    return found, list(faults.values())[:MOST_FAULTS]


def store_document(rules: Any, stage: str) -> tuple[list[Any], list[Any], list[Fault]]:
    """(rules, limits, faults) of everything that was typed."""
    if not isinstance(rules, list):
        return [], [], [Fault("/rules", _("没收到规则"), _("刷新页面再来"))]
    stored: list[Any] = []
    limits: list[Any] = []
    faults: list[Fault] = []
    places: list[str] = []
    for at, raw in enumerate(rules):
        path = f"/rules/{at}"
        found, wrong = store_rule(raw, stage, path)
        mine, bad = store_limits(raw, f"{path}/limits")
        stored.append(found)
        limits += mine.values()
        places += mine
        faults += [*wrong, *bad]
        if len(faults) >= MOST_FAULTS:
            break
    return stored, limits, faults[:MOST_FAULTS] or _faults_together(stored, limits, places, stage)


def unknown_codes(connection: Connection, rules: list[Any], first: int = 0) -> list[Fault]:
    """Codes in rules without faults that nothing has, one a rule; `first` is the place of the first of them."""
    faults = []
    for at, rule in enumerate(rules, first):
        try:
            check_names(connection, {"rules": [rule]})
        except Invalid as error:
            words = told(error.words.removeprefix(f"{error.field}: "))
            place = error.field.replace("/rules/0/", f"/rules/{at}/", 1)
            faults.append(Fault(place, words, told(error.remedy)))
    return faults[:MOST_FAULTS]


def store_limits(raw: Any, path: str) -> tuple[dict[str, Any], list[Fault]]:
    """Place → limit of a typed rule as the version stores it; a row without any bound is no limit."""
    rows = raw.get("limits") if isinstance(raw, dict) else None
    stored: dict[str, Any] = {}
    storing = Storing()
    for at, row in enumerate(rows if isinstance(rows, list) else ()):
        if not isinstance(row, dict) or all(is_blank(row.get(name)) for name in BOUNDS):
            continue
        unit = amount_unit(str(row.get("action")))
        limit = {"rule": raw.get("id"), "action": row.get("action")}
        for name in BOUNDS:
            if not is_blank(row.get(name)):
                kind = ValueType.MONEY if unit and name != "per_hour" else ValueType.COUNT
                limit[name] = storing.scalar(row[name], kind, unit, f"{path}/{at}/{name}")
        stored[f"{path}/{at}"] = limit
    return stored, storing.faults


def _faults_together(stored: list[Any], limits: list[Any], places: list[str], stage: str) -> list[Fault]:
    """What is wrong with rules that are each right: ids used twice, limits of actions that are not there."""
    refused = _refusal({"rules": stored}, stage)
    if refused is not None:
        return [fault_of(refused)]
    try:
        read_document(stage, stored, limits)
    except Invalid as error:
        words = told(error.words.removeprefix(f"{error.field}: "))
        return [Fault(_place_of(error.field, places), words, told(error.remedy))]
    return []


def _place_of(field: str, places: list[str]) -> str:
    """limits[3].per_hour → where the editor shows it."""
    head, bracket, rest = field.partition("[")
    number, _end, bound = rest.partition("]")
    if head != "limits" or not bracket or int(number) >= len(places):
        return "/rules"
    return places[int(number)] + bound.replace(".", "/")


def _parts_faults(rule: dict[str, Any], stage: str, path: str) -> Iterator[tuple[str, Fault]]:
    """Faults of each condition, group, action and span by itself, so that all can be mended in one go."""
    for place, leaf in leaves_of(rule.get("when"), f"{path}/when"):
        try:
            read_node(leaf, VOCABULARY, stage, place)
        except RuleRefused as error:
            yield place if error.path == "" else error.path, fault_of(error)
    for name in ("actions", "active", "excluded"):
        parts = rule.get(name)
        for at, part in enumerate(parts[:50] if isinstance(parts, list) else ()):
            alone = {"id": "x", "name": "x", "when": ALWAYS, "actions": [], "stop": True, name: [part]}
            refused = _refusal({"rules": [alone]}, stage)
            if refused is not None:
                moved = _moved(refused, f"/rules/0/{name}/0", f"{path}/{name}/{at}")
                yield moved.path, moved


def leaves_of(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(place, part) of each condition, and of each group that has none in it."""
    open_ends = [(path, node, 1)]
    while open_ends:
        place, part, depth = open_ends.pop()
        kind = next((kind for kind in KINDS if isinstance(part, dict) and kind in part), None)
        children = part[kind] if kind is not None else None
        if isinstance(children, list) and children and depth < DEPTH_LIMIT:
            open_ends += [(f"{place}/{kind}/{at}", child, depth + 1) for at, child in enumerate(children)][::-1]
        else:
            yield place, part


def _is_too_large(node: Any) -> bool:
    return sum(1 for _leaf in zip(range(CONDITIONS_LIMIT + 1), leaves_of(node, ""), strict=False)) > CONDITIONS_LIMIT


def _refusal(document: dict[str, Any], stage: str) -> RuleRefused | None:
    try:
        read_rule_set({"format": FORMAT, "stage": stage} | document, VOCABULARY)
    except RuleRefused as error:
        return error
    return None


def _moved(error: RuleRefused, was: str, path: str) -> Fault:
    """The fault at the place where its part really stands."""
    fault = fault_of(error)
    return Fault(path + fault.path.removeprefix(was) if fault.path.startswith(was) else path, fault.reason, fault.remedy)
