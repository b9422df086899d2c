"""What the seller's system may do to sales and cases, whatever its platform calls it. NotAllowed says why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.kit.market.market import Market
from connectors.sandbox.kit.market.model import (
    CASE_OVER,
    LIVE_REFUND,
    NotAllowed,
    is_live,
    line_of,
    open_num,
    status_after,
)
from connectors.sandbox.kit.market.store import Case, Sale

SHIPPABLE = frozenset({"open", "part_shipped"})


def ship(
    market: Market,
    number: str,
    company: str,
    waybill: str,
    *,
    oids: Sequence[str] = (),
    units: dict[str, int] | None = None,
    kind: str = "online",
) -> int:
    """Take a parcel of a sale as shipped; no `oids` means all that is open. Answers the shipment's id.

    `units` limits a line to so many units. A refused parcel is kept in the ledger with its reason.
    """
    sale = market.find_sale(number)
    lines = [line_of(sale.doc, oid) for oid in oids] or [line for line in sale.lines if open_num(line) and is_live(line)]
    names = [line["no"] for line in lines]
    reason = _why_not(sale, lines)
    if reason:
        market.shelves.add_shipment(number, names, company, waybill, kind, reason=reason)
        raise NotAllowed(reason)
    refunding = any(line["refund"] in LIVE_REFUND for line in lines)
    for line in lines:
        line["shipped_num"] += min((units or {}).get(line["no"], open_num(line)), open_num(line))
        line["waybills"].append(waybill)
    shipment = market.shelves.add_shipment(number, names, company, waybill, kind, refund_open=refunding)
    sale.doc["status"] = status_after(sale.doc)
    sale.doc["shipped_ms"] = market.now_ms()
    market.changed(sale, "shipped")
    if sale.doc["status"] == "shipped":
        _plan_end(market, sale)
    return shipment


def change_waybill(market: Market, number: str, shipment: int, company: str, waybill: str) -> int:
    """Put another waybill in the place of an accepted shipment's."""
    sale = market.find_sale(number)
    before = next((found for found in market.shelves.shipments_of(number) if found["id"] == shipment), None)
    if before is None:
        raise NotAllowed(f"order {number} has no shipment {shipment}")
    for oid in before["oids"]:
        line = line_of(sale.doc, oid)
        line["waybills"] = [waybill if held == before["out_sid"] else held for held in line["waybills"]]
    changed = market.shelves.add_shipment(number, before["oids"], company, waybill, "resend")
    market.changed(sale, "shipped")
    return changed


def write_memo(market: Market, number: str, memo: str, flag: Any) -> None:
    """Overwrite the seller's memo; a flag of None keeps the one that is there."""
    sale = market.find_sale(number)
    sale.doc["memo"] = memo
    if flag is not None:
        sale.doc["flag"] = flag
    market.changed(sale, "memo")


def stop(market: Market, number: str, reason: str = "") -> None:
    """The seller cancels what is open; NotAllowed when nothing is."""
    sale = market.find_sale(number)
    lines = [line for line in sale.lines if open_num(line)]
    if sale.doc["status"] in ("completed", "cancelled") or not lines:
        raise NotAllowed(f"order {number} in {sale.doc['status']} has nothing to cancel")
    for line in lines:
        line["cancelled_num"] += open_num(line)
    sale.doc["status"], sale.doc["ended_ms"], sale.doc["cancel_reason"] = status_after(sale.doc), market.now_ms(), reason
    market.changed(sale, "cancelled")


def decide(market: Market, case_number: str, agree: bool, words: str, *, report: str = "") -> Case:
    """The seller agrees to a case or refuses it. An agreed refund without goods coming back is paid at once."""
    case = market.find_case(case_number)
    if case.doc["state"] != "asked":
        raise NotAllowed(f"case {case_number} in {case.doc['state']} is not waiting for a decision")
    case.doc["reports"].append({"what": report or ("agree" if agree else "refuse"), "words": words,
                                "at_ms": market.now_ms()})  # fmt: skip
    if not agree:
        return end_case(market, case, "refused")
    if case.doc["kind"] == "refund":
        return end_case(market, case, "succeeded")
    return move_case(market, case, "agreed")


def goods_are_back(market: Market, case_number: str, *, pays: bool = True, report: str = "received") -> Case:
    """The seller says that returned goods arrived; with `pays` the platform refunds at once."""
    case = market.find_case(case_number)
    if case.doc["state"] not in ("agreed", "returned"):
        raise NotAllowed(f"case {case_number} in {case.doc['state']} expects no goods")
    case.doc["reports"].append({"what": report, "words": "", "at_ms": market.now_ms()})
    case.doc["received"] = True
    return end_case(market, case, "succeeded") if pays else move_case(market, case, "returned")


def pay_back(market: Market, case_number: str, amount: int, key: str) -> Case:
    """The seller pays the money of a case back; a key that was used already changes nothing."""
    case = market.find_case(case_number)
    if key and key in case.doc["paid_keys"]:
        return case
    if case.doc["state"] in CASE_OVER:
        raise NotAllowed(f"case {case_number} is over ({case.doc['state']})")
    if amount > case.doc["amount"]:
        raise NotAllowed(f"case {case_number} is about {case.doc['amount']}, not {amount}")
    case.doc["paid_keys"].append(key)
    case.doc["paid_back"] += amount
    case.doc["reports"].append({"what": "refund", "words": "", "at_ms": market.now_ms()})
    return end_case(market, case, "succeeded")


def end_case(market: Market, case: Case, state: str) -> Case:
    """Bring a case to its end, with what that means for its lines."""
    sale = market.find_sale(case.doc["order"])
    for part in case.doc["lines"]:
        line = line_of(sale.doc, part["no"])
        line["refund"] = "none" if state == "closed" else state
        if state == "succeeded" and not line["shipped_num"]:
            line["cancelled_num"] = min(line["num"], line["cancelled_num"] + part["num"])
    if state == "succeeded":
        sale.doc["status"] = status_after(sale.doc)
        sale.doc["refunded"] = sale.doc.get("refunded", 0) + case.doc["amount"]
    case.doc["state"] = state
    market.changed(sale, "refund")
    market.case_changed(case, f"case_{state}")
    return case


def move_case(market: Market, case: Case, state: str) -> Case:
    """Bring a case one step on."""
    sale = market.find_sale(case.doc["order"])
    for part in case.doc["lines"]:
        line_of(sale.doc, part["no"])["refund"] = state
    case.doc["state"] = state
    market.changed(sale, "refund")
    market.case_changed(case, f"case_{state}")
    return case


def _why_not(sale: Sale, lines: Sequence[dict[str, Any]]) -> str:
    if sale.doc["status"] not in SHIPPABLE:
        return f"order {sale.number} in {sale.doc['status']} cannot be shipped"
    if sale.doc["held"]:
        return f"order {sale.number} is held"
    if not lines:
        return f"order {sale.number} has nothing open to ship"
    done = [line["no"] for line in lines if not open_num(line)]
    return f"line {done[0]} has nothing open to ship" if done else ""


def _plan_end(market: Market, sale: Sale) -> None:
    if sale.doc["is_cod"]:
        market.scheduler.after(market.delay("sign_after"), "act", {"number": sale.number, "verb": "sign"})
    market.scheduler.after(market.delay("finish_after"), "act", {"number": sale.number, "verb": "finish"})
