"""运行 · 待推送: what could not be sent, with the evidence of each call; retry and void."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from oms.app.kernel.queries.operations import Trouble, attempts, outbound
from oms.console import acts
from oms.console.context import connection, shops
from oms.console.forms import ids, reason
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.domain import lifecycle
from oms.domain.errors import HubError

pages = Blueprint("outbound", __name__, url_prefix="/operations/outbound")
STATES = ("stuck", "refused", "unknown", "waiting", "sending")


@pages.get("")
@requires("operations.view")
def listing() -> str:
    """Outbound rows that need people, or those of one state."""
    return _render()


@pages.post("/retry")
@requires("outbound.retry")
def retry() -> Response:
    """Send the ticked rows again; one whose outcome is unknown is looked up first."""
    try:
        chosen = ids()
        acts.retry_outbound(chosen)
    except HubError as error:
        return _refused(error)
    say(_("%(n)s 个推送已重新排队", n=len(chosen)))
    return back(url_for("outbound.listing"))


@pages.post("/void")
@requires("outbound.void")
def void() -> Response:
    """Give up the ticked rows with a reason."""
    try:
        chosen = ids()
        acts.void_outbound(chosen, reason())
    except HubError as error:
        return _refused(error)
    say(_("%(n)s 个推送已作废", n=len(chosen)))
    return back(url_for("outbound.listing"))


def _refused(error: HubError) -> Response:
    return make_response(_render(note_of(error)), status_of(error))


def _render(note: Note | None = None) -> str:
    wanted = request.args.get("state", "")
    state = wanted if wanted in lifecycle.OUTBOUND.states else ""
    mine = shops("operations.view")
    page = outbound(connection(), mine.ids, Trouble(state=state), request.args.get("at", ""))
    evidence = attempts(connection(), [row.id for row in page.rows])
    return render_template(
        "operations/outbound.html", page=page, evidence=evidence, state=state, states=STATES, shops=mine, note=note
    )
