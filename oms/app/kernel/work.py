"""Documents as the pipeline carries them in memory: plain slotted objects, loaded once, written once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from oms.domain.holds import Block


@dataclass(slots=True, eq=False)
class LineWork:
    """A line of an order."""

    id: int
    order_id: int
    external_no: str
    kind: str
    listing_no: str
    variant_no: str
    seller_code: str
    title: str
    variant: str
    sku_id: int | None
    bundle_id: int | None
    ordered: int
    cancelled: int
    planned: int
    shipped: int
    list_amount: int
    discount_merchant: int
    paid_amount: int
    platform_state: str
    refund_state: str
    case_no: str
    is_gift: bool
    fulfiller: str
    bound_group: str
    is_gone: bool
    is_new: bool = False

    @property
    def is_goods(self) -> bool:
        """Whether it is something to ship by us."""
        return self.kind == "goods" and self.fulfiller == "us" and not self.is_gone

    @property
    def in_refund(self) -> bool:
        """Whether the buyer's money is being asked back, so that it must not leave."""
        return self.refund_state in REFUNDING

    @property
    def is_void(self) -> bool:
        """Whether the buyer will not get it from this order any more."""
        return self.is_gone or self.refund_state == "succeeded" or self.platform_state == "cancelled"

    @property
    def is_lost(self) -> bool:
        """Whether it must not leave: in refund or void."""
        return self.refund_state in REFUNDED or self.is_gone or self.platform_state == "cancelled"


REFUNDING = frozenset({"asked", "agreed", "returned"})
REFUNDED = REFUNDING | {"succeeded"}


@dataclass(slots=True, eq=False)
class DemandWork:
    """Units of a SKU that a line needs; `per_unit` for each unit of the line, 0 when it no longer consists of it."""

    id: int
    order_id: int
    line_id: int
    sku_id: int
    origin: str
    units: int
    planned: int
    shipped: int
    cancelled: int
    share_amount: int
    per_unit: int
    is_new: bool = False

    @property
    def open_units(self) -> int:
        """Units neither planned, shipped nor cancelled."""
        return self.units - self.planned - self.shipped - self.cancelled


@dataclass(slots=True, eq=False)
class HoldWork:
    """An open hold."""

    id: int
    order_id: int
    kind: str
    blocks: int
    clears: str
    seen: dict[str, Any]


@dataclass(slots=True, eq=False)
class FulfilmentLineWork:
    """Units of a demand in a fulfilment."""

    id: int
    fulfilment_id: int
    demand_id: int
    order_id: int
    line_id: int
    sku_id: int
    planned: int
    shipped: int
    short: int
    cancelled: int
    share_amount: int

    @property
    def open_units(self) -> int:
        """Units still expected to leave: the allocation at the stock point."""
        return self.planned - self.shipped - self.short - self.cancelled


@dataclass(slots=True, eq=False)
class FulfilmentWork:
    """A fulfilment with all its lines, also those of other orders."""

    id: int
    status: str
    stop: str
    lead_order_id: int
    shop_id: int
    stock_point_id: int
    carrier_id: int | None
    version: int
    merge_key: bytes | None
    order_count: int
    goods_amount: int
    freight_amount: int
    collect_amount: int
    currency: str
    is_cod: bool
    is_split: bool
    is_sealed: bool
    warehouse_ref: str
    warehouse_step: str
    ship_by: datetime | None
    planned_at: datetime
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    shipped_at: datetime | None = None
    closed_at: datetime | None = None
    merged_into_id: int | None = None
    mode: str = "courier"
    lines: list[FulfilmentLineWork] = field(default_factory=list)
    is_new: bool = False

    @property
    def order_ids(self) -> list[int]:
        """The source orders, lowest first."""
        return sorted({line.order_id for line in self.lines})


@dataclass(slots=True, eq=False)
class OrderWork:
    """An order with what hangs on it; `lifted` are the kinds of hold that people have lifted from it.

    `lacking` are the parts its receiver is without, `oddities` what is wrong with those it has, None until they are read.
    """

    id: int
    shop_id: int
    origin: str
    external_no: str
    customer_id: int | None
    status: str
    review: str
    phase: str
    platform_state: str
    platform_holds: list[str]
    currency: str
    paid_total: int
    is_cod: bool
    is_presale: bool
    is_sealed: bool
    keeps_together: bool
    owner: str
    fulfiller: str
    has_memo: bool
    has_message: bool
    flag: str
    priority: int
    division_code: str
    receiver_key: bytes | None
    is_masked: bool
    ordered_at: datetime
    paid_at: datetime | None
    ship_by: datetime | None
    captured_at: datetime
    ready_at: datetime | None
    attempts: int
    tiers_waiting: int
    tiers_passed: int
    version: int
    closed_at: datetime | None
    tiers_next: str = ""
    lines: list[LineWork] = field(default_factory=list)
    demands: list[DemandWork] = field(default_factory=list)
    holds: list[HoldWork] = field(default_factory=list)
    fulfilments: list[FulfilmentWork] = field(default_factory=list)
    lifted: frozenset[str] = frozenset()
    lacking: tuple[str, ...] | None = None
    oddities: tuple[str, ...] | None = None
    is_new: bool = False

    @property
    def month(self) -> date:
        """The month its events are kept under."""
        return date(self.captured_at.year, self.captured_at.month, 1)

    def is_kept_from(self, step: Block) -> bool:
        """Whether one of its open holds keeps it from a step."""
        return bool(self.holds) and any(hold.blocks & step for hold in self.holds)

    def hold(self, kind: str) -> HoldWork | None:
        """Its open hold of a kind."""
        for hold in self.holds:
            if hold.kind == kind:
                return hold
        return None
