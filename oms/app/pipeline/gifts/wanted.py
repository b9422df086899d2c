"""What gift rules want an order to get, from their verdict and the order's lines; limits and stock come later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from oms.app.kernel.work import LineWork, OrderWork
from oms.app.pipeline.goods import Goods
from oms.app.rulebook.actions.giving import TIERS
from oms.domain.gifts import earned, earned_by_tier
from rules.engine import Applied, Verdict

Params = Mapping[str, object]
RuleKey = tuple[int, str]  # rule set, rule


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of a SKU, by its code, that a rule gives to an order; `line_id` is the line that earned them."""

    order_id: int
    line_id: int
    rule_set_id: int
    version_id: int
    rule_id: str
    code: str
    units: int
    stock: int | None
    per_buyer: int | None
    instead: str
    holds: bool

    @property
    def rule(self) -> RuleKey:
        """The rule that gives."""
        return self.rule_set_id, self.rule_id


@dataclass(slots=True)
class Bought:
    """What counts of an order: goods that it still gets, without gifts of the platform."""

    lines: list[LineWork]
    order: OrderWork
    goods: Goods

    @property
    def units(self) -> int:
        """Units of all lines."""
        return sum([line.ordered - line.cancelled for line in self.lines])

    @property
    def amount(self) -> int:
        """What was paid for them, in minor units."""
        return sum([line.paid_amount * (line.ordered - line.cancelled) // line.ordered for line in self.lines])

    def units_of(self, code: str) -> tuple[int, int]:
        """(units, first line) of a SKU, in bundles too; no line means none."""
        ids = {line.id for line in self.lines}
        mine = [
            demand
            for demand in self.order.demands
            if demand.origin != "gift" and demand.line_id in ids and demand.units > demand.cancelled
        ]
        mine = [demand for demand in mine if (card := self.goods.skus.get(demand.sku_id)) and card.code == code]
        units = sum([demand.units - demand.cancelled for demand in mine])
        return units, min([demand.line_id for demand in mine], default=0)


def bought_in(order: OrderWork, goods: Goods) -> Bought:
    """The lines that earn gifts."""
    lines = [line for line in order.lines if line.is_goods and not line.is_lost and not line.is_gift]
    return Bought([line for line in lines if line.ordered > line.cancelled], order, goods)


def wanted_of(order: OrderWork, verdict: Verdict, rule_set_id: int, version_id: int, goods: Goods) -> list[Wanted]:
    """The gifts of a verdict, one for each rule and SKU."""
    if any(applied.action == "no_gifts" for applied in verdict.actions):
        return []
    bought = bought_in(order, goods)
    found: dict[tuple[str, str], Wanted] = {}
    for applied in verdict.actions:
        counting = COUNTING.get(applied.action)
        if counting is None or not bought.lines:
            continue
        units, line_id = counting(bought, applied.params)
        if units <= 0:
            continue
        one = _wanted(order, applied, units, line_id or bought.lines[0].id, (rule_set_id, version_id))
        before = found.get((one.rule_id, one.code))
        found[one.rule_id, one.code] = replace(before, units=before.units + units) if before else one
    return list(found.values())


def _wanted(order: OrderWork, applied: Applied, units: int, line_id: int, of: tuple[int, int]) -> Wanted:
    params = applied.params
    return Wanted(
        order.id, line_id, *of, applied.rule_id, str(params["sku"]), units, _number(params, "stock"),
        _number(params, "per_buyer"), str(params.get("instead") or ""), bool(params.get("holds")),
    )  # fmt: skip


def _number(params: Params, name: str) -> int | None:
    value = params.get(name)
    return int(str(value)) if value is not None else None


def _units(_bought: Bought, params: Params) -> tuple[int, int]:
    return _number(params, "units") or 0, 0


def _per_units(bought: Bought, params: Params) -> tuple[int, int]:
    code = str(params.get("bought") or "")
    had, line_id = bought.units_of(code) if code else (bought.units, 0)
    return earned(had, _number(params, "per") or 0, _number(params, "units") or 0, _number(params, "most")), line_id


def _per_amount(bought: Bought, params: Params) -> tuple[int, int]:
    per, units = _number(params, "amount") or 0, _number(params, "units") or 0
    return earned(bought.amount, per, units, _number(params, "most")), 0


def _by_tiers(bought: Bought, params: Params) -> tuple[int, int]:
    numbers = [_number(params, spec.name) for spec in TIERS]
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return earned_by_tier(bought.amount, [(at, units) for at, units in pairs if at is not None and units is not None]), 0


#: Action → (units, line that earned them; 0 is the first one).
COUNTING: Final[dict[str, Callable[[Bought, Params], tuple[int, int]]]] = {
    "add_gift": _units,
    "add_gift_per_units": _per_units,
    "add_gift_per_amount": _per_amount,
    "add_gift_tiered": _by_tiers,
}
