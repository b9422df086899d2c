"""Fulfilments: create, correct the tracking, cancel, tell scans; holds of fulfilment orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.sandbox.kit.market import NotAllowed, Sale, ship
from connectors.sandbox.kit.market.model import line_of, status_after
from connectors.sandbox.kit.market.selling import change_waybill
from connectors.sandbox.shopify import placements
from connectors.sandbox.shopify.documents.shipping import event_of
from connectors.sandbox.shopify.doing.answers import UserError, kept_fulfillment, part_of, shown
from connectors.sandbox.shopify.ids import child, owner
from connectors.sandbox.shopify.settling import settle, track
from connectors.sandbox.shopify.shop import LOCATIONS, Shop

Args = Mapping[str, Any]
Doc = dict[str, Any]
MOST_LINES = 512
GONE = "Fulfillment order does not exist."


def create(shop: Shop, args: Args) -> Doc:
    """fulfillmentCreate: one parcel (or several with as many numbers) of one order from one place."""
    asked = args["fulfillment"]["lineItemsByFulfillmentOrder"]
    sale, fos = _fulfillment_orders(shop, asked)
    units = _units(sale.doc, asked, fos)
    tracking = _tracking(args["fulfillment"].get("trackingInfo") or {})
    first = tracking[0] if tracking else {"company": None, "number": None}
    by_line: dict[str, int] = {}
    for (_, no), num in units.items():
        by_line[no] = by_line.get(no, 0) + num
    try:
        shipment = ship(shop.market, sale.number, first["company"] or "", first["number"] or "", oids=list(by_line),
                        units=by_line, kind="fulfillment")  # fmt: skip
    except NotAllowed as refused:
        raise UserError(["fulfillment"], str(refused)) from None
    kept = _keep(shop, sale.number, fos, units, tracking, shipment)
    return _answer(shop, sale.number, kept["k"])


def _fulfillment_orders(shop: Shop, asked: list[Doc]) -> tuple[Sale, list[Doc]]:
    sales, fos = {}, []
    for part in asked:
        found = owner("FulfillmentOrder", part["fulfillmentOrderId"])
        sale = shop.market.shelves.sale(found[0]) if found else None
        fo = next((one for one in sale.doc["fos"] if found and (one["k"],) == found[1]), None) if sale else None
        if sale is None or fo is None:
            raise UserError(["fulfillment"], GONE)
        sales[sale.number] = sale
        fos.append(fo)
    if not fos:
        raise UserError(["fulfillment"], "Line items by fulfillment order can't be blank.")
    sale = next(iter(sales.values()))
    if len(sales) > 1 or len({fo["location"] for fo in fos}) > 1:
        raise UserError(["fulfillment"], "All fulfillment orders must belong to the same order and location.")
    return sale, fos


def _units(doc: Doc, asked: list[Doc], fos: list[Doc]) -> dict[tuple[int, str], int]:
    """(fulfilment order, line) → units, after looking at the states; without lines everything that waits."""
    left = placements.remaining(doc)
    found: dict[tuple[int, str], int] = {}
    for part, fo in zip(asked, fos, strict=True):
        waiting = {row["j"]: (row["no"], left.get((fo["k"], row["no"]), 0)) for row in fo["lines"]}
        status = placements.status_of(doc, fo, sum(num for _, num in waiting.values()))
        if LOCATIONS[placements.location_of(doc, fo)][6]:
            raise UserError(["fulfillment"], "The api client does not have access to the fulfillment order.")
        if status not in ("OPEN", "IN_PROGRESS"):
            number = child("FulfillmentOrder", doc["number"], fo["k"])
            words = f"Fulfillment order {number} has an unfulfillable status= {status.lower()}."
            raise UserError(["fulfillment"], words)
        rows = part.get("fulfillmentOrderLineItems")
        wanted = {j: num for j, (_, num) in waiting.items() if num} if not rows else _wanted(doc, fo, rows)
        for j, num in wanted.items():
            no, most = waiting[j]
            if not 0 < num <= most:
                raise UserError(["fulfillment"], "Invalid fulfillment order line item quantity requested.")
            found[fo["k"], no] = num
    if len(found) > MOST_LINES:
        raise UserError(["fulfillment"], f"A fulfillment cannot have more than {MOST_LINES} lines.")
    return found


def _wanted(doc: Doc, fo: Doc, rows: list[Doc]) -> dict[int, int]:
    found: dict[int, int] = {}
    for row in rows:
        at = owner("FulfillmentOrderLineItem", row["id"])
        if at is None or at[0] != doc["number"] or at[1][0] != fo["k"] or at[1][1] > len(fo["lines"]):
            raise UserError(["fulfillment"], "Fulfillment order line item does not exist.")
        found[at[1][1]] = found.get(at[1][1], 0) + int(row["quantity"])
    return found


def _tracking(told: Doc) -> list[Doc]:
    numbers = told.get("numbers") or ([told["number"]] if told.get("number") else [])
    urls = told.get("urls") or ([told["url"]] if told.get("url") else [])
    company = told.get("company")
    if not numbers and (company or urls):
        return [{"company": company, "number": None, "url": urls[0] if urls else None}]
    return [{"company": company, "number": number, "url": urls[n] if n < len(urls) else None}
            for n, number in enumerate(numbers)]  # fmt: skip


def _keep(shop: Shop, number: str, fos: list[Doc], units: dict[tuple[int, str], int], tracking: list[Doc],
          shipment: int) -> Doc:  # fmt: skip
    sale = shop.market.find_sale(number)
    doc, now = sale.doc, shop.market.now_ms()
    lines: dict[str, int] = {}
    for fo in doc["fos"]:
        for part in fo["lines"]:
            num = units.get((fo["k"], part["no"]), 0)
            part["shipped"] += num
            lines[part["no"]] = lines.get(part["no"], 0) + num
    shares = [{"k": fo["k"], "no": no, "num": num} for fo in fos for (k, no), num in units.items() if k == fo["k"]]
    moved: list[Doc] = [{"no": no, "num": num} for no, num in lines.items() if num]
    kept = {"k": len(doc["fulfillments"]) + 1, "status": "SUCCESS", "at_ms": now, "changed_ms": now,
            "location": fos[0]["location"], "fos": [fo["k"] for fo in fos], "shares": shares, "tracking": tracking,
            "lines": [{"j": j, **part} for j, part in enumerate(moved, start=1)], "shipment": shipment,
            "events": []}  # fmt: skip
    doc["fulfillments"].append(kept)
    for part in moved:
        line_of(doc, part["no"])["waybills"] += [one["number"] for one in tracking[1:]]
    _save(shop, sale)
    return kept


def _save(shop: Shop, sale: Sale) -> None:
    shop.market.shelves.save(sale)
    track(shop.market, sale.doc)


def _answer(shop: Shop, number: str, k: int) -> Doc:
    rows = shown(shop, number)["fulfillments"]({})
    return {"fulfillment": part_of(rows, "Fulfillment", child("Fulfillment", number, k))}


def update_tracking(shop: Shop, args: Args) -> Doc:
    """fulfillmentTrackingInfoUpdate: another carrier or number for a parcel that was told."""
    sale, kept = kept_fulfillment(shop, args["fulfillmentId"])
    if kept["status"] != "SUCCESS":
        raise UserError(["fulfillmentId"], "Fulfillment is cancelled.")
    tracking = _tracking(args["trackingInfoInput"])
    first = tracking[0] if tracking else {"company": None, "number": None}
    shipment = change_waybill(shop.market, sale.number, kept["shipment"], first["company"] or "", first["number"] or "")
    sale, kept = kept_fulfillment(shop, args["fulfillmentId"])
    kept |= {"tracking": tracking, "shipment": shipment, "changed_ms": shop.market.now_ms()}
    _save(shop, sale)
    shop.market.announce("tracking", child("Fulfillment", sale.number, kept["k"]))
    return _answer(shop, sale.number, kept["k"])


def cancel(shop: Shop, args: Args) -> Doc:
    """fulfillmentCancel: the units wait again, in a new fulfilment order."""
    sale, kept = kept_fulfillment(shop, args["id"])
    doc = sale.doc
    if kept["status"] != "SUCCESS":
        raise UserError(["id"], "Fulfillment is already cancelled.")
    if any(event["status"] == "DELIVERED" for event in kept["events"]):
        raise UserError(["id"], "Delivered fulfillments cannot be cancelled.")
    numbers = {one["number"] for one in kept["tracking"]}
    for part in kept["lines"]:
        line = line_of(doc, part["no"])
        line["shipped_num"] -= part["num"]
        line["waybills"] = [held for held in line["waybills"] if held not in numbers]
    _take_back(doc, kept)
    kept |= {"status": "CANCELLED", "changed_ms": shop.market.now_ms()}
    placements.add(doc, kept["location"], [{"no": part["no"], "total": part["num"]} for part in kept["lines"]],
                   shop.market.now_ms())  # fmt: skip
    doc["status"] = "open"
    doc["status"] = status_after(doc)
    shop.market.storage.execute(
        "update shipment set accepted = 0, reason = 'cancelled by the seller' where tid = ? and out_sid in"
        " (select out_sid from shipment where id = ?)", (sale.number, kept["shipment"])
    )  # fmt: skip
    shop.market.changed(sale, "unshipped")
    track(shop.market, doc)
    return _answer(shop, sale.number, kept["k"])


def _take_back(doc: Doc, kept: Doc) -> None:
    for share in kept["shares"]:
        fo = doc["fos"][share["k"] - 1]
        for part in fo["lines"]:
            if part["no"] == share["no"]:
                part["shipped"] -= share["num"]
                part["total"] -= share["num"]
        fo["closed"] = not any(part["total"] for part in fo["lines"])


def add_event(shop: Shop, args: Args) -> Doc:
    """fulfillmentEventCreate: a scan of a parcel."""
    told = args["fulfillmentEvent"]
    sale, kept = kept_fulfillment(shop, told["fulfillmentId"])
    at = int(datetime.fromisoformat(told["happenedAt"]).timestamp() * 1000) if told.get("happenedAt") else 0
    kept["events"].append({"status": told["status"], "at_ms": at or shop.market.now_ms(), "message": told.get("message")})
    kept["changed_ms"] = shop.market.now_ms()
    shop.market.shelves.save(sale)
    return {"fulfillmentEvent": event_of(sale.doc, kept, len(kept["events"]) - 1)}


def hold(shop: Shop, args: Args) -> Doc:
    """fulfillmentOrderHold: nothing ships until the hold is released. The order's updatedAt stays."""
    sale, fo = _one_fo(shop, args["id"])
    told = args["fulfillmentHold"]
    left = placements.remaining(sale.doc)
    status = placements.status_of(sale.doc, fo, sum(left.get((fo["k"], part["no"]), 0) for part in fo["lines"]))
    if status not in ("OPEN", "IN_PROGRESS"):
        raise UserError(["id"], "Fulfillment order is not open.", "INVALID")
    set_hold(shop, sale, held=True, reason=told["reason"], notes=told.get("reasonNotes") or "", by_app=True)
    found = part_of(shown(shop, sale.number)["fulfillmentOrders"]({}), "FulfillmentOrder",
                    child("FulfillmentOrder", sale.number, fo["k"]))  # fmt: skip
    return {"fulfillmentOrder": found, "fulfillmentHold": found["fulfillmentHolds"][0] if found else None,
            "remainingFulfillmentOrder": None}  # fmt: skip


def release_hold(shop: Shop, args: Args) -> Doc:
    """fulfillmentOrderReleaseHold."""
    sale, fo = _one_fo(shop, args["id"])
    if not sale.doc["held"]:
        raise UserError(["id"], "Fulfillment order is not on hold.")
    set_hold(shop, sale, held=False)
    rows = shown(shop, sale.number)["fulfillmentOrders"]({})
    return {"fulfillmentOrder": part_of(rows, "FulfillmentOrder", child("FulfillmentOrder", sale.number, fo["k"]))}


def set_hold(shop: Shop, sale: Sale, *, held: bool, reason: str = "OTHER", notes: str = "", by_app: bool = False) -> None:
    """Hold an order's fulfilment or let it go without moving the order's own stamp."""
    stamp = sale.doc["changed_ms"]
    sale.doc |= {"held": held, "hold_reason": reason, "hold_notes": notes, "hold_by_app": by_app}
    shop.market.shelves.save(sale)
    sale.doc["changed_ms"] = stamp
    shop.market.storage.execute(
        "update sale set changed_ms = ?, doc = json_set(doc, '$.changed_ms', ?) where number = ?",
        (stamp, stamp, sale.number),
    )
    settle(shop.market, sale.number)
    shop.market.announce("held" if held else "hold_released", sale.number)


def _one_fo(shop: Shop, id_: str) -> tuple[Sale, Doc]:
    found = owner("FulfillmentOrder", id_)
    sale = shop.market.shelves.sale(found[0]) if found else None
    fo = next((one for one in sale.doc["fos"] if found and (one["k"],) == found[1]), None) if sale else None
    if sale is None or fo is None:
        raise UserError(["id"], GONE, "FULFILLMENT_ORDER_NOT_FOUND")
    return sale, fo
