"""After-sale cases: the incremental list, the detail, reasons to refuse, remarks and more time."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.douyin.case_docs import detail as case_detail
from connectors.sandbox.douyin.case_docs import list_item
from connectors.sandbox.douyin.errors import STATE, business, invalid, missing
from connectors.sandbox.douyin.orders_api import WINDOW_DAYS, page_of, window
from connectors.sandbox.douyin.params import Params
from connectors.sandbox.douyin.shop import Method, Shop
from connectors.sandbox.douyin.states import TYPES
from connectors.sandbox.kit.market import CASE_OVER
from connectors.sandbox.kit.market.model import HOUR
from connectors.sandbox.kit.market.store import Rows

Doc = dict[str, Any]
STAMPS = {"apply_time": "created_ms", "update_time": "changed_ms"}
REFUND_STATES = {
    6: "state = 'asked'", 7: "(state = 'agreed' and kind <> 'resend')", 8: "(state = 'agreed' and kind = 'resend')",
    11: "state = 'returned'", 12: "(state = 'succeeded' and kind <> 'exchange')", 13: "state = 'sent'",
    14: "(state = 'succeeded' and kind = 'exchange')", 27: "(state = 'refused' and not json_extract(doc, '$.received'))",
    28: "state = 'closed'", 29: "(state = 'refused' and json_extract(doc, '$.received'))",
}  # fmt: skip
REASONS = {
    1: ("商品已发出，请收到后再申请", "Y", 0), 2: ("与买家协商一致，不退款", "N", -1),
    3: ("退回商品影响二次销售", "Y", 1), 4: ("未收到退回的商品", "N", 1), 5: ("申请理由与实际不符", "N", -1),
}  # fmt: skip


def case_list(shop: Shop, params: Params) -> Doc:
    """Cases by time of application (`start_time`) or change (`update_start_time`); pages start with 0."""
    page, size = page_of(params)
    rows = _rows(shop, params, page, size)
    items = [list_item(shop, case) for case in rows.found]
    return {"items": items, "has_more": (page + 1) * size < rows.total, "total": rows.total, "page": page, "size": size}


def _rows(shop: Shop, params: Params, page: int, size: int) -> Rows:
    name, newest_first = _order(params)
    days = int(shop.settings.get("window_days", WINDOW_DAYS))
    times = {"apply_time": _times(params, "start_time", "end_time", days),
             "update_time": _times(params, "update_start_time", "update_end_time", days)}  # fmt: skip
    parts, values = _conditions(params)
    other = next(stamp for stamp in STAMPS if stamp != name)
    if (held := times[other]) is not None:
        parts.append(f"{STAMPS[other]} between ? and ?")
        values += held
    now = shop.market.now_ms()
    since, until = times[name] or (0, now)
    return shop.market.shelves.list_cases(
        STAMPS[name], since, until, page * size, size, newest_first=newest_first, where=" and ".join(parts) or "1",
        args=values,
    )  # fmt: skip


def _order(params: Params) -> tuple[str, bool]:
    """order_by: a list of one text such as "update_time asc"; newest applications first when absent."""
    if not params.has("order_by"):
        return "apply_time", True
    name, _, direction = params.texts("order_by")[0].partition(" ")
    name = {"create_time": "apply_time"}.get(name, name)
    if name not in STAMPS or direction not in ("", "asc", "desc"):
        raise invalid("order_by", "order_by取值错误")
    return name, direction != "asc"


def _times(params: Params, start: str, end: str, days: int) -> tuple[int, int] | None:
    values = {f"times_{word}": params.text(name) for word, name in (("start", start), ("end", end)) if params.has(name)}
    if len(values) == 1:
        raise missing(end if params.has(start) else start)
    return window(Params(values), "times", days)


def _conditions(params: Params) -> tuple[list[str], list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    if params.has("aftersale_type"):
        parts.append(_type(params.number("aftersale_type")))
    for name in ("standard_aftersale_status", "aftersale_status"):
        if params.has(name):
            wanted = params.texts(name) if name.startswith("standard") else [params.text(name)]
            parts.append("(" + " or ".join(_status(name, text) for text in wanted) + ")")
    for name, column in (("order_id", "sale"), ("aftersale_id", "number")):
        if params.has(name):
            parts.append(f"{column} = ?")
            values.append(params.text(name))
    return parts, values


def _type(number: int) -> str:
    if number in (1, 2):
        shipped = "" if number == 1 else "not "
        return f"(kind = 'refund' and {shipped}json_extract(doc, '$.line_shipped_when_asked'))"
    for kind, found in TYPES.items():
        if found == number:
            return f"kind = '{kind}'"
    raise invalid("aftersale_type", "aftersale_type取值错误")


def _status(name: str, text: str) -> str:
    if not text.isdigit() or int(text) not in REFUND_STATES:
        raise invalid(name, f"{name}取值错误")
    return REFUND_STATES[int(text)]


def detail(shop: Shop, params: Params) -> Doc:
    return case_detail(shop, shop.case(params.text("after_sale_id")))


def reject_reasons(shop: Shop, params: Params) -> Doc:
    """Why a case may be refused; some reasons need evidence."""
    return {"items": [
        {"reject_reason_code": code, "reason": words, "evidence_description": "请上传凭证" if needs == "Y" else "",
         "evidence_need": needs, "image": "", "order_type": -1, "pkg": pkg}
        for code, (words, needs, pkg) in REASONS.items()
    ]}  # fmt: skip


def time_extend(shop: Shop, params: Params) -> Doc:
    """The buyer gets three days more to send goods back, once."""
    case = shop.case(params.text("after_sale_id") or params.text("aftersale_id"))
    if case.doc["state"] in CASE_OVER or case.doc.get("extended"):
        raise business(STATE, "售后单当前状态不允许延长")
    case.doc |= {"extended": True, "respond_by_ms": case.doc["respond_by_ms"] + 72 * HOUR}
    shop.market.case_changed(case, "case_deadline")
    return {}


def add_remark(shop: Shop, params: Params) -> Doc:
    """A remark of the seller's on a case, or on all cases of an order."""
    if not params.has("after_sale_id") and not params.has("order_id"):
        raise missing("after_sale_id")
    named = params.text("after_sale_id")
    cases = [shop.case(named)] if named else shop.market.shelves.cases_of(shop.sale(params.text("order_id")).number)
    for case in cases:
        remark = {"remark": params.text("remark"), "operator": "商家", "create_time": shop.now()}
        case.doc.setdefault("remarks", []).append(remark)
        shop.market.shelves.save_case(case)
    return {}


METHODS = {
    "afterSale/List": Method(case_list, ("page", "size")),
    "afterSale/Detail": Method(detail, ("after_sale_id",)),
    "afterSale/rejectReasonCodeList": Method(reject_reasons),
    "afterSale/timeExtend": Method(time_extend),
    "afterSale/addOrderRemark": Method(add_remark, ("remark",)),
}
