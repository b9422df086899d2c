"""JD's order calls: lists by change or creation, one order, the seller's remark; in clear and encrypted."""

from __future__ import annotations

from functools import partial
from typing import Any

from connectors.sandbox.jd.clock import DAY_MS, text_of
from connectors.sandbox.jd.errors import Refused, invalid, missing, no_order
from connectors.sandbox.jd.order_docs import order_document
from connectors.sandbox.jd.params import Params
from connectors.sandbox.jd.shop import Method, Shop, told_flat, told_in
from connectors.sandbox.jd.states import LEGACY, REMARKS, STATE_SQL, order_state
from connectors.sandbox.kit.market import write_memo

Doc = dict[str, Any]
WIDEST_MS = 31 * DAY_MS
REACH_MS = {"changed_ms": 92 * DAY_MS, "created_ms": 730 * DAY_MS}
SECOND_MS = 999
FINE = {"success": True, "numberCode": 0, "englishErrCode": "", "chineseErrCode": ""}
LONGEST_REMARK = 500


def search(shop: Shop, params: Params, *, encrypted: bool) -> Doc:
    """Orders of a window, oldest first unless sortType is 1."""
    stamp = "created_ms" if params.text("dateType", "0") == "1" else "changed_ms"
    states = _states(params)
    since, until = _window(shop, params, stamp, states)
    page, size = params.number("page", 1, 1), params.number("page_size", 10, 1, 100)
    where, args = "status <> 'unpaid'", []
    if states:
        where += f" and ({STATE_SQL}) in ({', '.join('?' * len(states))})"
        args = states
    rows = shop.market.shelves.list_sales(
        stamp, since, until, (page - 1) * size, size,
        newest_first=params.text("sortType") == "1", where=where, args=args,
    )  # fmt: skip
    fields = params.names("optional_fields")
    found = [order_document(shop, sale, fields, encrypted=encrypted) for sale in rows.found]
    return {"searchorderinfo_result": {"apiResult": FINE, "orderTotal": rows.total, "orderInfoList": found}}


def get(shop: Shop, params: Params, *, encrypted: bool) -> Doc:
    """One order; with order_state only if it is in one of these states."""
    number, states = params.text("order_id"), _states(params)
    sale = shop.order(number)
    if states and order_state(sale.doc) not in states:
        raise no_order(number)
    shown = order_document(shop, sale, params.names("optional_fields"), encrypted=encrypted)
    return {"orderDetailInfo": {"apiResult": FINE, "orderInfo": shown}}


def write_remark(shop: Shop, params: Params) -> Doc:
    """Overwrite the seller's remark and its flag."""
    remark, flag = params.text("remark"), params.text("flag")
    if len(remark) > LONGEST_REMARK:
        raise Refused(10400020, "REMARK_TOO_LONG", "备注不能超过500字")
    number = params.text("order_id")
    with shop.market.storage.write():
        shop.order(number)
        write_memo(shop.market, number, remark, params.number("flag", 0, 0, 5) if flag else None)
    return {"modifyvenderremark_result": {"success": True, "errorCode": "0", "chineseErrCode": "",
                                          "englishErrCode": "", "numberCode": 0}}  # fmt: skip


def read_remark(shop: Shop, params: Params) -> Doc:
    """The seller's remark with its flag, which the order does not show."""
    doc = shop.order(params.text("order_id")).doc
    remark = {"order_id": doc["number"], "remark": doc["memo"], "flag": str(doc["flag"]),
              "created": text_of(doc["created_ms"]), "modified": text_of(doc["changed_ms"])}  # fmt: skip
    result = {"success": True, "result_code": "0", "result_describe": "成功"}
    return {"venderRemarkQueryResult": {"api_jos_result": result, "vender_remark": remark}}


def _states(params: Params) -> list[str]:
    states = params.names("order_state")
    unknown = [state for state in states if state not in REMARKS and state not in LEGACY]
    if unknown:
        raise invalid("order_state", f"has no value {unknown[0]}")
    return states


def _window(shop: Shop, params: Params, stamp: str, states: list[str]) -> tuple[int, int]:
    """Both ends in, to the second; orders to be shipped may be asked for without a window."""
    now = shop.market.now_ms()
    if not params.text("start_date") and not params.text("end_date") and states == ["WAIT_SELLER_STOCK_OUT"]:
        return now - REACH_MS[stamp], now
    for name in ("start_date", "end_date"):
        if not params.text(name):
            raise missing(name)
    since, until = params.moment("start_date"), params.moment("end_date")
    if since > until:
        raise invalid("start_date", "lies after end_date")
    if until - since > WIDEST_MS:
        raise invalid("end_date", "is more than a month after start_date")
    return max(since, now - REACH_MS[stamp]), until + SECOND_MS


def _told(name: str, refused: Refused) -> Doc:
    flat = told_flat(refused)
    result = {"success": False, "numberCode": refused.number}
    return {name: {"apiResult": result | {key: flat[key] for key in ("englishErrCode", "chineseErrCode")}}}


def _remark_told(refused: Refused) -> Doc:
    result = {"success": False, "result_code": str(refused.number), "result_describe": refused.chinese}
    return {"venderRemarkQueryResult": {"api_jos_result": result}}


LISTS = partial(_told, "searchorderinfo_result")
ONE = partial(_told, "orderDetailInfo")
LIST_NEEDS = ("optional_fields", "page", "page_size")
METHODS = {
    "jingdong.pop.order.search": Method(partial(search, encrypted=False), LIST_NEEDS, LISTS, special=True),
    "jingdong.pop.order.enSearch": Method(partial(search, encrypted=True), LIST_NEEDS, LISTS),
    "jingdong.pop.order.get": Method(partial(get, encrypted=False), ("order_id", "optional_fields"), ONE, special=True),
    "jingdong.pop.order.enGet": Method(partial(get, encrypted=True), ("order_id", "optional_fields"), ONE),
    "jingdong.pop.order.modifyVenderRemark": Method(
        write_remark, ("order_id", "remark"), told_in("modifyvenderremark_result")
    ),
    "jingdong.order.venderRemark.queryByOrderId": Method(read_remark, ("order_id",), _remark_told),
}
