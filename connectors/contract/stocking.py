"""Stock as warehouses tell of it: levels as of a moment, signed changes, documents that bring goods in or out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class StockChange:
    """Signed units of a SKU and kind that changed at a moment; `key` deduplicates it.

    `document_no` is what caused it, `total` the units that lay there afterwards, where the warehouse says so.
    """

    sku_code: str
    kind: str
    units: int
    key: str
    at: datetime
    document_no: str = ""
    total: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class StockReport:
    """Stock as of the warehouse's own time: `levels` are (sku code, kind, units), changes when `is_delta`.

    `changes` are the same, one by one, where each has a moment and a key of its own. A stock-take comes in pages.
    """

    warehouse_code: str
    key: str
    as_of: datetime
    levels: tuple[tuple[str, str, int], ...]
    is_delta: bool = False
    changes: tuple[StockChange, ...] = ()
    number: str = ""
    page: int = 1
    pages: int = 1
    owner_code: str = ""
    is_check: bool = False


@dataclass(frozen=True, slots=True)
class StockOrderLine:
    """Units of a SKU to take in or to send."""

    line_no: str
    sku_code: str
    sku_name: str
    units: int
    item_id: str = ""
    kind: str = "good"


@dataclass(frozen=True, slots=True)
class StockOrderNotice:
    """Goods a warehouse shall take in (`direction` in) or send (out) besides buyers' parcels; `number` is our own.

    `kind`: purchase, transfer, vendor_return, other. `related_no` is the document it belongs to, `other_warehouse` the
    one at the other end of a transfer.
    """

    number: str
    direction: str
    kind: str
    warehouse_code: str
    owner_code: str
    created_at: datetime
    lines: tuple[StockOrderLine, ...]
    related_no: str = ""
    supplier_code: str = ""
    supplier_name: str = ""
    expected_at: datetime | None = None
    other_warehouse: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class StockOrderRef:
    """Names such a document to its warehouse."""

    number: str
    direction: str
    kind: str
    warehouse_code: str
    owner_code: str
    reference: str = ""


class StockOrderState(StrEnum):
    """How far such a document is at the warehouse."""

    ACCEPTED = "accepted"
    PART_DONE = "part_done"
    DONE = "done"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StockOrderFound:
    """What the warehouse has under our number."""

    number: str
    state: StockOrderState
    reference: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class StockMoved:
    """Units of a SKU and kind that came in or left with one message."""

    line_no: str
    sku_code: str
    kind: str
    units: int


@dataclass(frozen=True, slots=True)
class StockOrderReport:
    """A warehouse's word on such a document: its units are increments, `key` deduplicates it.

    After a final report another may correct it. `line_count` is how many lines the whole answer has, where it comes in
    several messages.
    """

    number: str
    direction: str
    key: str
    state: StockOrderState
    final: bool
    at: datetime
    lines: tuple[StockMoved, ...]
    reference: str = ""
    line_count: int | None = None
    words: str = ""
