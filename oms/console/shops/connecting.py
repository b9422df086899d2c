"""设置 · 接入店铺: choose a platform, fill in its form, and the shop is made and tried."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from connectors.contract.families import Connector
from oms.app.kernel.account_forms import GRANTED, unneeded
from oms.app.kernel.authorisation import can_be_granted
from oms.app.kernel.connecting import LONGEST_S, SHORTEST_S, NewShop, connect_shop, streams_of
from oms.app.kernel.grants import try_account
from oms.app.kernel.key_rings import issue_key
from oms.app.kernel.queries import settings as queries
from oms.console.context import close_connection, connection, hub, person
from oms.console.forms import moment_of, picked, whole
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, say_refused, status_of
from oms.console.permissions import BUILT_IN_ROLES
from oms.console.refusals import told
from oms.console.security import requires
from oms.console.shops.list import anywhere, manifests, read_form
from oms.domain.errors import HubError

pages = Blueprint("connecting", __name__, url_prefix="/settings/shops/new")


@pages.get("")
@requires("shop.edit")
def platforms() -> str:
    """The platforms a shop can be on."""
    _only_anywhere()
    found = sorted(
        (manifest for manifest in manifests().values() if manifest.family == "marketplace"), key=lambda m: m.label_en
    )
    return render_template("settings/platforms.html", platforms=found)


@pages.get("/<vendor>")
@requires("shop.edit")
def form(vendor: str) -> str:
    """The form of a platform."""
    _only_anywhere()
    return _form(_market(vendor))


@pages.post("/<vendor>")
@requires("shop.edit")
def connect(vendor: str) -> Response:
    """Make the shop, then try its account."""
    _only_anywhere()
    connector = _market(vendor)
    try:
        wanted = _read(connector)
        close_connection()
        made = connect_shop(hub(), wanted)
    except HubError as error:
        return make_response(_form(connector, note_of(error), request.form), status_of(error))
    say(_("店铺「%(name)s」已接入", name=wanted.name))
    if takes_pushes(connector):
        return _standard(wanted, made.shop_id)
    if can_be_granted(connector) and not wanted.account.secrets.keys() & GRANTED:
        say(_("还要店主授权：点「去授权」"), "warn")
    else:
        say_report(made.account_id)
    return redirect(url_for("shops.edit", account_id=made.account_id), 303)


def takes_pushes(connector: type[Connector]) -> bool:
    """Whether the other side calls us with a key of ours: orders are read, and none are pulled."""
    able = connector.capabilities()
    return "parse_order" in able and "pull_orders" not in able


def _standard(wanted: NewShop, shop_id: int) -> Response:
    """The page with the new shop's key, shown this once, and a call to try it with."""
    issued = None
    try:
        if person().allows("key.edit", shop_id):
            issued = issue_key(hub(), person(), wanted.name, BUILT_IN_ROLES["partner"].permissions, [shop_id])
    except HubError as error:
        say_refused(error)
    address = (hub().public_url or request.host_url).rstrip("/")
    page = render_template(
        "settings/standard.html", name=wanted.name, shop_id=shop_id, issued=issued, currency=wanted.currency,
        address=f"{address}/api/v1/shops/{shop_id}", moment=hub().clock().isoformat(timespec="seconds"),
    )  # fmt: skip
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def say_report(account_id: int) -> None:
    """Try an account and tell what came of it."""
    report = try_account(hub(), account_id)
    if report.ok:
        say(_("试过了，能用：%(words)s", words=told(report.words)))
    else:
        say(_("试了不行：%(words)s", words=told(report.words)), "late")


def _only_anywhere() -> None:
    """A new shop is in nobody's scope yet: only who may edit every shop adds one."""
    if not anywhere("shop.edit"):
        abort(403)


def _market(vendor: str) -> type[Connector]:
    connector = hub().vendors.get(vendor)
    if connector is None or connector.manifest.family != "marketplace":
        abort(404)
    return connector


def _read(connector: type[Connector]) -> NewShop:
    typed = {name: request.form.get(name, "").strip() for name in ("code", "name", "currency", "timezone", "mode")}
    pulled = [stream for stream in streams_of(connector) if f"pull.{stream}" in request.form]
    return NewShop(
        vendor=connector.manifest.vendor,
        account=read_form(connector.manifest, request.form),
        pool_id=picked("pool_id"),
        user_group_id=picked("user_group_id"),
        go_live_at=moment_of("go_live_at"),
        schedules={stream: whole(f"every.{stream}", low=SHORTEST_S, high=LONGEST_S) for stream in pulled},
        code=typed["code"],
        name=typed["name"],
        currency=typed["currency"].upper() or "CNY",
        timezone=typed["timezone"] or "Asia/Shanghai",
        mode=typed["mode"],
    )


def _form(connector: type[Connector], note: Note | None = None, typed: Mapping[str, str] | None = None) -> str:
    return render_template(
        "settings/connect.html",
        manifest=connector.manifest,
        streams=streams_of(connector),
        pools=queries.stock_pools(connection()),
        groups=queries.user_groups(connection()),
        granted=can_be_granted(connector),
        free=unneeded(connector),
        note=note,
        typed=typed or {},
    )
