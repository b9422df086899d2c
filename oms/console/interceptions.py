"""运行 · 截停: attempts to stop a shipment that are not settled; acknowledge one that came too late."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.intercept.acknowledging import acknowledge
from oms.app.kernel.queries.operations import interceptions
from oms.console.context import actor, close_connection, connection, hub, shops
from oms.console.forms import reason
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError

pages = Blueprint("interceptions", __name__, url_prefix="/operations/interceptions")


@pages.get("")
@requires("operations.view")
def listing() -> str:
    """Open interceptions, newest first."""
    return _render()


@pages.post("/<int:interception_id>/acknowledge")
@requires("interception.acknowledge")
def acknowledge_one(interception_id: int) -> Response:
    """Take note that the goods left, and say what is being done about it."""
    try:
        words = reason()
        close_connection()
        with hub().begin() as writing:
            acknowledge(writing, interception_id, actor(), words, hub().clock())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("截停结果已确认"))
    return back(url_for("interceptions.listing"))


def _render(note: Note | None = None) -> str:
    page = interceptions(connection(), shops("operations.view").ids, request.args.get("at", ""))
    return render_template("operations/interceptions.html", page=page, note=note)
