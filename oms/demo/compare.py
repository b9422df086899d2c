"""Compares what the platforms' own ledgers say with each other and with the hub's books. Pure: no calls, no database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Doc = Mapping[str, Any]
LineKey = tuple[str, str]  # number of the platform's order, number of its line
UnitKey = tuple[str, str, str]  # the same with the SKU's code
ItemKey = tuple[str, str]  # warehouse, SKU code
Parts = Mapping[str, Sequence[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Flag:
    """An attempt of the hub to stop a fulfilment, with the lines of the order that this fulfilment carries."""

    state: str
    lines: frozenset[str]


@dataclass(slots=True)
class HubBooks:
    """What the hub believes: orders with the kinds of holds ever placed, attempts to stop, units, broken promises.

    `broken` are sentences about counters and sums that do not agree within the hub's own database.
    """

    orders: dict[str, frozenset[str]] = field(default_factory=dict)
    flags: dict[str, list[Flag]] = field(default_factory=dict)
    parked: frozenset[str] = frozenset()
    units: dict[UnitKey, int] = field(default_factory=dict)
    left_stock: dict[ItemKey, int] = field(default_factory=dict)
    broken: tuple[str, ...] = ()


@dataclass(slots=True)
class Floor:
    """What left the warehouse: units by line and SKU, the waybills each line left under, units by building."""

    units: Counter[UnitKey] = field(default_factory=Counter)
    waybills: defaultdict[LineKey, set[str]] = field(default_factory=lambda: defaultdict(set))
    buildings: Counter[ItemKey] = field(default_factory=Counter)


def compare(platform: Doc, warehouse: Doc, hub: HubBooks, bundles: Parts, others: Iterable[Doc] = ()) -> list[str]:
    """Every difference as a sentence that names the order; empty when all agree.

    `platform` and `warehouse` are the ledgers of the Taobao and the Qimen twin (docs/sandbox.md says their keys),
    `bundles` the parts of each bundle by its code. Orders of the `others` are known, and compared elsewhere.
    """
    floor = read_floor(warehouse, hub.orders, {oid for _, oid, _ in hub.units})
    elsewhere = frozenset(short(trade["tid"]) for ledger in others for trade in ledger["trades"])
    found: list[str] = []
    for trade in platform["trades"]:
        found.extend(_trade(trade, floor, hub, bundles))
    found.extend(_strangers(platform, floor, elsewhere))
    found.extend(_hub_against_floor(hub, floor))
    found.extend(hub.broken)
    return found


def short(number: str) -> str:
    """The telling part of an order's number: some platforms write ids like addresses."""
    return number.rpartition("/")[2]


def own_number(number: str, known: Collection[str]) -> str:
    """An order's own number; a split delivery's carries a mark after it."""
    whole = uncut(number, known)
    return whole if whole in known else whole.rpartition("-")[0] or whole


def uncut(code: str, known: Collection[str]) -> str:
    """The number of which a warehouse, whose codes have 50 characters, knows the beginning and a digest."""
    head, cut, _ = code.partition("~")
    return next((number for number in known if number.startswith(head)), code) if cut else code


def read_floor(warehouse: Doc, known: Collection[str] = (), known_lines: Collection[str] = ()) -> Floor:
    """What left by parcel, from the warehouse's ledger; the mark of a split delivery is taken off order numbers."""
    floor = Floor()
    for order in warehouse["orders"]:
        lines = {line["line_no"]: line for line in order["lines"]}
        for parcel in order["parcels"]:
            for item in parcel["items"]:
                line = lines[item["line_no"]]
                key = (own_number(line["source_order"], known), uncut(line["sub_source"], known_lines))
                floor.units[*key, item["item"]] += item["quantity"]
                floor.waybills[key].add(parcel["express_code"])
                floor.buildings[order["warehouse"], item["item"]] += item["quantity"]
    return floor


def _trade(trade: Doc, floor: Floor, hub: HubBooks, bundles: Parts) -> Iterator[str]:
    tid = trade["tid"]
    if trade["payable"] and tid not in hub.orders:
        yield f"order {tid} is payable but the hub does not have it"
    if trade["spoiled"] and tid not in hub.parked and tid not in hub.orders:
        yield f"order {tid} is damaged ({trade['spoiled']}) but the hub has neither parked nor held it"
    for line in trade["lines"]:
        if trade["payable"] and line["live"]:
            yield from _must_leave(trade, line, floor, bundles)
            yield from _came_too_late(trade, line, hub)
        else:
            yield from _must_stay(trade, line, floor, hub)


def _must_leave(trade: Doc, line: Doc, floor: Floor, bundles: Parts) -> Iterator[str]:
    """A payable line leaves exactly once and is written back exactly once, with a waybill it left under."""
    tid, oid = trade["tid"], line["oid"]
    name = _name(tid, line)
    for code, units in _wanted(line, bundles).items():
        left = floor.units[tid, oid, code]
        if left < units:
            yield f"{name}: {left} of {units} {code} left the warehouse"
        elif left > units:
            yield f"{name}: {left} {code} left the warehouse although {units} were ordered"
    told = _written_back(trade, oid)
    if len(told) != 1:
        yield f"{name} was written back {len(told)} times"
    for waybill in told:
        if waybill not in floor.waybills[tid, oid]:
            yield f"{name} was written back with waybill {waybill}, under which the warehouse did not send it"


def _must_stay(trade: Doc, line: Doc, floor: Floor, hub: HubBooks) -> Iterator[str]:
    """A line that is not paid, closed, held, damaged or stopped stays; one that left all the same is flagged."""
    tid, oid = trade["tid"], line["oid"]
    left = sum(units for (order, number, _), units in floor.units.items() if (order, number) == (tid, oid))
    if left and not (_early_refunds(trade, oid) and _is_flagged(hub, tid, oid)):
        yield f"{_name(tid, line)}: {left} units left the warehouse although it was {_why_not(trade, line)}"
    if told := _written_back(trade, oid):
        yield f"{_name(tid, line)} was written back {len(told)} times although it was {_why_not(trade, line)}"


def _came_too_late(trade: Doc, line: Doc, hub: HubBooks) -> Iterator[str]:
    """A refund asked before shipment that did not stop its line must be seen by people."""
    tid, oid = trade["tid"], line["oid"]
    for refund in _early_refunds(trade, oid):
        if refund["status"] != "CLOSED" and not _is_flagged(hub, tid, oid):
            number = refund["refund_id"]
            yield f"{_name(tid, line)}: refund {number} came before shipment, was not stopped, and nobody is told"


def _early_refunds(trade: Doc, oid: str) -> list[Doc]:
    return [r for r in trade["refunds"] if str(r["oid"]) == oid and not r["line_shipped_when_asked"]]


def _is_flagged(hub: HubBooks, tid: str, oid: str) -> bool:
    """A failed attempt to stop this line is in the ledger, and a hold was placed for the refund."""
    failed = [flag for flag in hub.flags.get(tid, ()) if flag.state in ("failed", "expired")]
    return "refund_asked" in hub.orders.get(tid, ()) and any(oid in flag.lines for flag in failed)


def _wanted(line: Doc, bundles: Parts) -> Counter[str]:
    wanted: Counter[str] = Counter()
    for code, units in bundles.get(line["outer_sku_id"], ((line["outer_sku_id"], 1),)):
        wanted[code] += units * line["num"]
    return wanted


def _written_back(trade: Doc, oid: str) -> list[str]:
    """Waybills of accepted shipments with this line; a changed waybill is no second shipment, nor is a booking."""
    return [s["out_sid"] for s in trade["shipments"] if oid in s["oids"] and s["kind"] != "resend" and s["out_sid"]]


def _why_not(trade: Doc, line: Doc) -> str:
    if trade["spoiled"]:
        return f"damaged ({trade['spoiled']})"
    if trade["held"]:
        return "held by the platform"
    return f"not to be shipped ({line['status']}, refund {line['refund_status']})"


def _name(tid: str, line: Doc) -> str:
    return f"order {tid} line {line['oid']} ({line['outer_sku_id']})"


def _strangers(platform: Doc, floor: Floor, elsewhere: Container[str]) -> Iterator[str]:
    known = {(trade["tid"], line["oid"]) for trade in platform["trades"] for line in trade["lines"]}
    for tid, oid in sorted({key[:2] for key in floor.units} - known):
        if short(tid) in elsewhere:
            continue
        yield f"order {tid} line {oid}: the warehouse sent it, but the platform does not know it"


def _hub_against_floor(hub: HubBooks, floor: Floor) -> Iterator[str]:
    for tid, oid, code in _keys(hub.units, floor.units):
        ours, theirs = hub.units.get((tid, oid, code), 0), floor.units[tid, oid, code]
        if ours != theirs:
            yield f"order {tid} line {oid}: the hub books {ours} {code} as shipped, the warehouse sent {theirs}"
    for building, code in _keys(hub.left_stock, floor.buildings):
        booked, sent = hub.left_stock.get((building, code), 0), floor.buildings[building, code]
        if booked != sent:
            yield f"stock of {code} at {building}: the hub's ledger took {booked} off, the warehouse sent {sent}"


def _keys(*tables: Mapping[Any, int]) -> Iterable[Any]:
    return sorted({key for table in tables for key, units in table.items() if units})
