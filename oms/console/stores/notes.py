"""门店 · 到货与退运: delivery notes received by scanning, findings cleared up, transfers sent and taken back."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from oms.app.kernel.queries import stores as queries
from oms.app.kernel.queries.store_returns import goods_on
from oms.app.pipeline.stores import notes, photos, sending_back
from oms.app.pipeline.stores.stops import kept_notes, kept_parcels
from oms.console.context import actor, connection, hub
from oms.console.forms import read_whole
from oms.console.messages import _
from oms.console.notes import Note, say
from oms.console.security import requires
from oms.console.stores.tasks import LEAD, WORK, attempt, doing, my_points, my_stores, show
from oms.console.stores.words import CONDITIONS
from oms.domain.errors import Invalid

pages = Blueprint("stores_notes", __name__, url_prefix="/stores")
FROM_STORE: Final = "from_point_id"


@pages.get("/arrivals")
@requires(WORK)
def arrivals() -> str:
    """Delivery notes on their way, and what is to clear up."""
    stores, point = my_stores()
    rows = queries.notes(connection(), [point.id]) if point else []
    return show("arrivals.html", "arrivals", point, stores, None, rows=rows)


@pages.get("/notes/<int:note_id>")
@requires(WORK)
def note(note_id: int) -> str:
    """A delivery note with its parcels."""
    return _note(note_id)


def _note(note_id: int, wrong: Note | None = None) -> str:
    found = queries.note(connection(), note_id, my_points())
    if found is None:
        abort(404)
    head, rows = found
    stores = queries.points(connection(), my_points())
    point = next((store for store in stores if store.id == head.to_point_id), None)
    coming = [row.id for row in rows if head.status == "sent" and row.result == "open"]
    kept = kept_notes(connection(), [note_id]) or kept_parcels(connection(), coming)
    return show("note.html", "arrivals", point, stores, wrong, head=head, rows=rows, is_ours=point is not None, kept=kept)


@pages.post("/notes/<int:note_id>/receive")
@requires(WORK)
def receive(note_id: int) -> BaseResponse:
    """A parcel was scanned; with what is wrong about it, and a picture, when it is damaged."""
    head = _head(note_id)
    click, form = doing(head.to_point_id), request.form

    def act() -> None:
        damage = form.get("damage", "").strip()
        picture = request.files.get("photo")
        body = picture.read(photos.MOST_BYTES + 1) if picture and picture.filename else b""
        if body and not damage:
            raise Invalid("damage", "say what is wrong with it", "pictures are kept of damaged parcels")
        kind = photos.kind_of(body) if body else ""
        parcel_id = notes.receive_parcel(
            hub(), click, note_id, form.get("code", ""), damage=damage, shelf=form.get("shelf", "").strip()
        )
        if body:
            photos.keep(hub(), parcel_id, kind, body, actor())

    return attempt(act, _("收到 %(code)s", code=form.get("code", "").strip()[:60]),
                   url_for("stores_notes.note", note_id=note_id), lambda wrong: _note(note_id, wrong))  # fmt: skip


@pages.post("/notes/<int:note_id>/finish")
@requires(WORK)
def finish(note_id: int) -> BaseResponse:
    """Everything that came is scanned: the rest is missing."""
    head = _head(note_id)
    click = doing(head.to_point_id)

    def act() -> None:
        missing = notes.finish_receiving(hub(), click, note_id)
        say(
            _("收完了，缺 %(n)s 件，已记差异", n=missing) if missing else _("收完了，一件不少"),
            "warn" if missing else "ok",
        )

    return attempt(act, "", url_for("stores_notes.note", note_id=note_id), lambda wrong: _note(note_id, wrong))


@pages.post("/notes/<int:note_id>/findings/<int:finding_id>")
@requires(LEAD)
def resolve(note_id: int, finding_id: int) -> BaseResponse:
    """Clear up one finding."""
    head = _head(note_id)
    click, resolution = doing(head.to_point_id), request.form.get("resolution", "")
    return attempt(
        lambda: notes.resolve_finding(hub(), click, finding_id, resolution), _("差异处理好了"),
        url_for("stores_notes.note", note_id=note_id), lambda wrong: _note(note_id, wrong),
    )  # fmt: skip


@pages.get("/photos/<int:photo_id>")
@requires(WORK)
def photo(photo_id: int) -> Response:
    """A picture of a damaged parcel."""
    found = photos.load(connection(), photo_id, my_points())
    if found is None:
        abort(404)
    return Response(found[1], mimetype=found[0], headers={"Content-Security-Policy": "sandbox"})


@pages.get("/back")
@requires(WORK)
def back() -> str:
    """What goes back to warehouses."""
    stores, point = my_stores()
    rows = queries.transfers(connection(), [point.id], from_here=True) if point else []
    return show("back.html", "back", point, stores, None, rows=rows)


@pages.get("/transfers/<int:transfer_id>")
@requires(WORK)
def transfer(transfer_id: int) -> str:
    """A transfer with its parcels."""
    return _transfer(transfer_id)


def _transfer(transfer_id: int, wrong: Note | None = None) -> str:
    found = queries.transfer(connection(), transfer_id, my_points())
    if found is None:
        abort(404)
    head, rows = found
    mine = my_points()
    stores = queries.points(connection(), mine)
    point = next((store for store in stores if store.id == head.from_point_id), None)
    return show("transfer.html", "back", point, stores, wrong, head=head, rows=rows,
                goods=goods_on(connection(), transfer_id), conditions=CONDITIONS,
                sends=head.from_point_id in mine, takes=head.to_point_id in mine)  # fmt: skip


@pages.post("/transfers/<int:transfer_id>/send")
@requires(WORK)
def send(transfer_id: int) -> BaseResponse:
    """Hand it to whoever drives."""
    click = doing(_transfer_head(transfer_id).from_point_id)
    waybill = request.form.get("waybill", "")
    return attempt(
        lambda: sending_back.send_transfer(hub(), click, transfer_id, waybill), _("退运单已发出"),
        url_for("stores_notes.back", point=click.point_id), lambda wrong: _transfer(transfer_id, wrong),
    )  # fmt: skip


@pages.post("/transfers/<int:transfer_id>/receive")
@requires(WORK)
def take_back(transfer_id: int) -> BaseResponse:
    """A parcel is at its warehouse again."""
    click = doing(_transfer_head(transfer_id).to_point_id)
    code, result = request.form.get("code", ""), request.form.get("result", "received")
    return attempt(
        lambda: sending_back.receive_back(hub(), click, transfer_id, code, result), _("收到 %(code)s", code=code[:60]),
        url_for("stores_notes.transfer", transfer_id=transfer_id), lambda wrong: _transfer(transfer_id, wrong),
    )  # fmt: skip


@pages.post("/transfers/<int:transfer_id>/goods/<int:line_id>")
@requires(WORK)
def take_goods(transfer_id: int, line_id: int) -> BaseResponse:
    """Goods that a buyer had brought back are at their warehouse."""
    click, form = doing(_transfer_head(transfer_id).to_point_id), request.form
    good, defective = (read_whole(form.get(name, "")) for name in ("good", "defective"))

    def act() -> None:
        if good is None or defective is None:
            raise Invalid("units", _("写整数，没有就写 0"))
        sending_back.receive_returned(hub(), click, transfer_id, line_id, good, defective)

    return attempt(act, _("退货入库了"), url_for("stores_notes.transfer", transfer_id=transfer_id),
                   lambda wrong: _transfer(transfer_id, wrong))  # fmt: skip


@pages.get("/carry")
@requires(WORK)
def carry() -> str:
    """For warehouses: notes to send to stores, and transfers that come back."""
    mine = my_points()
    notes_out = queries.notes(connection(), mine, from_here=True)
    coming = queries.transfers(connection(), mine, from_here=False)
    kept = kept_notes(connection(), [row.id for row in notes_out if row.status == "open"])
    return show("carry.html", "carry", None, [], None, notes=notes_out, coming=coming, kept=kept)


@pages.post("/notes/<int:note_id>/send")
@requires(WORK)
def send_note(note_id: int) -> BaseResponse:
    """The warehouse hands a note over."""
    click = doing(_head(note_id).from_point_id)
    return attempt(
        lambda: notes.send_note(hub(), click, note_id), _("配送单已发车"), url_for("stores_notes.carry"),
        lambda wrong: _note(note_id, wrong),
    )  # fmt: skip


def _head(note_id: int) -> Any:
    found = queries.note(connection(), note_id, my_points())
    if found is None:
        abort(404)
    return found[0]


def _transfer_head(transfer_id: int) -> Any:
    found = queries.transfer(connection(), transfer_id, my_points())
    if found is None:
        abort(404)
    return found[0]
