"""Which documents an order's drawing shows and how they hang together."""

from __future__ import annotations

from collections.abc import Mapping

from flask import url_for

from oms.app.kernel.queries.order_page import OrderPage
from oms.console.messages import _
from oms.console.orders.drawing import Box, Drawing, draw
from oms.console.rendering import amount, word
from oms.console.telling import words
from oms.domain.numbers import document_no

Names = Mapping[int, str]
Links = list[tuple[str, str]]
_KINDS = {"ok": "done", "late": "fail", "warn": "hold"}


def order_drawing(page: OrderPage, points: Names, carriers: Names, numbers: Names) -> Drawing:
    """The order, those it is merged with, its fulfilments, parcels and cases."""
    boxes, links = _orders(page, numbers)
    _add_fulfilments(page, points, boxes, links)
    _add_parcels(page, carriers, boxes, links)
    _add_cases(page, boxes, links)
    sentence = _("，").join(f"{box.name} {box.state}" for box in boxes)
    return draw(boxes, links, sentence)


def _orders(page: OrderPage, numbers: Names) -> tuple[list[Box], Links]:
    phase = words.phase(page.order.phase)
    paid = amount(page.order.paid_total, page.order.currency, sign=True)
    boxes = [Box("me", 0, _("本单 %(no)s", no=_short(page.order.external_no)), f"{word(phase)} {paid}", "", "me")]
    links: Links = []
    for fulfilment_id, siblings in page.siblings.items():
        for sibling in siblings:
            key = f"o{sibling}"
            if not any(box.key == key for box in boxes):
                name = _("订单 %(no)s", no=_short(numbers.get(sibling, str(sibling))))
                boxes.append(Box(key, 0, name, _("合单"), url_for("order.show", order_id=sibling)))
            links.append((key, f"f{fulfilment_id}"))
    return boxes, links


def _add_fulfilments(page: OrderPage, points: Names, boxes: list[Box], links: Links) -> None:
    for row in page.fulfilments:
        told = words.state("fulfilment", row.status)
        name = _("发货单 %(no)s", no=document_no("fulfilment", row.id, row.version))
        kind = "plan" if row.status in ("cancelled", "merged") else _KINDS.get(told.tone, "")
        state = f"{points.get(row.stock_point_id, '')} {told.text}".strip()
        boxes.append(Box(f"f{row.id}", 1, name, state, f"#f{row.id}", kind))
        links.append(("me", f"f{row.id}"))


def _add_parcels(page: OrderPage, carriers: Names, boxes: list[Box], links: Links) -> None:
    for row in page.parcels:
        told = words.state("parcel", row.state)
        name = _("包裹 %(carrier)s %(no)s", carrier=carriers.get(row.carrier_id, ""), no=_short(row.waybill_no))
        boxes.append(Box(f"p{row.id}", 2, name, told.text, f"#p{row.id}", _KINDS.get(told.tone, "")))
        links.append((f"f{row.fulfilment_id}", f"p{row.id}"))


def _add_cases(page: OrderPage, boxes: list[Box], links: Links) -> None:
    for row in page.cases:
        told = words.state("case outcome", row.outcome)
        boxes.append(Box(f"c{row.id}", 3, _("售后 %(no)s", no=_short(row.external_no)), told.text, f"#c{row.id}", "case"))
        links.append(("me" if not page.parcels else f"p{page.parcels[0].id}", f"c{row.id}"))


def _short(number: str) -> str:
    """The end of a long number, as people say it."""
    return number if len(number) <= 10 else f"…{number[-6:]}"
