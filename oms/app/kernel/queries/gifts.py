"""What rules gave: the log of gifts, what is left of limited ones, and an order's gifts and discounts. Read only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, func, select, text

from oms.app.kernel.queries.pages import SIZE, AnyRow, AnySelect, Page, read_page
from oms.db.goods import Sku
from oms.db.handling import GiftGiven
from oms.db.orders import Order
from oms.db.rulebook import RuleSet, RuleSetVersion

STATES: Final = ("given", "dropped", "out")
#: Why a gift was dropped, is out, or is less than its rule would give.
REASONS: Final = (
    "", "limit", "buyer", "stock", "unplanned", "left", "not_earned", "changed", "closed", "merged",
)  # fmt: skip
_LIMITED = text("""
select c.rule_set_id, c.rule_id, c.sku_id, c.given, s.name as rule_set, k.code, k.name, v.id as version_id, v.body
from gift_counter c join rule_set s on s.id = c.rule_set_id join sku k on k.id = c.sku_id
join rule_set_version v on v.rule_set_id = c.rule_set_id and v.state = 'active' and v.canary = 100
where s.scope <> 'shop' or s.scope_id = any(:shops) order by s.name, c.rule_set_id, c.rule_id, k.code limit 500""")
_DISCOUNTS = text("""
select name, funder, promotion_no, sum(amount)::bigint as amount from discount_share
where order_id = :id and promotion_no like 'rule:%' group by 1, 2, 3 order by min(id)""")


@dataclass(frozen=True, slots=True)
class GiftFilter:
    """Which gifts; what is empty does not count."""

    state: str = ""
    order_no: str = ""
    sku: str = ""
    rule: str = ""
    rule_set_id: int = 0


class Limited(NamedTuple):
    """A gift that a rule gives only so often: units in all, given, and left."""

    rule_set_id: int
    rule_set: str
    rule_id: str
    rule: str
    sku: str
    sku_name: str
    most: int
    given: int

    @property
    def left(self) -> int:
        """Units that may still be given."""
        return max(0, self.most - self.given)


def gift_log(
    connection: Connection, shop_ids: Collection[int], wanted: GiftFilter, cursor: str = "", size: int = SIZE
) -> Page:
    """The log of gifts, newest first."""
    question = _log().where(GiftGiven.shop_id.in_(shop_ids))
    if wanted.state:
        question = question.where(GiftGiven.state == wanted.state)
    if wanted.order_no:
        question = question.where(Order.external_no == wanted.order_no)
    if wanted.sku:
        question = question.where(func.lower(Sku.code) == wanted.sku.lower())
    if wanted.rule:
        question = question.where(GiftGiven.rule_id == wanted.rule)
    if wanted.rule_set_id:
        question = question.where(GiftGiven.rule_set_id == wanted.rule_set_id)
    return read_page(connection, question, (GiftGiven.at.expression, GiftGiven.id.expression), cursor, size=size)


def gifts_of_order(connection: Connection, order_id: int) -> Sequence[AnyRow]:
    """The log of one order, oldest first."""
    question = _log().where(GiftGiven.order_id == order_id).order_by(GiftGiven.id)
    return connection.execute(question).all()


def discounts_of_order(connection: Connection, order_id: int) -> Sequence[AnyRow]:
    """Discounts that rules gave to an order: name, funder, promotion_no and amount of the whole order."""
    return connection.execute(_DISCOUNTS, {"id": order_id}).all()


def limited_gifts(connection: Connection, shop_ids: Collection[int]) -> list[Limited]:
    """What is left of gifts that rules in force give only so often; a second SKU counts with the first."""
    rows = connection.execute(_LIMITED, {"shops": list(shop_ids)}).all()
    together: dict[tuple[int, str], int] = {}
    for row in rows:
        together[row.rule_set_id, row.rule_id] = together.get((row.rule_set_id, row.rule_id), 0) + row.given
    found = []
    for row in rows:
        rule = _rule(row.body, row.rule_id)
        most = _most_of(rule, row.code)
        if most is not None:
            name = str(rule.get("name") or row.rule_id)
            given = together[row.rule_set_id, row.rule_id] if _is_alone(rule) else row.given
            found.append(
                Limited(row.rule_set_id, row.rule_set, row.rule_id, name, row.code, row.name, most, given)
            )  # fmt: skip
    return found


def rule_names(connection: Connection, rows: Sequence[AnyRow]) -> dict[tuple[int, str], str]:
    """(version, rule) → the rule's name in that version."""
    wanted = {row.version_id for row in rows}
    question = select(RuleSetVersion.id, RuleSetVersion.body).where(RuleSetVersion.id.in_(wanted))
    bodies = {id_: body for id_, body in connection.execute(question)} if wanted else {}
    return {
        (row.version_id, row.rule_id): str(_rule(bodies.get(row.version_id, {}), row.rule_id).get("name") or row.rule_id)
        for row in rows
    }


def _log() -> AnySelect:
    return (
        select(
            GiftGiven.id, GiftGiven.at.label("sort_at"), GiftGiven.at, GiftGiven.changed_at, GiftGiven.order_id,
            Order.external_no, GiftGiven.shop_id, GiftGiven.rule_set_id, RuleSet.name.label("rule_set"),
            GiftGiven.version_id, GiftGiven.rule_id, Sku.code.label("sku"), Sku.name.label("sku_name"),
            GiftGiven.units, GiftGiven.state, GiftGiven.reason,
        )
        .join(Order, Order.id == GiftGiven.order_id)
        .join(Sku, Sku.id == GiftGiven.sku_id)
        .join(RuleSet, RuleSet.id == GiftGiven.rule_set_id)
    )  # fmt: skip


def _rule(body: Any, rule_id: str) -> Mapping[str, Any]:
    rules = body.get("rules", ()) if isinstance(body, dict) else ()
    return next((rule for rule in rules if isinstance(rule, dict) and rule.get("id") == rule_id), {})


def _most_of(rule: Mapping[str, Any], code: str) -> int | None:
    """Units in all of the action that gives this SKU first; None where it is not limited."""
    for action in rule.get("actions", ()):
        params = action.get("params", {})
        if params.get("sku") == code and params.get("stock") is not None:
            return int(params["stock"])
    return None


def _is_alone(rule: Mapping[str, Any]) -> bool:
    """Whether the rule gives one gift, so that all its counters are of that."""
    return len([action for action in rule.get("actions", ()) if "sku" in action.get("params", {})]) == 1
