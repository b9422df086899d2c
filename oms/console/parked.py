"""运行 · 待处理: records that could not be understood, with their reason; retry and discard."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from oms.app.kernel.queries.operations import Trouble, parked
from oms.console import acts
from oms.console.context import connection, shops
from oms.console.forms import chosen_id, ids, reason
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError

pages = Blueprint("parked", __name__, url_prefix="/operations/parked")


@pages.get("")
@requires("operations.view")
def listing() -> str:
    """What is parked, newest first."""
    return _render()


@pages.post("/retry")
@requires("parked.retry")
def retry() -> Response:
    """Read the ticked records again."""
    try:
        chosen = ids()
        acts.retry_parked(chosen)
    except HubError as error:
        return _refused(error)
    say(_("%(n)s 份报文已重新读", n=len(chosen)))
    return back(url_for("parked.listing"))


@pages.post("/discard")
@requires("parked.discard")
def discard() -> Response:
    """Give up the ticked records with a reason."""
    try:
        chosen = ids()
        acts.discard_parked(chosen, reason())
    except HubError as error:
        return _refused(error)
    say(_("%(n)s 份报文已放弃", n=len(chosen)))
    return back(url_for("parked.listing"))


def _refused(error: HubError) -> Response:
    return make_response(_render(note_of(error)), status_of(error))


def _render(note: Note | None = None) -> str:
    mine = shops("operations.view")
    page = parked(connection(), mine.ids, Trouble(chosen_id("shop")), request.args.get("at", ""))
    return render_template("operations/parked.html", page=page, shops=mine, note=note)
