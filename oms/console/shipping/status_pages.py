"""买家查询页: what buyers of own shops see by their link, without signing in; switched on shop by shop."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.status_links import follow, link_of, offers_page, set_page, shops_with_pages
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, shops
from oms.console.messages import _, _l
from oms.console.notes import Note, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError, NotFound

pages = Blueprint("status_pages", __name__)

#: What a buyer is told of an order, by its phase; everything inside the hub is one step to them.
TOLD: Final = {
    "unpaid": _l("等待付款"), "shipped": _l("已发出"), "part_shipped": _l("部分已发出"), "trouble": _l("派送遇到问题"),
    "delivered": _l("已签收"), "completed": _l("已完成"), "cancelled": _l("已取消"), "elsewhere": _l("已发出"),
    "nothing": _l("不用寄送"),
}  # fmt: skip
PREPARING: Final = _l("正在备货")


@pages.get("/t/<link>")
def show(link: str) -> Response:
    """An order as its buyer sees it."""
    try:
        found = follow(hub(), connection(), link)
    except NotFound:
        abort(404)
    told = TOLD.get(found.order.phase, PREPARING)
    answer = make_response(render_template("status_page.html", found=found, told=told))
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


show.open_to_all = "buyers follow an order by a link that cannot be guessed"  # type: ignore[attr-defined]


@pages.get("/settings/status-pages")
@requires("shop.view")
def settings() -> str:
    """Which shops let their buyers follow orders."""
    return _render()


@pages.post("/settings/status-pages/<int:shop_id>")
@requires("shop.edit")
def save(shop_id: int) -> Response:
    """Switch a shop's page on or off and say whom buyers may ask."""
    if shop_id not in shops("shop.edit").ids:
        abort(403)
    try:
        is_on = request.form.get("is_on") == "1"
        clicked(set_page)(hub(), shop_id, actor(), is_on=is_on, contact=request.form.get("contact", ""))
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("查询页打开了，订单页上有给买家的链接") if is_on else _("查询页关了，链接都打不开"))
    return redirect(url_for("status_pages.settings"), 303)


def link_for_buyer(order_id: int, shop_id: int) -> str:
    """The address a buyer follows an order by; empty where the shop does not offer it."""
    if not offers_page(connection(), shop_id):
        return ""
    path = url_for("status_pages.show", link=link_of(hub(), order_id))
    public = hub().public_url.rstrip("/")
    return f"{public}{path}" if public else path


def _render(note: Note | None = None) -> str:
    rows = shops_with_pages(connection(), shops("shop.view").ids)
    return render_template("settings/status_pages.html", rows=rows, mine=set(shops("shop.edit").ids), note=note)
