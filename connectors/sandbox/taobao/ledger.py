"""The platform's complete record: every trade, shipment and refund, as judges of a run compare them."""

import json
from typing import Any

from connectors.sandbox.taobao import lifecycle
from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.store import Trade

Doc = dict[str, Any]


def ledger_of(market: Market) -> Doc:
    """{"trades": […], "refused_shipments": […]}; see docs/sandbox.md for the meaning of each key."""
    shipments = _by_tid(market, "select * from shipment order by id", _shipment)
    refunds = _by_tid(market, "select * from refund order by refund_id", _refund)
    trades = [_trade(trade, shipments.get(trade.tid, []), refunds.get(trade.tid, [])) for trade in market.trades.all()]
    refused = [found for listed in shipments.values() for found in listed if not found["accepted"]]
    return {"trades": trades, "refused_shipments": refused}


def _by_tid(market: Market, sql: str, read: Any) -> dict[str, list[Doc]]:
    found: dict[str, list[Doc]] = {}
    for row in market.storage.rows(sql):
        found.setdefault(row["tid"], []).append(read(row))
    return found


def _trade(trade: Trade, shipments: list[Doc], refunds: list[Doc]) -> Doc:
    doc = trade.doc
    return {
        "tid": trade.tid, "kind": trade.kind, "tag": trade.tag, "type": doc["type"], "status": doc["status"],
        "payable": lifecycle.is_payable(doc) and not trade.spoil, "spoiled": trade.spoil,
        "held": lifecycle.is_held(doc), "step": doc.get("step_trade_status", ""),
        "created": doc["created"], "arrived": trade.arrived, "modified": doc["modified"],
        "payment": doc["payment"], "memo": doc["seller_memo"], "flag": doc["seller_flag"],
        "address_changed": doc.get("lm") == "1", "lines": [_line(line) for line in trade.lines],
        "shipments": [found for found in shipments if found["accepted"]], "refunds": refunds,
    }  # fmt: skip


def _line(line: Doc) -> Doc:
    names = ("status", "refund_status", "outer_sku_id", "num")
    found = {"oid": line["oid_str"], **{name: line[name] for name in names}}
    found["live"] = lifecycle.is_live(line)
    found["invoice_no"] = line.get("invoice_no", "")
    return found


def _shipment(row: Any) -> Doc:
    names = ("id", "tid", "company_code", "out_sid", "kind", "reason", "at")
    found = {name: row[name] for name in names}
    flags = {"accepted": bool(row["accepted"]), "refund_open": bool(row["refund_open"])}
    return {**found, "oids": json.loads(row["oids"]), **flags}


def _refund(row: Any) -> Doc:
    doc, notes = json.loads(row["doc"]), json.loads(row["notes"])
    names = ("refund_id", "status", "refund_fee", "has_good_return", "created", "modified")
    return {"oid": row["oid"], **{name: doc[name] for name in names}, **notes}
