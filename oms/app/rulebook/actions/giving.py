"""Gifts, and discounts on own channels."""

from __future__ import annotations

from typing import Final

from oms.app.rulebook.actions.making import SKU, action, choices
from rules.model import ParamSpec
from rules.model import ValueType as V

GIFT: Final = frozenset({"gift"})


def _count(name: str, zh: str, en: str, *, required: bool = True) -> ParamSpec:
    return ParamSpec(name, V.COUNT, zh, en, required=required)


def _money(name: str, zh: str, en: str, *, required: bool = True) -> ParamSpec:
    return ParamSpec(name, V.MONEY, zh, en, unit="CNY", required=required)


UNITS: Final = _count("units", "件数", "units")
MOST: Final = _count("most", "每单最多件数", "most units of an order", required=False)
BOUGHT: Final = ParamSpec("bought", V.TEXT, "购买货品编码", "SKU code bought", required=False)
#: What every gift may say besides: limits, a second SKU when the first is out of stock, whether its order waits for it.
TERMS: Final = (
    _count("stock", "赠完即止总件数", "most units in all", required=False),
    _count("per_buyer", "每个买家最多件数", "most units of a buyer", required=False),
    ParamSpec("instead", V.TEXT, "缺货时改送货品编码", "SKU code when out of stock", required=False),
    ParamSpec("holds", V.BOOL, "缺货时订单等待", "order waits when out of stock", required=False),
)
TIERS: Final = tuple(
    spec
    for number in (1, 2, 3)
    for spec in (
        _money(f"amount_{number}", f"第{number}档金额", f"amount of tier {number}", required=number == 1),
        _count(f"units_{number}", f"第{number}档件数", f"units of tier {number}", required=number == 1),
    )
)
NAME: Final = ParamSpec("name", V.TEXT, "优惠名称", "name of the discount")
FUNDER: Final = ParamSpec(
    "funder", V.CODE, "承担方", "funder",
    choices=choices(("merchant", "商家", "merchant"), ("member", "会员", "member programme"),
                    ("distributor", "分销商", "distributor")),
)  # fmt: skip

ACTIONS: Final = (
    action("add_gift", "送赠品", "add a gift", GIFT, SKU, UNITS, *TERMS, subject="sku"),
    action("add_gift_per_units", "买满件数送", "add a gift for units bought", GIFT, SKU, UNITS,
           _count("per", "每满件数", "for every so many units"), BOUGHT, MOST, *TERMS, subject="sku"),
    action("add_gift_per_amount", "满额送", "add a gift for the amount", GIFT, SKU, UNITS,
           _money("amount", "每满金额", "for every amount of"), MOST, *TERMS, subject="sku"),
    action("add_gift_tiered", "阶梯满送", "add a gift by tiers", GIFT, SKU, *TIERS, *TERMS, subject="sku"),
    action("no_gifts", "不送赠品", "give no gifts", GIFT),
    action("member_discount", "会员折扣", "member discount", GIFT),
    action("percent_off", "打折", "percent off", GIFT, ParamSpec("percent", V.DECIMAL, "减百分之", "percent", unit="%"),
           NAME, FUNDER, subject="name"),
    action("amount_off", "减金额", "amount off", GIFT, _money("off", "减多少", "amount taken off"), NAME, FUNDER,
           subject="name"),
)  # fmt: skip
