"""Compares the ledger of any further platform with what left the warehouse and with the hub's books. Pure.

Platforms number lines in ways of their own, so units are counted by order and SKU, write-backs by order and waybill.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from oms.demo.compare import Doc, HubBooks, Parts, own_number, short


@dataclass(slots=True)
class Left:
    """What left the warehouse by order: units by SKU, waybills."""

    units: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    waybills: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def read_left(warehouse: Doc, known: frozenset[str]) -> Left:
    """What left by order; marks of split deliveries are taken off numbers that are not an order's own."""
    left = Left()
    for order in warehouse["orders"]:
        lines = {line["line_no"]: line for line in order["lines"]}
        for parcel in order["parcels"]:
            for item in parcel["items"]:
                number = own_number(short(lines[item["line_no"]]["source_order"]), known)
                left.units[number][item["item"]] += item["quantity"]
                left.waybills[number].add(parcel["express_code"])
    return left


def compare_market(platform: Doc, warehouse: Doc, hub: HubBooks, bundles: Parts) -> list[str]:
    """Every difference as a sentence that names platform and order; empty when all agree."""
    known = frozenset(short(trade["tid"]) for trade in platform["trades"])
    left = read_left(warehouse, known)
    held = {short(number): kinds for number, kinds in hub.orders.items()}
    parked = frozenset(short(number) for number in hub.parked)
    return [
        f"{platform['platform']} order {trade['tid']}: {words}"
        for trade in platform["trades"]
        for words in _trade(trade, left, held, parked, bundles)
    ]


def _trade(
    trade: Doc, left: Left, held: Mapping[str, frozenset[str]], parked: frozenset[str], bundles: Parts
) -> Iterator[str]:
    number = short(trade["tid"])
    if trade["payable"] and number not in held:
        yield "it is payable but the hub does not have it"
    if trade["spoiled"] and number not in held and number not in parked:
        yield f"it is damaged ({trade['spoiled']}) but the hub has neither parked nor held it"
    wanted, excused = _units(trade, bundles)
    for code in sorted(wanted.keys() | left.units[number].keys()):
        sent = left.units[number][code]
        most = wanted[code] + (excused[code] if _stop_failed(trade, held.get(number, frozenset())) else 0)
        if not wanted[code] <= sent <= most:
            yield f"{sent} {code} left the warehouse, {wanted[code]} were to leave"
    yield from _written_back(trade, left.waybills[number])


def _units(trade: Doc, bundles: Parts) -> tuple[Counter[str], Counter[str]]:
    """Units that must leave by SKU, and those that may have left because a refund came too late to stop them."""
    wanted: Counter[str] = Counter()
    excused: Counter[str] = Counter()
    for line in trade["lines"]:
        parts = bundles.get(line["outer_sku_id"], ((line["outer_sku_id"], 1),))
        target = wanted if trade["payable"] and line["live"] else excused
        for code, units in parts:
            target[code] += units * (line["num"] - (0 if line["shipped_num"] else line["cancelled_num"]))
    return wanted, excused


def _stop_failed(trade: Doc, kinds: frozenset[str]) -> bool:
    return "refund_asked" in kinds and any(not refund["line_shipped_when_asked"] for refund in trade["refunds"])


def _written_back(trade: Doc, waybills: set[str]) -> Iterator[str]:
    told = [found["out_sid"] for found in trade["shipments"] if found["kind"] != "resend" and found["out_sid"]]
    for waybill in told:
        if waybill not in waybills:
            yield f"it was written back with waybill {waybill}, under which the warehouse did not send it"
    for line in trade["lines"]:
        if trade["payable"] and line["live"] and line["shipped_num"] + line["cancelled_num"] < line["num"]:
            yield f"line {line['oid']} ({line['outer_sku_id']}) was not written back"
