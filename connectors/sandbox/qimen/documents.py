"""Reading of delivery orders: required fields, formats and money identities. No storage."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from connectors.sandbox.qimen.gateway import STAMP
from connectors.sandbox.qimen.site import Refused
from connectors.sandbox.qimen.xmltext import text

ORDER_TYPES = ("JYCK", "HHCK", "BFCK", "QTCK")
INVENTORY_TYPES = ("ZP", "CC", "JS", "XS", "ZT")
PERSON = ("name", "mobile", "province", "city", "detailAddress")

HEADER_REQUIRED = (
    "deliveryOrderCode", "orderType", "warehouseCode", "createTime", "placeOrderTime", "operateTime", "shopNick",
    "logisticsCode", *(f"senderInfo/{name}" for name in PERSON), *(f"receiverInfo/{name}" for name in PERSON),
)  # fmt: skip
LINE_REQUIRED = ("ownerCode", "itemCode", "planQty", "actualPrice")
LONGEST = {"deliveryOrderCode": 50, "warehouseCode": 50, "expressCode": 50, "remark": 500, "shopNick": 200}
MONEY = ("totalAmount", "itemAmount", "discountAmount", "freight", "arAmount", "gotAmount")


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One line of a delivery order as the warehouse needs it; `plan` in pieces."""

    line_no: str
    source_order: str
    sub_source: str
    owner: str
    item: str
    item_id: str
    inventory_type: str
    batch: str
    plan: int


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A delivery order as the warehouse needs it; the receiver is kept as a mark that shows changes, not as text."""

    code: str
    warehouse: str
    order_type: str
    company: str
    asked_express: str
    receiver_mark: str
    oaid: str
    lines: tuple[PlannedLine, ...]


def require(node: Element | None, paths: Iterable[str]) -> None:
    """Refuse the first path without text."""
    for path in paths:
        if not text(node, path):
            raise Refused(f"{path.rpartition('/')[0] + '.' if '/' in path else ''}{path.rpartition('/')[2]}不能为空")


def read_delivery(root: Element) -> PlannedDelivery:
    """A checked delivery order from the request; Refused names the first thing wrong."""
    head = root.find("deliveryOrder")
    require(head, HEADER_REQUIRED)
    _check_header(head)
    nodes = root.findall("orderLines/orderLine")
    if not nodes:
        raise Refused("orderLines不能为空")
    lines = tuple(_line(node, number) for number, node in enumerate(nodes, 1))
    if len({line.line_no for line in lines}) < len(lines):
        raise Refused("orderLineNo重复")
    return PlannedDelivery(
        code=text(head, "deliveryOrderCode"),
        warehouse=text(head, "warehouseCode"),
        order_type=text(head, "orderType"),
        company=text(head, "logisticsCode"),
        asked_express=text(head, "expressCode"),
        receiver_mark=_receiver_mark(head),
        oaid=text(head, "receiverInfo/oaid"),
        lines=lines,
    )


def quantity(node: Element | None, path: str) -> int:
    """A whole number above zero; Refused otherwise."""
    found = text(node, path)
    if not re.fullmatch(r"[0-9]{1,9}", found) or int(found) == 0:
        raise Refused(f"{path}不合法")
    return int(found)


def amount(node: Element | None, path: str) -> Decimal | None:
    """A money amount in yuan, None when absent; Refused when it is no amount with at most two decimals."""
    found = text(node, path)
    if not found:
        return None
    try:
        value = Decimal(found)
    except InvalidOperation:
        raise Refused(f"{path}不合法") from None
    if not value.is_finite() or round(value, 2) != value:
        raise Refused(f"{path}不合法")
    return value


def _check_header(head: Element | None) -> None:
    for name, longest in LONGEST.items():
        if len(text(head, name)) > longest:
            raise Refused(f"{name}长度超过{longest}")
    if text(head, "orderType") not in ORDER_TYPES:
        raise Refused("orderType不合法")
    for name in ("createTime", "placeOrderTime", "operateTime"):
        _check_time(head, name)
    _check_money(head)


def _check_time(head: Element | None, name: str) -> None:
    try:
        datetime.strptime(text(head, name), STAMP)  # noqa: DTZ007 - only the format is checked
    except ValueError:
        raise Refused(f"{name}格式应为yyyy-MM-dd HH:mm:ss") from None


def _check_money(head: Element | None) -> None:
    given = {name: amount(head, name) for name in MONEY}
    money = {name: value or Decimal(0) for name, value in given.items()}
    total = given["totalAmount"]
    has_paid = given["arAmount"] is not None or given["gotAmount"] is not None
    if total is not None and has_paid and total != money["arAmount"] + money["gotAmount"]:
        raise Refused("totalAmount不等于arAmount加gotAmount")
    goods = money["itemAmount"] - money["discountAmount"] + money["freight"]
    if total is not None and given["itemAmount"] is not None and total != goods:
        raise Refused("totalAmount不等于itemAmount减discountAmount加freight")
    is_cod = "COD" in text(head, "orderFlag").split("^")
    if is_cod != (money["arAmount"] > 0):
        raise Refused("COD标记与arAmount不一致")


def _line(node: Element, number: int) -> PlannedLine:
    require(node, LINE_REQUIRED)
    kind = text(node, "inventoryType") or "ZP"
    if kind not in INVENTORY_TYPES:
        raise Refused("inventoryType不合法")
    if len(text(node, "itemCode")) > 50:
        raise Refused("itemCode长度超过50")
    _check_prices(node)
    return PlannedLine(
        line_no=text(node, "orderLineNo") or str(number),
        source_order=text(node, "sourceOrderCode"),
        sub_source=text(node, "subSourceOrderCode"),
        owner=text(node, "ownerCode"),
        item=text(node, "itemCode"),
        item_id=text(node, "itemId"),
        inventory_type=kind,
        batch=text(node, "batchCode"),
        plan=quantity(node, "planQty"),
    )


def _check_prices(node: Element) -> None:
    actual, retail, discount = (amount(node, name) for name in ("actualPrice", "retailPrice", "discountAmount"))
    if actual is not None and retail is not None and retail != actual + (discount or 0):
        raise Refused("retailPrice不等于actualPrice加discountAmount")


def _receiver_mark(head: Element | None) -> str:
    parts = [text(head, f"receiverInfo/{name}") for name in (*PERSON, "area", "town", "oaid")]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
