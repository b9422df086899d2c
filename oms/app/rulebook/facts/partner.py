"""Facts of agents' and distributors' orders: whose they are, what they are settled at, what that leaves over the cost."""

from __future__ import annotations

from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.partnered import load_partnered
from oms.app.kernel.partners import PartnerCard, Partnered
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.facts.binding import MATCHED, Facts, Stands
from oms.app.rulebook.facts.margin import SOLD_SQL, sold_lines
from oms.app.rulebook.facts.money import LINES_SQL, percent
from oms.app.rulebook.facts.order import OWNERS
from rules.facts import UNKNOWN
from rules.model import ValueType as V

_WHOSE_SQL: Final = """(select r.{column} from order_partner p join partner r on r.id = p.partner_id
where p.order_id = o.id)"""
#: What is settled is of the partner's currency; in another one than the order's it cannot be told with its amounts.
_FOREIGN_SQL: Final = """exists (select from order_partner p join partner r on r.id = p.partner_id
where p.order_id = o.id and r.currency <> o.currency)"""
_SETTLED_SQL: Final = f"{SOLD_SQL} and l.settlement_amount is not null"


def _known(order: OrderWork, batch: Batch) -> Partnered | None:
    """What is known of its partner; nothing is asked where there are no partners, else once for the whole batch."""
    if not batch.masters.partners.by_id:
        return None
    if order.id not in batch.partnering.seen:
        load_partnered(batch, [*batch.orders.values(), order])
    return batch.partnering.orders.get(order.id)


def _card(order: OrderWork, batch: Batch) -> PartnerCard | None:
    known = _known(order, batch)
    return batch.masters.partners.by_id.get(known.partner_id or 0) if known is not None else None


def _code(order: OrderWork, _shop: ShopCard, batch: Batch) -> str | None:
    card = _card(order, batch)
    return card.code if card is not None else None


def _kind(order: OrderWork, _shop: ShopCard, batch: Batch) -> str | None:
    card = _card(order, batch)
    return card.kind if card is not None else None


def _is_foreign(order: OrderWork, batch: Batch) -> bool:
    """Whether it is settled in another currency than its own."""
    card = _card(order, batch)
    return card is not None and card.currency != order.currency


def _settlement(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
    known = _known(order, batch)
    lines = known.lines if known is not None else {}
    amounts = [lines[line.id].agreed.amount for line in order.lines if line.id in lines and not line.is_gone]
    if not amounts:
        return None
    return UNKNOWN if _is_foreign(order, batch) else sum(amounts)


def _margins(order: OrderWork, batch: Batch) -> list[tuple[int, int | None]]:
    """(settlement amount, cost) of the lines that are settled."""
    known = _known(order, batch)
    if known is None or not known.lines:
        return []
    sold = [(line, cost) for line, cost in sold_lines(order, batch) if line.id in known.lines]
    return [(known.lines[line.id].agreed.amount, cost) for line, cost in sold]


def _margin(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
    told = _margins(order, batch)
    if told and (_is_foreign(order, batch) or any(cost is None for _, cost in told)):
        return UNKNOWN
    return sum([amount - (cost or 0) for amount, cost in told]) if told else None


def _margin_percent(order: OrderWork, shop: ShopCard, batch: Batch) -> Any:
    margin = _margin(order, shop, batch)
    return margin if margin is None or margin is UNKNOWN else percent(margin, sum([x for x, _ in _margins(order, batch)]))


def _told(expression: str) -> str:
    return f"case when not {_FOREIGN_SQL} then {expression} end"


def _sql(expression: str) -> str:
    return _told(f"(select case when count(*) = count(k.cost) then {expression} end from {_SETTLED_SQL})")


_LEFT: Final = "l.settlement_amount - k.cost"
_fact = Facts("order", stands=Stands.NOW)
_unsure = Facts("order", MATCHED, Stands.NOW, may_be_unknown=True)

FACTS: Final = (
    _fact("partner", V.TEXT, "合作方", "partner", _WHOSE_SQL.format(column="code"), _code),
    _fact("partner_kind", V.CODE, "合作方类型", "kind of partner", _WHOSE_SQL.format(column="kind"), _kind,
          choices=OWNERS[1:]),
    _unsure("settlement", V.MONEY, "结算金额", "settlement amount",
            _told(f"(select cast(sum(l.settlement_amount) as bigint) from {LINES_SQL})"), _settlement),
    _unsure("settlement_margin", V.MONEY, "结算毛利", "settlement margin", _sql(f"cast(sum({_LEFT}) as bigint)"),
            _margin),
    _unsure("settlement_margin_percent", V.DECIMAL, "结算毛利率", "share of margin in the settlement",
            _sql(f"round(100.0 * sum({_LEFT}) / nullif(sum(l.settlement_amount), 0), 2)"), _margin_percent, unit="%"),
)  # fmt: skip
