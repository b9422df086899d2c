"""库存 · 库存点, 库存池: calendars, outages, coverage and capacity of stock points; the pools they are in."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries import stock_papers
from oms.app.kernel.queries.packing import setting_of
from oms.app.pipeline.point_outages import preview_switch, switch_point
from oms.app.stock.area_texts import read_areas, read_days, read_hours, written
from oms.app.stock.marks import Kind, marks_of, who_changed
from oms.app.stock.points import POLICIES, PointForm, save_point, save_pool, set_geocoder
from oms.app.stock.polygon_texts import written_polygons
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub
from oms.console.forms import line, moment_of, money, picked, read_whole
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.console.stock.words import names
from oms.console.telling.events import people_of
from oms.domain.areas import Area
from oms.domain.errors import HubError, Invalid, Stale
from oms.domain.opening_hours import DAYS
from oms.domain.polygons import from_json

pages = Blueprint("stock_points", __name__, url_prefix="/stock")
VIEW, EDIT = "stock.view", "stock.edit"
TEXTS: Final = ("code", "name", "warehouse_code", "owner_code", "division_code", "cut_off", "timezone")


@pages.get("/points")
@requires(VIEW)
def listing() -> str:
    """All stock points."""
    rows = stock_papers.list_points(connection(), hub().clock())
    return render_template("stock/points.html", rows=rows, may=everywhere(EDIT), **names())


@pages.get("/points/new")
@requires(EDIT)
def new() -> str:
    """An empty form."""
    return form_page(None)


@pages.get("/points/<int:point_id>")
@requires(VIEW)
def point(point_id: int) -> str:
    """One stock point to look at and to change."""
    return form_page(point_id)


@pages.post("/points/new")
@pages.post("/points/<int:point_id>")
@requires(EDIT)
def save(point_id: int | None = None) -> Response:
    """Keep what the form says."""
    try:
        _require()
        saved = clicked(save_point)(hub(), point_id, _read(), actor(), seen=request.form.get("seen", ""))
    except HubError as error:
        return make_response(form_page(point_id, _note(error, point_id), typed=True), status_of(error))
    say(_("库存点已保存"))
    return back(url_for("stock_points.point", point_id=saved))


@pages.post("/points/<int:point_id>/state")
@requires(EDIT)
def state(point_id: int) -> Response:
    """Open it, take it out until a moment, or close it."""
    try:
        _require()
        wanted, words = request.form.get("state", ""), request.form.get("words", "").strip()
        moved = clicked(switch_point)(
            hub(), point_id, wanted, moment_of("until"), words, actor(), is_moving=request.form.get("moves") == "1"
        )
    except HubError as error:
        return make_response(form_page(point_id, note_of(error)), status_of(error))
    say(_("状态改好了，%(n)s 张发货单重新选仓", n=moved.fulfilments) if moved.fulfilments else _("状态改好了"))
    return back(url_for("stock_points.point", point_id=point_id))


@pages.get("/pools")
@requires(VIEW)
def pools() -> str:
    """The pools with their points."""
    return _pools()


@pages.post("/pools")
@requires(EDIT)
def keep_pool() -> Response:
    """Make a pool or change one; members are those with a rank."""
    try:
        _require()
        members = []
        geocoder = picked("geocoder")
        for choice in stock_papers.point_choices(connection()):
            rank = request.form.get(f"rank_{choice.id}", "").strip()
            if rank:
                number = read_whole(rank)
                if number is None or number > 999:
                    raise Invalid(f"rank_{choice.id}", _("要写 0 到 999 之间的整数"))
                members.append((choice.id, number))
        given = request.form
        saved = clicked(save_pool)(
            hub(), picked("id"), line("code", 50), line("name"),
            given.get("split_policy", "whole_first"), picked("main_point"), members, actor(),
            seen=given.get("seen", ""),
        )  # fmt: skip
        clicked(set_geocoder)(hub(), saved, geocoder, actor())
    except HubError as error:
        return make_response(_pools(_pool_note(error)), status_of(error))
    say(_("库存池已保存"))
    return back(url_for("stock_points.pools"))


def _note(error: HubError, point_id: int | None) -> Note:
    """Who is told that somebody else was first is told who that was, too."""
    if not isinstance(error, Stale) or point_id is None:
        return note_of(error)
    return Note(_who("point", point_id), _("你填的还在下面。先看现在是什么，要改再改一次"), error.code)


def _pool_note(error: HubError) -> Note:
    pool_id = picked("id") if isinstance(error, Stale) else None
    if pool_id is None:
        return note_of(error)
    return Note(_who("pool", pool_id), _("下面是现在的样子，要改再改一次"), error.code)


def _who(kind: Kind, id_: int) -> str:
    who = who_changed(connection(), kind, id_)
    return _("没存：%(who)s 刚改过这里", who=people_of([who]).get(who, who) or _("别人"))


def _require() -> None:
    """Stock serves every shop."""
    if not everywhere(EDIT):
        abort(403)


def _number(name: str, low: float, high: float) -> float | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = high + 1
    if not low <= number <= high:
        raise Invalid(name, _("要写 %(low)s 到 %(high)s 之间的数", low=low, high=high))
    return number


def _count(name: str, high: int) -> int | None:
    text = request.form.get(name, "").strip()
    number = read_whole(text) if text else None
    if text and (number is None or number > high):
        raise Invalid(name, _("要 0 到 %(high)s 之间的整数", high=high))
    return number


def _account() -> int | None:
    """The warehouse's system; a point gets none only when none is chosen."""
    chosen = request.form.get("account", "").strip()
    if chosen and picked("account") not in {row.id for row in stock_papers.warehouse_accounts(connection())}:
        raise Invalid("account", _("没有这个仓库账号"), _("从列表里选"))
    return picked("account")


def _read() -> PointForm:
    given = request.form
    texts: dict[str, Any] = {name: line(name) for name in TEXTS}
    minutes = _count("query_minutes", 10_080)
    lines, polygon = given.get("areas", ""), given.get("polygon", "")
    hours = read_hours((day, given.get(f"hours_{day}", "")) for day in DAYS)
    return PointForm(
        **texts, kind=given.get("kind", ""), account_id=_account(), hours=hours,
        latitude=_number("latitude", -90, 90), longitude=_number("longitude", -180, 180),
        handling_amount=money("handling", "CNY") if given.get("handling", "").strip() else 0,
        daily_capacity=_count("daily_capacity", 10_000_000), difference_limit=_count("difference_limit", 1_000_000),
        query_every_s=minutes * 60 if minutes else None,
        areas=read_areas(connection(), lines, _count("radius", 1_000_000) or 0, polygon),
        closed_on=read_days(given.get("closed_on", "")),
    )  # fmt: skip


def form_page(point_id: int | None, note: Note | None = None, *, typed: bool = False) -> str:
    """The page of a stock point; of none an empty form."""
    mark = marks_of(connection(), "point", [point_id]).get(point_id, "") if point_id is not None else ""
    found = stock_papers.find_point(connection(), point_id) if point_id is not None else None
    if point_id is not None and found is None:
        abort(404)
    values = request.form.to_dict() if typed else _kept(found) | {"seen": mark}
    return render_template(
        "stock/point.html", head=found[0] if found else None, values=values, note=note, may=everywhere(EDIT),
        accounts=stock_papers.warehouse_accounts(connection()), days=DAYS, moving=_moving(point_id), **names(),
        stops=setting_of(connection(), point_id) if point_id is not None else None,
    )  # fmt: skip


def _moving(point_id: int | None) -> dict[str, int]:
    """By state how many fulfilments would be sourced again were the point switched to it."""
    if point_id is None:
        return {}
    return {state: preview_switch(connection(), point_id, state).fulfilments for state in ("outage", "open")}


def _kept(found: Any) -> dict[str, str]:
    """What the form shows of a stock point."""
    if found is None:
        return {"kind": "warehouse", "timezone": "Asia/Shanghai"}
    head, areas, closed = found
    first = next((area.id for area in areas if area.kind == "radius" and not area.is_excluded), None)
    plain = {name: str(getattr(head, name)) for name in (*TEXTS, "kind")}
    listed = [
        Area(area.kind, area.value, area.division_code, metres=area.metres or 0, is_excluded=area.is_excluded)
        for area in areas
        if area.kind in ("division", "list") or (area.kind == "radius" and area.id != first)
    ]
    drawn = [
        Area("polygon", shape=ring, is_excluded=area.is_excluded, holes=holes)
        for area in areas if area.kind == "polygon"
        for ring, holes in [from_json(area.shape or ())]
    ]  # fmt: skip
    optional = {name: getattr(head, name) for name in ("latitude", "longitude", "daily_capacity", "difference_limit")}
    optional["radius"] = next((area.metres for area in areas if area.id == first), None)
    optional["query_minutes"] = head.query_every_s // 60 if head.query_every_s else None
    return plain | {
        **{name: str(value) for name, value in optional.items() if value is not None},
        **{f"hours_{day}": "-".join(span) for day, span in head.hours.items()},
        "account": str(head.account_id or ""),
        "handling": f"{head.handling_amount / 100:.2f}",
        "areas": written(listed),
        "polygon": written_polygons(drawn),
        "closed_on": "\n".join(day.isoformat() for day in closed),
    }


def _pools(note: Note | None = None) -> str:
    marks = marks_of(connection(), "pool", stock_papers.pool_ids(connection()))
    return render_template(
        "stock/pools.html", rows=stock_papers.list_pools(connection()), marks=marks, note=note, may=everywhere(EDIT),
        points=stock_papers.point_choices(connection()), kinds_of=POLICIES,
        geocoders=stock_papers.geocoder_accounts(connection()), **names(),
    )  # fmt: skip
