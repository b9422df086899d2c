"""Rules about amounts where shops have other currencies, told before they are put in force. An advice, never a proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, text

from oms.app.rulebook.actions.sourcing import EXTRA
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.domain.money import EXPONENTS
from rules.model import Action, Rule, RuleSet, ValueType, conditions_of, rules_in_order

CURRENCY: Final = "currency"
#: Amounts of rules are written in yuan; another currency whose minor unit is a hundredth reads the same.
WRITTEN_EXPONENT: Final = 2
#: A rule that asks one of these knows what currency it is about.
ASKED: Final = frozenset({"order.currency", "shop.currency", "shop.code"})
_REACHED: Final = text("""
select distinct currency from shop where mode <> 'closed' and case :scope when 'global' then true
  when 'channel' then channel_id = :id when 'shop_group' then shop_group_id = :id
  when 'user_group' then user_group_id = :id else id = :id end order by 1""")


def currencies_of(connection: Connection, scope: str, scope_id: int) -> list[str]:
    """The currencies of the shops that a place reaches."""
    return list(connection.execute(_REACHED, {"scope": scope, "id": scope_id}).scalars())


def find_currencies(rule_set: RuleSet, currencies: Sequence[str]) -> Iterator[dict[str, object]]:
    """A finding as JSON types for each enabled rule whose amounts mean something else from shop to shop.

    An amount is compared with minor units of the order's own currency: 500.00 is 500 yuan, 500 dollars or 50,000 yen.
    """
    if len(currencies) < 2 and all(EXPONENTS.get(code, 2) == WRITTEN_EXPONENT for code in currencies):
        return
    places = {rule.id: at for at, rule in enumerate(rule_set.rules)}
    for rule in rules_in_order(rule_set):
        if _speaks_of_money(rule) and ASKED.isdisjoint(condition.fact for condition in conditions_of(rule.when)):
            yield _finding(rule, places[rule.id], currencies)


def _speaks_of_money(rule: Rule) -> bool:
    facts = [VOCABULARY.facts[condition.fact] for condition in conditions_of(rule.when)]
    return any(fact.type is ValueType.MONEY for fact in facts) or any(map(_gives_money, rule.actions))


def _gives_money(action: Action) -> bool:
    """Whether it names an amount of the order's currency; by how much a way may be dearer is of yuan everywhere."""
    spec = VOCABULARY.actions[action.name]
    named = [spec.param(name) for name, _ in action.params]
    return any(param is not None and param.type is ValueType.MONEY and param != EXTRA for param in named)


def _finding(rule: Rule, at: int, currencies: Sequence[str]) -> dict[str, object]:
    return {
        "kind": CURRENCY, "path": f"/rules/{at}", "rule": rule.id, "others": [],
        "reason_zh": f"这里的店铺用 {'、'.join(currencies)}，规则里的金额按每单自己币种的最小单位比："
                     "写 500.00，就是 500 元、500 美元或 50,000 日元",
        "reason_en": f"shops here have {', '.join(currencies)}, and amounts are compared in minor units of each order's "
                     "own currency: 500.00 is 500 yuan, 500 dollars or 50,000 yen",
        "remedy_zh": "加一个条件“币种”，或给每种币种的店铺各建一套规则",
        "remedy_en": "add a condition on the currency, or keep a rule set for the shops of each currency",
        "example": None, "is_proved": False,
    }  # fmt: skip
