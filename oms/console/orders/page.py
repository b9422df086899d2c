"""The page of one order and its buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries import operations, timeline
from oms.app.kernel.queries.names import carrier_names, stock_point_names
from oms.app.kernel.queries.order_list import Neighbours, neighbours
from oms.app.kernel.queries.order_page import OrderPage, load_order, load_page, order_numbers
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.receivers import unmask
from oms.app.pipeline.reviewing.passing import Outcome
from oms.app.pipeline.steering.arriving import expect_arrivals
from oms.app.pipeline.stores.codes_shown import waiting_codes
from oms.console import acts
from oms.console.cases.words import kind_of
from oms.console.context import actor, connection, hub, person, shops
from oms.console.finance.partners import settled_of
from oms.console.forms import moment_of, money, read_whole, reason, ticked, whole
from oms.console.messages import _
from oms.console.notes import Note, note_of, offer_undo, say, status_of
from oms.console.operations.interceptions import chances_of
from oms.console.orders import receivers
from oms.console.orders.actions import actions_for, shown_elsewhere
from oms.console.orders.graph import order_drawing
from oms.console.orders.list import filters_asked, kept
from oms.console.orders.story import steps_of, story_of
from oms.console.rules.gifts import given_to
from oms.console.security import requires
from oms.console.shipping import joining
from oms.console.shipping.status_pages import link_for_buyer
from oms.console.telling.events import Told, tell_events
from oms.console.telling.labels import standing_of
from oms.domain.errors import HubError, Invalid, NotFound, Stale

pages = Blueprint("order", __name__, url_prefix="/orders")


@pages.get("/<int:order_id>")
@requires("order.view")
def show(order_id: int) -> str:
    """The page of an order."""
    return _render(_order(order_id))


@pages.get("/<int:order_id>/timeline")
@requires("order.view")
def line(order_id: int) -> str:
    """The timeline alone, by who did things."""
    order = _order(order_id)
    return render_template("parts/timeline.html", order=order, told=_told(order), whose=_whose())


@pages.post("/<int:order_id>/pass")
@requires("order.pass_review")
def pass_review(order_id: int) -> Response:
    """Pass the order at a tier."""
    order = _order(order_id, "order.pass_review")
    tier = whole("tier", high=8)
    undo = Undo(url_for("order.take_pass_back", order_id=order_id, **kept()), {"tier": tier, "reason": _("点错了，撤回")})
    return _try(order, lambda: acts.pass_orders([order_id], tier), _("已通过"), undo)


@pages.post("/<int:order_id>/force")
@requires("order.force_review")
def force_review(order_id: int) -> Response:
    """Pass the order at a tier by force, with a reason for the daily report."""
    order = _order(order_id, "order.force_review")
    tier = whole("tier", high=8)
    undo = Undo(url_for("order.take_pass_back", order_id=order_id, **kept()), {"tier": tier, "reason": _("点错了，撤回")})
    return _try(order, lambda: acts.force_orders([order_id], tier, reason()), _("已强制通过，记进日报"), undo)


@pages.post("/<int:order_id>/pass/back")
@requires("order.pass_review")
def take_pass_back(order_id: int) -> Response:
    """Take back that the order was passed at a tier, while nothing has left."""
    order = _order(order_id, "order.pass_review")
    tier = whole("tier", high=8)
    return _try(order, lambda: acts.take_pass_back([order_id], tier, reason()), _("已收回通过，重新待审"))


@pages.post("/<int:order_id>/send-back")
@requires("order.send_back")
def send_back(order_id: int) -> Response:
    """Send the order back with a reason."""
    order = _order(order_id, "order.send_back")
    return _try(order, lambda: acts.send_back([order_id], whole("tier", high=8), reason()), _("已驳回"))


@pages.post("/<int:order_id>/hold")
@requires("order.lift_hold")
def hold(order_id: int) -> Response:
    """Hold the order by hand; what is at a warehouse is called back."""
    order = _order(order_id, "order.lift_hold")
    return _try(order, lambda: acts.hold_order(order_id, reason()), _("已挂起；在外的发货单会先截停"))


@pages.post("/<int:order_id>/paid")
@requires("order.enter")
def mark_paid(order_id: int) -> Response:
    """Note that a manual order was paid."""
    order = _order(order_id, "order.enter")
    return _try(order, lambda: _mark_paid(order), _("已标记付款，这一单接着往下走"))


def _mark_paid(order: AnyRow) -> None:
    paid_at = moment_of("paid_at")
    if paid_at is None:
        raise Invalid("paid_at", _("要填付款时间"))
    reference = request.form.get("reference", "").strip()
    acts.mark_paid(order.id, money("amount", order.currency), paid_at, reference)


@pages.post("/<int:order_id>/cancel")
@requires("order.cancel")
def cancel(order_id: int) -> Response:
    """Cancel the order wherever it is."""
    order = _order(order_id, "order.cancel")
    return _try(order, lambda: acts.cancel_order(order_id, reason()), _("已取消；在外的发货单会先截停"))


@pages.post("/<int:order_id>/holds/<int:hold_id>/lift")
@requires("order.lift_hold")
def lift_hold(order_id: int, hold_id: int) -> Response:
    """Lift one hold; the others stay."""
    order = _order(order_id, "order.lift_hold")
    hold = next((row for row in load_page(connection(), order).open_holds if row.id == hold_id), None)
    if hold is None:
        return _refused(order, NotFound("this hold is not open any more", "reload the page"))
    if not person().allows(hold.lifted_with, order.shop_id):
        abort(403)
    undo = Undo(url_for("order.hold_again", order_id=order_id, **kept()), {"hold": hold_id, "reason": _("点错了，撤回")})
    return _try(order, lambda: acts.lift_hold(hold_id, reason()), _("已解除"), undo)


@pages.post("/<int:order_id>/again")
@requires("order.lift_hold")
def hold_again(order_id: int) -> Response:
    """Take back that a hold was lifted, while nothing has left."""
    order = _order(order_id, "order.lift_hold")
    hold_id = read_whole(request.form.get("hold", ""))
    hold = next((row for row in load_page(connection(), order).holds if row.id == hold_id), None)
    if hold is None:
        return _refused(order, NotFound("nobody has lifted this hold", "reload the page"))
    if not person().allows(hold.lifted_with, order.shop_id):
        abort(403)
    return _try(order, lambda: acts.hold_again(hold.id, reason()), _("已重新挂起；在外的发货单会先截停"))


@pages.post("/<int:order_id>/rest")
@requires("order.lift_hold")
def send_rest(order_id: int) -> Response:
    """The ticked lines were shipped elsewhere: send the rest."""
    order = _order(order_id, "order.lift_hold")
    return _try(order, lambda: acts.send_rest(order_id, ticked(), reason()), _("已记下别处发的；其余的接着发"))


@pages.post("/<int:order_id>/receiver")
@requires("order.unmask")
def show_receiver(order_id: int) -> Response:
    """The plain receiver, once, with a reason that goes into the timeline."""
    order = _order(order_id, "order.unmask")
    try:
        with hub().begin() as writing:
            plain = unmask(hub(), writing, order_id, actor(), reason())
            codes = waiting_codes(hub(), writing, order_id)
    except HubError as error:
        return _refused(order, error)
    return make_response(_render(order, plain=plain, codes=codes))


def _order(order_id: int, permission: str = "order.view") -> AnyRow:
    """The order, for people who may use this permission in its shop."""
    order = load_order(connection(), order_id)
    if order is None or order.shop_id not in shops():
        abort(404)
    if not person().allows(permission, order.shop_id):
        abort(403)
    return order


@dataclass(frozen=True, slots=True)
class Undo:
    """Where to post what, to take back what was just done."""

    address: str
    fields: dict[str, object]


def _try(order: AnyRow, act: Callable[[], list[Outcome] | None], done: str, undo: Undo | None = None) -> Response:
    """Do it and show the page again; a refusal stays on the page as a note."""
    try:
        outcomes = act()
    except HubError as error:
        return _refused(order, error)
    refusal = next((one for one in outcomes or [] if not one.is_done), None)
    if refusal is not None:
        return _refused(order, Stale(refusal.words, _("重新看这一单，状态已经变了")))
    if undo is None:
        say(done)
    else:
        offer_undo(done, undo.address, undo.fields)
    return Response(status=303, headers={"Location": url_for("order.show", order_id=order.id, **kept())})


def _refused(order: AnyRow, error: HubError) -> Response:
    return make_response(_render(order, note=note_of(error)), status_of(error))


def _whose() -> str:
    wanted = request.args.get("whose", "")
    return wanted if wanted in ("people", "system", "platform") else ""


def _told(order: AnyRow) -> list[Told]:
    month = timeline.month_of(order.captured_at)
    return tell_events(timeline.read_timeline(connection(), order.id, month, _whose()))


def _render(order: AnyRow, *, note: Note | None = None, plain: Any = None, codes: Any = ()) -> str:
    page = load_page(connection(), order)
    points, carriers = stock_point_names(connection()), carrier_names(connection())
    outbound = operations.outbound_of_order(connection(), order.id, [row.id for row in page.fulfilments])
    siblings = [sibling for found in page.siblings.values() for sibling in found]
    return render_template(
        "order.html",
        d=page,
        **given_to(order),
        **settled_of(order),
        order=order,
        shop=shops().get(order.shop_id),
        kept=kept(),
        beside=_beside(order),
        note=note,
        points=points,
        arrivals=expect_arrivals(connection(), [row.id for row in page.fulfilments], hub().clock()),
        carriers=carriers,
        outbound=outbound,
        steps=steps_of(page, outbound),
        story=story_of(page, outbound),
        buyer_link=link_for_buyer(order.id, order.shop_id),
        actions=actions_for(page, person()),
        chances=chances_of([row.id for row in page.live_fulfilments]),
        elsewhere=shown_elsewhere(page),
        joined=joining.shown_for(page),
        case_kind=kind_of,
        may_see_cases=person().allows("case.view", order.shop_id),
        drawing=order_drawing(page, points, carriers, order_numbers(connection(), siblings)),
        receiver=receivers.shown(page, plain),
        moved=standing_of(connection(), order.id),
        codes=codes,
        message=receivers.message(page),
        told=_told(order),
        whose=_whose(),
        may_unmask=person().allows("order.unmask", order.shop_id),
        shipped_by_line=_shipped(page),
    )


def _beside(order: AnyRow) -> Neighbours | None:
    """The orders beside this one in the list that it was opened from."""
    return neighbours(connection(), shops().ids, filters_asked(), order) if kept() else None


def _shipped(page: OrderPage) -> dict[int, list[AnyRow]]:
    """Fulfilments of each order line."""
    by_id = {row.id: row for row in page.fulfilments}
    found: dict[int, list[AnyRow]] = {}
    for row in page.fulfilment_lines:
        fulfilment = by_id.get(row.fulfilment_id)
        if fulfilment is not None and fulfilment not in found.get(row.order_line_id, []):
            found.setdefault(row.order_line_id, []).append(fulfilment)
    return found
