"""What the hub may ask: deliveryorder.query, orderprocess.query, inventory.query, stock.query. Reads only."""

from itertools import product
from sqlite3 import Row
from xml.etree.ElementTree import Element

from connectors.sandbox.qimen import reports, stockroom
from connectors.sandbox.qimen.documents import INVENTORY_TYPES, quantity, require
from connectors.sandbox.qimen.site import Refused, Site
from connectors.sandbox.qimen.xmltext import Fields, Rows, text

LARGEST_PAGE = 100


def query_delivery(site: Site, customer: str, root: Element) -> Fields:
    """One order as it stands, with all its parcels and a page of its lines; quantities are totals so far."""
    require(root, ("orderCode", "page", "pageSize"))
    row = site.delivery(text(root, "orderCode"), customer)
    lines = {line["line_no"]: line for line in site.lines(row["code"])}
    shown = _page(root, list(lines.values()))
    parcels = site.storage.rows("select * from parcel where delivery = ? order by rowid", (row["code"],))
    return {
        "totalLines": len(lines),
        "deliveryOrder": _head(site, row),
        "packages": Rows("package", [reports.package(site, parcel, lines) for parcel in parcels]),
        "orderLines": Rows("orderLine", [_line(site, row, line) for line in shown]),
    }


def query_process(site: Site, customer: str, root: Element) -> Fields:
    """The trail of one order, oldest first."""
    require(root, ("orderCode",))
    row = site.delivery(text(root, "orderCode"), customer)
    steps = site.storage.rows("select * from process where delivery = ? order by id", (row["code"],))
    return {
        "orderProcess": {
            "orderCode": row["code"],
            "orderId": row["id"],
            "orderType": row["order_type"],
            "warehouseCode": row["warehouse"],
            "processes": Rows("process", [reports.process(step["status"], step["at"]) for step in steps]),
        }
    }


def query_inventory(site: Site, customer: str, root: Element) -> Fields:
    """Stock by criteria; an item without a named kind is answered for every kind that is there."""
    criteria = root.findall("criteriaList/criteria")
    if not criteria:
        raise Refused("criteriaList不能为空")
    found: list[Fields] = []
    for node in criteria:
        require(node, ("itemCode",))
        for warehouse in _warehouses(site, customer, text(node, "warehouseCode")):
            owners = _owners(site, warehouse, text(node, "ownerCode"), text(node, "itemCode"))
            asked = text(node, "inventoryType")
            for owner, kind in product(owners, [asked] if asked else INVENTORY_TYPES):
                found += _stock(site, (warehouse, owner, text(node, "itemCode"), kind), bool(asked))
    return {"items": Rows("item", found)}


def query_stock(site: Site, customer: str, root: Element) -> Fields:
    """A page of everything that the warehouse has laid out, or of one item."""
    require(root, ("page", "pageSize"))
    asked = text(root, "warehouseCode")
    rows = [
        row
        for warehouse in _warehouses(site, customer, asked)
        for row in site.storage.rows(
            "select * from stock where warehouse = ? and ? in ('', owner) and ? in ('', item)"
            " and ? in ('', inventory_type) order by owner, item, inventory_type",
            (warehouse, text(root, "ownerCode"), text(root, "itemCode"), text(root, "inventoryType")),
        )
    ]
    found: list[Fields] = []
    for row in _page(root, rows):
        found += _stock(site, (row["warehouse"], row["owner"], row["item"], row["inventory_type"]), True)
    return {"totalCount": len(rows), "items": Rows("item", found)}


def _head(site: Site, row: Row) -> Fields:
    last = site.storage.one("select * from shipment where delivery = ? order by id desc limit 1", (row["code"],))
    shipped: Fields = reports.delivery_head(row, last) if last is not None else {}
    return {
        **shipped,
        "deliveryOrderCode": row["code"],
        "deliveryOrderId": row["id"],
        "warehouseCode": row["warehouse"],
        "orderType": row["order_type"],
        "status": row["status"],
    }


def _line(site: Site, row: Row, line: Row) -> Fields:
    taken = site.storage.rows(
        "select t.* from shipped_line t join shipment s on s.id = t.shipment"
        " where s.delivery = ? and t.line_no = ? order by t.rowid",
        (row["code"], line["line_no"]),
    )
    return reports.confirmed_line(line, taken)


def _page(root: Element, rows: list[Row]) -> list[Row]:
    size = quantity(root, "pageSize")
    if size > LARGEST_PAGE:
        raise Refused(f"pageSize最多{LARGEST_PAGE}")
    start = (quantity(root, "page") - 1) * size
    return rows[start : start + size]


def _warehouses(site: Site, customer: str, code: str) -> list[str]:
    if code:
        return [site.warehouse(code, customer).code]
    return [w.code for w in site.settings.warehouses.values() if w.customer_id == customer]


def _owners(site: Site, warehouse: str, owner: str, item: str) -> list[str]:
    if owner:
        return [owner]
    rows = site.storage.rows(
        "select distinct owner from stock where warehouse = ? and item = ? order by owner", (warehouse, item)
    )
    return [row["owner"] for row in rows]


def _stock(site: Site, key: tuple[str, str, str, str], is_asked: bool) -> list[Fields]:
    there, promised = stockroom.on_hand(site, *key), stockroom.locked(site, *key)
    if not there and not is_asked and key[3] != "ZP":
        return []
    item_id = site.storage.scalar("select item_id from item where owner = ? and code = ?", (key[1], key[2]))
    return [
        {
            "warehouseCode": key[0],
            "itemCode": key[2],
            "itemId": item_id,
            "inventoryType": key[3],
            "quantity": max(there - promised, 0),
            "lockQuantity": min(promised, there),
        }
    ]
