"""Agents and distributors through the API: settings, what was settled, statements. Prices are a table of master rows."""

from __future__ import annotations

from typing import Any, Final

from oms.api.access import caller, hub, require_shop
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.partners_schemas import (
    AmountIn,
    EntriesQuery,
    EntryPage,
    PartnerIn,
    PartnerList,
    PartnerOut,
    StatementIn,
    StatementList,
    StatementOut,
)
from oms.app.finance import partner_ledger as ledger
from oms.app.finance import partners
from oms.app.finance.settling_by_hand import set_amount
from oms.app.kernel.queries.order_page import load_order
from oms.domain.errors import Forbidden, NotFound

VIEW, EDIT, STATE = "partner.view", "partner.edit", "partner.state"
SIZE: Final = 200
ONE: Final = "/partners/<string:code>"
Asked = dict[str, Any]
routes = Routes(
    "partners",
    "Agents and distributors: who sends their orders, what was settled with them. Their prices are the table "
    "settlement of master rows, the goods they send themselves the table partner_goods.",
)


@routes.get("/partners", VIEW, PartnerList)
def list_partners() -> Asked:
    """All partners, those in force first."""
    _require(VIEW)
    with hub().engine.connect() as connection:
        return {"partners": [row._mapping for row in partners.partners_of(connection)]}


@routes.put(ONE, EDIT, PartnerOut, asks=[(BODY, PartnerIn)], refuses=[404, 409, 422])
def save_partner(asked: Asked, code: str) -> Asked:
    """Add the partner of this code, or set what is said of it. Sent twice, nothing changes."""
    _require(EDIT)
    shops = asked.pop("shops")
    with hub().engine.connect() as connection:
        known = next((row for row in partners.partners_of(connection) if row.code.casefold() == code.casefold()), None)
    form = partners.PartnerForm(code if known is None else known.code, **asked)
    id_ = partners.save_partner(hub(), known.id if known is not None else None, form, shops, caller().actor)
    with hub().engine.connect() as connection:
        return dict(next(row._mapping for row in partners.partners_of(connection) if row.id == id_))


@routes.get(f"{ONE}/entries", VIEW, EntryPage, asks=[(QUERY, EntriesQuery)], refuses=[404, 422])
def list_entries(asked: Asked, code: str) -> Asked:
    """What was settled with a partner, by the days it happened or by statement, 200 at a time."""
    _require(VIEW)
    with hub().engine.connect() as connection:
        rows = ledger.entries_of(
            connection, partners.partner_by_code(connection, code).id, first=asked["first"], last=asked["last"],
            number=asked["statement"], after=asked["after"], size=SIZE,
        )  # fmt: skip
    return {"entries": [row._mapping for row in rows], "next": rows[-1].id if len(rows) == SIZE else 0}


@routes.get(f"{ONE}/statements", VIEW, StatementList, refuses=[404])
def list_statements(code: str) -> Asked:
    """A partner's statements, the newest first."""
    _require(VIEW)
    with hub().engine.connect() as connection:
        found = ledger.statements_of(connection, partners.partner_by_code(connection, code).id)
    return {"statements": [row._mapping for row in found]}


@routes.post(f"{ONE}/statements", STATE, StatementOut, asks=[(BODY, StatementIn)], refuses=[404, 409, 422])
def close_statement(asked: Asked, code: str) -> Asked:
    """State everything up to the end of a day that is over; what comes in later is on the next statement."""
    _require(STATE)
    with hub().engine.connect() as connection:
        partner = partners.partner_by_code(connection, code)
    id_ = ledger.close_statement(hub(), partner.id, asked["until"], caller().actor)
    with hub().engine.connect() as connection:
        return dict(next(row._mapping for row in ledger.statements_of(connection, partner.id) if row.id == id_))


@routes.post("/orders/<int(min=1, max=9223372036854775807):order_id>/settlement", EDIT, None,
             asks=[(BODY, AmountIn)], refuses=[404, 409, 422], status=204)  # fmt: skip
def set_settlement(asked: Asked, order_id: int) -> None:
    """Settle a line of a partner's order at another amount than its list or document says."""
    with hub().engine.connect() as connection:
        order = load_order(connection, order_id)
    if order is None:
        raise NotFound("there is no such order")
    require_shop(EDIT, order.shop_id, "order")
    set_amount(hub(), order_id, asked["line_no"], asked["amount"], asked["reason"], caller().actor)


def _require(permission: str) -> None:
    """What is settled with a partner is of all its shops; only who reaches every shop sees it."""
    if not caller().allows(permission, 0):
        raise Forbidden(f"the permission {permission} does not reach this far", "ask somebody who has it for every shop")
