"""财务 · 代收货款: what couriers collected and have not paid over, what they paid, and lines that do not fit."""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.capture.sheets import LARGEST, write_csv
from oms.app.finance.remittances import COLUMNS, accept_line, book_remittance, read_remittance
from oms.app.kernel.queries import remittances as queries
from oms.app.kernel.queries.names import carrier_names
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub, shops
from oms.console.forms import picked, reason
from oms.console.messages import _, _l
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.rendering import now
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid

pages = Blueprint("remittances", __name__, url_prefix="/finance/cod")
VIEW, BOOK = "cod.view", "cod.book"
RESULTS: Final = {
    "matched": _l("相符"), "differs": _l("金额不符"), "unknown": _l("没有这个运单"), "repeated": _l("已经回过款"),
    "not_due": _l("这个包裹不代收"), "accepted": _l("已接受"),
}  # fmt: skip


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """What is owed, what does not fit, what came."""
    return _render()


@pages.post("")
@requires(BOOK)
def book() -> Response:
    """Take a carrier's payment in."""
    try:
        sent, carrier = request.files.get("file"), picked("carrier_id")
        if sent is None or not sent.filename:
            raise Invalid("file", _("要选一个文件"))
        if carrier is None:
            raise Invalid("carrier", _("要选承运商"))
        currency = request.form.get("currency", "CNY").strip().upper()
        lines = read_remittance(sent.read(LARGEST + 1), currency)
        reference, reach = request.form.get("reference", ""), _reach(BOOK)
        booked = clicked(book_remittance)(hub(), carrier, reference, _day(), lines, actor(), currency, reach)
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    good = booked.results.get("matched", 0)
    bad = sum(booked.results.values()) - good
    if bad:
        say(_("对上 %(good)s 行，%(bad)s 行要人看", good=good, bad=bad), "warn")
    else:
        say(_("%(good)s 行全部对上", good=good))
    return back(url_for("remittances.listing"))


@pages.post("/lines/<int:line_id>/accept")
@requires(BOOK)
def accept(line_id: int) -> Response:
    """Take a line as it is."""
    try:
        clicked(accept_line)(hub(), line_id, actor(), reason(), _reach(BOOK))
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("这一行按现状了结"))
    return back(url_for("remittances.listing"))


@pages.get("/template.csv")
@requires(BOOK)
def template() -> Response:
    """The columns to fill in."""
    answer = make_response(write_csv([[names[0] for names in COLUMNS]]))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=remittance.csv"
    return answer


def _reach(permission: str) -> list[int] | None:
    """The shops of which the person may do this; None for every shop, those of no known parcel, too."""
    return None if everywhere(permission) else shops(permission).ids


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("paid_on", ""))
    except ValueError:
        raise Invalid("paid_on", _("要写到账日期")) from None


def _render(note: Note | None = None) -> str:
    mine, all_ = shops(VIEW).ids, everywhere(VIEW)
    return render_template(
        "remittances.html", note=note, owed=queries.owed_parcels(connection(), mine),
        sums=queries.owed_sums(connection(), mine), lines=queries.open_lines(connection(), mine, everywhere=all_),
        came=queries.remittances(connection(), mine, everywhere=all_), carriers=carrier_names(connection()),
        results=RESULTS, days=lambda at: queries.days_since(at, now()),
    )  # fmt: skip
