"""打包 · 一张发货单: check units, ship parcels, report short, refuse, answer a stop; its slip for paper."""

from __future__ import annotations

import re
from decimal import Decimal

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.intercept.emergency import stop_keeping
from oms.app.kernel.queries import packing as queries
from oms.app.kernel.receivers import open_receiver, unmask
from oms.app.pipeline.labels import packages as labels_packages
from oms.app.pipeline.labels.acknowledged import relabelling_of
from oms.app.pipeline.labels.packages import MOST
from oms.app.pipeline.packing import desk as packing
from oms.app.pipeline.packing import waves as packing_waves
from oms.app.pipeline.packing.desk import AT_WORK
from oms.app.pipeline.packing.parcels import PackedParcel
from oms.console.context import actor, close_connection, connection, hub, person
from oms.console.forms import read_whole, reason, whole
from oms.console.messages import _
from oms.console.notes import Note
from oms.console.packing import desk as work_list
from oms.console.packing.barcodes import barcode
from oms.console.packing.places import (
    RECEIVER,
    SWAP,
    WORK,
    attempt,
    choices_of,
    my_points,
    new_key,
    teller,
    the_work,
)
from oms.console.security import requires
from oms.domain.errors import Invalid
from oms.domain.numbers import document_no

pages = Blueprint("packing_work", __name__, url_prefix="/packing")
WEIGHT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?", re.ASCII)


@pages.get("/<int:fulfilment_id>")
@requires(WORK)
def show(fulfilment_id: int) -> str:
    """One fulfilment at the packing table."""
    return render(fulfilment_id)


@pages.post("/<int:fulfilment_id>/scan")
@requires(WORK)
def scan(fulfilment_id: int) -> Response:
    """Count a scanned unit; the number of another fulfilment leads there."""
    the_work(fulfilment_id)
    code = request.form.get("code", "").strip()
    other = work_list.find(code)
    if other is not None and other != fulfilment_id:
        return redirect(url_for("packing_work.show", fulfilment_id=other), 303)
    if other == fulfilment_id:
        return _again(fulfilment_id)
    points = my_points()
    return attempt(
        lambda: packing_waves.check_unit(hub(), fulfilment_id, code, actor(), points), "",
        lambda: _again(fulfilment_id), lambda note: render(fulfilment_id, note),
    )  # fmt: skip


@pages.post("/<int:fulfilment_id>/scan/again")
@requires(WORK)
def scan_again(fulfilment_id: int) -> Response:
    """Check the parcel from the beginning."""
    points = my_points()
    return attempt(
        lambda: packing_waves.check_again(hub(), fulfilment_id, points), _("从头扫"),
        lambda: _again(fulfilment_id), lambda note: render(fulfilment_id, note),
    )  # fmt: skip


@pages.post("/<int:fulfilment_id>/accept")
@requires(WORK)
def accept(fulfilment_id: int) -> Response:
    """Begin with it."""
    told = teller()
    return attempt(
        lambda: packing.accept(hub(), fulfilment_id, told), _("已接单"),
        lambda: _again(fulfilment_id), lambda note: render(fulfilment_id, note),
    )  # fmt: skip


@pages.post("/<int:fulfilment_id>/ship")
@requires(WORK)
def ship(fulfilment_id: int) -> Response:
    """A parcel is handed over; with `more` another will follow."""
    found, told = the_work(fulfilment_id), teller()
    final = "more" not in request.form

    def act() -> None:
        parcel = _parcel()
        if (
            final
            and parcel.items
            and sum(parcel.items.values()) < sum(line.open for line in found.lines)
            and "short" not in request.form
        ):
            raise Invalid("items", _("还有货没装进来"), _("点「还有下一件」，或勾上「其余缺货」"))
        packing.ship(hub(), fulfilment_id, [parcel], told, final=final)

    def then() -> Response:
        after = queries.works(connection(), my_points(), [fulfilment_id])
        if after and after[0].status == "part_shipped":
            return _again(fulfilment_id)
        return redirect(url_for("packing.listing", point=found.work.stock_point_id), 303)

    number = document_no("fulfilment", fulfilment_id, found.work.version)
    words = _("%(no)s 已发出", no=number) if final else _("这一件已发出，扫下一件")
    return attempt(act, words, then, lambda note: render(fulfilment_id, note))


@pages.post("/<int:fulfilment_id>/package")
@requires(WORK)
def add_package(fulfilment_id: int) -> Response:
    """Take the number of a further package, so that its label can be printed."""
    package, points = whole("package", low=2, high=MOST), my_points()
    return attempt(
        lambda: labels_packages.add_package(hub(), fulfilment_id, package, actor(), points),
        _("正在取第 %(n)s 件的面单号，取到就能打", n=package), lambda: _again(fulfilment_id),
        lambda note: render(fulfilment_id, note),
    )  # fmt: skip


@pages.post("/<int:fulfilment_id>/short")
@requires(WORK)
def short(fulfilment_id: int) -> Response:
    """Units that cannot be found."""
    told = teller()

    def act() -> None:
        lack = _units("lack")
        if not lack:
            raise Invalid("lack", _("填缺了几件"))
        left = whole("left", low=0, high=1_000_000) if request.form.get("left", "").strip() else None
        packing.report_short(hub(), fulfilment_id, lack, told, left=left)

    return attempt(
        act, _("已报缺货，缺的重新选仓"), lambda: _again(fulfilment_id), lambda note: render(fulfilment_id, note)
    )


@pages.post("/<int:fulfilment_id>/refuse")
@requires(WORK)
def refuse(fulfilment_id: int) -> Response:
    """The point does not send it."""
    told = teller()
    return attempt(
        lambda: packing.refuse(hub(), fulfilment_id, reason(), told), _("已拒单，重新选仓"),
        lambda: _again(fulfilment_id), lambda note: render(fulfilment_id, note),
    )  # fmt: skip


@pages.post("/<int:fulfilment_id>/stop")
@requires(WORK)
def answer_stop(fulfilment_id: int) -> Response:
    """Put aside, or gone already."""
    told, stopped = teller(), request.form.get("answer") == "stopped"
    words = _("已截下，放到截停区") if stopped else _("已记下：货已发出")
    point = the_work(fulfilment_id).work.stock_point_id
    return attempt(
        lambda: packing.answer_stop(hub(), fulfilment_id, stopped, told), words,
        lambda: redirect(url_for("packing.listing", point=point), 303), lambda note: render(fulfilment_id, note),
    )  # fmt: skip


@pages.get("/<int:fulfilment_id>/slip")
@requires(RECEIVER)
def slip(fulfilment_id: int) -> Response:
    """装箱单 with the receiver, for paper; whoever prints it stands in the order's timeline."""
    found = the_work(fulfilment_id)
    close_connection()
    with hub().begin() as writing:
        person_, words = open_receiver(hub(), writing, found.work.lead_order_id)
        unmask(hub(), writing, found.work.lead_order_id, actor(), _("打印装箱单"))
    setting = queries.setting_of(connection(), found.work.stock_point_id)
    page = render_template(
        "packing/slip.html", d=found, f=found.work, receiver=person_, message=words.get("message", ""), setting=setting,
        bars=barcode, number=document_no("fulfilment", fulfilment_id, found.work.version),
    )  # fmt: skip
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def render(fulfilment_id: int, note: Note | None = None) -> str:
    """The page of a fulfilment."""
    found = the_work(fulfilment_id)
    relabelling = relabelling_of(connection(), fulfilment_id)
    is_halted = stop_keeping(connection(), fulfilment_id, ()) is not None
    is_open = found.work.status in AT_WORK and found.work.stop != "asked" and not is_halted
    may_swap = is_open and person().allows(SWAP)
    return render_template(
        "packing/work.html", d=found, f=found.work, note=note, key=new_key(), is_open=is_open,
        number=document_no("fulfilment", fulfilment_id, found.work.version), typed=request.form,
        is_checked=is_open and all(line.packed >= line.open for line in found.lines),
        has_scans=any(line.packed for line in found.lines), carriers=queries.carriers(connection()),
        setting=queries.setting_of(connection(), found.work.stock_point_id), may_print=person().allows(RECEIVER),
        swaps=choices_of(found) if may_swap else {}, relabelling=relabelling, is_halted=is_halted,
        packages=labels_packages.packages(connection(), fulfilment_id), most=MOST,
    )  # fmt: skip


def _again(fulfilment_id: int) -> Response:
    return redirect(url_for("packing_work.show", fulfilment_id=fulfilment_id), 303)


def _parcel() -> PackedParcel:
    """The parcel of the form; without units it holds everything that is open."""
    items = _units("units")
    written = request.form.get("weight", "").strip()
    if written and not WEIGHT.fullmatch(written):
        raise Invalid("weight", _("重量写成 1.25 这样的千克数"))
    grams = int(Decimal(written) * 1000) if written else None
    waybill = request.form.get("waybill", "").strip()
    return PackedParcel(request.form.get("carrier", "").strip(), waybill, items, grams)


def _units(prefix: str) -> dict[str, int]:
    """Units by SKU code of fields like `units:CODE`."""
    found = {}
    for name, written in request.form.items():
        if name.startswith(f"{prefix}:") and written.strip() not in ("", "0"):
            units = read_whole(written.strip())
            if units is None:
                raise Invalid(prefix, _("件数要写成整数"))
            found[name.removeprefix(f"{prefix}:")] = units
    return found
