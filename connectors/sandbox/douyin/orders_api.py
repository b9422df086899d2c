"""Orders: the incremental list, the detail, remarks and answers to changes of address."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.douyin.errors import STATE, ApiError, business, invalid
from connectors.sandbox.douyin.order_docs import order_detail, order_document
from connectors.sandbox.douyin.params import Params
from connectors.sandbox.douyin.shop import Method, Shop
from connectors.sandbox.douyin.states import WHERE
from connectors.sandbox.kit.market import write_memo
from connectors.sandbox.kit.market.store import Rows

Doc = dict[str, Any]
DAY = 86_400
WINDOW_DAYS = 90
DEEPEST = 50_000
LONGEST_REMARK = 60
STAMPS = {"create_time": "created_ms", "update_time": "changed_ms"}
IN_CASE = "exists (select 1 from sale_case c where c.sale = sale.number and c.state {states})"
AFTER_SALES = {
    "all": "exists (select 1 from sale_case c where c.sale = sale.number)",
    "in_aftersale": IN_CASE.format(states="not in ('succeeded', 'refused', 'closed')"),
    "refund": IN_CASE.format(states="not in ('succeeded', 'refused', 'closed') and c.kind <> 'exchange'"),
    "refund_success": IN_CASE.format(states="= 'succeeded' and c.kind <> 'exchange'"),
    "refund_fail": IN_CASE.format(states="= 'refused'"),
    "exchange_success": IN_CASE.format(states="= 'succeeded' and c.kind = 'exchange'"),
    "aftersale_close": IN_CASE.format(states="= 'closed'"),
}
ABNORMAL = {
    1: "(status in ('open', 'part_shipped') and " + IN_CASE.format(states="= 'asked'") + ")",
    2: "(json_extract(doc, '$.held') and not json_extract(doc, '$.group_buy'))",
}
NUMBERS = {"order_type": "order_type", "trade_type": "trade_type", "presell_type": "pre_sale_type"}


def search_list(shop: Shop, params: Params) -> Doc:
    """Orders by time of change or creation, newest first unless `order_asc`; pages start with 0."""
    page, size = page_of(params)
    rows = _rows(shop, params, page, size)
    found = [order_document(shop, sale) for sale in rows.found]
    return {"page": page, "total": rows.total, "size": size, "shop_order_list": found}


def page_of(params: Params) -> tuple[int, int]:
    """The page and its size; what lies beyond 50000 rows cannot be asked for."""
    page, size = params.number("page", 0, 0), params.number("size", 10, 1, 100)
    if (page + 1) * size > DEEPEST:
        raise invalid("page", f"page*size不能超过{DEEPEST}")
    return page, size


def window(params: Params, name: str, days: int) -> tuple[int, int] | None:
    """A pair of times (seconds, both ends in) as milliseconds; None when the call names neither."""
    start, end = f"{name}_start", f"{name}_end"
    if not params.has(start) and not params.has(end):
        return None
    params.require(start, end)
    since, until = params.number(start, low=0), params.number(end, low=0)
    if since > until:
        raise invalid(start, "开始时间不能晚于结束时间")
    if until - since > days * DAY:
        raise invalid(end, f"时间范围不能超过{days}天")
    return since * 1000, until * 1000 + 999


def _rows(shop: Shop, params: Params, page: int, size: int) -> Rows:
    order_by = params.text("order_by") or "create_time"
    if order_by not in STAMPS:
        raise invalid("order_by", "order_by只能为create_time或update_time")
    days = int(shop.settings.get("window_days", WINDOW_DAYS))
    windows = {name: window(params, name, days) for name in STAMPS}
    parts, values = _conditions(params)
    other = next(name for name in STAMPS if name != order_by)
    if (held := windows[other]) is not None:
        parts.append(f"{STAMPS[other]} between ? and ?")
        values += held
    now = shop.market.now_ms()
    # A list without a time of the order asked for reaches back as far as the platform keeps orders at hand.
    since, until = windows[order_by] or (0 if held else now - days * DAY * 1000, now)
    return shop.market.shelves.list_sales(
        STAMPS[order_by], since, until, page * size, size, newest_first=not params.flag("order_asc"),
        where=" and ".join(parts) or "1", args=values,
    )  # fmt: skip


def _conditions(params: Params) -> tuple[list[str], list[Any]]:
    parts = _statuses(params)
    values: list[Any] = []
    for name, key in NUMBERS.items():
        if params.has(name):
            parts.append(f"json_extract(doc, '$.{key}') = ?")
            values.append(params.number(name))
    for name, known in (("after_sale_status_desc", AFTER_SALES), ("abnormal_order", ABNORMAL)):
        if params.has(name):
            parts.append(_one_of(name, params, known))
    if params.has("tracking_no"):
        parts.append("exists (select 1 from dy_pack p where p.sale = sale.number and p.waybill = ?)")
        values.append(params.text("tracking_no"))
    return parts, values


def _one_of(name: str, params: Params, known: dict[Any, str]) -> str:
    value = params.number(name) if name == "abnormal_order" else params.text(name)
    if value not in known:
        raise invalid(name, f"{name}取值错误")
    return known[value]


def _statuses(params: Params) -> list[str]:
    """combine_status: one object alone, whose order_status is a comma list."""
    if not params.has("combine_status"):
        return []
    wanted = params.items("combine_status", 1)[0].text("order_status")
    try:
        parts = [WHERE[int(part)] for part in wanted.split(",") if part.strip()]
    except (KeyError, ValueError):
        raise invalid("combine_status", "order_status取值错误") from None
    return ["(" + " or ".join(parts) + ")"] if parts else []


def detail(shop: Shop, params: Params) -> Doc:
    return {"shop_order_detail": order_detail(shop, shop.sale(params.text("shop_order_id")))}


def add_remark(shop: Shop, params: Params) -> Doc:
    """The seller's memo, with a star of 0 to 5 when `is_add_star` says so."""
    remark = params.text("remark")
    if len(remark) > LONGEST_REMARK:
        raise invalid("remark", f"备注最多{LONGEST_REMARK}字")
    sale = shop.sale(params.text("order_id"))
    star = params.number("star", 0, 0, 5) if params.flag("is_add_star") else int(sale.doc["flag"])
    write_memo(shop.market, sale.number, remark, star)
    return {}


def confirm_address(shop: Shop, params: Params) -> Doc:
    """The seller's answer to a buyer's change of address: 0 agrees, 1001 to 1005 refuse."""
    answer = params.number("is_approved", 0)
    if answer != 0 and not 1001 <= answer <= 1005:
        raise invalid("is_approved", "is_approved只能为0或1001到1005")
    with shop.market.storage.write():
        sale = shop.sale(params.text("order_id"))
        asked = sale.doc["address_request"]
        if not asked:
            raise _nothing_asked(sale.number)
        sale.doc["address_request"] = None
        sale.doc["address_answer"] = answer
        if answer == 0:
            if any(line["shipped_num"] for line in sale.lines):
                raise business(STATE, "订单已发货，不能修改地址")
            sale.doc |= {"receiver": asked["receiver"], "address_changed": True}
        shop.market.changed(sale, "address" if answer == 0 else "address_refused")
    return {}


def _nothing_asked(number: str) -> ApiError:
    return business(STATE, f"订单{number}没有待审核的地址修改申请")


METHODS = {
    "order/searchList": Method(search_list, ("page", "size")),
    "order/orderDetail": Method(detail, ("shop_order_id",)),
    "order/addOrderRemark": Method(add_remark, ("order_id", "remark")),
    "order/addressConfirm": Method(confirm_address, ("order_id", "is_approved")),
}
