"""面单: changing the receiver or the carrier of an order on its way out, told beforehand; and printing a label."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from connectors.contract.records import ReceiverRecord
from oms.app.kernel.load import fetch
from oms.app.kernel.queries.names import carrier_names, stock_point_names
from oms.app.kernel.queries.order_page import load_order
from oms.app.kernel.receivers import open_receiver, unmask
from oms.app.pipeline.labels.acknowledged import acknowledge, relabellings
from oms.app.pipeline.labels.changing import Ahead, ask_change, look_ahead
from oms.app.pipeline.labels.printing import label_of
from oms.console.acts import clicked
from oms.console.context import actor, close_connection, connection, hub, person, shops
from oms.console.forms import read_whole, reason
from oms.console.messages import _, _l
from oms.console.notes import Note, note_of, say, status_of
from oms.console.packing.barcodes import barcode
from oms.console.packing.places import WORK, my_points
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid

pages = Blueprint("labels", __name__)
CHANGE, PRINT = "label.change", "packing.receiver"
PLACE = ("state", "city", "district", "town", "address")
WAYS = {
    "direct": _l("还没交给仓库：保存后马上生效，重新安排发货"),
    "update": _l(
        "面单是我们取的：由承运商改面单，仓库不停工；仓库的系统没有改面单的接口，只能通知仓库换打，仓库说换好了才算改成"
    ),
    "update_here": _l("面单是我们取的：由承运商改面单；在打包页拦住这一单，打包的人换好新面单才能发，换好了才算改成"),
    "renew": _l("面单是仓库的：先要仓库退回，再用新版本重新下发；仓库已打包会拒绝，退回前一切照旧"),
}
DONE = {
    "direct": _l("已改，按新的重新安排"),
    "update": _l("已让承运商改面单；承运商改好、仓库说换好之前，收件人还是原来的"),
    "renew": _l("已让仓库退回；退回后按新的重新下发，确认前还是原来的"),
}


@pages.get("/orders/<int:order_id>/label")
@requires(CHANGE)
def form(order_id: int) -> str:
    """What a change would come to now, and the form to ask for it."""
    return _render(_order(order_id))


@pages.post("/orders/<int:order_id>/label")
@requires(CHANGE)
def change(order_id: int) -> Response:
    """Ask for the change, if it still goes the way that was shown."""
    order = _order(order_id)
    try:
        carrier_id, receiver = read_whole(request.form.get("carrier", "")), _typed(order)
        if carrier_id is not None and receiver is not None:
            raise Invalid("carrier", _("收件人和承运商分两次改"))
        way = clicked(ask_change)(
            hub(), order_id, actor(), reason(), receiver=receiver, carrier_id=carrier_id,
            expected=request.form.get("way", ""),
        )  # fmt: skip
    except HubError as error:
        return make_response(_render(order, note_of(error)), status_of(error))
    say(str(DONE[way]))
    return redirect(url_for("order.show", order_id=order_id), 303)


@pages.get("/labels/<int:fulfilment_id>/print")
@requires(PRINT)
def print_one(fulfilment_id: int) -> Response:
    """The newest label of a package of a fulfilment, for paper; whoever prints it stands in the order's timeline."""
    label = label_of(hub(), connection(), fulfilment_id, read_whole(request.args.get("package", "")) or 1)
    if label is None or label.stock_point_id not in my_points():
        abort(404)
    close_connection()
    with hub().begin() as writing:
        unmask(hub(), writing, label.order_id, actor(), _("打印面单"))
    answer = make_response(render_template("labels/print.html", label=label, bars=_bars))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/labels/changes")
@requires(WORK)
def to_put_on() -> str:
    """Labels that carriers have changed, at the person's points, until somebody says that the parcel bears them."""
    return _to_put_on()


@pages.post("/labels/changes/<int:change_id>")
@requires(WORK)
def put_on(change_id: int) -> Response:
    """The parcel bears the new label, or it cannot be put on any more."""
    is_done, points = request.form.get("answer") == "done", my_points()
    words = request.form.get("words", "").strip()[:200]
    try:
        clicked(acknowledge)(hub(), change_id, actor(), points, is_done=is_done, words=words)
    except HubError as error:
        return make_response(_to_put_on(note_of(error)), status_of(error))
    say(_("已记下：换好新面单") if is_done else _("已记下：换不了，按原来的发"))
    back = read_whole(request.form.get("back", ""))
    there = url_for("packing_work.show", fulfilment_id=back) if back else url_for("labels.to_put_on")
    return redirect(there, 303)


def _to_put_on(note: Note | None = None) -> str:
    rows = relabellings(connection(), my_points())
    return render_template(
        "labels/put_on.html",
        rows=rows,
        note=note,
        points=stock_point_names(connection()),
        may_print=person().allows(PRINT),
    )


def _bars(number: str) -> Any:
    """A number as bars, where the bars have a sign for every character."""
    try:
        return barcode(number)
    except KeyError:
        return ""


def _order(order_id: int) -> Any:
    order = load_order(connection(), order_id)
    if order is None or order.shop_id not in shops(CHANGE).ids or not person().allows(CHANGE, order.shop_id):
        abort(404)
    return order


def _typed(order: Any) -> ReceiverRecord | None:
    """The receiver with what was filled in; None when nothing was. An address is told whole or not at all."""
    form = {name: request.form.get(name, "").strip()[:200] for name in ("name", "phone", *PLACE)}
    if not any(form.values()):
        return None
    held, _words = open_receiver(hub(), connection(), order.id)
    has_place = any(form[name] for name in PLACE)
    if has_place and not (form["state"] and form["city"] and form["address"]):
        raise Invalid("address", _("省、市、详细地址要一起填"))
    if held.masked and not (has_place and form["name"] and form["phone"]):
        raise Invalid("name", _("平台打了码，姓名、电话、地址要全部重填"))
    place = form if has_place else {name: getattr(held, name) for name in PLACE}
    return ReceiverRecord(
        name=form["name"] or held.name, phone=form["phone"] or held.phone,
        telephone="" if form["phone"] else held.telephone, country=held.country, state=place["state"],
        city=place["city"], district=place["district"], town=place["town"], address=place["address"],
        postcode="" if has_place else held.postcode, email=held.email,
    )  # fmt: skip


def _render(order: Any, note: Note | None = None) -> str:
    ahead: Ahead = look_ahead(hub(), order.id)
    by_carrier = look_ahead(hub(), order.id, changes_carrier=True)
    history = fetch(
        connection(),
        """select way, state, what, reason, words, asked_at, ended_at from label_change
           where order_id = %s order by id desc""",
        (order.id,),
    )
    held, _words = open_receiver(hub(), connection(), order.id)
    return render_template(
        "labels/change.html", order=order, ahead=ahead, by_carrier=by_carrier, ways=WAYS, note=note, history=history,
        carriers=carrier_names(connection()), is_masked=held.masked, place=PLACE,
    )  # fmt: skip
