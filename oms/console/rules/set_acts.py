"""规则 · what buttons of a rule set's page start: drafts, names, canaries, rolling back, retiring."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, make_response, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.rulebook import drafts, versions
from oms.console.acts import clicked
from oms.console.context import actor, hub
from oms.console.forms import picked, reason
from oms.console.messages import _
from oms.console.notes import offer_undo, say, status_of
from oms.console.rules import set_page as rule_set_page
from oms.console.rules.access import ACTIVATE, EDIT, reach_set, visible_version
from oms.console.rules.notes import note_of, show_error
from oms.console.rules.sets import to_draft
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid

pages = Blueprint("rule_set_acts", __name__, url_prefix="/rules/<int:rule_set_id>")
pages.register_error_handler(HubError, show_error)


@pages.post("/drafts")
@requires(EDIT)
def draft(rule_set_id: int) -> Response:
    """A draft of what is in force, or an empty one, and go on with it."""
    is_empty = request.form.get("begin") == "nothing"
    comment = request.form.get("comment", "")
    try:
        reach_set(EDIT, rule_set_id)
        made = clicked(drafts.create_draft)(hub(), rule_set_id, actor(), is_empty=is_empty, comment=comment)
    except HubError as error:
        return _refused(rule_set_id, error)
    say(_("草稿已建，启用前不影响任何订单"))
    return to_draft(rule_set_id, made)


@pages.post("/name")
@requires(EDIT)
def rename(rule_set_id: int) -> Response:
    """Give the set another name."""
    name = request.form.get("name", "")
    return _act(rule_set_id, EDIT, lambda: drafts.rename_set(hub(), rule_set_id, name, actor()), _("名称已改"))


@pages.post("/roll-back")
@requires(ACTIVATE)
def roll_back(rule_set_id: int) -> Response:
    """Put an archived version in force again, with a reason."""

    def act() -> None:
        version_id, why = picked("version_id"), reason()
        if version_id is None:
            raise Invalid("version_id", _("选一个版本"))
        visible_version(version_id, rule_set_id)
        clicked(versions.roll_back)(hub(), version_id, actor(), why, rule_set_id=rule_set_id)

    return _act(rule_set_id, ACTIVATE, act, _("已回退，几秒内所有进程都按它判断"), has_way_back=True)


@pages.post("/promote")
@requires(ACTIVATE)
def promote(rule_set_id: int) -> Response:
    """Let the canary decide for all orders."""
    words = _("灰度已推全，几秒内所有订单都按它判断")

    def act() -> None:
        versions.promote_canary(hub(), rule_set_id, actor())

    return _act(rule_set_id, ACTIVATE, act, words, has_way_back=True)


@pages.post("/end-canary")
@requires(ACTIVATE)
def end_canary(rule_set_id: int) -> Response:
    """End the canary; the version beside it decides for all orders again."""
    words = _("灰度已结束，几秒内所有订单都按原来的版本判断")
    return _act(rule_set_id, ACTIVATE, lambda: versions.end_canary(hub(), rule_set_id, actor()), words)


@pages.post("/retire")
@requires(ACTIVATE)
def retire(rule_set_id: int) -> Response:
    """Take the set out of force, with a reason; the next wider place decides."""

    def act() -> None:
        clicked(versions.retire)(hub(), rule_set_id, actor(), reason())

    return _act(rule_set_id, ACTIVATE, act, _("已停用，几秒内改由更宽的范围判断"), has_way_back=True)


def offer_way_back(rule_set_id: int, version_id: int | None, done: str) -> None:
    """Say what was done, with a button that puts the version before in force again, or takes the set out of force."""
    fields: dict[str, object] = {"reason": _("点错了，撤回")}
    if version_id is None:
        offer_undo(done, url_for("rule_set_acts.retire", rule_set_id=rule_set_id), fields)
    else:
        fields["version_id"] = version_id
        offer_undo(done, url_for("rule_set_acts.roll_back", rule_set_id=rule_set_id), fields)


def _act(
    rule_set_id: int, permission: str, act: Callable[[], None], done: str, *, has_way_back: bool = False
) -> Response:
    """Try what a button starts and come back to the page, with a sentence or with the refusal."""
    try:
        row = reach_set(permission, rule_set_id)
        clicked(act)()
    except HubError as error:
        return _refused(rule_set_id, error)
    if has_way_back and row.version_id:
        offer_way_back(rule_set_id, row.version_id, done)
    else:
        say(done)
    return redirect(url_for("rules.rule_set", rule_set_id=rule_set_id), 303)


def _refused(rule_set_id: int, error: HubError) -> Response:
    return make_response(rule_set_page.render(rule_set_id, note_of(error), request.form), status_of(error))
