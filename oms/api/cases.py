"""Cases: the list, one case, and the decisions that people have on its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import jsonify, make_response

from oms.api.access import caller, hub, require_shop, visible_shops
from oms.api.blueprints import BODY, HEADERS, QUERY, Routes
from oms.api.case_schemas import CaseFull, CasePage, CaseQuestion, DecisionIn
from oms.api.idempotency import once
from oms.api.schemas import ActionHeaders
from oms.app.aftersales import deciding
from oms.app.kernel.queries import cases
from oms.app.kernel.queries.pages import AnyRow, read_place
from oms.domain.errors import Forbidden, Invalid, NotFound

VIEW = "case.view"
#: Fields that each decision takes besides `version`, and those among them that it cannot do without.
TAKES: Final[dict[str, tuple[str, ...]]] = {
    "agree": ("reason", "facts"),
    "refuse": ("reason", "facts"),
    "goods-received": ("facts",),
    "refund": ("amount", "reason", "facts"),
    "ship-exchange": ("carrier", "waybill_no"),
}
NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "refuse": ("reason",),
    "refund": ("amount",),
    "ship-exchange": ("carrier", "waybill_no"),
}
ID = "<int(min=1, max=9223372036854775807):case_id>"
VERB = f"<any({', '.join(map(repr, TAKES))}):verb>"
routes = Routes("cases", "After-sales cases: refunds, returns, exchanges")


@routes.get("/cases", VIEW, CasePage, asks=[(QUERY, CaseQuestion)], refuses=[422])
def list_open(asked: dict[str, Any]) -> dict[str, Any]:
    """Open cases, the nearest deadline first, fifty a page; or those of a number."""
    cursor = asked.get("cursor", "")
    if cursor and read_place(cursor) is None:
        raise Invalid("cursor", "this is no cursor of this list", "send `next` of the page before, or nothing")
    with hub().engine.connect() as connection:
        shops = [id_ for id_ in visible_shops(connection, VIEW) if asked.get("shop_id") in (None, id_)]
        page = cases.list_cases(
            connection, shops, is_waiting=asked["waiting"], cursor=cursor, external_no=asked.get("external_no", "")
        )
    return {"cases": page.rows, "next": page.after}


@routes.get(f"/cases/{ID}", VIEW, CaseFull, refuses=[404])
def show_case(case_id: int) -> dict[str, Any]:
    """One case with its lines, history and what may be decided now."""
    return _full(_visible(case_id))


@routes.post(
    f"/cases/{ID}/actions/{VERB}",
    VIEW,
    CaseFull,
    asks=[(HEADERS, ActionHeaders), (BODY, DecisionIn)],
    refuses=[404, 409, 422],
)
def decide(headers: dict[str, str], asked: dict[str, Any], case_id: int, verb: str) -> Any:
    """Decide a case; the platform is told in a moment. Repeating with the same key changes nothing more."""
    found = _visible(case_id)
    permission = "case.refund" if verb == "refund" else "case.decide"
    if not caller().allows(permission, found.case.shop_id):
        raise Forbidden(f"the permission {permission} is missing for this shop", "ask an administrator for it")
    with once(hub(), caller().actor, headers["idempotency_key"], [verb, f"case {case_id}", asked]) as is_new:
        if is_new:
            _check_fields(verb, asked)
            DECIDE[verb](case_id, asked)
    answer = make_response(jsonify(CaseFull().dump(_full(_visible(case_id)))))
    if not is_new:
        answer.headers["Idempotent-Replay"] = "true"
    return answer


def _check_fields(verb: str, asked: dict[str, Any]) -> None:
    for field in asked.keys() - {"version", *TAKES[verb]}:
        raise Invalid(field, f"{verb} takes no such field", "leave it out")
    for field in NEEDS.get(verb, ()):
        value = asked.get(field)
        if value is None or (isinstance(value, str) and len(value.strip()) < 2):
            raise Invalid(field, f"{verb} cannot do without it", f"send {field} in the body")


def _decide(case_id: int, asked: dict[str, Any], agrees: bool) -> None:
    words, facts = asked.get("reason", ""), asked.get("facts", {})
    deciding.decide_case(hub(), case_id, agrees, words, facts, caller().actor, seen_version=asked.get("version"))


def _receive(case_id: int, asked: dict[str, Any]) -> None:
    facts, seen = asked.get("facts", {}), asked.get("version")
    deciding.goods_received(hub(), case_id, facts, caller().actor, seen_version=seen)


def _refund(case_id: int, asked: dict[str, Any]) -> None:
    words, facts, seen = asked.get("reason", ""), asked.get("facts", {}), asked.get("version")
    deciding.refund_case(hub(), case_id, asked["amount"], words, facts, caller().actor, seen_version=seen)


def _ship(case_id: int, asked: dict[str, Any]) -> None:
    carrier, waybill, seen = asked["carrier"], asked["waybill_no"], asked.get("version")
    deciding.ship_exchange(hub(), case_id, carrier, waybill, caller().actor, seen_version=seen)


DECIDE: Final[dict[str, Callable[[int, dict[str, Any]], None]]] = {
    "agree": lambda case_id, asked: _decide(case_id, asked, True),
    "refuse": lambda case_id, asked: _decide(case_id, asked, False),
    "goods-received": _receive,
    "refund": _refund,
    "ship-exchange": _ship,
}


def _visible(case_id: int) -> cases.CasePage:
    with hub().engine.connect() as connection:
        found = cases.load_case(connection, case_id)
    if found is None:
        raise NotFound("there is no such case")
    require_shop(VIEW, found.case.shop_id, "case")
    return found


def _full(found: cases.CasePage) -> dict[str, Any]:
    return {
        **found.case._mapping,
        "lines": [{**line._mapping, "line_no": line.external_no} for line in found.lines],
        "steps": found.steps,
        "evidence": [str(url) for url in found.told.get("urls", ())],
        "can": _can(found),
        "answer": _answer(found.answer),
    }


def _can(found: cases.CasePage) -> list[str]:
    """The decisions as the addresses name them; none while one is on its way."""
    case = found.case
    with hub().engine.connect() as connection:
        card = hub().masters.get(connection, hub().clock()).shops.get(case.shop_id)
    vendor = hub().vendors.get(card.vendor) if card and card.mode == "live" and case.outcome == "open" else None
    if found.is_on_its_way:
        return []
    return [verb.replace("_", "-") for verb in deciding.offered(vendor, case, found.told.get("allows", ()))]


def _answer(row: AnyRow | None) -> dict[str, Any] | None:
    return None if row is None else {"verb": row.detail["verb"], "state": row.state, "words": row.words}
