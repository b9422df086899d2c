"""设置 · 电子面单: where we take waybill numbers ourselves, who sends, how many numbers are left and what they became."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.queries.names import carrier_names, stock_point_names
from oms.app.pipeline import carrier_accounts as accounts
from oms.app.pipeline.labels import settings
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub
from oms.console.forms import read_whole, whole
from oms.console.messages import _, _l
from oms.console.notes import Note, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError

pages = Blueprint("label_settings", __name__, url_prefix="/settings/labels")
VIEW, EDIT = "master.view", "label.edit"
STATES = {
    "asked": _l("取号中"), "got": _l("已取未用"), "used": _l("已用"), "cancelling": _l("退回中"),
    "cancelled": _l("已退回"), "wasted": _l("浪费"), "refused": _l("没取到"),
}  # fmt: skip
TERMS = {"customer_code": _l("月结卡号"), "product_code": _l("产品代码"), "shipping_branch_code": _l("网点代码")}


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """Every setting, and the form of a new one or of the one that is to change."""
    return _render()


@pages.post("")
@requires(EDIT)
def save() -> Response:
    """Put a setting in force."""
    _require()
    try:
        clicked(settings.put_setting)(hub(), _typed(), actor())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("电子面单设置已保存，新下发的单按它取号"))
    return redirect(url_for("label_settings.listing"), 303)


@pages.post("/accounts")
@requires(EDIT)
def add_account() -> Response:
    """A new account, whose keys are filled in on its own page."""
    _require()
    form = request.form
    try:
        made = clicked(accounts.add_account)(hub(), form.get("vendor", ""), form.get("name", "").strip(), actor())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("账号建好了，填上密钥、选上启用，再保存"))
    return redirect(url_for("shops.edit", account_id=made), 303)


@pages.post("/tracking/<int:carrier_id>")
@requires(EDIT)
def track_by(carrier_id: int) -> Response:
    """Which account tells where a carrier's parcels are."""
    _require()
    try:
        clicked(accounts.track_by)(hub(), carrier_id, read_whole(request.form.get("account", "")), actor())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("跟踪账号已保存，之后交出的包裹按它跟踪"))
    return redirect(url_for("label_settings.listing") + "#h-track", 303)


def _require() -> None:
    """Warehouses and carriers serve every shop."""
    if not everywhere(EDIT):
        abort(403)


def _typed() -> settings.Setting:
    form = {name: request.form.get(name, "").strip()[:200] for name in request.form}
    texts = ("sender_name", "sender_phone", "province", "city", "district", "town", "street", "template_url")
    return settings.Setting(
        stock_point_id=read_whole(form.get("point", "")) or 0, carrier_id=read_whole(form.get("carrier", "")) or 0,
        account_id=read_whole(form.get("account", "")) or 0, **{name: form.get(name, "") for name in texts},
        low_at=whole("low_at", low=0, high=1_000_000), is_on="is_on" in form,
        terms={name: form.get(name, "") for name in TERMS},
    )  # fmt: skip


def _render(note: Note | None = None) -> str:
    rows = settings.list_settings(connection())
    point, carrier = read_whole(request.args.get("point", "")), read_whole(request.args.get("carrier", ""))
    chosen = next((row for row in rows if (row.stock_point_id, row.carrier_id) == (point, carrier)), None)
    tracked, trackers = accounts.tracking(hub(), connection())
    return render_template(
        "settings/labels.html", vendors=accounts.vendors_of_carriers(hub()), tracked=tracked, trackers=trackers,
        rows=rows, chosen=chosen, note=note, points=stock_point_names(connection()),
        carriers=carrier_names(connection()), accounts=settings.accounts_that_give(hub(), connection()),
        ledger=settings.ledger(connection()), states=STATES, terms=TERMS, may_edit=everywhere(EDIT),
    )  # fmt: skip
