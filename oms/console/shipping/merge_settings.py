"""设置 · 合单: what must be the same for orders to leave as one, by place; what holds there and who says so."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.pipeline.merging.editing import BOUNDS, CHOICES, FLAGS, Standing, set_merging, standing_of
from oms.app.rulebook.scopes import LABELS
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, status_of
from oms.console.rules.access import ACTIVATE, VIEW, check_reach, why_not
from oms.console.rules.places import Places, chosen_place
from oms.console.security import requires
from oms.db.joining import PARTS
from oms.domain.errors import HubError, Invalid

pages = Blueprint("merge_settings", __name__, url_prefix="/settings/merging")


@pages.get("")
@requires(VIEW)
def page() -> str:
    """How the chosen place stands."""
    return _render()


@pages.post("")
@requires(ACTIVATE)
def save() -> Response:
    """Store what the place says; what is left to the wider place is not said here any more."""
    try:
        scope, scope_id = chosen_place(request.form.get("place", ""))
        check_reach(ACTIVATE, scope, scope_id)
        changed = clicked(set_merging)(hub(), scope, scope_id, _read(), actor())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("合单设置已存，两秒内生效；在等的单马上按新的看") if changed else _("没有改动"))
    return redirect(url_for("merge_settings.page", place=request.form["place"]), 303)


def _read() -> dict[str, Any]:
    form = request.form
    wanted: dict[str, Any] = {name: form.get(name) or None for name in CHOICES}
    wanted |= {name: {"yes": True, "no": False}.get(form.get(name, "")) for name in FLAGS}
    wanted |= {name: _number(name) for name in BOUNDS}
    wanted["parts"] = [part for part in PARTS if part in form.getlist("part")] if form.get("parts") == "own" else None
    return wanted


def _number(name: str) -> int | None:
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit()) or len(typed) > 9:
        raise Invalid(name, _("要写整数"))
    return int(typed)


def _render(note: Note | None = None) -> str:
    places = Places()
    place = places.find(request.values.get("place", "")) or next(iter(places))
    standing: Standing = standing_of(connection(), place.scope, place.id)
    return render_template(
        "joining/settings.html", note=note, places=places, place=place, own=standing.own, holds=standing.holds,
        why=why_not(ACTIVATE, place.scope, place.id), words=_words(), parts=PARTS, labels=LABELS,
        inherit=_("默认") if place.scope == "global" else _("跟上级"),
    )  # fmt: skip


def _words() -> dict[str, dict[str, str]]:
    """Each field's choices in words."""
    yes_no = {"yes": _("合"), "no": _("不合")}
    return {
        "reach": {"shop": _("只合本店的"), "group": _("同一店铺组的"), "all": _("所有店铺的")},
        "parts": {"buyer": _("买家账号"), "name": _("收货人姓名"), "phone": _("电话"), "carrier": _("承运商")},
        "merges_cod": yes_no,
        "merges_presale": yes_no,
        "merges_split": yes_no,
        "gift_policy": {"keep": _("各单照送"), "recompute": _("合起来重新计算")},
        "invoice_policy": {"sum": _("金额合计"), "one": _("只开其中一单的金额")},
    }
