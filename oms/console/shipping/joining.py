"""An order's pages of merging and splitting by hand: who might leave with it, into which parcels, taking either back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries.joining import joinings_of, joint_invoices_of, kin_of, open_lines_of, orders_by_id
from oms.app.kernel.queries.names import carrier_names, stock_point_names
from oms.app.kernel.queries.order_page import OrderPage, load_order, load_page
from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.merging.by_hand import Preview, join_orders, preview_join
from oms.app.pipeline.merging.reasons import Kin, kin_reasons
from oms.app.pipeline.splitting.by_hand import Parcel, preview_split, split_fulfilment
from oms.app.pipeline.splitting.coming_apart import undo
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, person, shops
from oms.console.forms import read_whole, reason, ticked
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid, NotFound

pages = Blueprint("joining", __name__, url_prefix="/orders")
MERGE, SPLIT = "fulfilment.merge", "fulfilment.split"
#: Parcels besides the first that the form offers.
MORE = 3


@pages.get("/<int:order_id>/merge")
@requires("order.view")
def merge(order_id: int) -> str:
    """Orders that might leave with this one, each with what keeps it from that."""
    return _merge_page(_order(order_id))


@pages.post("/<int:order_id>/merge")
@requires(MERGE)
def merge_now(order_id: int) -> Response:
    """Merge the ticked orders with this one, or only show what that would come to."""
    order = _order(order_id, MERGE)
    chosen = ticked()
    try:
        if request.form.get("look"):
            preview = preview_join(hub(), connection(), [order.id, *chosen], person().allows)
            return make_response(_merge_page(order, preview=preview, chosen=chosen))
        words = request.form.get("reason", "").strip()
        clicked(join_orders)(hub(), [order.id, *chosen], actor(), words, person().allows)
    except HubError as error:
        return make_response(_merge_page(order, note_of(error), chosen=chosen), status_of(error))
    say(_("已合成一张发货单；两分钟后下发，之前都能撤回"))
    return _to_order(order)


@pages.get("/<int:order_id>/split/<int:fulfilment_id>")
@requires("order.view")
def split(order_id: int, fulfilment_id: int) -> str:
    """Choose what of a fulfilment leaves in parcels of its own."""
    return _split_page(_order(order_id), fulfilment_id)


@pages.post("/<int:order_id>/split/<int:fulfilment_id>")
@requires(SPLIT)
def split_now(order_id: int, fulfilment_id: int) -> Response:
    """Split it, or only show the parcels."""
    order = _order(order_id, SPLIT)
    try:
        lines = _mine(order, fulfilment_id)
        if not all(person().allows(SPLIT, it.shop_id)
                   for it in orders_by_id(connection(), [line.order_id for line in lines]).values()):  # fmt: skip
            abort(403)
        chosen = _chosen(lines)
        if request.form.get("look"):
            parcels = preview_split(hub(), connection(), fulfilment_id, chosen, order.id)
            return make_response(_split_page(order, fulfilment_id, parcels=parcels))
        words = request.form.get("reason", "").strip()
        made = clicked(split_fulfilment)(
            hub(), fulfilment_id, chosen, actor(), words, seen=read_whole(request.form.get("seen", "")) or 0
        )
    except HubError as error:
        return make_response(_split_page(order, fulfilment_id, note_of(error)), status_of(error))
    say(_("已拆成 %(n)s 张发货单", n=len(made) + 1))
    return _to_order(order)


@pages.post("/<int:order_id>/joined/<int:joining_id>/undo")
@requires("order.view")
def take_back(order_id: int, joining_id: int) -> Response:
    """Take a merge or a split back until the warehouse was told."""
    order = _order(order_id)
    row = next((it for it in joinings_of(connection(), order.id) if it.id == joining_id), None)
    if row is None:
        abort(404)
    permission = MERGE if row.kind == "merge" else SPLIT
    mine = orders_by_id(connection(), row.order_ids).values()
    if not all(person().allows(permission, it.shop_id) for it in mine):
        abort(403)
    try:
        is_done = clicked(undo)(hub(), joining_id, actor(), reason())
    except HubError as error:
        return make_response(_merge_page(order, note_of(error)), status_of(error))
    if not is_done:
        say(_("已让承运商取消面单号；确认取消后才撤回，之前不会下发"))
    else:
        say(_("已撤回合单，各单回到自己的发货单") if row.kind == "merge" else _("已撤回拆单，仍是一张发货单"))
    return _to_order(order)


@dataclass(frozen=True, slots=True)
class Button:
    """A button or link of the order's page; `why` says why it is off."""

    label: str
    href: str
    icon: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an order's page says of merging and splitting."""

    buttons: list[Button]
    log: list[AnyRow]
    invoices: list[AnyRow]

    def undo_why(self, row: AnyRow) -> str:
        """Why something cannot be taken back any more, empty when it can."""
        if row.undone_at is not None:
            return _("已撤回")
        later = [it for it in self.log if it.id > row.id and it.undone_at is None]
        if later:
            return _("之后又合过或拆过，先撤回那一次")
        if row.is_waiting:
            return _("撤回中，等承运商确认面单号已取消")
        is_here = row.status in ("planned", "on_hold", "sending") and not row.is_called
        return "" if is_here else _("仓库已收到，要改先截停")

    def undo_way(self, row: AnyRow) -> str:
        """What happens before it comes apart, told before the click."""
        if row.has_numbers:
            return _("取过面单号：先让承运商取消，确认后才撤回；不肯取消会告诉你")
        return _("没取过面单号：马上撤回")


def shown_for(page: OrderPage) -> Shown:
    """The buttons with their guards, and the log."""
    order = page.order
    planned = [row for row in page.fulfilments if row.status == "planned"]
    buttons = []
    if order.status == "open" and page.fulfilments:
        why = "" if planned else _("没有待下发的发货单；已到仓的先截停")
        href = url_for("joining.merge", order_id=order.id)
        buttons.append(Button(_("与别的单合发"), href, "git-merge", why or _lacking(MERGE, order.shop_id)))
        for row in planned:
            units = sum([it.planned - it.shipped - it.short - it.cancelled for it in page.fulfilment_lines
                         if it.fulfilment_id == row.id])  # fmt: skip
            is_single = units < 2 and row.order_count == 1
            why = (_("只有一件，不用拆") if is_single else "") or _lacking(SPLIT, order.shop_id)
            href = url_for("joining.split", order_id=order.id, fulfilment_id=row.id)
            buttons.append(Button(_("拆成几个包裹"), href, "git-branch", why))
    invoices = joint_invoices_of(connection(), [row.id for row in page.fulfilments])
    return Shown(buttons, joinings_of(connection(), order.id), invoices)


def _lacking(permission: str, shop_id: int) -> str:
    return "" if person().allows(permission, shop_id) else _("要手工合单、拆单的权限，找管理员")


def _order(order_id: int, permission: str = "order.view") -> AnyRow:
    order = load_order(connection(), order_id)
    if order is None or order.shop_id not in shops():
        abort(404)
    if not person().allows(permission, order.shop_id):
        abort(403)
    return order


def _to_order(order: AnyRow) -> Response:
    return Response(status=303, headers={"Location": url_for("order.show", order_id=order.id)})


def _merge_page(
    order: AnyRow, note: Note | None = None, preview: Preview | None = None, chosen: Sequence[int] = ()
) -> str:
    kin: list[Kin] = kin_reasons(hub(), connection(), order.id, kin_of(connection(), order, shops().ids))
    kin.sort(key=lambda it: (it.refusal is not None, it.candidate.order.id))
    return render_template(
        "joining/merge.html", order=order, note=note, kin=kin, preview=preview, chosen=set(chosen), why=_why_words(),
        lacking=_lacking(MERGE, order.shop_id), names=_names(), shops=shops(),
    )  # fmt: skip


def _split_page(order: AnyRow, fulfilment_id: int, note: Note | None = None, parcels: Sequence[Parcel] = ()) -> str:
    page = load_page(connection(), order)
    work = next((row for row in page.fulfilments if row.id == fulfilment_id), None)
    if work is None:
        raise NotFound("there is no such fulfilment any more", "reload the page")
    try:
        preview_split(hub(), connection(), fulfilment_id, [])
    except Invalid:
        pass  # Nothing was chosen yet.
    except HubError as error:
        note = note or note_of(error)
    return render_template(
        "joining/split.html", order=order, work=work, note=note, parcels=parcels, lines=_mine(order, fulfilment_id),
        more=range(2, 2 + MORE), typed=request.form, lacking=_lacking(SPLIT, order.shop_id), names=_names(),
    )  # fmt: skip


def _mine(order: AnyRow, fulfilment_id: int) -> list[AnyRow]:
    """What of a fulfilment of this order may be split; 403 when the person may not do so for all its orders."""
    lines = open_lines_of(connection(), fulfilment_id)
    ids = {line.order_id for line in lines}
    if lines and order.id not in ids:
        raise NotFound("there is no such fulfilment any more", "reload the page")
    if not all(it.shop_id in shops() for it in orders_by_id(connection(), sorted(ids - {order.id})).values()):
        abort(403)
    return lines


def _chosen(lines: Sequence[AnyRow]) -> list[dict[int, int]]:
    """Line → units of each further parcel, as typed."""
    return [{line.id: _units(f"p{at}_{line.id}") for line in lines} for at in range(2, 2 + MORE)]


def _units(name: str) -> int:
    typed = request.form.get(name, "").strip()
    if not typed:
        return 0
    if not (typed.isascii() and typed.isdigit()) or len(typed) > 9:
        raise Invalid("parcels", _("件数要写整数"))
    return int(typed)


def _names() -> dict[str, Any]:
    return {"points": stock_point_names(connection()), "carriers": carrier_names(connection())}


def _why_words() -> dict[str, str]:
    return {
        "together": _("会一起发"),
        "reach": _("店铺之间没设一起合"),
        "buyer": _("不是同一个买家账号"),
        "receiver": _("收货人写得不同"),
        "carrier": _("选的承运商不同"),
        "kind": _("设置里这类单不合"),
        "apart": _("有人拆开过，规则不再合"),
        "review": _("还没过审，或没到能发的一步"),
        "window": _("不在同一段等待里"),
    }
