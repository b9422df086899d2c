"""库存 · 预占: what is promised before a stock point is known, who waits for a SKU in which order, presale arrivals."""

from __future__ import annotations

from uuid import uuid4

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.load import fetch
from oms.app.kernel.queries.promises import promised_skus, queue_of
from oms.app.stock.once import requests_of
from oms.app.stock.presale import mark_listing, presale_listings, set_presale, take_arrival
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub, person, shops
from oms.console.forms import read_whole, whole
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError

pages = Blueprint("promises", __name__, url_prefix="/stock/promises")
VIEW, EDIT = "stock.view", "stock.promise"
MOST = 100_000_000


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """SKUs of which something is promised; with a SKU the queue for it."""
    return _render()


@pages.post("/presale")
@requires(EDIT)
def presale() -> Response:
    """Say what is to arrive and may be sold before, or that some of it has arrived."""
    if not everywhere(EDIT):
        abort(403)
    point, sku = request.form.get("point", ""), request.form.get("sku", "").strip()
    try:
        if request.form.get("what") == "expect":
            clicked(set_presale)(hub(), point, sku, whole("units", low=0, high=MOST), actor())
            say(_("预售库存改好了"))
        else:
            is_booked = request.form.get("what") == "booked"
            units = whole("units", high=MOST)
            # The form's key keeps two clicks from booking twice.
            once = requests_of("arrival", actor(), [point, sku, units, is_booked], key=request.form.get("key", "")[:64])
            clicked(take_arrival)(hub(), point, sku, units, actor(), once, is_booked=is_booked)
            say(_("%(n)s 件转成良品，按付款先后给等货的单", n=units))
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    return redirect(url_for("promises.listing", sku=sku or None), 303)


@pages.post("/listing")
@requires(EDIT)
def listing_sold_early() -> Response:
    """A listing sells what has not arrived yet, or not any more."""
    shop = read_whole(request.form.get("shop", "")) or 0
    if not person().allows(EDIT, shop):
        abort(403)
    is_presale = request.form.get("what") != "off"
    try:
        count = clicked(mark_listing)(hub(), shop, request.form.get("listing", "").strip(), is_presale=is_presale)
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("%(n)s 个规格按预售库存推", n=count) if is_presale else _("%(n)s 个规格按现货推", n=count))
    return redirect(url_for("promises.listing") + "#presale", 303)


def _render(note: Note | None = None) -> str:
    sku = request.values.get("sku", "").strip()[:100]
    points = fetch(connection(), "select code, name from stock_point where state <> 'closed' order by code")
    return render_template(
        "stock/promises.html", note=note, sku=sku, rows=promised_skus(connection(), sku),
        queue=queue_of(connection(), sku) if sku else [], points=points, may=everywhere(EDIT), names=shops(VIEW),
        key=uuid4().hex,
        early=[row for row in presale_listings(connection()) if shops(VIEW).get(row[5])],
    )  # fmt: skip
