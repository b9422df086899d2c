"""运行 · 待处理: records that could not be understood, with their reason; retry and discard."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries.operations import (
    Trouble,
    failed_messages,
    parked,
    shops_of_messages,
    shops_of_parked,
)
from oms.console import acts
from oms.console.context import connection, shops
from oms.console.forms import chosen_id, ids, reason
from oms.console.messages import _
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
        chosen = _own("parked.retry")
        outcomes = acts.retry_parked(chosen)
    except HubError as error:
        return _refused(error)
    mended = sum(outcome == "resolved" for outcome in outcomes.values())
    if mended:
        say(_("%(n)s 份报文读懂了，订单继续走", n=mended))
    if mended < len(chosen):
        say(_("%(n)s 份还是读不懂，原因在下面", n=len(chosen) - mended), "warn")
    return back(url_for("parked.listing"))


@pages.post("/discard")
@requires("parked.discard")
def discard() -> Response:
    """Give up the ticked records with a reason."""
    try:
        count = acts.discard_parked(_own("parked.discard"), reason())
    except HubError as error:
        return _refused(error)
    say(_("%(n)s 份报文已放弃", n=count))
    return back(url_for("parked.listing"))


@pages.post("/messages/retry")
@requires("parked.retry")
def retry_messages() -> Response:
    """Work on the ticked messages again."""
    try:
        chosen = ids()
        if not set(shops_of_messages(connection(), chosen)) <= set(shops("parked.retry").ids):
            abort(403)
        count = acts.retry_messages(chosen)
    except HubError as error:
        return _refused(error)
    say(_("%(n)s 条消息已重新排队", n=count))
    return back(url_for("parked.listing"))


def _own(permission: str) -> list[int]:
    """The ticked records, all in shops where the person may do this; 403 otherwise."""
    chosen = ids()
    if not set(shops_of_parked(connection(), chosen)) <= set(shops(permission).ids):
        abort(403)
    return chosen


def _refused(error: HubError) -> Response:
    return make_response(_render(note_of(error)), status_of(error))


def _render(note: Note | None = None) -> str:
    mine = shops("operations.view")
    page = parked(connection(), mine.ids, Trouble(chosen_id("shop")), request.args.get("at", ""))
    failed = failed_messages(connection(), mine.ids)
    return render_template("operations/parked.html", page=page, failed=failed, shops=mine, note=note)
