"""门店 · 待定门店: orders that wait for a store, given one by hand; on the order's page, too."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries import stores as queries
from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.stores.changing import change_delivery
from oms.app.pipeline.stores.placing import choose_store
from oms.app.pipeline.stores.refused import barred_stores, refused_stores
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, shops
from oms.console.forms import moment_of, read_whole
from oms.console.messages import _, _l
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid

pages = Blueprint("stores_desk", __name__, url_prefix="/stores/unplaced")
ASSIGN: Final = "store.assign"
WAYS: Final = {
    "store_pickup pickup": _l("门店自提"),
    "store_delivery delivery": _l("门店配送"),
    "unified pickup": _l("统一配送，到店自提"),
    "unified delivery": _l("统一配送，门店送货"),
}
WHYS: Final = {
    "no store may serve it": _l("没有门店能做这一单"),
    "no store is open in the shop's stock pool": _l("店铺的库存池里没有开着的门店"),
    "people choose the stores of this shop's orders": _l("这家店铺由人定门店"),
    "the geocoder does not answer now; it is asked again in a few minutes": _l("地图服务暂时不答，过几分钟再问"),
    "out_of_stock": _l("门店拒单：没货了"),
    "too_busy": _l("门店拒单：忙不过来"),
    "closing": _l("门店拒单：要打烊了"),
    "too_far": _l("门店拒单：太远"),
    "other": _l("门店拒单"),
    "only the middle of the city is known; look whether another store is nearer": _l("只知道大致在哪座城市"),
}

#: Why a store was not taken.
WHY_NOT: Final = {
    "": _l("选中"),
    "refused_before": _l("拒过这一单"),
    "not_allowed": _l("寻源设置里不许"),
    "full": _l("今天的产能满了"),
    "does_not_do_it": _l("不做这种交付"),
    "closed": _l("没开门"),
    "short_of_stock": _l("货不够"),
    "no_place": _l("没有坐标"),
    "too_far": _l("超出送货半径"),
    "out_of_area": _l("不在配送范围"),
    "farther": _l("更远"),
    "not_listed": _l("不在配送清单"),
    "listed_less_exactly": _l("清单没那么细"),
}


@pages.app_context_processor
def of_order() -> dict[str, Any]:
    """What the part of an order's page about its store asks for."""
    return {
        "way_through_store": lambda order_id: queries.delivery(connection(), order_id),
        "stores_for": lambda shop_id, order_id: offered(shop_id, [order_id])[order_id],
        "store_ways": WAYS,
        "stores_looked_at": lambda order_id: queries.looked_at(connection(), order_id),
        "store_whys": WHY_NOT,
    }


@pages.get("")
@requires(ASSIGN)
def listing() -> str:
    """The queue, the most urgent first."""
    return _render()


@pages.post("/<int:order_id>")
@requires(ASSIGN)
def choose(order_id: int) -> Response:
    """Give an order a store; with a way an order by courier goes through it from now on."""
    _check(order_id)
    mode, _blank, leg = request.form.get("way", "").partition(" ")
    try:
        point_id = read_whole(request.form.get("store", ""))
        if point_id is None:
            raise Invalid("store", _("选一家门店"))
        clicked(choose_store)(hub(), order_id, point_id, actor(), mode=mode, leg=leg)
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("门店定好了，订单接着往下走"))
    return back(url_for("stores_desk.listing"))


@pages.post("/<int:order_id>/change")
@requires(ASSIGN)
def change(order_id: int) -> Response:
    """Another last leg, promise or person to collect, until the buyer has the goods."""
    _check(order_id)
    form = request.form
    try:
        clicked(change_delivery)(
            hub(), order_id, actor(), leg=form.get("leg", ""), promise_at=moment_of("promise_at"),
            person=form.get("person", "").strip(), phone=form.get("phone", "").strip(),
        )  # fmt: skip
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("配送改好了"))
    return back(url_for("order.show", order_id=order_id))


def offered(shop_id: int, order_ids: list[int]) -> dict[int, list[AnyRow]]:
    """Order → stores that it may be given: open, left in by the shop's setting of sourcing, none that refused it."""
    barred = barred_stores(hub().masters.get(connection(), hub().clock()), shop_id)
    stores = [row for row in queries.stores_of(connection(), shop_id) if row.id not in barred]
    refused = refused_stores(connection(), order_ids)
    return {id_: [row for row in stores if row.id not in refused[id_]] for id_ in order_ids}


def _check(order_id: int) -> None:
    """404 unless the order is of a shop in which the person may do this."""
    found = queries.shop_of(connection(), order_id)
    if found is None or found not in shops(ASSIGN).ids:
        abort(404)


def _render(note: Note | None = None) -> str:
    rows = queries.unplaced(connection(), shops(ASSIGN).ids)
    by_shop: dict[int, list[int]] = {}
    for row in rows:
        by_shop.setdefault(row.shop_id, []).append(row.order_id)
    choices = {id_: found for shop_id, ids in by_shop.items() for id_, found in offered(shop_id, ids).items()}
    return render_template("stores/unplaced.html", rows=rows, choices=choices, note=note, ways=WAYS, whys=WHYS)
