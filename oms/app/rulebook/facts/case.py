"""Facts of the case that rules are asked about; of an order by itself they cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.facts.binding import Binding, Facts, Stands, kept
from rules.facts import UNKNOWN
from rules.model import ValueType as V

REASON: Final = "of the case that is asked about"
KINDS: Final = (
    ("refund", "仅退款", "refund only"), ("return", "退货退款", "return"), ("exchange", "换货", "exchange"),
    ("repair", "维修", "repair"), ("reship", "补寄", "reship"), ("other", "其他", "other"),
)  # fmt: skip
STATES: Final = (("asked", "待商家处理", "asked"), ("agreed", "已同意", "agreed"), ("returned", "买家已退货", "returned"))


@dataclass(frozen=True, slots=True)
class AskedCase:
    """What rules may know of a case; amounts in minor units of the order's currency."""

    kind: str
    state: str
    phase: str
    reason: str
    amount: int
    lines: int
    units: int
    opened_at: datetime
    respond_by: datetime | None
    earlier: int


def ask_about(batch: Batch, order: OrderWork, case: AskedCase) -> None:
    """From now on facts of a case are those of this one, for this order in this batch."""
    kept(batch, "asked case")[order.id] = case


def _of_case(value: Callable[[AskedCase, OrderWork, Batch], Any]) -> Binding:
    def bind(order: OrderWork, _shop: Any, batch: Batch) -> Any:
        case = kept(batch, "asked case").get(order.id)
        return UNKNOWN if case is None else value(case, order, batch)

    return bind


def _has_left(_case: AskedCase, order: OrderWork, _batch: Batch) -> bool:
    return any(demand.shipped for demand in order.demands)


_case = Facts("case", frozenset({"aftersales"}), Stands.NOW, may_be_unknown=True)

FACTS: Final = (
    _case("kind", V.CODE, "售后类型", "kind of case", None, _of_case(lambda c, o, b: c.kind), reason=REASON,
          choices=KINDS),
    _case("state", V.CODE, "售后平台状态", "state of the case on the platform", None, _of_case(lambda c, o, b: c.state),
          reason=REASON, choices=STATES),
    _case("reason", V.TEXT, "售后原因", "reason of the case", None, _of_case(lambda c, o, b: c.reason), reason=REASON),
    _case("amount", V.MONEY, "申请退款金额", "amount asked back", None, _of_case(lambda c, o, b: c.amount),
          reason=REASON),
    _case("is_whole_order", V.BOOL, "退整单金额", "asks the whole order back", None,
          _of_case(lambda c, o, b: c.amount >= o.paid_total > 0), reason=REASON),
    _case("lines", V.COUNT, "售后明细数", "lines of the case", None, _of_case(lambda c, o, b: c.lines), reason=REASON),
    _case("units", V.COUNT, "售后件数", "units of the case", None, _of_case(lambda c, o, b: c.units), reason=REASON),
    _case("goods_have_left", V.BOOL, "货已发出", "goods have left", None, _of_case(_has_left), reason=REASON),
    _case("age", V.DURATION, "付款到申请售后", "time from payment to the case", None,
          _of_case(lambda c, o, b: int((c.opened_at - (o.paid_at or o.ordered_at)).total_seconds())), reason=REASON),
    _case("time_left", V.DURATION, "售后剩余处理时间", "time left to answer the case", None,
          _of_case(lambda c, o, b: None if c.respond_by is None else int((c.respond_by - b.now).total_seconds())),
          reason=REASON),
    _case("earlier", V.COUNT, "本单此前售后数", "earlier cases of the order", None,
          _of_case(lambda c, o, b: c.earlier), reason=REASON),
)  # fmt: skip
