"""deliveryorder.create: a checked order becomes work for the warehouse, once per code."""

from sqlite3 import Row
from xml.etree.ElementTree import Element

from connectors.sandbox.qimen import floor
from connectors.sandbox.qimen.documents import PlannedDelivery, read_delivery
from connectors.sandbox.qimen.settings import Warehouse
from connectors.sandbox.qimen.site import Refused, Site, now_text
from connectors.sandbox.qimen.xmltext import Fields


def create_delivery(site: Site, customer: str, root: Element) -> Fields:
    """Accept an order, or answer again what was answered to the same code before."""
    order = read_delivery(root)
    warehouse = site.warehouse(order.warehouse, customer)
    with site.storage.write():
        known = site.storage.one("select * from delivery where code = ?", (order.code,))
        if known is None:
            _check_goods(site, warehouse, order)
            if site.happens("refuse", order.code):
                raise Refused("超出配送范围")
            row = _store(site, customer, warehouse, order)
            floor.schedule_step(site, order.code, "NEW")
    if known is not None:
        # Outside the transaction: the repeat is counted also when it is refused.
        return _answer_again(site, known, customer)
    return _answer(row, is_ours_to_choose=order.warehouse == "OTHER")


def _answer_again(site: Site, known: Row, customer: str) -> Fields:
    if known["customer"] != customer:
        raise Refused("出库单号已被其他货主占用")
    site.storage.execute("update delivery set create_count = create_count + 1 where code = ?", (known["code"],))
    if known["status"] == "CANCELED":
        raise Refused("单据已取消,不能再次创建")
    if site.settings.duplicate_answer == "failure":
        raise Refused("重复的出库单号")
    return _answer(known, is_ours_to_choose=False)


def _answer(row: Row, is_ours_to_choose: bool) -> Fields:
    chosen = {"warehouseCode": row["warehouse"], "logisticsCode": row["company"]} if is_ours_to_choose else {}
    return {"createTime": row["created_at"], "deliveryOrderId": row["id"], **chosen}


def _check_goods(site: Site, warehouse: Warehouse, order: PlannedDelivery) -> None:
    for line in order.lines:
        if warehouse.owners and line.owner not in warehouse.owners:
            raise Refused(f"货主不存在:{line.owner}")
        item_id = site.storage.scalar("select item_id from item where owner = ? and code = ?", (line.owner, line.item))
        if item_id is None and site.settings.strict_items:
            raise Refused(f"商品不存在:{line.item}")
        if item_id is not None and line.item_id not in ("", item_id):
            raise Refused(f"itemId与商品不一致:{line.item}")
        if item_id is not None and not line.item_id and site.settings.strict_item_ids:
            raise Refused(f"itemId不能为空:{line.item}")


def _store(site: Site, customer: str, warehouse: Warehouse, order: PlannedDelivery) -> Row:
    number = site.storage.next_number("delivery", 55001)
    with site.storage.write() as tx:
        tx.execute(
            "insert into delivery (code, id, customer, warehouse, order_type, company, asked_express,"
            " receiver_mark, oaid, stage, status, created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'NEW', 'NEW', ?)",
            (order.code, f"WMSDO-{number}", customer, warehouse.code, order.order_type, order.company,
             order.asked_express, order.receiver_mark, order.oaid, now_text()),
        )  # fmt: skip
        tx.executemany(
            "insert into line (delivery, line_no, source_order, sub_source, owner, item, item_id,"
            " inventory_type, batch, plan) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(order.code, line.line_no, line.source_order, line.sub_source, line.owner, line.item, line.item_id,
              line.inventory_type, line.batch, line.plan) for line in order.lines],
        )  # fmt: skip
    return site.delivery(order.code)
