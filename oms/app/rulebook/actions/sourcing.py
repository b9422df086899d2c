"""Where an order is served from, in how many parcels, and how it is split."""

from __future__ import annotations

from typing import Final

from oms.app.rulebook.actions.making import POINT, action, choices
from rules.model import ParamSpec
from rules.model import ValueType as V

#: A preferred one is taken whatever it costs, unless the rule says by how much it may be dearer.
EXTRA: Final = ParamSpec("extra", V.MONEY, "最多多花", "at most dearer by", unit="CNY", required=False)
PARCELS: Final = ParamSpec("parcels", V.COUNT, "包裹数", "parcels")
BY: Final = ParamSpec(
    "by", V.CODE, "拆单依据", "split by",
    choices=choices(("size_class", "尺寸等级", "size class"), ("category", "货品类目", "category"),
                    ("is_virtual", "是否虚拟货品", "virtual goods apart"), ("line", "平台子单", "platform sub-order")),
)  # fmt: skip
MEASURE: Final = ParamSpec(
    "measure", V.CODE, "按什么限", "measure",
    choices=choices(("weight", "重量克数", "weight in grams"),
                    ("volume", "体积立方厘米数", "volume in cubic centimetres"),
                    ("value", "货值分数", "value in cents"), ("units", "件数", "units")),
)  # fmt: skip
MOST: Final = ParamSpec("most", V.COUNT, "最多", "at most")

ACTIONS: Final = (
    action("only_point", "只用库存点", "only this stock point", {"route"}, POINT, exclusive=True, subject="point",
           contradicts={"forbid_point"}),
    action("prefer_point", "优先库存点", "prefer the stock point", {"route"}, POINT, EXTRA, subject="point",
           contradicts={"forbid_point"}),
    action("forbid_point", "禁用库存点", "forbid the stock point", {"route"}, POINT, subject="point"),
    action("limit_parcels", "最多包裹数", "at most so many parcels", {"route"}, PARCELS, exclusive=True),
    action("keep_together", "整单发", "keep together", {"route"}, contradicts={"split_by", "limit_parcel"}),
    action("split_by", "分组拆单", "split into groups", {"route"}, BY),
    action("limit_parcel", "每个包裹不超过", "at most in each parcel", {"route"}, MEASURE, MOST),
)  # fmt: skip
