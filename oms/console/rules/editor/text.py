"""规则 · JSON: a draft as one text, for those who would rather write it; the editor is page.py beside it."""

from __future__ import annotations

import json
from typing import Any, Final

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook.drafts import Content, edit_draft
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.console.acts import clicked
from oms.console.context import actor, hub
from oms.console.forms import read_whole
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, status_of
from oms.console.rules import access as rule_access
from oms.console.rules import words as rule_words
from oms.console.rules.editor.page import draft_of, places_beside, told_first
from oms.console.rules.editor.storing import fault_of
from oms.console.security import requires
from oms.domain.errors import HubError, Stale
from rules.codec import DEPTH_LIMIT, FORMAT, read_rule_set
from rules.refusals import RuleRefused

pages = Blueprint("rule_editor_text", __name__, url_prefix="/rules/<int:rule_set_id>/versions/<int:version_id>/edit/text")
MOST_REVISION: Final = 2**31 - 1
#: Keys in the order in which people write them; the database keeps none.
ORDER: Final = (
    *("id", "name", "priority", "enabled", "stop", "when", "fact", "op", "value", "rule", "action", "params"),
    *("per_hour", "amount_per_hour", "least", "most", "actions", "active", "excluded", "weekdays", "from", "to", "until"),
)


@pages.get("")
@requires(rule_access.EDIT)
def form(rule_set_id: int, version_id: int) -> str:
    """The draft's rules and limits as they are stored."""
    version, rule_set = draft_of(rule_set_id, version_id)
    document = {"rules": _in_order(version.body.get("rules") or []), "limits": _in_order(version.limits)}
    written = json.dumps(document, ensure_ascii=False, indent=2)
    return _render(version, rule_set, written, version.comment, version.revision)


@pages.post("")
@requires(rule_access.EDIT)
def save(rule_set_id: int, version_id: int) -> Response:
    """Store the text as it was written; a broken one stays on the page."""
    version, rule_set = draft_of(rule_set_id, version_id)
    written, comment = request.form.get("document", ""), request.form.get("comment", "")
    revision = min(read_whole(request.form.get("revision", "")) or 0, MOST_REVISION)
    try:
        found = _read(written, rule_set.stage)
        content = Content(found["rules"], found.get("limits", []), comment)
        clicked(edit_draft)(hub(), version_id, content, revision, actor())
    except RuleRefused as error:
        fault = fault_of(error)
        words = _("没存：%(path)s %(reason)s", path=fault.path or _("全文"), reason=fault.reason)
        note, status = Note(words, fault.remedy), 422
    except HubError as error:
        note, status = note_of(error), status_of(error)
        if isinstance(error, Stale):
            words, revision = told_first(version_id)
            note = Note(words, _("看过现在存的再存一次，就盖过去"))
    else:
        say(_("草稿存好了，%(n)s 条规则", n=len(content.rules)))
        return redirect(url_for("rule_editor_text.form", rule_set_id=rule_set_id, version_id=version_id), 303)
    return make_response(_render(version, rule_set, written, comment, revision, note), status)


def _read(written: str, stage: str) -> dict[str, Any]:
    """Rules and limits of a text; the rules are read by the codec, so that its refusal names the place."""
    try:
        found = json.loads(written, object_pairs_hook=_without_repeats)
    except RecursionError:
        raise RuleRefused("too_deep", "", limit=DEPTH_LIMIT) from None
    except RuleRefused:
        raise
    except ValueError as error:
        raise RuleRefused("json", "", why=error) from None
    if not isinstance(found, dict) or not {"rules"} <= set(found) <= {"rules", "limits"}:
        raise RuleRefused(
            "wrong_shape", "", want_zh=' {"rules": […], "limits": […]}', want_en='{"rules": […], "limits": […]}'
        )
    read_rule_set({"format": FORMAT, "stage": stage, "rules": found["rules"]}, VOCABULARY)
    return found


def _in_order(stored: Any) -> Any:
    """The same document with its keys in the usual order."""
    if isinstance(stored, list):
        return [_in_order(one) for one in stored]
    if not isinstance(stored, dict):
        return stored
    known = [key for key in ORDER if key in stored]
    return {key: _in_order(stored[key]) for key in [*known, *sorted(stored.keys() - set(known))]}


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _value in pairs]
        raise RuleRefused("repeated_key", "", key=max(keys, key=keys.count))
    return found


def _render(
    version: AnyRow, rule_set: AnyRow, written: str, comment: str, revision: int, note: Note | None = None
) -> str:
    return render_template(
        "rule_editor/text.html", version=version, rule_set=rule_set, stage=rule_words.stage_word(rule_set.stage),
        places=places_beside(rule_set.id, version.id), document=written, comment=comment, revision=revision, note=note,
    )  # fmt: skip
