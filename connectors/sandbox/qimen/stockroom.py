"""What lies on the shelves: on hand by warehouse, owner, item and kind; picking; counting; changes by hand."""

from sqlite3 import Row
from typing import Any

from connectors.sandbox.qimen import outbox, reports
from connectors.sandbox.qimen.lifecycle import ENDED
from connectors.sandbox.qimen.site import Refused, Site, now_text

_OPEN = "d.status not in ({})".format(", ".join(f"'{status}'" for status in sorted(ENDED)))


def on_hand(site: Site, warehouse: str, owner: str, item: str, kind: str) -> int:
    """Pieces physically there; the first question about an item lays out its starting stock."""
    building = site.settings.warehouses[warehouse]
    start = site.settings.default_stock if building.stock is None else building.stock.get(item, 0)
    with site.storage.write() as tx:
        tx.execute(
            "insert or ignore into stock (warehouse, owner, item, inventory_type, on_hand) values (?, ?, ?, ?, ?)",
            (warehouse, owner, item, kind, start if kind == "ZP" else 0),
        )
    return int(
        site.storage.scalar(
            "select on_hand from stock where warehouse = ? and owner = ? and item = ? and inventory_type = ?",
            (warehouse, owner, item, kind),
        )
    )


def locked(site: Site, warehouse: str, owner: str, item: str, kind: str) -> int:
    """Pieces promised to open orders and still there."""
    found = site.storage.scalar(
        "select sum(l.plan - l.cancelled - l.actual) from line l join delivery d on d.code = l.delivery"
        f" where d.warehouse = ? and l.owner = ? and l.item = ? and l.inventory_type = ? and {_OPEN}"
        " and l.plan - l.cancelled - l.actual > 0",
        (warehouse, owner, item, kind),
    )
    return int(found or 0)


def move(site: Site, warehouse: str, line: Row, pieces: int) -> None:
    """Change what is on hand by a signed number of pieces of the line's item."""
    change(site, warehouse, line["owner"], line["item"], line["inventory_type"], pieces)


def change(site: Site, warehouse: str, owner: str, item: str, kind: str, pieces: int) -> None:
    """Change what is on hand; Refused when less than nothing would be left."""
    if on_hand(site, warehouse, owner, item, kind) + pieces < 0:
        raise Refused(f"only {on_hand(site, warehouse, owner, item, kind)} pieces of {item} are on hand")
    site.storage.execute(
        "update stock set on_hand = on_hand + ? where warehouse = ? and owner = ? and item = ? and inventory_type = ?",
        (pieces, warehouse, owner, item, kind),
    )


def pick(site: Site, row: Row) -> bool:
    """Take the order's goods off the shelf, reporting what is short; whether anything was found."""
    code = row["code"]
    lines = [line for line in site.lines(code) if line["plan"] > line["cancelled"]]
    is_short = site.happens("lack", code) and not _was_short(site, code)
    unlucky = site.random("lack-line", code).choice(lines)["line_no"] if is_short else None
    lacks, found = [], 0
    for line in lines:
        wanted = line["plan"] - line["cancelled"]
        there = min(wanted - (line["line_no"] == unlucky), _free(site, row["warehouse"], line))
        found += there
        site.storage.execute(
            "update line set picked = ? where delivery = ? and line_no = ?", (there, code, line["line_no"])
        )
        if there < wanted:
            lacks.append((line, wanted - there))
    if lacks:
        body = reports.item_lack(row, lacks, f"LACK-{site.storage.next_number('message', 1)}", now_text())
        outbox.send(site, "itemlack.report", row["customer"], code, body)
    return found > 0


def refill(site: Site, row: Row) -> None:
    """Find again what an order lacks: by hand, after a short pick that left nothing."""
    for line in site.lines(row["code"]):
        wanted = line["plan"] - line["cancelled"]
        missing = wanted - _free(site, row["warehouse"], line)
        if missing > 0:
            move(site, row["warehouse"], line, missing)


def _was_short(site: Site, code: str) -> bool:
    found = site.storage.one("select 1 from process where delivery = ? and status = 'EXCEPTION'", (code,))
    return found is not None


def _free(site: Site, warehouse: str, line: Row) -> int:
    key = (warehouse, line["owner"], line["item"], line["inventory_type"])
    picked = site.storage.scalar(
        "select sum(l.picked - l.actual) from line l join delivery d on d.code = l.delivery where d.warehouse = ?"
        f" and l.owner = ? and l.item = ? and l.inventory_type = ? and {_OPEN}"
        " and l.picked > l.actual and l.delivery <> ?",
        (*key, line["delivery"]),
    )
    return max(on_hand(site, *key) - int(picked or 0), 0)


def adjust(site: Site, wish: dict[str, Any]) -> None:
    """Change stock by hand and report it as stockchange.report.

    `wish`: {"warehouse", "owner", "changes": [{"item", "inventory_type", "quantity": ±n}], "report": true}.
    """
    building = site.settings.warehouses[wish["warehouse"]]
    order_code = f"ADJ-{site.storage.next_number('adjustment', 1)}"
    with site.storage.write():
        changes = [(c["item"], c.get("inventory_type", "ZP"), int(c["quantity"])) for c in wish["changes"]]
        for item, kind, pieces in changes:
            change(site, building.code, wish["owner"], item, kind, pieces)
        if wish.get("report", True):
            body = reports.stock_change(site, building.code, wish["owner"], order_code, changes)
            outbox.send(site, "stockchange.report", building.customer_id, order_code, body)


def count(site: Site, wish: dict[str, Any]) -> None:
    """Count items, take the counted numbers over and report the differences as inventory.report, page by page.

    `wish`: {"warehouse", "owner", "counted": {item: pieces}, "page_size": 50, "adjust_type": "CHECK"}.
    """
    building = site.settings.warehouses[wish["warehouse"]]
    order_code = f"CK-{site.storage.next_number('count', 1)}"
    with site.storage.write():
        found = []
        for item, pieces in wish["counted"].items():
            difference = int(pieces) - on_hand(site, building.code, wish["owner"], item, "ZP")
            change(site, building.code, wish["owner"], item, "ZP", difference)
            if difference:
                found.append((item, difference, int(pieces)))
        size = int(wish.get("page_size", 50))
        pages = [found[start : start + size] for start in range(0, len(found), size)]
        for number, page in enumerate(pages, 1):
            paging = (number, len(pages), size)
            body = reports.inventory(site, wish, order_code, paging, page)
            outbox.send(site, "inventory.report", building.customer_id, order_code, body)
