"""Codes that the hub knows, to choose from where a rule asks for one: shops, stock points, carriers, SKUs, levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

#: At most so many are offered; whoever types more finds the others.
MOST: Final = 50
#: Of what grows with the orders only the latest are looked through.
LATEST: Final = 5000
LIKE: Final = "(code ilike :like or label ilike :like)"

_CODED: Final = "select code, {label} as label from {table}"
_DIVISION: Final = """select rpad(d.code, 6, '0') as code, coalesce(p.name || ' ', '') || d.name as label
from division d left join division p on p.code = d.parent_code where d.level = {level} and not d.is_pseudo"""
_LEVELS: Final = f"""select distinct member_level as code, '' as label from
(select member_level from customer where member_level <> '' order by id desc limit {LATEST}) c"""
_TAGS: Final = f"""select distinct unnest(tags) as code, '' as label from
(select tags from orders where shop_id = any(:shops) order by id desc limit {LATEST}) o"""

#: Kind → what answers (code, label).
SOURCES: Final = {
    "shop": "select code, name as label from shop where id = any(:shops)",
    "shop_name": "select name as code, code as label from shop where id = any(:shops)",
    "channel": _CODED.format(label="label_zh", table="channel"),
    "platform": "select distinct platform_code as code, '' as label from channel",
    "vendor": "select distinct vendor as code, '' as label from channel",
    "shop_group": _CODED.format(label="name", table="shop_group"),
    "user_group": _CODED.format(label="name", table="user_group"),
    "pool": _CODED.format(label="name", table="stock_pool"),
    "point": _CODED.format(label="name", table="stock_point"),
    "carrier": _CODED.format(label="name", table="carrier"),
    "sku": _CODED.format(label="name", table="sku"),
    "bundle": _CODED.format(label="name", table="bundle"),
    "currency": "select distinct currency as code, '' as label from shop",
    "province": _DIVISION.format(level=1),
    "city": _DIVISION.format(level=2),
    "district": _DIVISION.format(level=3),
    "level": _LEVELS,
    "tag": _TAGS,
}
#: What a fact's values are codes of.
OF_FACTS: Final = {
    "shop.code": "shop",
    "shop.name": "shop_name",
    "shop.channel": "channel",
    "shop.platform": "platform",
    "shop.vendor": "vendor",
    "shop.group": "shop_group",
    "shop.user_group": "user_group",
    "shop.pool": "pool",
    "shop.currency": "currency",
    "order.currency": "currency",
    "order.tags": "tag",
    "buyer.level": "level",
    "goods.skus": "sku",
    "goods.bundles": "bundle",
    "plan.points": "point",
    "plan.carriers": "carrier",
    "receiver.reached_by": "carrier",
    "receiver.province": "province",
    "receiver.city": "city",
    "receiver.district": "district",
}
#: The same of parameters of actions, whatever the action.
OF_PARAMS: Final = {
    "point": "point",
    "carrier": "carrier",
    "team": "user_group",
    "sku": "sku",
    "bought": "sku",
    "instead": "sku",
    "tag": "tag",
}


def known_values(connection: Connection, kind: str, typed: str, shop_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Up to fifty (code, label) of a kind whose code or label has what is typed; those that begin so come first."""
    if kind not in SOURCES:
        return []
    escaped = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    question = text(f"""select code, label from ({SOURCES[kind]}) known where {LIKE}
        order by (code ilike :begins) desc, code limit {MOST}""")
    values = {"like": f"%{escaped}%", "begins": f"{escaped}%", "shops": list(shop_ids)}
    return [{"code": row.code, "label": row.label} for row in connection.execute(question, values)]
