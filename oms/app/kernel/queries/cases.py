"""What the pages of cases show: the list by deadline, one case with its lines, history and the answer it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, literal, or_, select, true
from sqlalchemy import case as case_

from oms.app.kernel.queries.pages import AnyRow, Page, read_page
from oms.db.activity import Outbound
from oms.db.aftersales import Case, CaseStep
from oms.db.logistics import Carrier
from oms.db.orders import OrderLine

#: Cases without a deadline stand behind those with one, oldest first.
NO_DEADLINE = timedelta(days=3650)
IS_OPEN = Case.outcome == "open"
#: Open cases in which the next word is ours: a request, or goods on their way back.
WAITS_FOR_US = IS_OPEN & or_(Case.review == "waiting", Case.platform_state == "returned")
#: Earlier versions of a case whose decision is looked for.
MOST_VERSIONS = 200


@dataclass(slots=True)
class CasePage:
    """A case with what hangs on it; `told` is what its platform said last, `answer` our latest word on its way."""

    case: AnyRow
    lines: list[AnyRow]
    steps: list[AnyRow]
    told: dict[str, Any] = field(default_factory=dict)
    answer: AnyRow | None = None

    @property
    def is_on_its_way(self) -> bool:
        """Whether our latest word has no answer yet."""
        return self.answer is not None and self.answer.state in ("waiting", "sending", "unknown", "stuck")


def list_cases(
    connection: Connection, shop_ids: Sequence[int], *, is_waiting: bool, cursor: str, external_no: str = ""
) -> Page:
    """Open cases, the nearest deadline first; with `is_waiting` those that wait for us; of a number, ended ones too."""
    last = func.coalesce(Case.respond_by, Case.opened_at + NO_DEADLINE)
    goods = (
        select(func.string_agg(OrderLine.title, " / "))
        .where(OrderLine.order_id == Case.order_id, OrderLine.case_no == Case.external_no)
        .scalar_subquery()
    )
    statement = select(*Case.__table__.c, last.label("sort_at"), goods.label("titles")).where(
        WAITS_FOR_US if is_waiting else true() if external_no else IS_OPEN, Case.shop_id.in_(shop_ids)
    )
    if external_no:
        statement = statement.where(Case.external_no == external_no)
    return read_page(connection, statement, (last, Case.id.expression), cursor, descending=False)


def load_case(connection: Connection, case_id: int) -> CasePage | None:
    """One case; None when there is none."""
    case = connection.execute(select(*Case.__table__.c).where(Case.id == case_id)).one_or_none()
    if case is None:
        return None
    steps = list(
        connection.execute(
            select(*CaseStep.__table__.c).where(CaseStep.case_id == case_id).order_by(CaseStep.at, CaseStep.id)
        )
    )
    told: dict[str, Any] = next((step.evidence for step in reversed(steps) if "allows" in step.evidence), {})
    return CasePage(case, _lines(connection, case, told), steps, told, _answer(connection, case))


def _lines(connection: Connection, case: AnyRow, told: dict[str, Any]) -> list[AnyRow]:
    """The order's lines that the case is about, with the units and the amount asked back; 0 where nobody says."""
    said = {line[0]: (line[1], line[2]) for line in told.get("lines", ())}
    units, amounts = (
        case_(*((OrderLine.external_no == number, part[index]) for number, part in said.items()), else_=0)
        if said
        else literal(0)
        for index in (0, 1)
    )
    statement = select(
        OrderLine.id, OrderLine.line_no, OrderLine.external_no, OrderLine.title, OrderLine.variant, OrderLine.ordered,
        units.label("units"), amounts.label("amount"),
    )  # fmt: skip
    mine = or_(OrderLine.case_no == case.external_no, OrderLine.external_no.in_(said))
    found = statement.where(OrderLine.order_id == case.order_id, mine).order_by(OrderLine.line_no)
    return list(connection.execute(found)) if case.order_id is not None else []


def list_carriers(connection: Connection) -> list[AnyRow]:
    """Carriers that goods may leave with, by rank."""
    return list(connection.execute(select(Carrier.code, Carrier.name).order_by(Carrier.rank, Carrier.id)))


def _answer(connection: Connection, case: AnyRow) -> AnyRow | None:
    keys = [f"decide_case-{case.id}-{version}" for version in range(max(1, case.version - MOST_VERSIONS), case.version)]
    statement = select(Outbound.id, Outbound.state, Outbound.code, Outbound.words, Outbound.detail)
    return connection.execute(statement.where(Outbound.key.in_(keys)).order_by(Outbound.id.desc()).limit(1)).one_or_none()
