"""The operations on stores as the API's description names them."""

from __future__ import annotations

from typing import Final

OPERATIONS: Final = [
    ("GET", "/api/v1/stores"),
    ("GET", "/api/v1/stores/{store_id}/work"),
    ("POST", "/api/v1/stores/tasks/{fulfilment_id}/{verb}"),
    ("POST", "/api/v1/stores/parcels/{parcel_id}/{verb}"),
    ("POST", "/api/v1/stores/notes/{note_id}/{verb}"),
    ("PUT", "/api/v1/orders/{order_id}/store"),
    ("GET", "/api/v1/stores/{store_id}/day"),
    ("POST", "/api/v1/stores/{store_id}/cash"),
    ("POST", "/api/v1/stores/findings/{finding_id}"),
    ("GET", "/api/v1/stores/{store_id}/settings"),
    ("PUT", "/api/v1/stores/{store_id}/settings"),
]
