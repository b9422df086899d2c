"""订单: the list with its filters in the address, and the search box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries.finding import find_customer_ids, find_order_ids
from oms.app.kernel.queries.order_list import OrderFilters, goods_of, list_orders, open_holds
from oms.console.context import connection, shops
from oms.console.forms import chosen_id
from oms.console.messages import _
from oms.console.rendering import word
from oms.console.security import requires
from oms.console.telling import words
from oms.console.telling.wording import hold_chips, tip_chips
from oms.domain import lifecycle
from oms.domain.holds import KINDS
from oms.domain.phase import PHASES

pages = Blueprint("orders", __name__)

#: What of the list's address goes along to the pages of its orders.
FILTERS = ("shop", "phase", "step", "status", "hold", "cod", "presale", "q", "buyer")


@dataclass(frozen=True, slots=True)
class Shown:
    """A filter in force: its name, its value in words, the field it lives in."""

    name: str
    value: str
    field: str


@pages.get("/orders")
@requires("order.view")
def listing() -> str:
    """One page of orders, newest first."""
    filters = filters_asked()
    page = list_orders(connection(), shops().ids, filters, request.args.get("at", ""))
    ids = [row.id for row in page.rows]
    return render_template(
        "orders.html",
        page=page,
        filters=filters,
        shown=_shown(filters),
        shops=shops(),
        phases=PHASES.values(),
        statuses=lifecycle.ORDER.terms,
        hold_kinds=KINDS.values(),
        holds=hold_chips(open_holds(connection(), ids)),
        tips=tip_chips,
        goods=goods_of(connection(), ids),
        kept=kept(),
    )


@pages.get("/find")
@requires("order.view")
def find() -> Response:
    """Where a number leads: the order itself when there is one, else the list."""
    number = request.args.get("q", "").strip()
    found = find_order_ids(connection(), number, shops().ids)
    if len(found) == 1:
        return redirect(url_for("order.show", order_id=found[0]))
    return redirect(url_for("orders.listing", q=number))


def kept() -> dict[str, Any]:
    """The list that a page of an order was opened from, as it stands in the address; empty when from elsewhere."""
    if request.endpoint != "orders.listing" and request.args.get("of") != "orders":
        return {}
    return {"of": "orders"} | {name: request.args[name] for name in FILTERS if request.args.get(name)}


def filters_asked() -> OrderFilters:
    """The filters in the address."""
    number, buyer = request.args.get("q", "").strip(), request.args.get("buyer", "").strip()
    ids = find_order_ids(connection(), number, shops().ids) if number else None
    channels = sorted({shop.channel_id for shop in shops()})
    phase, status, hold = (request.args.get(name, "") for name in ("phase", "status", "hold"))
    step = chosen_id("step")
    return OrderFilters(
        shop_id=chosen_id("shop"),
        phase=phase if phase in PHASES else "",
        step=step if step in range(1, 8) else None,
        status=status if status in lifecycle.ORDER.states else "",
        hold=hold if hold in KINDS else "",
        is_cod=request.args.get("cod") == "1",
        is_presale=request.args.get("presale") == "1",
        order_ids=ids,
        customer_ids=find_customer_ids(connection(), buyer, channels) if buyer else None,
    )


def _shown(filters: OrderFilters) -> list[Shown]:
    shop = shops().get(filters.shop_id)
    chips = [
        Shown(_("店铺"), shop.name if shop else _("看不到的店铺"), "shop") if filters.shop_id is not None else None,
        Shown(_("阶段"), word(PHASES[filters.phase]), "phase") if filters.phase else None,
        Shown(_("第几步"), str(filters.step), "step") if filters.step else None,
        Shown(_("状态"), words.state("order", filters.status).text, "status") if filters.status else None,
        Shown(_("挂起"), word(KINDS[filters.hold]), "hold") if filters.hold else None,
        Shown(_("货到付款"), _("是"), "cod") if filters.is_cod else None,
        Shown(_("预售"), _("是"), "presale") if filters.is_presale else None,
        Shown(_("单号"), request.args.get("q", ""), "q") if filters.order_ids is not None else None,
        Shown(_("买家"), request.args.get("buyer", ""), "buyer") if filters.customer_ids is not None else None,
    ]
    return [chip for chip in chips if chip]
