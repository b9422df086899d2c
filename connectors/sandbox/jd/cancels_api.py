"""JD's calls about applications to cancel: list, one, how many wait, the seller's answer. Amounts are in fen."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.jd.cancels import CLOSED, REFUSED, reply, status_of
from connectors.sandbox.jd.clock import text_of
from connectors.sandbox.jd.errors import Refused, invalid, missing
from connectors.sandbox.jd.params import Params
from connectors.sandbox.jd.shop import Method, Shop, told_in
from connectors.sandbox.jd.tde import masked_name, masked_pin
from connectors.sandbox.kit.market import Case
from connectors.sandbox.kit.market.store import Rows

Doc = dict[str, Any]
FOREVER = 10**14
EVERY = 100_000
CHECKED = "coalesce(json_extract(doc, '$.checked_ms'), 0)"
SYSTEM = "json_extract(doc, '$.system') = 'refundapply'"
ANSWERS = (1, 2, 6, 9, 10)


def query(shop: Shop, params: Params) -> Doc:
    """Applications by the time they were made or checked, oldest first."""
    page, size = params.number("pageIndex", 1, 1, 100), params.number("pageSize", 10, 1, 50)
    found = [case for case in _listed(shop, params) if _matches(params, case.doc)]
    shown = [document(shop, case) for case in found[(page - 1) * size : page * size]]
    return {"queryResult": {"success": True, "totalCount": len(found), "result": shown, "errorCode": ""}}


def query_one(shop: Shop, params: Params) -> Doc:
    """One application by its number."""
    case = shop.case(params.text("id"), "refundapply")
    return {"queryResult": {"success": True, "totalCount": 1, "result": [document(shop, case)], "errorCode": ""}}


def count_waiting(shop: Shop, params: Params) -> Doc:
    """How many applications wait for the seller."""
    rows = _rows(shop, "created_ms", 0, FOREVER)
    waiting = sum(status_of(case.doc) == 0 for case in rows.found)
    return {"queryResult": {"success": True, "totalCount": waiting, "errorCode": ""}}


def answer(shop: Shop, params: Params) -> Doc:
    """The seller's answer to an application."""
    status = params.number("status")
    if status not in ANSWERS:
        raise invalid("status", f"must be one of {', '.join(map(str, ANSWERS))}")
    if status != CLOSED and not params.text("remark"):
        raise missing("remark")
    if status == REFUSED:
        params.number("rejectType", 5, 1, 6)
    params.number("outWareStatus", 2, 1, 2)
    with shop.market.storage.write():
        case = shop.case(params.text("id"), "refundapply")
        reply(shop, case, status, params.text("checkUserName"), params.text("remark"))
    return {"replyResult": {"success": True, "errorCode": "", "chineseErrCode": "", "englishErrCode": ""}}


def document(shop: Shop, case: Case) -> Doc:
    """An application as JD shows it."""
    doc = case.doc
    sale = shop.market.find_sale(doc["order"]).doc
    return {
        "id": int(doc["number"]), "orderId": doc["order"], "buyerId": masked_pin(sale["buyer"]["nick"]),
        "buyerName": masked_name(sale["receiver"]["name"]), "applyTime": text_of(doc["created_ms"], ""),
        "applyRefundSum": doc["amount"], "status": status_of(doc), "checkTime": text_of(doc.get("checked_ms", 0), ""),
        "checkUserName": doc.get("check_user", ""), "checkRemark": doc.get("check_remark", ""),
        "reason": doc["reason"], "systemId": 28, "storeId": "0",
    }  # fmt: skip


def _listed(shop: Shop, params: Params) -> list[Case]:
    by_check = bool(params.text("checkTimeStart") or params.text("checkTimeEnd"))
    name = "checkTime" if by_check else "applyTime"
    since = params.moment(f"{name}Start", 1 if by_check else 0)
    until = params.moment(f"{name}End", FOREVER)
    found: list[Case] = _rows(shop, CHECKED if by_check else "created_ms", since, until + 999).found
    return found


def _rows(shop: Shop, stamp: str, since: int, until: int) -> Rows:
    return shop.market.shelves.list_cases(stamp, since, until, 0, EVERY, where=SYSTEM)


def _matches(params: Params, doc: Doc) -> bool:
    ids, status, order = params.names("ids"), params.text("status"), params.text("orderId")
    if (ids and doc["number"] not in ids) or (status and str(status_of(doc)) != status):
        return False
    applied = params.moment("applyTimeStart") <= doc["created_ms"] <= params.moment("applyTimeEnd", FOREVER) + 999
    return applied and order in ("", doc["order"])


def _query_told(refused: Refused) -> Doc:
    return {"queryResult": {"success": False, "totalCount": 0, "result": [], "errorCode": str(refused.number),
                            "chineseErrCode": refused.chinese, "englishErrCode": refused.english}}  # fmt: skip


ROOT = "jingdong.pop.afs.soa.refundapply"
METHODS = {
    f"{ROOT}.queryPageList": Method(query, (), _query_told),
    f"{ROOT}.queryById": Method(query_one, ("id",), _query_told),
    f"{ROOT}.getWaitRefundNum": Method(count_waiting, (), _query_told),
    f"{ROOT}.replyRefund": Method(answer, ("id", "status", "checkUserName"), told_in("replyResult")),
}
