"""Documents of a store as tests want them: small, written by hand, every value invented."""

from __future__ import annotations

from typing import Any

import orjson

ORDER = "order_01TESTA"
RETURN = "return_01TESTR"
NAME, PHONE, STREET = "Mira Sandvik", "+4915550001", "Kastanienallee 77"
CREATED = "2026-03-01T08:00:00.000Z"
UPDATED = "2026-03-02T03:00:00.000Z"
LAMP, SHADE = "ordli_01", "ordli_02"

Tree = dict[str, Any]


def an_item(number: str = LAMP, **changes: Any) -> Tree:
    """Two lamps at 20.00 before 20 % tax."""
    ordered = changes.get("quantity", 2)
    detail = dict.fromkeys(DETAIL, 0) | changes.pop("detail", {})
    item = {
        "id": number,
        "title": "Lamp",
        "subtitle": "White",
        "product_title": "Lamp",
        "product_id": "prod_1",
        "variant_id": f"variant_{number[-1]}",
        "variant_sku": f"SKU-{number[-1]}",
        "variant_title": "White",
        "requires_shipping": True,
        "is_giftcard": False,
        "is_tax_inclusive": False,
        "unit_price": 20,
        "quantity": 2,
        "tax_lines": [{"id": "tax_1", "code": "vat", "rate": 20}],
        "adjustments": [],
        "detail": detail | {"quantity": ordered},
    }
    return item | changes


DETAIL = (
    "fulfilled_quantity",
    "shipped_quantity",
    "delivered_quantity",
    "return_requested_quantity",
    "return_received_quantity",
    "return_dismissed_quantity",
    "written_off_quantity",
)


def a_discount(amount: float, **changes: Any) -> Tree:
    return {"id": "adj_1", "code": "AUTUMN", "promotion_id": "promo_1", "amount": amount, **changes}


def a_method(**changes: Any) -> Tree:
    """Delivery at 5.00 before 20 % tax."""
    method = {
        "id": "ordsm_01",
        "name": "Standard",
        "amount": 5,
        "is_tax_inclusive": False,
        "shipping_option_id": "so_1",
        "tax_lines": [{"id": "tax_2", "code": "vat", "rate": 20}],
        "adjustments": [],
        "detail": {"return_id": None},
    }
    return method | changes


def a_payment(**changes: Any) -> Tree:
    payment = {
        "id": "pay_01",
        "amount": 54,
        "provider_id": "pp_card",
        "captured_at": "2026-03-01T08:05:00.000Z",
        "canceled_at": None,
        "created_at": CREATED,
        "updated_at": "2026-03-01T08:05:00.000Z",
        "captures": [{"id": "capt_1", "amount": 54}],
        "refunds": [],
    }
    return payment | changes


def a_refund(amount: float, note: str | None = None, at: str = "2026-03-02T02:00:00.000Z") -> Tree:
    return {"id": "ref_01", "amount": amount, "note": note, "created_at": at}


def a_fulfilment(number: str, goods: dict[str, int], waybill: str = "", **changes: Any) -> Tree:
    """Shipped when it has a waybill."""
    fulfilment = {
        "id": number,
        "canceled_at": None,
        "shipped_at": "2026-03-02T01:00:00.000Z" if waybill else None,
        "updated_at": "2026-03-02T01:00:00.000Z",
        "items": [{"id": f"fi_{line}", "line_item_id": line, "quantity": count} for line, count in goods.items()],
        "labels": [{"tracking_number": waybill, "tracking_url": "", "label_url": ""}] if waybill else [],
    }
    return fulfilment | changes


def an_order(*items: Tree, **changes: Any) -> Tree:
    """54.00 EUR: two lamps and delivery, each with 20 % tax."""
    payments = changes.pop("payments", None)
    box = {"id": "box_1", "updated_at": CREATED, "payments": [a_payment()] if payments is None else payments}
    order = {
        "id": ORDER,
        "display_id": 7,
        "status": "pending",
        "email": "mira@example.com",
        "currency_code": "eur",
        "customer_id": "cus_1",
        "metadata": {"note": "ring twice", "oms_memo": "fragile", "oms_flag": "green"},
        "created_at": CREATED,
        "updated_at": UPDATED,
        "payment_status": "captured",
        "fulfillment_status": "not_fulfilled",
        "items": list(items) or [an_item()],
        "shipping_methods": [a_method()],
        "shipping_address": {
            "first_name": NAME.split()[0],
            "last_name": NAME.split()[1],
            "address_1": STREET,
            "address_2": "rear house",
            "company": "Lichthaus",
            "city": "Berlin",
            "country_code": "de",
            "province": "de-be",
            "postal_code": "10115",
            "phone": PHONE,
        },
        "credit_lines": [],
        "payment_collections": [box],
        "fulfillments": [],
    }
    return order | changes


def a_return(**changes: Any) -> Tree:
    case = {
        "id": RETURN,
        "order_id": ORDER,
        "status": "requested",
        "exchange_id": None,
        "refund_amount": None,
        "created_at": "2026-03-02T01:30:00.000Z",
        "updated_at": "2026-03-02T02:30:00.000Z",
        "requested_at": "2026-03-02T01:31:00.000Z",
        "canceled_at": None,
        "items": [
            {
                "id": "retitem_1",
                "item_id": LAMP,
                "quantity": 1,
                "received_quantity": 0,
                "damaged_quantity": 0,
                "note": "too bright",
                "reason": {"id": "rr_1", "label": "Wrong item", "value": "wrong"},
            }
        ],
    }
    return case | changes


def a_claim(**changes: Any) -> Tree:
    case = {
        "id": "claim_01TESTC",
        "order_id": ORDER,
        "type": "refund",
        "return_id": None,
        "refund_amount": None,
        "created_at": "2026-03-02T01:30:00.000Z",
        "updated_at": "2026-03-02T02:30:00.000Z",
        "canceled_at": None,
        "claim_items": [{"id": "ci_1", "item_id": LAMP, "quantity": 1, "reason": "missing_item"}],
    }
    return case | changes


def case_body(case: Tree | None = None, order: Tree | None = None, **more: Tree) -> bytes:
    case = a_return() if case is None else case
    name = "claim" if "claim_items" in case else "return"
    return orjson.dumps({name: case, "order": an_order() if order is None else order, **more})


def body(tree: Tree) -> bytes:
    return orjson.dumps(tree)


def error_body(kind: str, words: str = "no", **more: str) -> bytes:
    return orjson.dumps({"type": kind, "message": words, **more})
