"""规则 · 编辑器: a draft's rules as lists and trees, checked and worded by the server while they are written.

The page's script keeps what was typed and sends it here; only here it is judged. The draft as JSON is a page of its own.
"""

from __future__ import annotations

import json
from typing import Any, Final

from flask import Blueprint, current_app, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook.changing import find_version
from oms.app.rulebook.currencies import currencies_of
from oms.app.rulebook.documents import find_faults, read_document
from oms.app.rulebook.drafts import Content, edit_draft
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.console.acts import clicked
from oms.console.context import actor, close_connection, connection, hub, shops
from oms.console.messages import _
from oms.console.notes import Note, note_of, status_of
from oms.console.rendering import moment
from oms.console.rules import access as rule_access
from oms.console.rules import words as rule_words
from oms.console.rules.editor.checking import store_document, store_rule, unknown_codes
from oms.console.rules.editor.known import known_values
from oms.console.rules.editor.sentence import word_conditions, word_draft
from oms.console.rules.editor.storing import Fault, fault_of
from oms.console.rules.editor.typed import typed_node, typed_rule
from oms.console.rules.editor.words import pickers
from oms.console.security import requires
from oms.console.translating import language
from oms.domain.errors import HubError, Stale, WrongState
from rules.codec import BYTES_LIMIT, DEPTH_LIMIT, write_node
from rules.phrases import Language
from rules.reading import read_sentence
from rules.refusals import RuleRefused

pages = Blueprint("rule_editor", __name__, url_prefix="/rules/<int:rule_set_id>/versions/<int:version_id>/edit")
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
#: Pages of a version that a draft's page leads to.
OF_VERSION: Final = {
    "form": "rule_editor.form",
    "text": "rule_editor_text.form",
    "version": "rules.version",
    "try": "trying.start",
}


@pages.get("")
@requires(rule_access.EDIT)
def form(rule_set_id: int, version_id: int) -> str:
    """The editor of a draft."""
    version, rule_set = draft_of(rule_set_id, version_id)
    rules = version.body.get("rules") or []
    typed = [typed_rule(rule, version.limits) for rule in rules]
    return render_template(
        "rule_editor/form.html", version=version, rule_set=rule_set, stage=rule_words.stage_word(rule_set.stage),
        pickers=pickers(rule_set.stage), rules=typed, places=places_beside(rule_set_id, version_id),
    )  # fmt: skip


@pages.post("")
@requires(rule_access.EDIT)
def save(rule_set_id: int, version_id: int) -> Response:
    """Store what was typed, all of it or nothing."""
    _version, rule_set = draft_of(rule_set_id, version_id)
    body, fault = _body()
    if fault is not None:
        return _refused([fault])
    rules, limits, faults = store_document(body.get("rules"), rule_set.stage)
    faults = faults or unknown_codes(connection(), rules)
    if faults:
        return _refused(faults)
    content = Content(rules, limits, _text(body.get("comment")))
    try:
        revision = clicked(edit_draft)(hub(), version_id, content, _revision(body.get("revision")), actor())
    except Stale:
        return _overtaken(version_id, rule_set.stage, content)
    except HubError as error:
        return _noted(note_of(error), status_of(error))
    return jsonify(revision=revision, note=_("草稿存好了，%(n)s 条规则", n=len(rules)))


@pages.post("/check")
@requires(rule_access.EDIT)
def check(rule_set_id: int, version_id: int) -> Response:
    """What is wrong with one rule, and how it reads in both languages."""
    _version, rule_set = draft_of(rule_set_id, version_id)
    body, fault = _body()
    if fault is not None:
        return jsonify(faults=_shown([fault]), sentence={}, conditions={})
    at = _revision(body.get("at"))
    path, raw = f"/rules/{at}", body.get("rule")
    stored, faults = store_rule(raw, rule_set.stage, path)
    faults = faults or unknown_codes(connection(), [stored], at)
    sentences = {tongue: word_draft(stored, path, rule_set.stage, tongue) for tongue in LANGUAGES}
    conditions = {tongue: word_conditions(stored, rule_set.stage, tongue) for tongue in LANGUAGES}
    return jsonify(faults=_shown(faults), sentence=sentences, conditions=conditions)


@pages.post("/read")
@requires(rule_access.EDIT)
def read(rule_set_id: int, version_id: int) -> Response:
    """The conditions that a typed sentence says."""
    _version, rule_set = draft_of(rule_set_id, version_id)
    body, fault = _body()
    if fault is not None:
        return jsonify(faults=_shown([fault]))
    tongue: Language = "en" if body.get("language") == "en" else "zh"
    sentence = _text(body.get("sentence")).strip().rstrip("。.")
    try:
        tree = read_sentence(sentence, VOCABULARY, rule_set.stage, tongue)
    except RuleRefused as error:
        return jsonify(faults=_shown([fault_of(error)]))
    return jsonify(faults=[], when=typed_node(write_node(tree)))


@pages.get("/known")
@requires(rule_access.EDIT)
def known(rule_set_id: int, version_id: int) -> Response:
    """Codes to choose from, as far as the hub knows them."""
    draft_of(rule_set_id, version_id)
    typed = request.args.get("typed", "").replace("\0", "").strip()[:100]
    mine = shops(rule_access.VIEW).ids
    return jsonify(known=known_values(connection(), request.args.get("kind", ""), typed, mine))


@pages.get("/findings")
@requires(rule_access.EDIT)
def findings(rule_set_id: int, version_id: int) -> Response:
    """What is wrong with the stored rules taken together; may take seconds, so no connection is held meanwhile."""
    version, rule_set = draft_of(rule_set_id, version_id)
    currencies = currencies_of(connection(), rule_set.scope, rule_set.scope_id)
    close_connection()
    found = find_faults(rule_set.stage, version.body, version.limits, hub().clock(), currencies)
    tongue = language()
    return jsonify(findings=[
        {"rule": one["rule"], "kind": str(rule_words.FINDINGS[str(one["kind"])]), "is_proved": one["is_proved"],
         "reason": one[f"reason_{tongue}"], "remedy": one[f"remedy_{tongue}"]}
        for one in found
    ])  # fmt: skip


def places_beside(rule_set_id: int, version_id: int) -> dict[str, str]:
    """Where else one may go from a draft, as far as these pages are there."""
    here = {"rule_set_id": rule_set_id, "version_id": version_id}
    wanted: dict[str, tuple[str, dict[str, Any]]] = {name: (end, here) for name, end in OF_VERSION.items()}
    wanted |= {"set": ("rules.rule_set", {"rule_set_id": rule_set_id}), "listing": ("rules.listing", {})}
    known = current_app.view_functions
    return {name: url_for(end, **values) for name, (end, values) in wanted.items() if end in known}


def draft_of(rule_set_id: int, version_id: int) -> tuple[AnyRow, AnyRow]:
    """(version, set) of a draft that the person may change."""
    version, rule_set = rule_access.visible_version(version_id, rule_set_id)
    rule_access.check_reach(rule_access.EDIT, rule_set.scope, rule_set.scope_id)
    if version.state != "draft":
        raise WrongState("this version", version.state, "edit")
    return version, rule_set


def _body() -> tuple[dict[str, Any], Fault | None]:
    """What the page sent; anything else than a JSON object of a bearable size is refused."""
    sent = request.get_data(cache=False)
    if len(sent) > BYTES_LIMIT:
        return {}, fault_of(RuleRefused("too_large", "", limit=BYTES_LIMIT, what="bytes"))
    try:
        found = json.loads(sent)
    except RecursionError:
        return {}, fault_of(RuleRefused("too_deep", "", limit=DEPTH_LIMIT))
    except ValueError:
        return {}, Fault("", _("发来的内容读不懂"), _("刷新页面再来"))
    return (found, None) if isinstance(found, dict) else ({}, Fault("", _("发来的内容读不懂"), _("刷新页面再来")))


def _revision(raw: Any) -> int:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < 2**31 else 0


def _text(raw: Any) -> str:
    """A text that can be stored; half characters are left out."""
    return raw.encode("utf-8", "ignore").decode() if isinstance(raw, str) else ""


def _refused(faults: list[Fault]) -> Response:
    answer = jsonify(faults=_shown(faults), note=_("没存：有 %(n)s 处要改", n=len(faults)))
    answer.status_code = 422
    return answer


def _shown(faults: list[Fault]) -> list[dict[str, str]]:
    return [{"path": fault.path, "reason": fault.reason, "remedy": fault.remedy} for fault in faults]


def _noted(note: Note, status: int) -> Response:
    answer = jsonify(note=note.title, remedy=note.remedy, faults=[])
    answer.status_code = status
    return answer


def _overtaken(version_id: int, stage: str, mine: Content) -> Response:
    """Who was first, when, and which rules now differ; what was typed stays on the page."""
    words, revision = told_first(version_id)
    stored = _by_id(find_version(connection(), version_id).body.get("rules") or [])
    typed = _by_id(read_document(stage, mine.rules, mine.limits)[0]["rules"])
    names = [(typed.get(key) or stored[key])["name"] for key in stored | typed if stored.get(key) != typed.get(key)]
    shown = _("、").join(_("「%(name)s」", name=name) for name in names[:5])
    remedy = _("不同的有 %(n)s 条：%(names)s", n=len(names), names=shown) if names else ""
    answer = jsonify(note=words, remedy=remedy, faults=[], revision=revision, is_stale=True)
    answer.status_code = 409
    return answer


def _by_id(rules: list[Any]) -> dict[str, Any]:
    return {str(rule["id"]): rule for rule in rules}


def told_first(version_id: int) -> tuple[str, int]:
    """(who was first, the revision that is stored now)."""
    close_connection()
    version = find_version(connection(), version_id)
    first = version.changed_by or version.author
    at = moment(version.changed_at or version.created_at)
    words = _("没存：刚被 %(name)s 在 %(at)s 改过，你写的还在这一页", name=rule_words.who([first])[first], at=at)
    return words, int(version.revision)
