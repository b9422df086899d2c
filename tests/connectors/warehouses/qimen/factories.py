"""Notices, accounts and documents of the Qimen tests; all names, numbers and keys are invented."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

import responses

from connectors.contract import notices as n
from connectors.contract.manifest import Account
from connectors.contract.records import ReceiverRecord
from connectors.warehouses.qimen import QimenWarehouse
from connectors.warehouses.qimen.xml import parse

GATEWAY = "https://wms.example.invalid/service"
SECRET = "secret-1"
NOW = datetime(2026, 11, 21, 2, 5, 0, tzinfo=UTC)

SENDER = {
    "sender_name": "示例仓",
    "sender_mobile": "13000000001",
    "sender_province": "浙江省",
    "sender_city": "杭州市",
    "sender_address": "示例路1号",
}
SETTINGS = {"app_key": "erp-app", "customer_id": "c1", "owner_code": "OWNER01"} | SENDER
RECEIVER = ReceiverRecord(
    name="张*",
    phone="*******0002",
    state="上海市",
    city="上海市",
    district="徐汇区",
    address="虹****号",
    masked=True,
    tokens={"oaid": "EXAMPLE-OAID-0001"},
)
REF = n.FulfilmentRef("DO202611210001", "WH-HZ-01", "OWNER01", "WMSDO-55001", "买家申请退款")


def an_account(**settings: str) -> Account:
    return Account(settings=SETTINGS | settings, secrets={"secret": SECRET}, gateway=GATEWAY)


def a_warehouse(**settings: str) -> QimenWarehouse:
    return QimenWarehouse(an_account(**settings), clock=lambda: NOW)


def a_line(line_no: str = "1", **changes: Any) -> n.FulfilmentLineNotice:
    line = n.FulfilmentLineNotice(
        line_no=line_no,
        order_no="900000000000000001",
        order_line_no=f"90000000000000000{line_no}",
        sku_code="SKU-RED-L",
        sku_name="示例T恤 红 L",
        units=1,
        list_amount=10000,
        paid_amount=9000,
        item_id="WMS-10001",
    )
    return replace(line, **changes)


def a_notice(**changes: Any) -> n.FulfilmentNotice:
    notice = n.FulfilmentNotice(
        number="DO202611210001",
        warehouse_code="WH-HZ-01",
        owner_code="OWNER01",
        shop_name="示例旗舰店",
        platform="TB",
        carrier_code="ZTO",
        created_at=NOW,
        ordered_at=datetime(2026, 11, 21, 1, 30, 12, tzinfo=UTC),
        currency="CNY",
        goods_amount=10000,
        discount_amount=1000,
        freight_amount=1200,
        collect_amount=0,
        paid_amount=10200,
        receiver=RECEIVER,
        token_order_no="900000000000000001",
        lines=(a_line(),),
    )
    return replace(notice, **changes)


def root_of(body: bytes) -> Element:
    return parse(body)


def envelope(content: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><response>{content}</response>'.encode()


def failure(message: str, code: str = "-1") -> bytes:
    return envelope(f"<flag>failure</flag><code>{code}</code><message>{message}</message>")


def success(content: str = "") -> bytes:
    return envelope(f"<flag>success</flag><code>0</code><message>ok</message>{content}")


def a_push(method: str, content: str, *, at: datetime = NOW, secret: str = SECRET, **query: str) -> n.PushRequest:
    """A push signed here by hand, apart from the connector's own signing."""
    body = f'<?xml version="1.0" encoding="UTF-8"?><request>{content}</request>'.encode()
    params = {
        "method": method,
        "timestamp": "2026-11-21 10:05:00",
        "format": "xml",
        "app_key": "erp-app",
        "v": "2.0",
        "sign_method": "md5",
        "customerId": "c1",
    } | query
    joined = "".join(k + params[k] for k in sorted(params)).encode()
    keys = {"md5": None, "hmac": hashlib.md5, "hmac-sha256": hashlib.sha256}
    chosen = keys[params["sign_method"]]
    if chosen is None:
        signature = hashlib.md5(secret.encode() + joined + body + secret.encode()).hexdigest()
    else:
        signature = hmac.new(secret.encode(), joined + body, chosen).hexdigest()
    return n.PushRequest("POST", "/hooks/qimen", params | {"sign": signature.upper()}, {}, body, at)


def a_confirm(
    *,
    status: str = "DELIVERED",
    confirm_type: str = "0",
    out_biz_code: str = "MSG-1",
    packages: str | None = None,
    lines: str | None = None,
) -> str:
    """The content of a deliveryorder.confirm."""
    if packages is None:
        packages = a_package("75000000000001", ("SKU-RED-L", 1, "1"))
    if lines is None:
        lines = an_order_line("1", "SKU-RED-L", 1, 1)
    return (
        "<deliveryOrder><deliveryOrderCode>DO202611210001</deliveryOrderCode>"
        "<deliveryOrderId>WMSDO-55001</deliveryOrderId><warehouseCode>WH-HZ-01</warehouseCode>"
        f"<orderType>JYCK</orderType><status>{status}</status><outBizCode>{out_biz_code}</outBizCode>"
        f"<confirmType>{confirm_type}</confirmType><orderConfirmTime>2026-11-21 15:00:00</orderConfirmTime>"
        f"</deliveryOrder><packages>{packages}</packages><orderLines>{lines}</orderLines>"
    )


def a_package(waybill: str, *items: tuple[str, int, str], weight: str = "0.420") -> str:
    inside = "".join(
        f"<item><itemCode>{sku}</itemCode><quantity>{units}</quantity><orderLineNo>{line}</orderLineNo></item>"
        for sku, units, line in items
    )
    return (
        f"<package><logisticsCode>ZTO</logisticsCode><expressCode>{waybill}</expressCode>"
        f"<packageCode>PK-{waybill[-1]}</packageCode><weight>{weight}</weight><items>{inside}</items></package>"
    )


def an_order_line(line_no: str, sku: str, planned: int, actual: int | str, inside: str = "") -> str:
    return (
        f"<orderLine><orderLineNo>{line_no}</orderLineNo><itemCode>{sku}</itemCode><planQty>{planned}</planQty>"
        f"<actualQty>{actual}</actualQty>{inside}</orderLine>"
    )


def answers(wms: responses.RequestsMock, *bodies: bytes) -> None:
    for body in bodies:
        wms.add(responses.POST, GATEWAY, body=body, content_type="text/xml")


def query_of(wms: responses.RequestsMock, index: int = -1) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(str(wms.calls[index].request.url)).query))


def body_of(wms: responses.RequestsMock, index: int = -1) -> bytes:
    body = wms.calls[index].request.body
    assert isinstance(body, bytes)
    return body


def methods(wms: responses.RequestsMock) -> list[str]:
    return [query_of(wms, i)["method"].removeprefix("taobao.qimen.") for i in range(len(wms.calls))]


def leaves(wms: responses.RequestsMock) -> dict[str, str]:
    return {node.tag: node.text or "" for node in parse(body_of(wms)).iter() if not len(node)}
