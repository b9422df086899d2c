"""代销分销: partners, what was settled with them, statements; and the settlement of an order's lines on its page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.capture.sheets import write_csv
from oms.app.finance import partner_ledger as ledger
from oms.app.finance import partners
from oms.app.finance.settling_by_hand import price_missing, set_amount
from oms.app.kernel.queries.order_page import load_order
from oms.app.kernel.queries.pages import AnyRow
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub, person, shops
from oms.console.forms import money, read_whole, reason, ticked
from oms.console.messages import _, _l
from oms.console.notes import Note, back, note_of, say, say_refused, status_of
from oms.console.rendering import now
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid, NotFound
from oms.domain.money import format_amount

pages = Blueprint("partners", __name__, url_prefix="/finance/partners")
VIEW, EDIT, STATE = "partner.view", "partner.edit", "partner.state"
KINDS: Final = {"agent": _l("代销"), "distributor": _l("分销商")}
SHIPS: Final = {"us": _l("我们发"), "partner": _l("合作方自发"), "sku": _l("按货品分")}
DEDUCTS: Final = {"refunded": _l("退款了就扣"), "returned": _l("退货入库了才扣"), "never": _l("不扣")}
ENTRIES: Final = {"sale": _l("发出"), "return": _l("退回"), "change": _l("改价")}
BASES: Final = {"document": _l("单上写的"), "price": _l("价目"), "list": _l("标价的百分比"), "paid": _l("实付的百分比"),
                "person": _l("人工定的")}  # fmt: skip
SIZE: Final = 100
MOST: Final = 100_000


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """All partners, those in force first."""
    _require(VIEW)
    return render_template("partners/list.html", rows=partners.partners_of(connection()), **_words())


@pages.get("/new")
@requires(EDIT)
def new() -> str:
    """The form of a new partner."""
    _require(EDIT)
    return _render_form(None)


@pages.get("/<int:partner_id>/edit")
@requires(EDIT)
def edit(partner_id: int) -> str:
    """The form of one that is to change."""
    _require(EDIT)
    return _render_form(_partner(partner_id))


@pages.post("/save")
@requires(EDIT)
def save() -> Response:
    """Add a partner, or change the one that the form names."""
    _require(EDIT)
    partner_id = read_whole(request.form.get("partner", ""))
    try:
        id_ = clicked(partners.save_partner)(hub(), partner_id, _typed(), ticked("shop"), actor())
    except HubError as error:
        row = _partner(partner_id) if partner_id is not None else None
        return make_response(_render_form(row, note_of(error)), status_of(error))
    say(_("合作方已保存；只影响之后进来的单"))
    return back(url_for("partners.show", partner_id=id_))


@pages.get("/<int:partner_id>")
@requires(VIEW)
def show(partner_id: int) -> str:
    """What was settled with a partner."""
    _require(VIEW)
    return _render(_partner(partner_id))


@pages.post("/<int:partner_id>/statements")
@requires(STATE)
def close(partner_id: int) -> Response:
    """State everything up to the end of a day."""
    _require(STATE)
    row = _partner(partner_id)
    try:
        clicked(ledger.close_statement)(hub(), partner_id, _day(request.form.get("until", "")), actor())
    except HubError as error:
        return make_response(_render(row, note_of(error)), status_of(error))
    say(_("结算单出好了；之后补进来的算在下一张"))
    return back(url_for("partners.show", partner_id=partner_id))


@pages.post("/<int:partner_id>/price")
@requires(EDIT)
def price(partner_id: int) -> Response:
    """Look for prices of lines that have none."""
    _require(EDIT)
    _partner(partner_id)
    found = clicked(price_missing)(hub(), partner_id, actor())
    say(_("补了 %(n)s 行的结算价", n=found) if found else _("没有补上的：先给这些货品导入下单时有效的结算价"))
    return back(url_for("partners.show", partner_id=partner_id))


@pages.get("/<int:partner_id>/entries.csv")
@requires(VIEW)
def export(partner_id: int) -> Response:
    """The entries of the days or of the statement that the page shows, as a file."""
    _require(VIEW)
    row = _partner(partner_id)
    first, last, number = _asked()
    heading = [_("时间"), _("店铺"), _("订单"), _("合作方单号"), _("行"), _("货品编码"), _("商品"), _("种类"), _("件"),
               _("金额"), _("币种"), _("结算单")]  # fmt: skip
    entries = ledger.entries_of(connection(), partner_id, first=first, last=last, number=number, size=MOST)
    body = write_csv([heading, *[_cells(entry) for entry in entries]])
    answer = make_response(body)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f"attachment; filename=settlement-{row.id}.csv"
    return answer


@pages.post("/orders/<int:order_id>")
@requires(EDIT)
def settle(order_id: int) -> Response:
    """Settle a line of an order at another amount."""
    order = load_order(connection(), order_id)
    if order is None or order.shop_id not in shops(EDIT):
        abort(404)
    try:
        line_no = request.form.get("line", "")[:100]
        whose, _lines = partners.settled_lines(connection(), order_id)
        currency = (whose.currency if whose else None) or order.currency
        clicked(set_amount)(hub(), order_id, line_no, money("amount", currency), reason(), actor())
    except HubError as error:
        say_refused(error)
    else:
        say(_("结算金额已改，记进时间线"))
    return back(url_for("order.show", order_id=order_id) + "#settlement")


def settled_of(order: AnyRow) -> dict[str, Any]:
    """What the page of an order shows of its partner and of what its lines are settled at."""
    whose, lines = partners.settled_lines(connection(), order.id)
    if not person().allows(VIEW, order.shop_id):
        lines = []  # Whose it is everybody may know, not what it is settled at.
    return {"partner": whose, "settled_lines": lines, "may_settle": person().allows(EDIT, order.shop_id), **_words()}


def _words() -> dict[str, Any]:
    return {"partner_kinds": KINDS, "ships": SHIPS, "deducts": DEDUCTS, "entry_kinds": ENTRIES, "bases": BASES}


def _require(permission: str) -> None:
    """A partner's orders may be of any shop, so only those see its sums who may in all of them."""
    if not everywhere(permission):
        abort(403)


def _partner(partner_id: int) -> AnyRow:
    try:
        return partners.partner_of(connection(), partner_id)
    except NotFound:
        abort(404)


def _cells(entry: AnyRow) -> list[str]:
    return [
        entry.at.astimezone(ledger.ZONE).strftime("%Y-%m-%d %H:%M"), entry.shop, entry.external_no, entry.reference,
        entry.line_no, entry.sku, entry.title, str(ENTRIES[entry.kind]), str(entry.units),
        format_amount(entry.amount, entry.currency).replace(",", ""), entry.currency, str(entry.statement or ""),
    ]  # fmt: skip


def _typed() -> partners.PartnerForm:
    form = request.form
    texts = ("code", "name", "kind", "currency", "ships", "deducts", "sender_name", "sender_phone")
    flags = ("needs_price", "settles_own", "is_stopped")
    said: dict[str, Any] = {name: form.get(name, "").strip()[:200] for name in texts}
    return partners.PartnerForm(**said | {name: name in form for name in flags})


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise Invalid("until", _("要选一天")) from None


def _asked() -> tuple[date | None, date | None, int | None]:
    """The days asked for, this month so far when none are; or the statement."""
    number = read_whole(request.args.get("statement", ""))
    if number is not None:
        return None, None, number
    today = now().astimezone(ledger.ZONE).date()
    first, last = (request.args.get(name, "") for name in ("first", "last"))
    try:
        return date.fromisoformat(first or f"{today:%Y-%m-01}"), date.fromisoformat(last or today.isoformat()), None
    except ValueError:
        return today.replace(day=1), today, None


def _render_form(row: AnyRow | None, note: Note | None = None) -> str:
    typed = request.form if note is not None else None
    mine = ticked("shop") if typed is not None else partners.shops_of(connection(), row.id) if row is not None else []
    return render_template(
        "partners/form.html", row=row, typed=typed, mine=mine, note=note, shops=shops(EDIT), **_words()
    )


def _render(row: AnyRow, note: Note | None = None) -> str:
    first, last, number = _asked()
    entries = ledger.entries_of(connection(), row.id, first=first, last=last, number=number,
                                after=read_whole(request.args.get("after", "")) or 0, size=SIZE)  # fmt: skip
    yesterday = now().astimezone(ledger.ZONE).date() - timedelta(days=1)
    sums = ledger.sums_between(connection(), row.id, first, last) if first and last else ledger.statement_of(
        connection(), row.id, number or 0)  # fmt: skip
    return render_template(
        "partners/partner.html", row=row, note=note, entries=entries, first=first, last=last, number=number, sums=sums,
        more=entries[-1].id if len(entries) == SIZE else 0, statements=ledger.statements_of(connection(), row.id),
        unstated=ledger.open_sums(connection(), row.id, yesterday), yesterday=yesterday,
        unpriced=partners.unpriced(connection(), row.id, now()), may_edit=everywhere(EDIT), may_state=everywhere(STATE),
        **_words(),
    )  # fmt: skip
