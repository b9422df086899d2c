"""设置 · 一家店铺: what it uses, its mode, and the moment from which its orders are ours."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries import operations
from oms.app.kernel.queries import settings as queries
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.shop_modes import set_mode
from oms.console.context import actor, close_connection, connection, hub, person, shops
from oms.console.forms import moment_of
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.rendering import local
from oms.console.security import requires
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
        set_mode(hub(), shop_id, request.form.get("mode", ""), go_live_at, actor())
    except HubError as error:
        return make_response(_page(row, note_of(error), request.form), status_of(error))
    say(_("店铺「%(name)s」已改，两秒内生效", name=row.name))
    return back(url_for("shop.page", shop_id=shop_id))


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
    return render_template(
        "settings/shop.html", row=row, goes_live=goes_live, streams=streams, note=note, typed=typed or {}
    )
