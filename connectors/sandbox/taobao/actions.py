"""What buyers, the platform and time do to a trade: verbs of the control endpoints and of the scheduler."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.taobao import lifecycle
from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.refunds import OPEN, ask_refund, find_refund, move, refunds_of
from connectors.sandbox.taobao.store import Trade
from connectors.sandbox.traffic import draw_receiver, mask_receiver, receiver_key

Body = Mapping[str, Any]
Result = dict[str, Any]


def act(market: Market, tid: str, verb: str, body: Body) -> Result:
    """Do one thing to one trade in one transaction.

    LookupError for an unknown trade or verb, lifecycle.NotAllowed when the trade's state forbids it.
    """
    with market.storage.write():
        trade = market.trades.get(tid)
        if trade is None or verb not in VERBS:
            raise LookupError(f"no trade {tid}" if trade is None else f"no verb {verb}")
        result = VERBS[verb](market, trade, body) or {}
        return {"tid": tid, "status": trade.doc["status"], "modified": trade.doc["modified"], **result}


def pay(market: Market, trade: Trade, body: Body) -> None:
    lifecycle.pay(trade.doc, market.now_text())
    _changed(market, trade, "TradeBuyerPay")


def pay_balance(market: Market, trade: Trade, body: Body) -> None:
    lifecycle.pay_balance(trade.doc, market.now_text())
    _changed(market, trade, "TradeBuyerStepPay")


def release(market: Market, trade: Trade, body: Body) -> None:
    lifecycle.release(trade.doc)
    _changed(market, trade, "TradeChanged")


def refund(market: Market, trade: Trade, body: Body) -> Result:
    """Ask for one line (`oid`) or for every line that can be refunded; `return` asks to send goods back."""
    oids = [str(body["oid"])] if body.get("oid") else _refundable(trade)
    if not oids:
        raise lifecycle.NotAllowed(f"trade {trade.tid} has no line to refund")
    reason = str(body.get("reason", "不喜欢/不想要"))
    back = bool(body.get("return", False))
    asked = [ask_refund(market, trade, oid, goods_back=back, reason=reason) for oid in oids]
    return {"refund_ids": [refund.refund_id for refund in asked]}


def withdraw_refund(market: Market, trade: Trade, body: Body) -> Result:
    running = [found for found in refunds_of(market, trade.tid) if found.status in OPEN]
    wanted = str(body.get("oid", ""))
    chosen = [found for found in running if not wanted or str(found.doc["oid"]) == wanted]
    if not chosen:
        raise lifecycle.NotAllowed(f"trade {trade.tid} has no open refund")
    for found in chosen:
        move(market, found, "CLOSED", "taobao_refund_RefundClosed")
    return {"refund_ids": [found.refund_id for found in chosen]}


def return_goods(market: Market, trade: Trade, body: Body) -> Result:
    """The buyer sends the goods back and fills in the waybill of the return."""
    found = find_refund(market, str(body["refund_id"]))
    if found.status != "WAIT_BUYER_RETURN_GOODS":
        raise lifecycle.NotAllowed(f"refund {found.refund_id} in {found.status} expects no goods")
    number = market.storage.next_number("return_waybill", 78_900_000_000_001)
    found.doc |= {"company_name": "中通快递", "sid": str(body.get("sid", number))}
    found.doc |= {"good_status": "BUYER_RETURNED_GOODS", "good_return_time": market.now_text()}
    move(market, found, "WAIT_SELLER_CONFIRM_GOODS", "taobao_refund_RefundBuyerReturnGoods")
    return {"refund_ids": [found.refund_id]}


def edit_memo(market: Market, trade: Trade, body: Body) -> None:
    trade.doc["seller_memo"] = str(body.get("memo", "客服：客户要求尽快发货"))
    trade.doc["seller_flag"] = int(body.get("flag", 1))
    _changed(market, trade, "TradeMemoModified")


def edit_address(market: Market, trade: Trade, body: Body) -> None:
    """The buyer takes another receiver (drawn, unless `receiver` is given); the old oaid matches no more."""
    if trade.doc["status"] in lifecycle.OVER or any(map(lifecycle.is_shipped, trade.lines)):
        raise lifecycle.NotAllowed(f"trade {trade.tid} in {trade.doc['status']} keeps its address")
    trade.receiver = {**draw_receiver(market.random), **body.get("receiver", {})}
    trade.receiver_key = receiver_key(trade.doc["buyer_open_uid"], trade.receiver)
    mask_receiver(trade.doc, trade.receiver, trade.doc["buyer_open_uid"])
    trade.doc["lm"] = "1"
    for line in trade.lines:
        line["modify_address"] = "2" if trade.doc["status"] in lifecycle.UNPAID else "1"
    _changed(market, trade, "TradeLogisticsAddressChanged")


def edit_quantity(market: Market, trade: Trade, body: Body) -> Result:
    line = trade.lines[0] if not body.get("oid") else lifecycle.line_of(trade.doc, str(body["oid"]))
    lifecycle.change_quantity(trade.doc, line["oid_str"], int(body.get("num", line["num"] + 1)))
    _changed(market, trade, "TradeModifyFee")
    return {"oid": line["oid_str"], "num": line["num"]}


def close(market: Market, trade: Trade, body: Body) -> None:
    """Close before payment, or refund every line that has not shipped after it."""
    if trade.doc["status"] in lifecycle.UNPAID:
        lifecycle.close_unpaid(trade.doc, market.now_text())
        _changed(market, trade, "TradeClose")
        return
    for oid in _refundable(trade):
        if not lifecycle.is_shipped(lifecycle.line_of(trade.doc, oid)):
            ask_refund(market, trade, oid, goods_back=False, reason="协商一致退款")
    for found in refunds_of(market, trade.tid):
        if found.status in OPEN and not lifecycle.is_shipped(lifecycle.line_of(trade.doc, str(found.doc["oid"]))):
            move(market, found, "SUCCESS", "taobao_refund_RefundSuccess")
    trade.doc = market.trade(trade.tid).doc


def sign(market: Market, trade: Trade, body: Body) -> None:
    lifecycle.sign(trade.doc)
    _changed(market, trade, "TradeDelayConfirmPay")


def finish(market: Market, trade: Trade, body: Body) -> None:
    lifecycle.finish(trade.doc, market.now_text())
    _changed(market, trade, "TradeSuccess")


def mend(market: Market, trade: Trade, body: Body) -> None:
    """Repair a bad trade's document."""
    if not trade.spoil:
        raise lifecycle.NotAllowed(f"trade {trade.tid} is not damaged")
    trade.spoil = ""
    _changed(market, trade, "TradeChanged")


def touch(market: Market, trade: Trade, body: Body) -> None:
    market.trades.save(trade)


def _refundable(trade: Trade) -> list[str]:
    return [
        line["oid_str"]
        for line in trade.lines
        if line["status"] not in lifecycle.CLOSED and line["refund_status"] not in OPEN
    ]


def _changed(market: Market, trade: Trade, topic: str) -> None:
    market.trades.save(trade)
    market.announce(f"taobao_trade_{topic}", trade)


VERBS: dict[str, Callable[[Market, Trade, Body], Result | None]] = {
    "pay": pay,
    "pay_balance": pay_balance,
    "release": release,
    "refund": refund,
    "withdraw_refund": withdraw_refund,
    "return_goods": return_goods,
    "edit_memo": edit_memo,
    "edit_address": edit_address,
    "edit_quantity": edit_quantity,
    "close": close,
    "sign": sign,
    "finish": finish,
    "mend": mend,
    "touch": touch,
}
