"""How settings and plans of sourcing read on screen: names of fields, what they hold, what a change changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.steering.setting import NAMES, USUAL
from oms.console.messages import _, _l
from oms.console.rendering import amount

SCOPES: Final = {"pool": _l("库存池"), "channel": _l("渠道"), "shop": _l("店铺")}
POLICIES: Final = {
    "whole_first": (_l("能整不拆"), _l("有货齐的仓就整单发，其中最省的；没有才拆成最少的包裹")),
    "cheapest": (_l("总价最低"), _l("各项成本加起来最低的走法；拆单要比整单省过下面的门槛")),
    "main_first": (_l("主备货仓"), _l("主仓货齐就主仓整单发，不齐按顺序看备仓；都不齐才按「能整不拆」")),
    "fastest": (_l("最快送到"), _l("最后一个包裹最早到的走法；拆单要快过下面的小时数")),
}
FIELDS: Final = {
    "policy": _l("怎么选仓"),
    "points": _l("主仓和备仓"),
    "only_points": _l("只从列出的仓发"),
    "ships_whole": _l("整单一包，否则等"),
    "splits_units": _l("一行的几件可以分仓发"),
    "together_lines": _l("每行的货一起发"),
    "together_skus": _l("要一起发的货"),
    "max_parcels": _l("最多几个包裹"),
    "parcel_amount": _l("每多一个包裹算"),
    "split_gain": _l("拆单至少省"),
    "gain_hours": _l("拆单至少快"),
    "hour_amount": _l("在途每小时算"),
    "pressure_amount": _l("产能用满算"),
    "rank_amount": _l("顺位每差一位算"),
    "handling_percent": _l("操作费算百分之几"),
    "scarcity_percent": _l("紧缺价算百分之几"),
    "most_refusals": _l("拒几次找人"),
    "is_on": _l("做计划"),
    "every_min": _l("每几分钟"),
    "looks_back_h": _l("看过去几小时的单"),
    "horizon_h": _l("库存要撑几小时"),
}
AMOUNTS: Final = ("parcel_amount", "split_gain", "hour_amount", "pressure_amount", "rank_amount")
PERCENTS: Final = ("handling_percent", "scarcity_percent")
TYPES: Final = {"one_unit": _l("一种货一件"), "one_sku": _l("一种货几件"), "several": _l("几种货")}
#: What keeps a pool from having a plan, as the planner writes it.
ERRORS: Final = {
    "main_first": _l("这个库存池按主备货仓选仓，不按计划"),
    "fastest": _l("这个库存池按最快送到选仓，不按计划"),
}


@dataclass(frozen=True, slots=True)
class Book:
    """Names of stock points and SKUs by id."""

    points: Mapping[int, str]
    skus: Mapping[int, str]


def tell_value(name: str, value: Any, book: Book) -> str:
    """What a field holds, in words."""
    if value is None:
        return _("照店铺的") if name == "max_parcels" else "–"
    if name == "policy":
        return str(POLICIES[value][0]) if value in POLICIES else str(value)
    if name == "points":
        return " → ".join(book.points.get(id_, f"#{id_}") for id_ in value) or _("没有列")
    if name == "together_skus":
        return _("；").join(" + ".join(book.skus.get(id_, f"#{id_}") for id_ in one) for one in value) or _("没有")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if name in AMOUNTS:
        return str(amount(value, "CNY", True))
    return f"{value}%" if name in PERCENTS else str(value)


def tell_change(row: AnyRow, book: Book) -> list[str]:
    """What a change changed, field by field."""
    before, after = row.before, row.after
    if after is None:
        return [_("不再单独设")]
    if before is None:
        usual = USUAL.written()
        return [_("%(field)s：%(value)s", field=FIELDS[name], value=tell_value(name, after[name], book))
                for name in _order(after) if name == "policy" or after[name] != usual.get(name)]  # fmt: skip
    return [
        _("%(field)s：%(was)s → %(now)s", field=FIELDS[name], was=tell_value(name, before.get(name), book),
          now=tell_value(name, after[name], book))
        for name in _order(after) if before.get(name) != after[name]
    ]  # fmt: skip


def _order(after: Mapping[str, Any]) -> list[str]:
    return [name for name in (*NAMES, "is_on", "every_min", "looks_back_h", "horizon_h") if name in after]


def tell_error(error: str) -> str:
    """Why there is no plan."""
    for rule, words in ERRORS.items():
        if f"go by {rule}" in error:
            return str(words)
    return _("没算出来：%(error)s。到点会自己再算", error=error)
