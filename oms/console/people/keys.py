"""设置 · 接口钥匙: keys with which other systems call us; made, shown once, revoked."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.key_rings import Issued, end_key, issue_key, list_keys
from oms.console.context import close_connection, hub, person, shops
from oms.console.forms import ticked
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, status_of
from oms.console.permissions import BUILT_IN_ROLES, BuiltInRole
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid

pages = Blueprint("keys", __name__, url_prefix="/settings/keys")

EDIT = "key.edit"
#: What a key may be made for; a key that could do all is made at the command line.
OFFERED = ("partner", "warehouse", "viewer", "developer")


@pages.get("")
@requires(EDIT)
def listing() -> str:
    """Keys in force and revoked ones, and the form of a new one."""
    return _page()


@pages.post("")
@requires(EDIT)
def issue() -> Response:
    """Make a key; it is on the page that answers, and never again."""
    try:
        role = role_named(request.form.get("role", ""))
        chosen = ticked("shop")
        if not chosen and "every" not in request.form:
            raise Invalid("shop", "no shop is chosen", "choose its shops, or every shop")
        close_connection()
        made = issue_key(hub(), person(), request.form.get("name", ""), role.permissions, chosen)
    except HubError as error:
        return make_response(_page(note=note_of(error), typed=request.form), status_of(error))
    answer = make_response(_page(made=made))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post("/<int:key_id>/revoke")
@requires(EDIT)
def revoke(key_id: int) -> Response:
    """End a key for good."""
    close_connection()
    try:
        end_key(hub(), person(), key_id, EDIT)
    except HubError as error:
        return make_response(_page(note=note_of(error)), status_of(error))
    say(_("钥匙已收回，立即生效"))
    return redirect(url_for("keys.listing"), 303)


def role_named(name: str) -> BuiltInRole:
    """One of the roles that keys are made for."""
    if name not in OFFERED:
        raise Invalid("role", "the key would open nothing", "choose what it may do")
    return BUILT_IN_ROLES[name]


def _page(made: Issued | None = None, note: Note | None = None, typed: Mapping[str, str] | None = None) -> str:
    mine = [shop for shop in shops("shop.view") if person().allows(EDIT, shop.id)]
    return render_template(
        "settings/keys.html", keys=list_keys(hub(), person(), EDIT), shops=mine,
        names={shop.id: shop.name for shop in mine}, roles=[BUILT_IN_ROLES[name] for name in OFFERED],
        everywhere=person().allows(EDIT, 0), made=made, note=note, typed=typed or {},
    )  # fmt: skip
