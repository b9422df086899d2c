"""设置 · 一家店铺: what it uses, its mode, and the moment from which its orders are ours."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.push_subscriptions import can_subscribe, ensure_pushes
from oms.app.kernel.queries import operations
from oms.app.kernel.queries import settings as queries
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.queries.pushes import push_by_shop, refused_levels
from oms.app.kernel.shop_changes import LONGEST_HOURS, MOST_MERGED, MOST_PARCELS, ShopFields, change_shop
from oms.app.kernel.shop_modes import set_mode
from oms.app.kernel.trail import trail_of
from oms.app.stock.pushing import can_push_stock
from oms.console.context import actor, close_connection, connection, hub, person, shops
from oms.console.forms import moment_of, picked, whole
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.refusals import told
from oms.console.rendering import local
from oms.console.security import requires
from oms.console.shops.connecting import say_report
from oms.console.telling.events import tell_events
from oms.domain.errors import HubError

pages = Blueprint("shop", __name__, url_prefix="/settings/shops")


@pages.get("/<int:shop_id>")
@requires("shop.view")
def page(shop_id: int) -> str:
    """One shop."""
    return _page(_own(shop_id, "shop.view"))


@pages.post("/<int:shop_id>/mode")
@requires("shop.edit")
def change_mode(shop_id: int) -> Response:
    """Observe, go live or close."""
    row = _own(shop_id, "shop.edit")
    try:
        go_live_at = moment_of("go_live_at")
        close_connection()
        under_way = set_mode(hub(), shop_id, request.form.get("mode", ""), go_live_at, actor())
    except HubError as error:
        return make_response(_page(row, note_of(error), request.form), status_of(error))
    if under_way:
        words = _(
            "店铺「%(name)s」已改；%(n)s 单已经下发，仍由我们发完并回传，要停就逐单截停", name=row.name, n=under_way
        )
        say(words, "warn")
    else:
        say(_("店铺「%(name)s」已改，两秒内生效", name=row.name))
    return back(url_for("shop.page", shop_id=shop_id))


@pages.post("/<int:shop_id>/fields")
@requires("shop.edit")
def change_fields(shop_id: int) -> Response:
    """Save the shop's own fields."""
    row = _own(shop_id, "shop.edit")
    try:
        wanted = _read_fields()
        close_connection()
        changed = change_shop(hub(), shop_id, wanted, actor())
    except HubError as error:
        return make_response(_page(row, note_of(error), request.form), status_of(error))
    words = _("店铺「%(name)s」已改，两秒内生效", name=wanted.name) if changed else _("没有改动")
    say(words)
    return back(url_for("shop.page", shop_id=shop_id))


@pages.post("/<int:shop_id>/try")
@requires("shop.edit")
def attempt(shop_id: int) -> Response:
    """Try the shop's account with a harmless call."""
    row = _own(shop_id, "shop.edit")
    if row.account_id is None:
        abort(404)
    close_connection()
    say_report(row.account_id)
    return back(url_for("shop.page", shop_id=shop_id))


@pages.post("/<int:shop_id>/pushes")
@requires("shop.edit")
def subscribe(shop_id: int) -> Response:
    """Check the platform's subscriptions now and make what is missing."""
    row = _own(shop_id, "shop.edit")
    if row.account_id is None or not _can_subscribe(row):
        abort(404)
    close_connection()
    done = ensure_pushes(hub(), row.account_id)
    if done.refused:
        say(_("有订阅没建成：%(why)s", why=_("；").join(told(words) for words in done.refused.values())), "late")
    else:
        say(_("订阅都在：原有 %(kept)s 个，新建 %(made)s 个", kept=len(done.kept), made=len(done.made)))
    return back(url_for("shop.page", shop_id=shop_id))


def _can_subscribe(row: AnyRow) -> bool:
    connector = hub().vendors.get(row.vendor)
    return connector is not None and can_subscribe(connector)


def _read_fields() -> ShopFields:
    typed = {name: request.form.get(name, "").strip() for name in ("name", "currency", "timezone")}
    return ShopFields(
        name=typed["name"],
        currency=typed["currency"].upper(),
        timezone=typed["timezone"],
        stock_pool_id=picked("pool_id"),
        user_group_id=picked("user_group_id"),
        merge_window_s=whole("merge_window_s", low=0),
        merge_cap=whole("merge_cap", high=MOST_MERGED),
        max_parcels=whole("max_parcels", high=MOST_PARCELS),
        ship_hours_paid=_hours("ship_hours_paid"),
        ship_hours_cod=_hours("ship_hours_cod"),
        merge_gift_policy=request.form.get("merge_gift_policy", "keep"),
    )


def _hours(name: str) -> int | None:
    return whole(name, high=LONGEST_HOURS) if request.form.get(name, "").strip() else None


def _own(shop_id: int, permission: str) -> AnyRow:
    row = queries.shop(connection(), shop_id)
    if row is None or shop_id not in shops("shop.view"):
        abort(404)
    if not person().allows(permission, shop_id):
        abort(403)
    return row


def _page(row: AnyRow, note: Note | None = None, typed: Mapping[str, str] | None = None) -> str:
    goes_live = f"{local(row.go_live_at):%Y-%m-%dT%H:%M}" if row.go_live_at else ""
    streams = operations.streams(connection(), [row.id]).get(row.id, [])
    told = tell_events(trail_of(connection(), row.id, row.account_id))
    return render_template(
        "settings/shop.html", row=row, goes_live=goes_live, streams=streams, note=note, typed=typed or {},
        pools=queries.stock_pools(connection()), groups=queries.user_groups(connection()), told=told,
        pushes=row.account_settings or {}, can_subscribe=_can_subscribe(row),
        can_push=can_push_stock(hub().vendors.get(row.vendor)), refused=refused_levels(connection(), row.id),
        stock=push_by_shop(connection(), [row.id]).get(row.id),
    )  # fmt: skip
