"""库存 · 配额: shares of shops and channels, what each shop would be told of a SKU and why, oversell policy by pool."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.load import fetch
from oms.app.kernel.queries.promises import policies
from oms.app.stock.quotas import (
    FIRST,
    PAGE,
    POLICY_FIELDS,
    Place,
    QuotaForm,
    find_quota,
    list_quotas,
    place_of,
    preview,
    remove_quota,
    set_policy,
    set_quota,
    set_reserving,
)
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub, shops
from oms.console.forms import read_whole
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, status_of
from oms.console.security import requires
from oms.console.stock.promise_words import STEPS
from oms.console.translating import language
from oms.domain.errors import HubError, Invalid, NotFound

pages = Blueprint("quotas", __name__, url_prefix="/stock/quotas")
VIEW, EDIT = "stock.view", "stock.promise"


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """Quotas and policies; with a SKU what bears on it, and what every shop would be told."""
    return _render()


@pages.post("")
@requires(EDIT)
def save() -> Response:
    """Set a quota of a place."""
    sku = request.form.get("sku", "").strip()
    try:
        _check_everywhere()
        scope, _sep, place = request.form.get("place", "global:0").partition(":")
        form = QuotaForm(_units("exclusive"), _ratio(), _units("threshold"), _units("threshold_units"))
        clicked(set_quota)(hub(), scope, read_whole(place) or 0, sku, form, actor())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("配额存好了，一分钟内推给平台"))
    return redirect(url_for("quotas.listing", sku=sku or None), 303)


@pages.post("/<int:quota_id>/remove")
@requires(EDIT)
def remove(quota_id: int) -> Response:
    """Take a quota away."""
    try:
        _check_everywhere()
        clicked(remove_quota)(hub(), quota_id, actor())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("配额删掉了，按上一级算"))
    return redirect(url_for("quotas.listing", sku=request.form.get("sku") or None), 303)


@pages.post("/policy")
@requires(EDIT)
def policy() -> Response:
    """Set the oversell policy of a pool or of one of its shops."""
    try:
        _check_everywhere()
        pool, shop = read_whole(request.form.get("pool", "")) or 0, read_whole(request.form.get("shop", "")) or 0
        if shop and request.form.get("reserve_at"):
            clicked(set_reserving)(hub(), shop, request.form["reserve_at"], actor())
        clicked(set_policy)(hub(), pool, shop, _policy(), actor())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("超卖策略存好了"))
    return redirect(url_for("quotas.listing") + "#policies", 303)


def _check_everywhere() -> None:
    """A share of one shop is taken from all others."""
    if not everywhere(EDIT):
        abort(403)


def _units(name: str) -> int | None:
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    number = read_whole(typed)
    if number is None:
        raise Invalid(name, _("要写整数"))
    return number


def _policy() -> dict[str, int | None]:
    return {name: _units(name) for name in POLICY_FIELDS} | {"keep_bp": _ratio("keep_percent")}


def _ratio(name: str = "ratio") -> int | None:
    """A share in percent as people write it."""
    percent = _units(name)
    return None if percent is None else percent * 100


def _render(note: Note | None = None) -> str:
    sku = request.values.get("sku", "").strip()[:100]
    seen = {shop.id for shop in shops(VIEW)}
    told: list[Any] = []
    if sku and note is None:
        try:
            masters = hub().masters.get(connection(), hub().clock())
            told = preview(connection(), masters, sku, seen)
        except HubError as error:
            note = note_of(error)
    after = _after()
    rows = list_quotas(connection(), sku, after)
    return render_template(
        "stock/quotas.html", note=note, sku=sku, told=told, rows=rows, is_later=after != FIRST,
        more=rows[-1]["id"] if len(rows) == PAGE else None, places=_places(), policies=policies(connection()),
        may=everywhere(EDIT), steps=STEPS, names=shops(VIEW),
    )  # fmt: skip


def _after() -> Place:
    """Where the page before ended; from the beginning when that quota was taken away."""
    last = read_whole(request.args.get("after", ""))
    try:
        return FIRST if last is None else place_of(find_quota(connection(), last))
    except NotFound:
        return FIRST


def _places() -> list[tuple[str, str]]:
    """Where a quota may hold: everywhere, a channel, a shop."""
    label = "label_en" if language() == "en" else "label_zh"
    channels = fetch(connection(), f"select id, {label} from channel order by id")
    named = [(f"channel:{id_}", _("渠道 %(name)s", name=name)) for id_, name in channels]
    return [("global:0", _("全部店铺")), *named, *((f"shop:{shop.id}", shop.name) for shop in shops(VIEW))]
