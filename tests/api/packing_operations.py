"""The operations of warehouses without a system as the API's description names them."""

from __future__ import annotations

from typing import Final

OPERATIONS: Final = [
    ("GET", "/api/v1/packing/fulfilments"),
    ("GET", "/api/v1/packing/changes"),
    ("GET", "/api/v1/packing/fulfilments/{fulfilment_id}"),
    ("GET", "/api/v1/packing/fulfilments/{fulfilment_id}/receiver"),
    ("GET", "/api/v1/packing/fulfilments/{fulfilment_id}/label"),
    ("POST", "/api/v1/packing/fulfilments/{fulfilment_id}/{verb}"),
    ("GET", "/api/v1/packing/label-changes"),
    ("POST", "/api/v1/packing/label-changes/{change_id}"),
]
