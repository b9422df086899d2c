"""deliveryorder.batchcreate: orders are looked at briefly, worked off later, and answered in one report."""

from typing import Any
from xml.etree.ElementTree import Element, tostring

from connectors.sandbox.qimen import intake, outbox, reports
from connectors.sandbox.qimen.documents import read_delivery
from connectors.sandbox.qimen.site import Refused, Site
from connectors.sandbox.qimen.xmltext import Fields, Rows, parse, text

MOST = 50


def bind(site: Site) -> None:
    """Tell the timer which function works a batch off."""
    site.scheduler.on("batch", lambda payload: _work_off(site, payload))


def create_many(site: Site, customer: str, root: Element) -> Fields:
    """Take a batch; what can be seen to be wrong at once is in the answer, everything else is told later."""
    orders = root.findall("orders/order")
    if not 0 < len(orders) <= MOST:
        raise Refused(f"orders应为1到{MOST}个")
    failed: list[Fields] = []
    taken: list[str] = []
    for order in orders:
        try:
            site.warehouse(read_delivery(order).warehouse, customer)
        except Refused as refusal:
            failed.append({"deliveryOrderCode": text(order, "deliveryOrder/deliveryOrderCode"), "message": str(refusal)})
        else:
            taken.append(tostring(order, encoding="unicode"))
    if taken:
        site.scheduler.after(site.settings.batch_minutes * 60, "batch", {"customer": customer, "orders": taken})
    return {"orders": Rows("order", failed)}


def _work_off(site: Site, payload: dict[str, Any]) -> None:
    customer = str(payload["customer"])
    answers = [_create(site, customer, parse(written.encode())) for written in payload["orders"]]
    first = str(answers[0]["deliveryOrderCode"])
    if not site.happens("answer_lost", first):
        outbox.send(site, "deliveryorder.batchcreate.answer", customer, first, reports.batch_answer(answers))


def _create(site: Site, customer: str, order: Element) -> Fields:
    code = text(order, "deliveryOrder/deliveryOrderCode")
    try:
        made = intake.create_delivery(site, customer, order)
    except Refused as refusal:
        return {"deliveryOrderCode": code, "flag": "failure", "code": "-1", "message": str(refusal)}
    return {"deliveryOrderCode": code, "orderInfo": made, "flag": "success", "code": "0", "message": "ok"}
