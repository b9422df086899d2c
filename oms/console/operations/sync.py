"""运行 · 同步: one tile per shop with its streams; pull now, and how often each is pulled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, abort, make_response, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from oms.app.capture.schedules import LONGEST_S, SHORTEST_S, set_schedule
from oms.app.kernel.budget import used_share
from oms.app.kernel.queries import capture, operations
from oms.app.kernel.queries.completeness import latest_by_shop
from oms.app.kernel.queries.message_lines import LineShown, lines_by_shop
from oms.app.kernel.queries.names import ShopName, Shops
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.queries.pushes import push_by_shop
from oms.console import acts
from oms.console.context import close_connection, connection, hub, person, shops
from oms.console.forms import whole
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.refusals import told
from oms.console.rendering import moment, now, span
from oms.console.security import requires
from oms.domain.errors import HubError, NotFound

pages = Blueprint("sync", __name__, url_prefix="/operations/sync")


@dataclass(frozen=True, slots=True)
class Tile:
    """A shop and how its streams do; `kind` is ok, warn, late or off."""

    shop: ShopName
    kind: str
    words: str
    lag: str
    documents: int
    parked: int
    streams: Sequence[AnyRow]
    quota: str = "–"
    is_blocked: bool = False
    missing: int | None = None
    backlog: capture.Backlog | None = None
    stock: AnyRow | None = None
    line: LineShown | None = None


@pages.get("")
@requires("operations.view")
def tiles() -> str:
    """The tiles, those that need people first."""
    return _render()


@pages.post("/<int:shop_id>/<stream>/pull")
@requires("sync.pull_now")
def pull(shop_id: int, stream: str) -> Response:
    """Pull a stream now."""
    shop = _own(shop_id, "sync.pull_now")
    try:
        if stream not in {row.stream for row in operations.streams(connection(), [shop_id]).get(shop_id, [])}:
            raise NotFound(f"{shop.name} has no stream {stream!r}")
        acts.pull_now(shop_id, stream)
    except HubError as error:
        return _refused(error)
    say(_("%(shop)s：已叫醒拉取，几秒后看结果", shop=shop.name))
    return back(url_for("sync.tiles"))


@pages.post("/<int:shop_id>/<stream>/schedule")
@requires("sync.edit_schedule")
def schedule(shop_id: int, stream: str) -> Response:
    """Change how often a stream is pulled."""
    shop = _own(shop_id, "sync.edit_schedule")
    enabled = "is_enabled" in request.form
    try:
        every = whole("every_s", low=SHORTEST_S, high=LONGEST_S)
        close_connection()
        with hub().begin() as writing:
            set_schedule(writing, shop_id, stream, every_s=every, is_enabled=enabled)
    except HubError as error:
        return _refused(error)
    hub().poke("clock")
    if enabled:
        say(_("%(shop)s：改成每 %(n)s 秒拉一次", shop=shop.name, n=every))
    else:
        say(_("%(shop)s：已停拉", shop=shop.name))
    return back(url_for("sync.tiles"))


def _refused(error: HubError) -> Response:
    return make_response(_render(note_of(error)), status_of(error))


def _render(note: Note | None = None) -> str:
    mine = shops("operations.view")
    return render_template("operations/sync.html", tiles=tiles_of(mine, connection()), note=note)


def _own(shop_id: int, permission: str) -> ShopName:
    shop = shops().get(shop_id)
    if shop is None:
        raise NotFound("no such shop")
    if not person().allows(permission, shop_id):
        abort(403)
    return shop


def tiles_of(wanted: Shops, reading: Connection) -> list[Tile]:
    """A tile for each shop, those that need people first."""
    streams = operations.streams(reading, wanted.ids)
    parked = operations.parked_by_shop(reading, wanted.ids)
    budgets, backlogs = capture.budgets(reading, wanted.ids), capture.backlogs(reading, wanted.ids)
    checks, pushes = latest_by_shop(reading, wanted.ids), push_by_shop(reading, wanted.ids)
    lines = lines_by_shop(reading, wanted.ids, now())
    tiles = [
        replace(
            _with_stock(_tile(shop, streams.get(shop.id, []), parked.get(shop.id, 0)), pushes.get(shop.id)),
            quota=_quota(budgets.get(shop.id)),
            is_blocked=_is_blocked(budgets.get(shop.id)),
            missing=checks[shop.id].missing if shop.id in checks else None,
            backlog=backlogs.get(shop.id),
            line=lines.get(shop.id),
        )
        for shop in wanted
    ]
    urgency = {"late": 0, "warn": 1, "ok": 2, "off": 3}
    return sorted(tiles, key=lambda tile: urgency[tile.kind])


def _tile(shop: ShopName, streams: Sequence[AnyRow], parked: int) -> Tile:
    kind, words = _verdict(shop, streams)
    # Bills are pulled a few times a day; how far orders and cases are behind is what people ask.
    counted = [row for row in streams if row.is_enabled and row.stream != "statements"]
    lags = [now() - row.last_success_at for row in counted if row.last_success_at]
    if kind == "ok" and parked:
        kind, words = "warn", _("%(n)s 份报文停住", n=parked)
    return Tile(
        shop=shop,
        kind=kind,
        words=words,
        lag=span(max(lags)) if lags else "–",
        documents=sum(row.documents or 0 for row in streams),
        parked=parked,
        streams=streams,
    )


def _with_stock(tile: Tile, stock: AnyRow | None) -> Tile:
    """A shop that does well otherwise, but whose stock does not reach its platform, is one to look at."""
    if stock is None or not stock.is_on:
        return tile
    told = replace(tile, stock=stock)
    if tile.kind != "ok" or not (stock.failures or stock.refused):
        return told
    words = _("库存没推成") if stock.failures else _("平台不收 %(n)s 个库存", n=stock.refused)
    return replace(told, kind="warn", words=words)


def _is_blocked(row: AnyRow | None) -> bool:
    return row is not None and row.blocked_until is not None and row.blocked_until > now()


def _quota(row: AnyRow | None) -> str:
    """How much of its calls a shop's account has used up, or until when its platform wants to be left alone."""
    if row is None:
        return "–"
    if _is_blocked(row):
        return _("限流到 %(at)s", at=moment(row.blocked_until))
    vendor = hub().vendors.get(row.vendor)
    rate = row.calls_per_second or (vendor.manifest.calls_per_second if vendor else 1.0)
    return f"{min(1.0, used_share(row.tokens, row.refilled_at, rate, now())):.0%}"


def _verdict(shop: ShopName, streams: Sequence[AnyRow]) -> tuple[str, str]:
    """How a shop does, worst first."""
    if any(row.account_state == "paused" for row in streams):
        return "late", _("账号已停：%(why)s", why=told(next(row.paused_reason for row in streams)))
    if shop.mode == "closed" or not any(row.is_enabled for row in streams):
        return "off", _("没有在拉")
    failing = [row for row in streams if row.failures]
    if failing:
        worst = max(failing, key=lambda row: row.failures)
        until = worst.paused_until
        again = _("，%(at)s 再试", at=moment(until)) if until and until > now() else ""
        return "late" if worst.failures >= 3 else "warn", _("连续 %(n)s 次没成", n=worst.failures) + again
    if not any(row.last_success_at for row in streams):
        return "warn", _("还没拉成过")
    behind = [row for row in streams if row.is_enabled and _is_behind(row)]
    return ("warn", _("慢")) if behind else ("ok", _("正常"))


def _is_behind(row: AnyRow) -> bool:
    """More than five rounds without a success."""
    lag = operations.lag_of(row, now())
    return lag is None or lag > max(5 * row.every_s, 120)
