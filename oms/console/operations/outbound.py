"""运行 · 待推送: what could not be sent, with the evidence of each call; retry and void."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries.operations import Trouble, attempts, outbound, shops_of_outbound
from oms.console import acts
from oms.console.context import connection, shops
from oms.console.forms import ids, reason
from oms.console.messages import _
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
        count = acts.retry_outbound(_own("outbound.retry"))
    except HubError as error:
        return _refused(error)
    say(_("%(n)s 个推送已重新排队", n=count))
    return back(url_for("outbound.listing"))


@pages.post("/void")
@requires("outbound.void")
def void() -> Response:
    """Give up the ticked rows with a reason."""
    try:
        count = acts.void_outbound(_own("outbound.void"), reason())
    except HubError as error:
        return _refused(error)
    say(_("%(n)s 个推送已作废", n=count))
    return back(url_for("outbound.listing"))


@pages.post("/<int:outbound_id>/ours")
@requires("outbound.retry")
def ours(outbound_id: int) -> Response:
    """Have the platform replace the waybill it holds by ours."""
    try:
        if not set(shops_of_outbound(connection(), [outbound_id])) <= set(shops("outbound.retry").ids):
            abort(403)
        acts.claim_waybill(outbound_id)
    except HubError as error:
        return _refused(error)
    say(_("已让平台改成我们的运单号"))
    return back(url_for("outbound.listing"))


def _own(permission: str) -> list[int]:
    """The ticked rows, all in shops where the person may do this; 403 otherwise."""
    chosen = ids()
    if not set(shops_of_outbound(connection(), chosen)) <= set(shops(permission).ids):
        abort(403)
    return chosen


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
