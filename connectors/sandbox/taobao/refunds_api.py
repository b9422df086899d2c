"""Refund calls: list, detail, agree, refuse, and the reports of a cancelled shipment or a received return."""

import json
from typing import Any

from connectors.sandbox.taobao import lifecycle
from connectors.sandbox.taobao.errors import ApiError, business, invalid
from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.params import Params
from connectors.sandbox.taobao.refunds import Refund, find_refund, move, save
from connectors.sandbox.taobao.registry import Method
from connectors.sandbox.taobao.trades_api import MEANT_BY, select_fields
from connectors.sandbox.traffic import fen

DEFAULT_TYPES = ("guarantee_trade", "auto_delivery")
MOST_REFUNDS, MOST_FEN = 30, 1_000_000
PAYABLE = frozenset({"WAIT_SELLER_AGREE", "WAIT_SELLER_CONFIRM_GOODS"})


def receive(market: Market, params: Params) -> dict[str, Any]:
    where, args = _filters(params)
    size = params.number("page_size", 40, 1, 100)
    page = params.number("page_no", 1, 1)
    rows = market.storage.rows(
        f"select doc from refund where {where} order by modified desc, refund_id desc limit ? offset ?",
        (*args, size + 1, (page - 1) * size),
    )
    fields = set(params.names("fields"))
    found = [select_fields(json.loads(row["doc"]), fields) for row in rows[:size]]
    if found and market.faults.draw("duplicate_rows", params.text("method")):
        found.append(found[0])
    answer: dict[str, Any] = {"refunds": {"refund": found}} if found else {}
    if params.flag("use_has_next"):
        return {"has_next": len(rows) > size, **answer}
    total = market.storage.scalar(f"select count(*) from refund where {where}", args)
    return {"total_results": total, **answer}


def _filters(params: Params) -> tuple[str, list[str]]:
    asked = params.names("type") or DEFAULT_TYPES
    types = [meant for name in asked for meant in MEANT_BY.get(name, (name,))]
    clauses, args = [f"type in ({', '.join('?' * len(types))})"], list(types)
    for name, comparison in (("start_modified", "modified >= ?"), ("end_modified", "modified <= ?")):
        if params.text(name):
            params.moment(name)
            clauses.append(comparison)
            args.append(params.text(name))
    if params.text("status"):
        clauses.append("status = ?")
        args.append(params.text("status"))
    return " and ".join(clauses), args


def get(market: Market, params: Params) -> dict[str, Any]:
    refund = find_refund(market, params.text("refund_id"))
    return {"refund": select_fields(refund.doc, set(params.names("fields")))}


def refuse(market: Market, params: Params) -> dict[str, Any]:
    with market.storage.write():
        refund = find_refund(market, params.text("refund_id"))
        if not 2 <= len(params.text("refuse_message")) <= 200:
            raise invalid("refuse_message", "2 to 200 characters")
        _check_version(refund, params.text("refund_version"))
        if refund.status not in lifecycle.REFUND_RUNNING:
            raise business("refund-status-error", "退款状态不允许拒绝")
        move(market, refund, "SELLER_REFUSE_BUYER", "taobao_refund_RefundSellerRefuseAgreement")
    return {"refund": {"refund_id": refund.refund_id, "status": refund.status, "modified": refund.doc["modified"]}}


def agree(market: Market, params: Params) -> dict[str, Any]:
    parts = [text.split("|") for text in params.names("refund_infos")]
    if len(parts) > MOST_REFUNDS or any(len(part) < 3 or not part[1].isdigit() for part in parts):
        raise invalid("refund_infos", f"at most {MOST_REFUNDS} of refund_id|fen|version|phase")
    if sum(int(part[1]) for part in parts) > MOST_FEN:
        raise invalid("refund_infos", "the sum exceeds 10000 yuan")
    results = [_agree_one(market, *part[:3]) for part in parts]
    done = sum(result["succ"] for result in results)
    code = "OP_SUCC" if done == len(results) else "SOME_OP_SUCC" if done else "OP_FAILURE_UE"
    mapped = {"refund_mapping_result": results}
    return {"results": mapped, "msg_code": code, "message": "", "succ": done == len(results)}


def _agree_one(market: Market, refund_id: str, amount: str, version: str) -> dict[str, Any]:
    with market.storage.write():
        try:
            refund = find_refund(market, refund_id)
        except ApiError as error:
            return {"refund_id": refund_id, "succ": False, "message": error.sub_msg}
        words = _why_not_payable(refund, int(amount), version)
        if not words:
            move(market, refund, "SUCCESS", "taobao_refund_RefundSuccess")
    return {"refund_id": refund_id, "succ": not words, "message": words or "操作成功"}


def _why_not_payable(refund: Refund, amount: int, version: str) -> str:
    if refund.status not in PAYABLE:
        return f"退款状态不允许: {refund.status}"
    if version != str(refund.doc["refund_version"]):
        return "退款版本号已变化，请重新获取"
    return "" if amount == fen(refund.doc["refund_fee"]) else "退款金额不一致"


def agree_return(market: Market, params: Params) -> dict[str, Any]:
    with market.storage.write():
        refund = find_refund(market, params.text("refund_id"))
        _check_version(refund, params.text("refund_version"))
        if refund.status != "WAIT_SELLER_AGREE" or not refund.doc["has_good_return"]:
            raise business("refund-status-error", "退款状态不允许同意退货")
        move(market, refund, "WAIT_BUYER_RETURN_GOODS", "taobao_refund_RefundSellerAgreeAgreement")
        delay = market.delay("buyer_returns_after")
        payload = {"tid": str(refund.doc["tid"]), "verb": "return_goods", "refund_id": refund.refund_id}
        market.scheduler.after(delay, "act", payload)
    return {"result": True}


def sendgoods_cancel(market: Market, params: Params) -> dict[str, Any]:
    """The seller tells whether the shipment could be cancelled: SUCCESS refunds at once, FAIL leaves it open."""
    param = params.json("param")
    for name in ("refund_id", "tid", "status"):
        if not isinstance(param, dict) or not param.get(name):
            raise invalid("param", f"param.{name} is required")
    if param["status"] not in ("SUCCESS", "FAIL"):
        raise invalid("param", "param.status is SUCCESS or FAIL")
    with market.storage.write():
        refund = find_refund(market, str(param["refund_id"]))
        problem = _why_not_cancellable(refund, param)
        refund.notes["reports"].append({"status": param["status"], "problem": problem, "at": market.now_text()})
        save(market, refund)
        if not problem and param["status"] == "SUCCESS":
            move(market, refund, "SUCCESS", "taobao_refund_RefundSuccess")
    return _report_result(refund, problem)


def _why_not_cancellable(refund: Refund, param: dict[str, Any]) -> str:
    if str(param["tid"]) != str(refund.doc["tid"]):
        return "TID_NOT_MATCH"
    if param.get("oid") and str(param["oid"]) != str(refund.doc["oid"]):
        return "OID_NOT_MATCH"
    return "" if refund.status == "WAIT_SELLER_AGREE" else "REFUND_STATUS_ERROR"


def warehouse_update(market: Market, params: Params) -> dict[str, Any]:
    """The returned parcel has arrived in the warehouse (status 1): the buyer gets the money."""
    with market.storage.write():
        refund = find_refund(market, params.text("refund_id"))
        problem = "" if refund.status == "WAIT_SELLER_CONFIRM_GOODS" else "REFUND_STATUS_ERROR"
        refund.notes["reports"].append({"status": "ARRIVED", "problem": problem, "at": market.now_text()})
        save(market, refund)
        if not problem and params.number("warehouse_status", 1) == 1:
            move(market, refund, "SUCCESS", "taobao_refund_RefundSuccess")
    return {"succeed": not problem, "err_code": problem, "err_info": problem}


def _report_result(refund: Refund, problem: str) -> dict[str, Any]:
    result: dict[str, Any] = {"success": not problem, "result_data": {"refund_id": int(refund.refund_id)}}
    if problem:
        result |= {"error_code": problem, "error_info": f"退款单状态为 {refund.status}"}
    return {"result": result}


def _check_version(refund: Refund, version: str) -> None:
    if version and version != str(refund.doc["refund_version"]):
        raise business("refund-version-error", "退款版本号已变化，请重新获取")


METHODS = {
    "taobao.refunds.receive.get": Method(receive, ("fields",)),
    "taobao.refund.get": Method(get, ("fields", "refund_id")),
    "taobao.refund.refuse": Method(refuse, ("refund_id", "refuse_message")),
    "taobao.rp.refunds.agree": Method(agree, ("refund_infos",)),
    "taobao.rp.returngoods.agree": Method(agree_return, ("refund_id",)),
    "taobao.rdc.aligenius.sendgoods.cancel": Method(sendgoods_cancel, ("param",)),
    "taobao.nextone.logistics.warehouse.update": Method(warehouse_update, ("refund_id", "warehouse_status")),
}
