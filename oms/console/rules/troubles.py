"""规则 · 规则异常: rules that failed and were skipped, and rules that are paused; a person lets them act again."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.rulebook import troubles
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, shops
from oms.console.forms import reason
from oms.console.messages import _
from oms.console.notes import Note, say, status_of
from oms.console.rules.access import ACTIVATE, VIEW, check_reach, has_page, why_not
from oms.console.rules.names import rule_names
from oms.console.rules.notes import note_of, show_error
from oms.console.rules.places import Places
from oms.console.rules.words import stage_words, trouble_reason, who
from oms.console.security import requires
from oms.domain.errors import HubError

pages = Blueprint("rule_troubles", __name__, url_prefix="/rules/troubles")
pages.register_error_handler(HubError, show_error)


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """Open troubles, and on demand those that are over."""
    return _render()


@pages.post("/<int:trouble_id>/resume")
@requires(ACTIVATE)
def resume(trouble_id: int) -> Response:
    """Let a paused rule act again, or call an unhealthy one mended, with a reason."""
    try:
        row = troubles.find_trouble(connection(), trouble_id, shops(VIEW).ids)
        check_reach(ACTIVATE, row.scope, row.scope_id)
        clicked(troubles.resume)(hub(), trouble_id, actor(), reason())
    except HubError as error:
        return make_response(_render(note_of(error), request.form, trouble_id), status_of(error))
    say(_("规则 %(rule)s 又起作用了，几秒内生效", rule=row.rule_id))
    return redirect(url_for("rule_troubles.listing"), 303)


def _render(note: Note | None = None, typed: Mapping[str, str] | None = None, at_fault: int = 0) -> str:
    everything = request.args.get("show") == "all"
    rows = troubles.list_troubles(connection(), shops(VIEW).ids, with_cleared=everything)
    return render_template(
        "rules/troubles.html", rows=rows, everything=everything, note=note, typed=typed or {}, at_fault=at_fault,
        off={row.id: why_not(ACTIVATE, row.scope, row.scope_id) for row in rows}, stages=stage_words(), places=Places(),
        people=who(row.cleared_by for row in rows), has_page=has_page, trouble_reason=trouble_reason,
        names=rule_names(rows),
    )  # fmt: skip
