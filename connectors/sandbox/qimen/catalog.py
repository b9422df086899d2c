"""The warehouse's item master: singleitem.synchronize and items.synchronize."""

from xml.etree.ElementTree import Element

from connectors.sandbox.qimen.documents import require
from connectors.sandbox.qimen.site import Refused, Site
from connectors.sandbox.qimen.xmltext import Fields, Rows, text

HEAD = ("actionType", "warehouseCode", "ownerCode")
ITEM = ("itemCode", "itemName", "barCode", "itemType")
ITEM_TYPES = ("ZC", "FX", "ZH", "ZP", "BC", "HC", "FL", "XN", "FS", "CC", "OTHER")


def synchronize_one(site: Site, customer: str, root: Element) -> Fields:
    """Add or update one item; answers the warehouse's own itemId."""
    _check_head(site, customer, root)
    return {"itemId": _keep(site, root, root.find("item"))}


def synchronize_many(site: Site, customer: str, root: Element) -> Fields:
    """Add or update many items; answers only those that failed, with the reason."""
    _check_head(site, customer, root)
    nodes = root.findall("items/item")
    if not nodes:
        raise Refused("items不能为空")
    failed: list[Fields] = []
    for node in nodes:
        try:
            _keep(site, root, node)
        except Refused as refusal:
            failed.append({"itemCode": text(node, "itemCode"), "message": refusal.message})
    return {"items": Rows("item", failed)} if failed else {}


def _check_head(site: Site, customer: str, root: Element) -> None:
    require(root, HEAD)
    if text(root, "actionType") not in ("add", "update"):
        raise Refused("actionType不合法")
    site.warehouse(text(root, "warehouseCode"), customer)


def _keep(site: Site, root: Element, node: Element | None) -> str:
    require(node, ITEM)
    if text(node, "itemType") not in ITEM_TYPES:
        raise Refused("itemType不合法")
    owner, code = text(root, "ownerCode"), text(node, "itemCode")
    with site.storage.write():
        item_id = site.storage.scalar("select item_id from item where owner = ? and code = ?", (owner, code))
        if item_id is None and text(root, "actionType") == "update":
            raise Refused(f"商品不存在:{code}")
        if item_id is None:
            item_id = f"WMS-{site.storage.next_number('item', 10001)}"
            site.storage.execute("insert into item (owner, code, item_id) values (?, ?, ?)", (owner, code, item_id))
    return str(item_id)
