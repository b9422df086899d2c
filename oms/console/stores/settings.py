"""设置 · 门店: which shops use stores and how, what each store does, and the notices that are sent."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, make_response, render_template, request, url_for
from sqlalchemy import text
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from connectors.contract.manifest import Manifest
from oms.app.aftersales.at_store.terms import save_terms
from oms.app.kernel.packing_settings import people_at, put_people
from oms.app.pipeline.stores import notice_settings, settings
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub, shops
from oms.console.forms import money, picked, read_whole, whole
from oms.console.messages import _, _l
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.console.stores.words import EVENTS
from oms.domain.errors import Forbidden, HubError, Invalid

pages = Blueprint("stores_settings", __name__, url_prefix="/settings/stores")
EDIT: Final = "store.edit"
FINDS: Final = {"location": _l("离买家最近"), "list": _l("按配送清单"), "hand": _l("由人来定")}
TELLS: Final = {"ready": _l("备好时"), "handed_over": _l("交到买家手上时")}
AUDIENCES: Final = {"buyer": _l("买家"), "store": _l("门店"), "merchant": _l("商家，在通知里看")}
#: Of so many stores the people are listed; more are put to their stores by the masters.
MOST_WITH_PEOPLE: Final = 50
STORES: Final = """
select p.id, p.code, p.name, p.state, p.latitude, p.longitude, p.delivery_radius_m, f.address, f.phone, f.email,
  coalesce(f.hands_out, true) as hands_out, coalesce(f.delivers, false) as delivers,
  coalesce(f.ready_min, 60) as ready_min, coalesce(f.overdue_days, 7) as overdue_days,
  coalesce(f.divisions, '{}') as divisions
from stock_point p left join store_profile f on f.stock_point_id = p.id where p.kind = 'store' order by p.name, p.id"""
NOTICES: Final = """
select b.*, a.name as account, s.name as shop, g.name as team from buyer_notice b
left join account a on a.id = b.account_id left join user_group g on g.id = b.user_group_id
left join shop s on s.id = b.shop_id where b.shop_id = 0 or b.shop_id = any(:shops) order by b.event, b.shop_id, b.id"""


@pages.get("")
@requires(EDIT)
def overview() -> str:
    """Everything about stores on one page."""
    return _render()


@pages.post("/shops/<int:shop_id>")
@requires(EDIT)
def save_shop(shop_id: int) -> Response:
    """Whether and how a shop's orders go through stores."""
    if shop_id not in shops(EDIT).ids:
        raise Forbidden("this shop is not yours", "ask an administrator")
    form = request.form
    return _saved(lambda: clicked(settings.save_shop)(
        hub(), shop_id, actor(), is_on="is_on" in form, finds_by=form.get("finds_by", ""),
        tells_at=form.get("tells_at", ""), geocoder_id=picked("geocoder"),
    ))  # fmt: skip


@pages.post("/shops/<int:shop_id>/returns")
@requires(EDIT)
def save_return_terms(shop_id: int) -> Response:
    """What stores take back of a shop's orders."""
    if shop_id not in shops(EDIT).ids:
        abort(404)
    return _saved(lambda: clicked(save_terms)(
        hub(), shop_id, actor(), days=whole("days", low=0, high=365), own_limit=money("own_limit", "CNY"),
        allows_other_stores="other_stores" in request.form,
    ))  # fmt: skip


@pages.post("/points/<int:point_id>")
@requires(EDIT)
def save_profile(point_id: int) -> Response:
    """What a store does."""
    _check_everywhere()
    return _saved(lambda: clicked(settings.save_profile)(hub(), point_id, actor(), _profile()))


@pages.post("/points/<int:point_id>/people")
@requires(EDIT)
def save_people(point_id: int) -> Response:
    """Who works at a store; who is named for no point has none, unless they run all."""
    _check_everywhere()
    if all(row.id != point_id for row in connection().execute(text(STORES))):
        abort(404)
    named = [one for one in request.form.getlist("who") if read_whole(one.partition(":")[2]) is not None]
    return _saved(lambda: clicked(put_people)(hub(), point_id, named, actor()))


@pages.post("/notices")
@requires(EDIT)
def save_notice() -> Response:
    """A template of a notice."""

    def save() -> None:
        form = request.form
        shop_id = picked("shop") or 0
        if shop_id not in shops(EDIT).ids:
            _check_everywhere()
        told: dict[str, Any] = {
            "shop_id": shop_id, "event": form.get("event", ""), "audience": form.get("audience", "buyer"),
            "account_id": picked("account") or 0, "team_id": picked("team"),
            "template": form.get("template", "").strip()[:200],
            "words": form.get("words", "").strip()[:2000], "after_min": whole("after_min", low=0, high=129_600),
            "is_on": "is_on" in form,
        }  # fmt: skip
        clicked(notice_settings.save_notice)(hub(), actor(), told)

    return _saved(save)


@pages.post("/accounts")
@requires(EDIT)
def add_account() -> Response:
    """A new account, whose keys are filled in on its own page."""
    _check_everywhere()
    form = request.form
    try:
        made = clicked(settings.add_service)(hub(), form.get("vendor", ""), form.get("name", "").strip(), actor())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("账号建好了，填上密钥、选上启用，再保存"))
    return redirect(url_for("shops.edit", account_id=made), 303)


def _check_everywhere() -> None:
    if not everywhere(EDIT):
        raise Forbidden("this is of every shop", "ask an administrator")


def _profile() -> settings.Profile:
    form = request.form

    def typed(name: str) -> str:
        return form.get(name, "").strip()[:200]

    divisions = [part for part in typed("divisions").replace("，", ",").replace(" ", ",").split(",") if part]
    if any(read_whole(part) is None for part in divisions):
        raise Invalid("divisions", _("要写区划代码，用逗号隔开，例如 330106,3301"))
    return settings.Profile(
        typed("address"), typed("phone"), typed("email"), "hands_out" in form, "delivers" in form,
        whole("ready_min", high=10_080), whole("overdue_days", high=90), divisions, _degrees("latitude", 90),
        _degrees("longitude", 180), read_whole(typed("radius_m")),
    )  # fmt: skip


def _services() -> list[Manifest]:
    """The notifiers and geocoders there are."""
    found = [connector.manifest for connector in hub().vendors.values()]
    return sorted((one for one in found if one.family in settings.SERVICES), key=lambda one: (one.family, one.vendor))


def _degrees(name: str, most: float) -> float | None:
    written = request.form.get(name, "").strip()
    if not written:
        return None
    try:
        found = float(written)
    except ValueError:
        found = most + 1
    if not -most <= found <= most:
        raise Invalid(name, _("要写成 30.2741 这样的度数"))
    return found


def _saved(save: Any) -> Response:
    try:
        save()
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("已保存"))
    return back(url_for("stores_settings.overview"))


def _render(note: Note | None = None) -> str:
    mine = shops(EDIT)
    accounts = connection().execute(text(
        "select id, name, family from account where family in ('geocoder', 'notifier') order by family, name"
    )).all()  # fmt: skip
    stores = connection().execute(text(STORES)).all()
    kept = {row.shop_id: row for row in connection().execute(text("select * from shop_stores"))}
    terms = {row.shop_id: row for row in connection().execute(text("select * from return_terms"))}
    return render_template(
        "stores/settings.html", note=note, shops=mine, kept=kept, terms=terms, stores=stores,
        people={row.id: people_at(connection(), row.id) for row in stores[:MOST_WITH_PEOPLE]},
        notices=connection().execute(text(NOTICES), {"shops": list(mine.ids)}).all(), finds=FINDS, tells=TELLS,
        geocoders=[row for row in accounts if row.family == "geocoder"],
        notifiers=[row for row in accounts if row.family == "notifier"], events=EVENTS, audiences=AUDIENCES,
        all_shops=everywhere(EDIT), accounts=accounts, vendors=_services(),
        teams=connection().execute(text("select id, name from user_group order by name, id")).all(),
    )  # fmt: skip
