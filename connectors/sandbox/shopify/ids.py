"""Global ids and the numbers inside them. A number tells which order it belongs to, as no client may know."""

from __future__ import annotations

FIRST_ORDER = 6_100_000_000_000
ORDER_DIGITS = 13
#: Two digits before the order's number: ids of different types must never be equal by chance.
PREFIX = {
    "FulfillmentOrder": "69", "FulfillmentOrderLineItem": "15", "Fulfillment": "55", "FulfillmentLineItem": "66",
    "Refund": "89", "RefundLineItem": "71", "OrderTransaction": "73", "ShippingLine": "52", "Customer": "72",
    "FulfillmentHold": "33", "FulfillmentEvent": "34", "RefundShippingLine": "35", "MailingAddress": "36",
    "OrderAdjustment": "37",
}  # fmt: skip


def gid(kind: str, number: object) -> str:
    """The global id of a thing: gid://shopify/Order/6100000000042."""
    return f"gid://shopify/{kind}/{number}"


def number_in(text: str, kind: str) -> str | None:
    """The number in a global id of this kind, or None when the id is of something else."""
    head = f"gid://shopify/{kind}/"
    number = text.removeprefix(head).partition("?")[0]
    return number if text.startswith(head) and number.isdigit() else None


def child(kind: str, order: str, *positions: int) -> str:
    """The number of something that belongs to an order, by its position there."""
    return PREFIX[kind] + order + "".join(f"{position:02d}" for position in positions)


def owner(kind: str, text: str) -> tuple[str, tuple[int, ...]] | None:
    """The order and the positions in the global id of something that belongs to an order; None for other ids."""
    number = number_in(text, kind)
    if number is None or not number.startswith(PREFIX[kind]) or len(number) < ORDER_DIGITS + 2:
        return None
    order, rest = number[2 : 2 + ORDER_DIGITS], number[2 + ORDER_DIGITS :]
    return order, tuple(int(rest[n : n + 2]) for n in range(0, len(rest) - 1, 2))


def order_of_line(number: str) -> str:
    """The order of a line's number."""
    return number[:ORDER_DIGITS]
