"""批量通过: one click on up to 500 orders, with progress, a result for each, and the undo of the whole click."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries.order_page import order_numbers
from oms.app.pipeline.reviewing.bulk import STEP, Bulk, load_bulk
from oms.app.pipeline.reviewing.passing import Outcome
from oms.console import acts
from oms.console.context import actor, connection
from oms.console.forms import ids
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, offer_undo, say, status_of
from oms.console.refusals import told
from oms.console.reviewing.queue import MOST_REASONS, few_of, own, render, tier_of
from oms.console.security import requires
from oms.domain.errors import Forbidden, HubError

pages = Blueprint("review_bulk", __name__, url_prefix="/review")


@pages.post("/pass")
@requires("order.pass_review")
def pass_chosen() -> Response:
    """Pass the ticked orders at a tier; many of them on a page of their own, which shows how far it has come."""
    tier = tier_of(request.form.get("tier", "1"))
    try:
        chosen = own(ids(), "order.pass_review")
        bulk_id = acts.start_bulk(chosen, tier)
        if len(set(chosen)) > STEP:
            return make_response(redirect(url_for("review_bulk.show", bulk_id=bulk_id), 303))
        bulk = acts.pass_step(bulk_id)
    except HubError as error:
        return make_response(render(tier, note_of(error)), status_of(error))
    if len(set(bulk.refused.values())) > MOST_REASONS:
        return make_response(redirect(url_for("review_bulk.show", bulk_id=bulk_id), 303))
    _say(bulk)
    return make_response(back(url_for("review.queue", tier=tier)))


@pages.get("/bulk/<int:bulk_id>")
@requires("order.pass_review")
def show(bulk_id: int) -> str:
    """How far a click has come, and what became of each order."""
    return _page(_own_bulk(bulk_id))


@pages.post("/bulk/<int:bulk_id>/next")
@requires("order.pass_review")
def go_on(bulk_id: int) -> Response:
    """Pass the next hundred."""
    try:
        bulk = acts.pass_step(bulk_id)
    except HubError as error:
        return _refused(bulk_id, error)
    if "HX-Request" in request.headers:
        return make_response(render_template("review/progress.html", bulk=bulk, rows=_rows(bulk)))
    return make_response(redirect(url_for("review_bulk.show", bulk_id=bulk_id), 303))


@pages.post("/bulk/<int:bulk_id>/undo")
@requires("order.pass_review")
def undo(bulk_id: int) -> Response:
    """Take back what the click passed, of which nothing has left."""
    bulk = _own_bulk(bulk_id)
    try:
        outcomes = acts.undo_bulk(bulk_id, _("点错了，撤回"))
    except HubError as error:
        return _refused(bulk_id, error)
    _say_undone(outcomes)
    return make_response(back(url_for("review.queue", tier=bulk.tier)))


def _own_bulk(bulk_id: int) -> Bulk:
    bulk = load_bulk(connection(), bulk_id)
    if bulk.actor != actor():
        raise Forbidden("somebody else passed these orders", "ask them, or take the passes back one by one")
    return bulk


def _say(bulk: Bulk) -> None:
    if bulk.passed_ids:
        words = _("%(n)s 单已通过", n=len(bulk.passed_ids))
        offer_undo(words, url_for("review_bulk.undo", bulk_id=bulk.id), {})
    if bulk.refused:
        say(_("%(n)s 单没通过：%(why)s", n=len(bulk.refused), why=few_of(list(bulk.refused.values()))), "warn")


def _say_undone(outcomes: list[Outcome]) -> None:
    good = sum(one.is_done for one in outcomes)
    stopping = sum(one.is_stopping for one in outcomes)
    if good and stopping:
        say(_("%(n)s 单已收回通过，其中 %(stopping)s 单已下发，正在截停", n=good, stopping=stopping))
    elif good:
        say(_("%(n)s 单已收回通过", n=good))
    bad = [one.words for one in outcomes if not one.is_done]
    if bad:
        say(_("%(n)s 单没收回：%(why)s", n=len(bad), why=few_of(bad)), "warn")


def _page(bulk: Bulk, note: Note | None = None) -> str:
    return render_template("review/bulk.html", bulk=bulk, rows=_rows(bulk), note=note)


def _rows(bulk: Bulk) -> list[tuple[int, str, str | None]]:
    """(order, its number, why it was refused or None) of what has been looked at; refused ones first."""
    if not bulk.is_over and bulk.undone_at is None:
        return []
    numbers = order_numbers(connection(), bulk.asked_ids)
    refused = [(id_, numbers.get(id_, str(id_)), told(words)) for id_, words in bulk.refused.items()]
    return [*refused, *[(id_, numbers.get(id_, str(id_)), None) for id_ in bulk.passed_ids]]


def _refused(bulk_id: int, error: HubError) -> Response:
    return make_response(_page(_own_bulk(bulk_id), note_of(error)), status_of(error))
