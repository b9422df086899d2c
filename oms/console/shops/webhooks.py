"""设置 · 推送地址: where a shop's changes are told to, what was brought there, and bringing it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.capture.webhooks import deliveries, delivering, registering, rotating
from oms.app.kernel.queries import settings as queries
from oms.app.kernel.queries.pages import AnyRow
from oms.console.context import actor, close_connection, connection, hub, person, shops
from oms.console.forms import ids
from oms.console.messages import _, _l
from oms.console.notes import Note, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid

pages = Blueprint("webhooks", __name__, url_prefix="/settings/shops/<int:shop_id>/webhooks")

EDIT = "webhook.edit"
TOPICS = {
    "order.changed": _l("订单变了"),
    "shipment.created": _l("发了货"),
    "case.changed": _l("售后变了"),
    "store.event": _l("门店有动静"),
    "webhook.test": _l("试发"),
}


@pages.get("")
@requires(EDIT)
def listing(shop_id: int) -> str:
    """The webhooks of a shop, and the form of a new one."""
    return _list(_own(shop_id))


@pages.post("")
@requires(EDIT)
def add(shop_id: int) -> Response:
    """Tell an address from now on; its secret is on the page that answers, and never again."""
    row = _own(shop_id)
    try:
        url, topics = _typed()
        close_connection()
        made = registering.add_webhook(hub(), shop_id, url, topics, actor())
    except HubError as error:
        return make_response(_list(row, note_of(error), request.form), status_of(error))
    return _unkept(_page(row, made.id, secret=made.secret))


@pages.get("/<int:webhook_id>")
@requires(EDIT)
def page(shop_id: int, webhook_id: int) -> str:
    """One webhook with what was brought to it."""
    return _page(_own(shop_id), webhook_id)


@pages.post("/<int:webhook_id>")
@requires(EDIT)
def save(shop_id: int, webhook_id: int) -> Response:
    """Change address and topics, pause it or let it go on."""
    row = _own(shop_id)
    try:
        url, topics = _typed()
        close_connection()
        paused = "is_active" not in request.form
        registering.change_webhook(hub(), shop_id, webhook_id, url, topics, paused=paused, actor=actor())
    except HubError as error:
        return make_response(_page(row, webhook_id, note_of(error), request.form), status_of(error))
    say(_("推送地址已改"))
    return _back(shop_id, webhook_id)


@pages.post("/<int:webhook_id>/rotate")
@requires(EDIT)
def rotate(shop_id: int, webhook_id: int) -> Response:
    """A new secret, shown this once."""
    row = _own(shop_id)
    close_connection()
    return _unkept(_page(row, webhook_id, secret=rotating.rotate_secret(hub(), shop_id, webhook_id, actor())))


@pages.post("/<int:webhook_id>/try")
@requires(EDIT)
def attempt(shop_id: int, webhook_id: int) -> Response:
    """Send a message of topic webhook.test now."""
    _own(shop_id)
    close_connection()
    delivery = delivering.send_test(hub(), shop_id, webhook_id)
    if delivery.is_taken:
        say(_("对方收到了：%(answer)s", answer=delivery.answer))
    else:
        say(_("没送到：%(why)s", why=_(delivery.answer)), "late")
    return _back(shop_id, webhook_id)


@pages.post("/<int:webhook_id>/again")
@requires(EDIT)
def again(shop_id: int, webhook_id: int) -> Response:
    """Bring the ticked messages again."""
    row = _own(shop_id)
    try:
        chosen = ids()
        close_connection()
        count = deliveries.send_again(hub(), shop_id, webhook_id, chosen)
    except HubError as error:
        return make_response(_page(row, webhook_id, note_of(error)), status_of(error))
    say(_("%(n)s 条马上重发", n=count))
    return _back(shop_id, webhook_id)


@pages.post("/<int:webhook_id>/remove")
@requires(EDIT)
def remove(shop_id: int, webhook_id: int) -> Response:
    """Tell this address no more."""
    _own(shop_id)
    close_connection()
    registering.remove_webhook(hub(), shop_id, webhook_id, actor())
    say(_("推送地址已删"))
    return redirect(url_for("webhooks.listing", shop_id=shop_id), 303)


def _own(shop_id: int) -> AnyRow:
    row = queries.shop(connection(), shop_id)
    if row is None or shop_id not in shops("shop.view"):
        abort(404)
    if not person().allows(EDIT, shop_id):
        abort(403)
    return row


def _typed() -> tuple[str, list[str]]:
    topics = [topic for topic in registering.TOPICS if f"topic.{topic}" in request.form]
    if not topics:
        raise Invalid("topics", "no topic is chosen", "choose at least one")
    return request.form.get("url", "").strip(), topics


def _unkept(html: str) -> Response:
    """A page with a secret stays in no cache."""
    answer = make_response(html)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _back(shop_id: int, webhook_id: int) -> Response:
    return redirect(url_for("webhooks.page", shop_id=shop_id, webhook_id=webhook_id), 303)


def _list(row: AnyRow, note: Note | None = None, typed: Mapping[str, str] | None = None) -> str:
    held = registering.list_webhooks(connection(), row.id)
    offered = registering.TOPICS
    return render_template(
        "settings/webhooks.html", row=row, held=held, topics=TOPICS, offered=offered, note=note, typed=typed or {}
    )


def _page(
    row: AnyRow, webhook_id: int, note: Note | None = None, typed: Mapping[str, str] | None = None, secret: str = ""
) -> str:
    values: dict[str, Any] = {
        "hook": registering.find_webhook(connection(), row.id, webhook_id),
        "rows": deliveries.list_deliveries(connection(), webhook_id),
    }
    return render_template(
        "settings/webhook.html", row=row, topics=TOPICS, offered=registering.TOPICS, note=note, typed=typed or {},
        secret=secret, **values,
    )  # fmt: skip
