"""Refunds as the platform keeps them: asking, moving on, settling. No API parameters."""

import json
import time
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.taobao import lifecycle
from connectors.sandbox.taobao.errors import business
from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.store import Trade
from connectors.sandbox.traffic import fen, yuan

FIRST_REFUND = 160_000_000_000_000_000
OPEN = lifecycle.REFUND_RUNNING
ENDED = frozenset({"SUCCESS", "CLOSED"})


@dataclass(slots=True)
class Refund:
    """A refund of one line: `doc` is refund.get's object, `notes` what only the ledger tells."""

    refund_id: str
    doc: dict[str, Any]
    notes: dict[str, Any]

    @property
    def status(self) -> str:
        return str(self.doc["status"])


def find_refund(market: Market, refund_id: str) -> Refund:
    """A refund of this shop, or the platform's refusal."""
    row = market.storage.one("select * from refund where refund_id = ?", (refund_id,))
    if row is None:
        raise business("refund-not-exist", "退款单不存在")
    return _refund(row)


def refunds_of(market: Market, tid: str) -> list[Refund]:
    rows = market.storage.rows("select * from refund where tid = ? order by refund_id", (tid,))
    return [_refund(row) for row in rows]


def ask_refund(market: Market, trade: Trade, oid: str, *, goods_back: bool, reason: str) -> Refund:
    """The buyer asks for the money of one line; asking again after a refusal keeps the refund's number."""
    line = lifecycle.line_of(trade.doc, oid)
    if line["status"] in lifecycle.CLOSED or trade.doc["status"] in lifecycle.UNPAID:
        raise lifecycle.NotAllowed(f"line {oid} in {line['status']} has nothing to refund")
    if line["refund_status"] in OPEN:
        raise lifecycle.NotAllowed(f"line {oid} already has an open refund {line['refund_id']}")
    earlier = [refund for refund in refunds_of(market, trade.tid) if refund.doc["oid"] == line["oid"]]
    again = earlier[-1].refund_id if earlier and earlier[-1].status == "SELLER_REFUSE_BUYER" else None
    refund_id = again or str(market.storage.next_number("refund", FIRST_REFUND + 1))
    doc = _document(trade, line, refund_id, goods_back, reason, market.now_text())
    shipped = lifecycle.is_shipped(line)
    notes = {"asked_at": doc["created"], "line_shipped_when_asked": shipped, "reports": []}
    refund = Refund(refund_id, doc, notes)
    _move(market, trade, refund, "WAIT_SELLER_AGREE", "taobao_refund_RefundCreated")
    return refund


def move(market: Market, refund: Refund, status: str, topic: str) -> None:
    """Bring a refund to a status; success closes the line, and the trade with its last line."""
    trade = market.trade(str(refund.doc["tid"]))
    _move(market, trade, refund, status, topic)


def save(market: Market, refund: Refund) -> None:
    """Write a refund; its version and `modified` move."""
    doc = refund.doc
    doc["modified"] = market.now_text()
    doc["refund_version"] = max(int(time.time() * 1000), int(doc["refund_version"]) + 1)
    trade_type = market.trade(str(doc["tid"])).doc["type"]
    market.storage.execute(
        "insert or replace into refund values (?, ?, ?, ?, ?, ?, ?, ?)",
        (refund.refund_id, str(doc["tid"]), str(doc["oid"]), trade_type, doc["status"], doc["modified"],
         json.dumps(doc, ensure_ascii=False), json.dumps(refund.notes, ensure_ascii=False)),
    )  # fmt: skip


def _move(market: Market, trade: Trade, refund: Refund, status: str, topic: str) -> None:
    refund.doc["status"] = status
    line = lifecycle.line_of(trade.doc, str(refund.doc["oid"]))
    line |= {"refund_status": status, "refund_id": refund.refund_id}
    save(market, refund)
    if status == "SUCCESS":
        lifecycle.close_line(trade.doc, line["oid_str"], market.now_text())
        market.trades.save(trade)
        if trade.doc["status"] == "WAIT_BUYER_CONFIRM_GOODS":
            # What was left to ship is gone: the rest is now wholly on its way.
            market.scheduler.after(market.delay("finish_after"), "act", {"tid": trade.tid, "verb": "finish"})
        closed = trade.doc["status"] == "TRADE_CLOSED"
        market.announce(f"taobao_trade_Trade{'Close' if closed else 'PartlyRefund'}", trade)
    else:
        # The trade itself is seen to change only later: refunds have to be asked for separately.
        market.trades.save_quietly(trade)
        market.scheduler.after(market.delay("refund_reaches_trade_after"), "touch", {"tid": trade.tid})
    market.announce(topic, trade, refund_id=refund.refund_id, oid=line["oid_str"])


def _document(
    trade: Trade, line: dict[str, Any], refund_id: str, goods_back: bool, reason: str, at: str
) -> dict[str, Any]:
    shipped = lifecycle.is_shipped(line)
    total, fee = fen(trade.doc["payment"]), _fee(trade, line, shipped)
    return {
        "refund_id": refund_id, "tid": trade.doc["tid"], "oid": line["oid"], "status": "WAIT_SELLER_AGREE",
        "order_status": line["status"], "good_status": "BUYER_RECEIVED" if shipped else "BUYER_NOT_RECEIVED",
        "has_good_return": goods_back, "refund_fee": yuan(fee), "total_fee": trade.doc["payment"],
        "payment": yuan(total - fee), "created": at, "modified": at, "reason": reason, "desc": "",
        "title": line["title"], "num": line["num"], "num_iid": line["num_iid"], "price": line["price"],
        "outer_id": line["outer_sku_id"], "sku": f"{line['sku_id']}|{line['sku_properties_name']}",
        "buyer_nick": trade.doc["buyer_nick"], "buyer_open_uid": trade.doc["buyer_open_uid"],
        "seller_nick": trade.doc["seller_nick"],
        "refund_phase": "aftersale" if trade.doc["status"] == "TRADE_FINISHED" else "onsale",
        "refund_version": 0, "dispute_type": "REFUND_AND_RETURN" if goods_back else "REFUND",
        "operation_contraint": "", "cs_status": 1, "advance_status": 0, "shipping_type": "express",
    }  # fmt: skip


def _fee(trade: Trade, line: dict[str, Any], shipped: bool) -> int:
    """What the line cost; postage comes back only with the last line before anything shipped."""
    fee = fen(line["divide_order_fee"])
    others = [other for other in trade.lines if other is not line and other["status"] not in lifecycle.CLOSED]
    return fee if others or shipped else fee + fen(trade.doc["post_fee"])


def _refund(row: Any) -> Refund:
    return Refund(row["refund_id"], json.loads(row["doc"]), json.loads(row["notes"]))
