"""规则 · what buttons of a version's page start: activating, discarding, copying."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook import drafts, versions
from oms.app.rulebook.changing import set_of
from oms.app.rulebook.drafts import Content
from oms.console.acts import clicked
from oms.console.context import actor, hub
from oms.console.forms import whole
from oms.console.messages import _
from oms.console.notes import Note, say, status_of
from oms.console.rendering import moment
from oms.console.rules import version_page as rule_version_page
from oms.console.rules.access import ACTIVATE, EDIT, check_reach, visible_version
from oms.console.rules.notes import note_of, show_error
from oms.console.rules.places import chosen_place
from oms.console.rules.set_acts import offer_way_back
from oms.console.rules.sets import to_draft
from oms.console.rules.words import who
from oms.console.security import requires
from oms.domain.errors import HubError, Stale

pages = Blueprint("rule_version_acts", __name__, url_prefix="/rules/<int:rule_set_id>/versions/<int:version_id>")
pages.register_error_handler(HubError, show_error)


@pages.post("/activate")
@requires(ACTIVATE)
def activate(rule_set_id: int, version_id: int) -> Response:
    """Put a draft in force for all orders, or as a canary for a share of them; `despite` says the findings were seen."""
    try:
        version, row = _reach(ACTIVATE, rule_set_id, version_id)
        share = whole("share", low=1, high=99) if request.form.get("for") == "part" else versions.ALL
        revision = _commented(version, row, whole("revision", high=2**31))
        despite = request.form.get("despite") == "1"
        clicked(versions.activate)(
            hub(), version_id, actor(), revision=revision, share=share, despite_findings=despite
        )  # fmt: skip
    except HubError as error:
        return _refused(rule_set_id, version_id, error)
    _say_activated(version, row, share)
    return redirect(url_for("rules.rule_set", rule_set_id=rule_set_id), 303)


@pages.post("/discard")
@requires(EDIT)
def discard(rule_set_id: int, version_id: int) -> Response:
    """Throw a draft away."""
    try:
        version, _row = _reach(EDIT, rule_set_id, version_id)
        clicked(drafts.discard_draft)(hub(), version_id, whole("revision", high=2**31), actor())
    except HubError as error:
        return _refused(rule_set_id, version_id, error)
    say(_("v%(n)s 草稿已丢掉", n=version.number))
    return redirect(url_for("rules.rule_set", rule_set_id=rule_set_id), 303)


@pages.post("/copy")
@requires(EDIT)
def copy(rule_set_id: int, version_id: int) -> Response:
    """A draft with these rules in another place, or in the same one, and go on with it."""
    try:
        visible_version(version_id, rule_set_id)
        place = chosen_place(request.form.get("place", ""))
        check_reach(EDIT, *place)
        words: dict[str, Any] = {"name": request.form.get("name", ""), "comment": request.form.get("comment", "")}
        made = clicked(drafts.copy_version)(hub(), version_id, *place, actor(), **words)
    except HubError as error:
        return _refused(rule_set_id, version_id, error)
    say(_("草稿已建，启用前不影响任何订单"))
    return to_draft(set_of(hub(), made), made)


def _say_activated(version: AnyRow, row: AnyRow, share: int) -> None:
    if share < versions.ALL:
        say(_("v%(n)s 已灰度，%(share)s%% 的订单几秒内按它判断", n=version.number, share=share))
        return
    done = _("v%(n)s 已启用，几秒内所有进程都按它判断", n=version.number)
    if row.version_id == version.id:  # A second click: it was in force already.
        say(done)
    else:
        offer_way_back(row.id, row.version_id, done)


def _commented(version: AnyRow, row: AnyRow, revision: int) -> int:
    """The draft with the comment that was typed; answers the revision to put in force."""
    comment = request.form.get("comment")
    if comment is None or comment.strip() == version.comment or version.state != "draft":
        return revision
    check_reach(EDIT, row.scope, row.scope_id)
    body: dict[str, Any] = version.body
    content = Content(body.get("rules", []), version.limits, comment)
    return clicked(drafts.edit_draft)(hub(), version.id, content, revision, actor())


def _reach(permission: str, rule_set_id: int, version_id: int) -> tuple[AnyRow, AnyRow]:
    version, row = visible_version(version_id, rule_set_id)
    check_reach(permission, row.scope, row.scope_id)
    return version, row


def _refused(rule_set_id: int, version_id: int, error: HubError) -> Response:
    note = _who_was_first(version_id) if isinstance(error, Stale) else note_of(error)
    return make_response(rule_version_page.render(rule_set_id, version_id, note, request.form), status_of(error))


def _who_was_first(version_id: int) -> Note:
    """Who changed the draft meanwhile, and when; the page below shows what it says now."""
    version, _row = visible_version(version_id)
    changed_by = version.changed_by or version.author
    name, at = who([changed_by]).get(changed_by, changed_by), moment(version.changed_at or version.created_at)
    title = _("没做成：%(who)s %(at)s 先改了这份草稿", who=name, at=at)
    return Note(title, _("下面已是改过的内容，看过再点一次"), "stale")
