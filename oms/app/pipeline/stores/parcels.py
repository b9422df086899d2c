"""A parcel at a store as clerks' work carries it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class StoreParcelWork:
    """A parcel at a store, locked."""

    id: int
    fulfilment_id: int
    waybill_no: str
    state: str
    order_id: int
    shop_id: int
    point_id: int
    from_point_id: int
    leg: str
    code_no: int
    code_hash: bytes | None
    tries: int
    ready_at: datetime | None
    overdue_at: datetime | None
    ended_at: datetime | None

    @property
    def is_store_goods(self) -> bool:
        """Whether these are the store's own goods, which never go back to a warehouse."""
        return self.point_id == self.from_point_id
