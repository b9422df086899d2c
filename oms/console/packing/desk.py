"""打包: open work of warehouses without a system, scanning, and waves to pick together."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.queries import packing as queries
from oms.app.kernel.queries.names import people_names
from oms.app.pipeline.labels.acknowledged import relabellings
from oms.app.pipeline.packing import waves as packing_waves
from oms.app.pipeline.packing.desk import AT_WORK
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, person
from oms.console.forms import chosen_id, read_whole, ticked, whole
from oms.console.messages import _, _l
from oms.console.notes import Note, note_of, say, status_of
from oms.console.packing.barcodes import barcode
from oms.console.packing.places import EDIT, WORK, my_points, new_key, places
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid
from oms.domain.numbers import parse_document_no

pages = Blueprint("packing", __name__, url_prefix="/packing")

VIEWS = {"": _l("全部"), "new": _l("待拣"), "picking": _l("拣货中"), "part": _l("部分发出"), "stops": _l("要截停")}


@pages.get("")
@requires(WORK)
def listing() -> str:
    """Open work of one point, what is to be stopped first."""
    return _render(chosen_id("point"))


@pages.post("/scan")
@requires(WORK)
def scan() -> Response:
    """Open the fulfilment whose number, waybill or order number was scanned."""
    code = request.form.get("code", "").strip()
    point = read_whole(request.form.get("point", ""))
    found = find(code)
    if found is None:
        wrong = Invalid("code", _("你的库存点没有「%(code)s」这张单", code=code[:60]), _("扫发货单号、运单号或平台单号"))
        return make_response(_render(point, note_of(wrong)), status_of(wrong))
    return redirect(url_for("packing_work.show", fulfilment_id=found), 303)


def find(code: str) -> int | None:
    """The fulfilment at the person's points that a scanned code names."""
    number = parse_document_no(code)
    if number is not None and number[0] == "fulfilment":
        return number[1] if queries.works(connection(), my_points(), [number[1]]) else None
    return queries.find_scanned(connection(), my_points(), code) if code else None


@pages.post("/waves")
@requires(WORK)
def make_wave() -> Response:
    """Pick the ticked ones together, or the most urgent."""
    point = read_whole(request.form.get("point", "")) or 0
    try:
        chosen = ticked()
        count = whole("count", high=packing_waves.MOST) if not chosen else 0
        wave = clicked(packing_waves.make_wave)(hub(), point, actor(), my_points(), chosen, count)
    except HubError as error:
        return make_response(_render(point, note_of(error)), status_of(error))
    say(_("波次建好了，可以打拣货单"))
    return redirect(url_for("packing.wave", wave_id=wave), 303)


@pages.get("/waves/<int:wave_id>")
@requires(WORK)
def wave(wave_id: int) -> str:
    """What a wave picks, and how far its fulfilments are."""
    return render_template("packing/wave.html", **_wave(wave_id))


@pages.get("/waves/<int:wave_id>/print")
@requires(WORK)
def print_wave(wave_id: int) -> str:
    """拣货单: by goods, then by fulfilment, for paper."""
    found = _wave(wave_id)
    found["works"] = [row for row in found["works"] if row.status in AT_WORK and row.stop != "asked"]
    lines = queries.wave_lines(connection(), [row.id for row in found["works"]])
    return render_template("packing/picks.html", **found, lines=lines, bars=barcode)


@pages.post("/waves/leave/<int:fulfilment_id>")
@requires(WORK)
def leave_wave(fulfilment_id: int) -> Response:
    """Take a fulfilment out of its wave."""
    clicked(packing_waves.leave_wave)(hub(), fulfilment_id, my_points())
    say(_("已移出波次"))
    return redirect(url_for("packing_work.show", fulfilment_id=fulfilment_id), 303)


def _wave(wave_id: int) -> dict[str, Any]:
    found = queries.load_wave(connection(), my_points(), wave_id)
    if found is None:
        abort(404)
    works = queries.wave_works(connection(), wave_id)
    open_ = [row for row in works if row.status in AT_WORK]
    return {"wave": found, "works": works, "open": open_, "picks": queries.wave_picks(connection(), wave_id)}


def _render(point_id: int | None, note: Note | None = None) -> str:
    points = places()
    point = next((row for row in points if row.id == point_id), points[0] if points else None)
    view = request.args.get("view", "")
    view = view if view in VIEWS else ""
    rows = queries.open_work(connection(), [point.id], view) if point else []
    waves = queries.recent_waves(connection(), point.id) if point else []
    people = [read_whole(row.created_by.removeprefix("user:")) for row in waves]
    return render_template(
        "packing/list.html", points=points, point=point, view=view, views=VIEWS, rows=rows, waves=waves, note=note,
        people=people_names(connection(), [id_ for id_ in people if id_]), key=new_key(),
        may_edit=person().allows(EDIT), relabel=len(relabellings(connection(), my_points())),
    )  # fmt: skip
