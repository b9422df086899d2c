"""售后: open cases by their deadline, and the page of one on which a person decides, pays back or tells a parcel."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.aftersales.deciding import decide_case, goods_received, offered, pay_by_hand, refund_case, ship_exchange
from oms.app.kernel.queries.cases import CasePage, list_carriers, list_cases, load_case
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.queries.store_returns import goods_of, of_case, photo, photos_of
from oms.console.acts import clicked
from oms.console.cases import words as case_words
from oms.console.context import actor, connection, hub, person, shops
from oms.console.forms import money, read_whole
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, status_of
from oms.console.security import requires
from oms.console.stores.words import CONDITIONS, REASONS
from oms.console.telling.events import people_of
from oms.domain.errors import HubError, Invalid

pages = Blueprint("cases", __name__, url_prefix="/cases")

#: Before the name of a fact in the form.
FACT = "fact."


@pages.get("")
@requires("case.view")
def listing() -> str:
    """Open cases, the nearest deadline first; at first those that wait for us."""
    is_waiting = request.args.get("show") != "all"
    page = list_cases(connection(), shops("case.view").ids, is_waiting=is_waiting, cursor=request.args.get("at", ""))
    return render_template(
        "cases/list.html", page=page, shops=shops("case.view"), is_waiting=is_waiting, kind_of=case_words.kind_of
    )


@pages.get("/<int:case_id>")
@requires("case.view")
def show(case_id: int) -> str:
    """One case."""
    return _render(_case(case_id))


@pages.get("/store-photos/<int:photo_id>")
@requires("case.view")
def store_photo(photo_id: int) -> Response:
    """A picture of goods that a buyer brought back to a store."""
    found = photo(connection(), photo_id, (), shops("case.view").ids)
    if found is None:
        abort(404)
    return Response(bytes(found.body), mimetype=found.media_type, headers={"Content-Security-Policy": "sandbox"})


@pages.post("/<int:case_id>/agree")
@requires("case.decide")
def agree(case_id: int) -> Response:
    """Agree to it."""
    return _decide(case_id, True)


@pages.post("/<int:case_id>/refuse")
@requires("case.decide")
def refuse(case_id: int) -> Response:
    """Refuse it."""
    return _decide(case_id, False)


@pages.post("/<int:case_id>/received")
@requires("case.decide")
def received(case_id: int) -> Response:
    """Say that the goods are back."""
    tell = clicked(goods_received)
    return _try(case_id, lambda: tell(hub(), case_id, _facts(), actor(), seen_version=_seen()))


@pages.post("/<int:case_id>/refund")
@requires("case.refund")
def refund(case_id: int) -> Response:
    """Pay the buyer back."""
    case = _case(case_id, "case.refund").case
    pay, words = clicked(refund_case), request.form.get("words", "").strip()

    def act() -> None:
        amount = money("amount", case.currency)
        if request.form.get("sure") != "yes":
            raise Invalid("sure", _("还没确认金额"), _("看清金额，打勾再退"))
        pay(hub(), case_id, amount, words, _facts(), actor(), seen_version=_seen())

    return _try(case_id, act, "case.refund")


@pages.post("/<int:case_id>/by-hand")
@requires("case.refund")
def by_hand(case_id: int) -> Response:
    """Say that the rest of a store's case was paid outside of the hub."""
    pay, words = clicked(pay_by_hand), request.form.get("words", "").strip()
    return _try(case_id, lambda: pay(hub(), case_id, words, actor(), seen_version=_seen()), "case.refund")


@pages.post("/<int:case_id>/exchange")
@requires("case.decide")
def exchange(case_id: int) -> Response:
    """Say in which parcel the goods of an exchange left."""
    tell, carrier, waybill = clicked(ship_exchange), request.form.get("carrier", ""), request.form.get("waybill", "")
    return _try(case_id, lambda: tell(hub(), case_id, carrier, waybill, actor(), seen_version=_seen()))


def _decide(case_id: int, agrees: bool) -> Response:
    tell = clicked(decide_case)
    words = request.form.get("words", "").strip()
    return _try(case_id, lambda: tell(hub(), case_id, agrees, words, _facts(), actor(), seen_version=_seen()))


def _case(case_id: int, permission: str = "case.view") -> CasePage:
    """The case, for people who may use this permission in its shop."""
    found = load_case(connection(), case_id)
    if found is None or found.case.shop_id not in shops("case.view"):
        abort(404)
    if not person().allows(permission, found.case.shop_id):
        abort(403)
    return found


def _try(case_id: int, act: Callable[[], None], permission: str = "case.decide") -> Response:
    """Do it and show the case again; a refusal stays on the page with what was typed."""
    _case(case_id, permission)
    try:
        act()
    except HubError as error:
        return make_response(_render(_case(case_id), note_of(error)), status_of(error))
    is_ours = _case(case_id).case.origin == "store"
    say(_("记下了") if is_ours else _("已交给平台，结果会写在这里"))
    return Response(status=303, headers={"Location": url_for("cases.show", case_id=case_id)})


def _seen() -> int:
    return read_whole(request.form.get("version", "")) or 0


def _facts() -> dict[str, str]:
    """The typed facts: a field for each known one, the others as `name=value`, one a line."""
    fields = {name: request.form[name].strip() for name in request.form if name.startswith(FACT)}
    facts = {name.removeprefix(FACT): value for name, value in fields.items() if value}
    for line in request.form.get("facts", "").splitlines():
        name, equals, value = line.partition("=")
        if line.strip() and not (equals and name.strip()):
            raise Invalid("facts", _("每行写成 名字=值"))
        if line.strip():
            facts[name.strip()] = value.strip()
    return facts


def _render(found: CasePage, note: Note | None = None) -> str:
    case = found.case
    card = hub().masters.get(connection(), hub().clock()).shops.get(case.shop_id)
    vendor = hub().vendors.get(card.vendor) if card else None
    at_store = of_case(connection(), case.id)
    return render_template(
        "cases/case.html",
        d=found,
        case=case,
        shop=shops("case.view").get(case.shop_id),
        note=note,
        verbs=offered(vendor, case, found.told.get("allows", ())),
        carriers=list_carriers(connection()),
        is_on_its_way=found.is_on_its_way,
        refusal=_refusal(found),
        at_store=at_store,
        goods=goods_of(connection(), at_store.id) if at_store else [],
        photos=photos_of(connection(), at_store.id) if at_store else [],
        conditions=CONDITIONS,
        reason_of=lambda code: REASONS.get(code, code),
        links=case_words.links_of(found.told),
        known_facts=case_words.facts_of(vendor),
        kind_of=case_words.kind_of,
        step_of=case_words.step_of,
        people=people_of([step.actor for step in found.steps]),
        may_decide=person().allows("case.decide", case.shop_id),
        may_refund=person().allows("case.refund", case.shop_id),
        may_see_order=case.order_id is not None and person().allows("order.view", case.shop_id),
        typed=request.form,
    )


def _refusal(found: CasePage) -> AnyRow | None:
    return found.answer if found.answer is not None and found.answer.state == "refused" else None
