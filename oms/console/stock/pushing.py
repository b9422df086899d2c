"""Buttons for pushing stock: a shop's switch on its page, and everything once more; the pages show the state."""

from __future__ import annotations

from flask import Blueprint, abort, request, url_for
from werkzeug.wrappers import Response

from oms.app.stock import switching
from oms.console.acts import clicked
from oms.console.context import actor, hub, person, shops
from oms.console.forms import whole
from oms.console.messages import _
from oms.console.notes import back, note_of, say
from oms.console.security import requires
from oms.domain.errors import HubError

pages = Blueprint("pushing", __name__, url_prefix="/settings/shops/<int:shop_id>/stock-push")
ALL = "sync.pull_now"


@pages.post("")
@requires("shop.edit")
def switch(shop_id: int) -> Response:
    """Push this shop's stock or not, and how much is kept back."""
    _own(shop_id, "shop.edit")
    is_on = "is_on" in request.form
    try:
        _switch(shop_id, is_on, whole("safety", low=0, high=switching.MOST_SAFETY))
    except HubError as error:
        _tell(error)
    else:
        say(_("推库存开着，几秒后开始推") if is_on else _("推库存停了，平台上的数量不再由这里改"))
    return back(url_for("shop.page", shop_id=shop_id))


@pages.post("/all")
@requires(ALL)
def push_all(shop_id: int) -> Response:
    """Tell the platform every listing's units again."""
    _own(shop_id, ALL)
    try:
        count = _push_all(shop_id)
    except HubError as error:
        _tell(error)
    else:
        say(_("全部重推，已推过的 %(n)s 个平台货品也再推一次", n=count))
    return back(url_for("shop.page", shop_id=shop_id))


@clicked
def _switch(shop_id: int, is_on: bool, safety: int) -> None:
    switching.switch_push(hub(), shop_id, is_on=is_on, safety=safety, actor=actor())


@clicked
def _push_all(shop_id: int) -> int:
    return switching.push_all(hub(), shop_id)


def _tell(error: HubError) -> None:
    note = note_of(error)
    say(f"{note.title} · {note.remedy}" if note.remedy else note.title, "late")


def _own(shop_id: int, permission: str) -> None:
    if shop_id not in shops("shop.view"):
        abort(404)
    if not person().allows(permission, shop_id):
        abort(403)
