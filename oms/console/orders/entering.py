"""订单 · 新建订单: one order typed in; what is wrong is told at its field, and a form sent twice makes one order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.capture.entered.entering import NotEntered, enter_order, number_of
from oms.app.capture.entered.rows import Row
from oms.app.capture.entered.shops import open_shops
from oms.app.kernel.queries.listings import goods_like
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, shops
from oms.console.forms import moment_of, read_whole
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, status_of
from oms.console.rendering import local, now
from oms.console.security import requires
from oms.domain.errors import HubError

pages = Blueprint("entering", __name__, url_prefix="/orders/new")
ENTER = "order.enter"
SHARED: Final = ("shop", "order_no", "freight", "buyer", "name", "phone", "country", "state", "city", "district",
                 "street", "message", "memo", "delivery", "store", "pickup_name", "pickup_phone", "invoice_title",
                 "tax_no")  # fmt: skip
OF_LINE: Final = ("sku", "title", "units", "unit_price", "discount")
FEW, MORE, MOST = 3, 5, 100


@pages.get("")
@requires(ENTER)
def form() -> str:
    """An empty form."""
    return _render({"key": uuid4().hex, "ordered_at": f"{local(now()):%Y-%m-%dT%H:%M}", "pay": "paid"})


@pages.get("/goods")
@requires(ENTER)
def goods() -> str:
    """Goods to choose from whose code, name or barcode has what is typed in a field."""
    words = next(iter(request.args.values()), "").strip()[:100]
    return render_template("entered/goods.html", goods=goods_like(connection(), words))


@pages.post("")
@requires(ENTER)
def enter() -> Response:
    """Take the order in; `more` asks for more lines to fill in."""
    if "more" in request.form:
        return make_response(_render(request.form, lines=_lines() + MORE))
    try:
        filled = [at for at in range(_lines()) if any(_typed(f"{name}.{at}") for name in OF_LINE)] or [0]
        rows = _rows(filled)
        order_id = clicked(enter_order)(hub(), rows, actor(), shops(ENTER).ids)
    except NotEntered as error:
        told: dict[str, str] = {}
        for problem in error.problems:
            field = f"{problem.column}.{filled[problem.line]}" if problem.column in OF_LINE else problem.column
            told.setdefault(field or "order", _(problem.words))
        return make_response(_render(request.form, note_of(error), told, _lines()), 422)
    except HubError as error:
        return make_response(_render(request.form, note_of(error), lines=_lines()), status_of(error))
    say(_("订单建好了，已经往下走"))
    return redirect(url_for("order.show", order_id=order_id), 303)


def _rows(filled: list[int]) -> list[Row]:
    """A row for each line that is filled in, with what belongs to the order in each."""
    ordered_at, paid_at, pay = moment_of("ordered_at"), moment_of("paid_at"), request.form.get("pay", "")
    shared = {name: _typed(name) for name in SHARED}
    shared["ordered_at"] = ordered_at.isoformat() if ordered_at else ""
    shared["cod"] = {"cod": "yes", "store": "store"}.get(pay, "")
    paid = paid_at or ordered_at
    shared["paid_at"] = paid.isoformat() if pay == "paid" and paid else ""
    shared["order_no"] = shared["order_no"] or number_of(_typed("key"), ordered_at or now())
    return [Row(shared | {name: _typed(f"{name}.{at}") for name in OF_LINE}) for at in filled]


def _typed(name: str) -> str:
    return request.form.get(name, "").replace("\0", "").strip()[:2000]


def _lines() -> int:
    return min(read_whole(_typed("lines")) or FEW, MOST)


def _render(
    typed: Mapping[str, str], note: Note | None = None, told: Mapping[str, str] | None = None, lines: int = FEW
) -> str:
    mine = open_shops(connection(), shops(ENTER).ids)
    return render_template(
        "entered/new.html", note=note, typed=typed, told=told or {}, shops=mine, lines=min(lines, MOST),
        goods=goods_like(connection(), ""), key=typed.get("key") or uuid4().hex,
    )  # fmt: skip
