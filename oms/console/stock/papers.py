"""库存 · 采购入库, 调拨, 调整: documents that move stock, made and confirmed by people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries import stock_papers as kept
from oms.app.stock import receipts, transfers
from oms.app.stock.adjusting import MOST_LINES, Change, adjust
from oms.app.stock.confirming import Confirm, Units
from oms.app.stock.once import Request, requests_of
from oms.app.stock.receipts import NewReceipt
from oms.app.stock.told import PEOPLES
from oms.app.stock.transfers import NewTransfer
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub
from oms.console.forms import moment_of, read_whole
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.console.stock.words import KINDS, names
from oms.domain import lifecycle
from oms.domain.errors import HubError, Invalid
from oms.domain.lifecycle_stock import GOODS_RECEIPT, STOCK_MACHINES

pages = Blueprint("stock_papers", __name__, url_prefix="/stock")
VIEW, MOVE = "stock.view", "stock.move"
_LINE = re.compile(r"(\S+)[\s,，]+([+-]?\d{1,9})")
TERMS: Final = {name: words for machine in (*STOCK_MACHINES, lifecycle.TRANSFER) for name, words in machine.terms.items()}


@pages.get("/receipts")
@requires(VIEW)
def receipts_list() -> str:
    """Purchase receipts."""
    return _list("receipts")


@pages.get("/transfers")
@requires(VIEW)
def transfers_list() -> str:
    """Transfers between stock points."""
    return _list("transfers")


@pages.get("/adjustments")
@requires(VIEW)
def adjustments_list() -> str:
    """Adjustments by people."""
    return _list("adjustments")


@pages.post("/receipts")
@requires(MOVE)
def make_receipt() -> Response:
    """Expect goods of a supplier."""
    given = request.form
    try:
        _require()
        told = {name: given.get(name, "").strip() for name in ("stock_point", "purchase_no", "supplier_name", "words")}
        wanted = NewReceipt(**told, lines=_lines("lines"), expected_at=moment_of("expected_at"))
        id_ = clicked(receipts.create_receipt)(hub(), wanted, actor(), _once("receipt")).id
    except HubError as error:
        return make_response(_list("receipts", note_of(error)), status_of(error))
    return back(url_for("stock_papers.receipt", id_=id_))


@pages.post("/transfers")
@requires(MOVE)
def make_transfer() -> Response:
    """Plan goods to go from one stock point to another."""
    given = request.form
    try:
        _require()
        wanted = NewTransfer(
            given.get("from_point", ""), given.get("to_point", ""), _lines("lines"), given.get("kind", "good")
        )
        id_ = clicked(transfers.create_transfer)(hub(), wanted, actor(), _once("transfer")).id
    except HubError as error:
        return make_response(_list("transfers", note_of(error)), status_of(error))
    return back(url_for("stock_papers.transfer", id_=id_))


@pages.post("/adjustments")
@requires(MOVE)
def make_adjustment() -> Response:
    """Correct levels."""
    given = request.form
    try:
        _require()
        kind, to_kind = given.get("kind", "good"), given.get("to_kind", "")
        changes = [Change(sku, units, kind) for sku, units in _lines("lines").items()]
        if to_kind and to_kind != kind:
            changes += [Change(change.sku_code, -change.units, to_kind) for change in changes]
        _check_number(changes)
        told = given.get("difference_class", ""), given.get("words", "").strip()
        clicked(adjust)(hub(), given.get("stock_point", ""), changes, *told, actor(), _once("adjustment"))
    except HubError as error:
        return make_response(_list("adjustments", note_of(error)), status_of(error))
    say(_("库存已调整"))
    return back(url_for("stock_papers.adjustments_list"))


@pages.get("/receipts/<int:id_>")
@requires(VIEW)
def receipt(id_: int) -> str:
    """One receipt with its lines."""
    return _paper("goods_receipt", id_)


@pages.get("/transfers/<int:id_>")
@requires(VIEW)
def transfer(id_: int) -> str:
    """One transfer with its lines."""
    return _paper("transfer", id_)


@pages.post("/receipts/<int:id_>/<any(receive, close, cancel):act>")
@requires(MOVE)
def work_receipt(id_: int, act: str) -> Response:
    """Receive, end or call off a receipt."""
    try:
        _require()
        if act == "receive":
            clicked(receipts.receive)(hub(), id_, _confirm())
        elif act == "close":
            classes = {
                line: value for name, value in request.form.items()
                if (line := read_whole(name.removeprefix("class_"))) is not None and name.startswith("class_")
            }  # fmt: skip
            clicked(receipts.close_receipt)(hub(), id_, classes, actor())
        else:
            clicked(receipts.cancel_receipt)(hub(), id_, actor())
    except HubError as error:
        return make_response(_paper("goods_receipt", id_, note_of(error)), status_of(error))
    say(_("记好了"))
    return back(url_for("stock_papers.receipt", id_=id_))


@pages.post("/transfers/<int:id_>/<any(send, receive, close):act>")
@requires(MOVE)
def work_transfer(id_: int, act: str) -> Response:
    """Send, receive or end a transfer."""
    try:
        _require()
        if act == "close":
            told = request.form.get("difference_class", "")
            clicked(transfers.close_transfer)(hub(), id_, told, actor())
        else:
            book = transfers.send if act == "send" else transfers.receive
            clicked(book)(hub(), id_, _confirm())
    except HubError as error:
        return make_response(_paper("transfer", id_, note_of(error)), status_of(error))
    say(_("记好了"))
    return back(url_for("stock_papers.transfer", id_=id_))


def _once(kind: str) -> list[Request]:
    """The form's key keeps two clicks from making two documents."""
    asked = {name: value for name, value in request.form.items() if name not in ("csrf_token", "key")}
    return requests_of(kind, actor(), asked, key=request.form.get("key", "")[:64])


def _confirm() -> Confirm:
    """The units of the form's lines, by SKU and kind; the form's key keeps two clicks from booking twice."""
    lines = []
    for name, text in request.form.items():
        kind, _dot, sku = name.partition(".")
        sku_id = read_whole(sku)
        if kind not in KINDS or sku_id is None or not text.strip():
            continue
        units = read_whole(text.strip())
        if units is None or units > 100_000_000:
            raise Invalid(name, _("件数要写整数"))
        if units:
            lines.append(Units(sku_id, kind, units))
    is_final = request.form.get("is_final") == "1"
    if not lines and not is_final:
        raise Invalid("units", _("一件也没写"))
    key = f"console|{request.form.get('key', '')[:64]}"
    at = moment_of("at") or hub().clock()
    takes_more, seen = request.form.get("takes_more") == "1", read_whole(request.form.get("seen", ""))
    return Confirm(key, at, is_final, tuple(lines), actor(), seen or 0, takes_more)


def _lines(name: str) -> dict[str, int]:
    """Units by SKU code: one SKU a line, its code and its units."""
    lines: dict[str, int] = {}
    for line in request.form.get(name, "").splitlines():
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise Invalid(name, _("每行写货品编码和件数，看不懂：%(line)s", line=line.strip()[:40]))
        lines[found[1]] = lines.get(found[1], 0) + int(found[2])
    return lines


def _check_number(changes: Sequence[Change]) -> None:
    """Refuse an adjustment of nothing, or of too much, by the field where its lines are written."""
    if not changes:
        raise Invalid("lines", _("一件也没写"))
    if len(changes) > MOST_LINES:
        raise Invalid("lines", _("一次最多 %(n)s 行", n=MOST_LINES))


def _require() -> None:
    """Stock serves every shop."""
    if not everywhere(MOVE):
        abort(403)


def _list(kind: str, note: Note | None = None) -> str:
    state, before = request.args.get("state", ""), read_whole(request.args.get("before", "")) or kept.LAST
    machine = {"receipts": GOODS_RECEIPT, "transfers": lifecycle.TRANSFER}.get(kind)
    state = state if machine is not None and state in machine.states else ""
    rows: Any
    if kind == "receipts":
        rows = kept.list_receipts(connection(), state, before)
    elif kind == "transfers":
        rows = kept.list_transfers(connection(), state, before)
    else:
        rows = kept.list_adjustments(connection(), before)
    return render_template(
        f"stock/{kind}.html", rows=rows, state=state, states=machine.terms if machine else {}, note=note,
        points=kept.point_choices(connection()), may=everywhere(MOVE), terms=TERMS, peoples=PEOPLES, key=uuid4().hex,
        following=rows[-1].id if len(rows) == kept.SIZE else 0, typed=request.form, **names(),
    )  # fmt: skip


def _paper(kind: str, id_: int, note: Note | None = None) -> str:
    paper = kept.papers_of(connection(), kind, id_)
    if paper is None:
        abort(404)
    classes = receipts.CLASSES if kind == "goods_receipt" else ("lost", "damaged", "mistake", "other")
    return render_template(
        "stock/receipt.html" if kind == "goods_receipt" else "stock/transfer.html", **paper, note=note, terms=TERMS,
        may=everywhere(MOVE), key=uuid4().hex, classes_of=classes, **names(),
    )  # fmt: skip
