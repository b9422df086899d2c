"""The platform's complete record, in one shape for every marketplace, as judges of a run compare them."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market.market import Market
from connectors.sandbox.kit.market.model import is_live, is_payable
from connectors.sandbox.kit.market.store import Case, Sale

Doc = dict[str, Any]


def ledger_of(market: Market) -> Doc:
    """{"trades", "refused_shipments", "shelves"}; docs/sandbox.md says what each key means."""
    refused = market.storage.rows("select * from shipment where accepted = 0 order by id")
    shelves = market.storage.rows("select listing, variant, code, units, pushes from shelf order by listing, variant")
    return {
        "trades": [_trade(market, sale) for sale in market.shelves.sales()],
        "refused_shipments": [dict(row) for row in refused],
        "shelves": [dict(row) for row in shelves],
    }


def _trade(market: Market, sale: Sale) -> Doc:
    doc = sale.doc
    names = ("status", "kind", "held", "payment", "memo", "flag", "address_changed", "by_platform", "created_ms",
             "changed_ms", "is_cod")  # fmt: skip
    return {
        "tid": sale.number, "tag": sale.tag, "spoiled": sale.spoil, "arrived_ms": sale.arrived_ms,
        **{name: doc[name] for name in names}, "payable": is_payable(doc) and not sale.spoil,
        "lines": [_line(line) for line in sale.lines],
        "shipments": [_shipment(found) for found in market.shelves.shipments_of(sale.number)],
        "refunds": [found for case in market.shelves.cases_of(sale.number) for found in _refunds(case)],
    }  # fmt: skip


def _line(line: Doc) -> Doc:
    status = "shipped" if line["shipped_num"] else "cancelled" if line["cancelled_num"] >= line["num"] else "open"
    return {
        "oid": line["no"], "status": status, "refund_status": line["refund"], "outer_sku_id": line["sku"]["code"],
        "num": line["num"], "live": is_live(line), "cancelled_num": line["cancelled_num"],
        "shipped_num": line["shipped_num"], "waybills": line["waybills"],
    }  # fmt: skip


def _shipment(found: Doc) -> Doc:
    names = ("id", "oids", "company_code", "out_sid", "kind", "at_ms")
    return {**{name: found[name] for name in names}, "accepted": True, "refund_open": bool(found["refund_open"])}


def _refunds(case: Case) -> list[Doc]:
    doc = case.doc
    status = {"closed": "CLOSED"}.get(doc["state"], doc["state"])
    names = ("kind", "amount", "line_shipped_when_asked", "reports", "paid_back", "received")
    return [
        {"refund_id": case.number, "oid": part["no"], "status": status, **{name: doc[name] for name in names}}
        for part in doc["lines"]
    ]
