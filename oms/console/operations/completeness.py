"""运行 · 完整性: proves that nothing of a shop is missing, brings what is, and pulls past windows again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask_babel import to_user_timezone  # type: ignore[import-untyped]
from werkzeug.wrappers import Response

from oms.app.kernel.queries import completeness as queries
from oms.app.kernel.queries.names import ShopName
from oms.app.kernel.queries.pages import AnyRow
from oms.console import acts
from oms.console.context import connection, person, shops
from oms.console.forms import start_of_day
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.rendering import now
from oms.console.security import requires
from oms.db.completeness import Backfill, CompletenessCheck
from oms.domain.errors import HubError, Invalid, NotFound

pages = Blueprint("completeness", __name__, url_prefix="/operations/completeness")
ASK = "completeness.ask"


@dataclass(frozen=True, slots=True)
class Progress:
    """A backfill as the page shows it; `share` is 0 to 100, None where nobody can tell."""

    row: AnyRow
    shop: ShopName
    share: int | None


@pages.get("")
@requires("operations.view")
def listing() -> str:
    """Certificates and backfills, newest first."""
    return _render()


@pages.get("/<int:check_id>")
@requires("operations.view")
def certificate(check_id: int) -> str:
    """One certificate with its differences."""
    shop = _shop_of(CompletenessCheck, check_id, "operations.view")
    if person().allows(ASK, shop.id):
        acts.settle_certificate(check_id)
    row = queries.certificate(connection(), check_id)
    found = queries.differences(connection(), check_id)
    moving = queries.moving(connection(), [check_id]).get(check_id, 0)
    return render_template("operations/certificate.html", row=row, shop=shop, differences=found, moving=moving)


@pages.post("/check")
@requires(ASK)
def check() -> Response:
    """Ask for a certificate of a window."""
    try:
        shop = _chosen()
        check_id = acts.ask_certificate(shop.id, *_window(shop))
    except HubError as error:
        return _refused(error)
    say(_("%(shop)s：正在和平台的另一份清单核对", shop=shop.name))
    return back(url_for("completeness.certificate", check_id=check_id))


@pages.post("/<int:check_id>/pull")
@requires(ASK)
def pull(check_id: int) -> Response:
    """Read anew what a certificate found missing, differing or moving."""
    _shop_of(CompletenessCheck, check_id, ASK)
    try:
        count = acts.pull_missing(check_id)
    except HubError as error:
        return _refused(error)
    say(_("%(n)s 单已排队重新抓取", n=count))
    return back(url_for("completeness.certificate", check_id=check_id))


@pages.post("/backfill")
@requires(ASK)
def backfill() -> Response:
    """Pull a past window again."""
    try:
        shop = _chosen()
        acts.ask_backfill(shop.id, *_window(shop))
    except HubError as error:
        return _refused(error)
    say(_("%(shop)s：开始补抓，和平时的拉取互不影响", shop=shop.name))
    return back(url_for("completeness.listing"))


@pages.post("/backfill/<int:backfill_id>/stop")
@requires(ASK)
def stop(backfill_id: int) -> Response:
    """Stop a backfill."""
    _shop_of(Backfill, backfill_id, ASK)
    try:
        acts.stop_backfill(backfill_id)
    except HubError as error:
        return _refused(error)
    say(_("已停止补抓，抓到的都留着"))
    return back(url_for("completeness.listing"))


def _render(note: Note | None = None) -> str:
    mine = shops("operations.view")
    rows = [(row, mine.get(row.shop_id)) for row in queries.certificates(connection(), mine.ids)]
    moving = queries.moving(connection(), [row.id for row, _shop in rows])
    progress = [_progress(row, mine.get(row.shop_id)) for row in queries.backfills(connection(), mine.ids)]
    able = [shop for shop in mine if person().allows(ASK, shop.id)]
    yesterday = to_user_timezone(now()) - timedelta(days=1)
    return render_template(
        "operations/completeness.html", certificates=rows, backfills=[p for p in progress if p], able=able, note=note,
        yesterday=yesterday, moving=moving,
    )  # fmt: skip


def _progress(row: AnyRow, shop: ShopName | None) -> Progress | None:
    if shop is None:
        return None
    share = min(99, row.documents * 100 // row.estimate) if row.estimate else None
    return Progress(row, shop, 100 if row.state == "done" else share)


def _refused(error: HubError) -> Response:
    return make_response(_render(note_of(error)), status_of(error))


def _chosen() -> ShopName:
    text = request.form.get("shop", "")
    shop = shops(ASK).get(int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else None
    if shop is None:
        raise Invalid("shop", _("要选一家店"))
    return shop


def _shop_of(table: type[CompletenessCheck] | type[Backfill], id_: int, permission: str) -> ShopName:
    shop = shops().get(queries.shop_of(connection(), table, id_))
    if shop is None:
        raise NotFound("no such document")
    if not person().allows(permission, shop.id):
        abort(403)
    return shop


def _window(shop: ShopName) -> tuple[datetime, datetime]:
    """Both days of the form whole, in the time zone in which the console shows times."""
    since, until = (start_of_day(_day(name)) for name in ("since", "until"))
    return since, until + timedelta(days=1)


def _day(name: str) -> datetime:
    try:
        return datetime.strptime(request.form.get(name, ""), "%Y-%m-%d")  # noqa: DTZ007 - the zone is added by the caller
    except ValueError:
        raise Invalid(name, _("要一个日期，比如 2026-11-11")) from None
