"""Global ids: base64 of `Kind:key`. Orders and their lines have UUIDs for keys, everything else counts."""

from __future__ import annotations

import base64
import binascii
import uuid

SPACE = uuid.UUID("5a1e0600-0000-4000-8000-000000000000")


def global_id(kind: str, key: object) -> str:
    """The id of an object as the platform shows it."""
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


def key_of(kind: str, id_: object) -> str | None:
    """The key in a global id of this kind; None when it is none."""
    try:
        found, colon, key = base64.b64decode(str(id_), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return key if colon and found == kind and key else None


def order_id(seed: int, serial: int) -> str:
    """The id of the serial-th order of a seed's shop."""
    return global_id("Order", uuid.uuid5(SPACE, f"order:{seed}:{serial}"))


def line_id(order: str, position: int) -> str:
    """The id of an order's line by its position."""
    return global_id("OrderLine", uuid.uuid5(SPACE, f"{order}:{position}"))


def warehouse_id(slug: str) -> str:
    return global_id("Warehouse", uuid.uuid5(SPACE, f"warehouse:{slug}"))


def transaction_id(order: str) -> str:
    """The id of an order's one payment."""
    return global_id("TransactionItem", uuid.uuid5(SPACE, f"transaction:{order}"))
