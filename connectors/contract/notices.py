"""What the hub tells or asks an outside system, and what that answers; frozen, vendor-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connectors.contract.labels import Label as Label
from connectors.contract.labels import LabelItem as LabelItem
from connectors.contract.labels import LabelNotice as LabelNotice
from connectors.contract.labels import LabelRef as LabelRef
from connectors.contract.labels import NumbersLeft as NumbersLeft
from connectors.contract.labels import Reach as Reach
from connectors.contract.labels import Sender as Sender
from connectors.contract.pushing import Delivery as Delivery
from connectors.contract.pushing import Messages as Messages
from connectors.contract.pushing import PushAnswer as PushAnswer
from connectors.contract.pushing import PushEnvelope as PushEnvelope
from connectors.contract.pushing import PushRequest as PushRequest
from connectors.contract.pushing import Subscribed as Subscribed
from connectors.contract.records import ReceiverRecord
from connectors.contract.stocking import StockOrderReport as StockOrderReport
from connectors.contract.stocking import StockReport as StockReport
from connectors.contract.tracking import ParcelState as ParcelState
from connectors.contract.tracking import TrackEvent as TrackEvent
from connectors.contract.tracking import TrackReport as TrackReport
from connectors.contract.tracking import TrackRequest as TrackRequest


@dataclass(frozen=True, slots=True)
class Receipt:
    """The other side accepted; `reference` is its own number for it.

    `is_pending`: it works this off later, and `follow_up` with the reference tells how that ended.
    """

    reference: str = ""
    words: str = ""
    answer: Mapping[str, str] = field(default_factory=dict)
    is_pending: bool = False


#: The carrier code of goods that no courier carries; they have no waybill.
NO_CARRIER = "NONE"

# ---- marketplace ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShipmentNotice:
    """A parcel of one platform order to write back.

    `line_nos` empty and `whole` True: the whole order left in this parcel. `is_cod` chooses the
    platform's call for cash on delivery. `carrier_code` is the hub's carrier code (Qimen style: ZTO).
    `units` are the units of a line that this waybill carries in all, of lines that leave in several parcels; a line
    that is not in it leaves with all of its units that have not left yet.
    """

    order_no: str
    carrier_code: str
    waybill_no: str
    whole: bool
    shipped_at: datetime
    line_nos: tuple[str, ...] = ()
    is_cod: bool = False
    idempotency_key: str = ""
    units: Mapping[str, int] = field(default_factory=dict)

    def due(self, line_no: str, left: int, there: int) -> int:
        """Units of a line still to tell, where by the platform `left` have not left and `there` are in this parcel."""
        wanted = self.units.get(line_no)
        return max(0, left if wanted is None else min(left, wanted - there))


@dataclass(frozen=True, slots=True)
class ShipmentFound:
    """What the platform already knows as shipped: line number → waybill.

    `units` says how many, by (line number, waybill), where the platform keeps that.
    """

    waybills: Mapping[str, str]
    units: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def has(self, line_no: str, notice: ShipmentNotice) -> bool:
        """Whether the platform has what a notice tells of a line."""
        wanted = notice.units.get(line_no)
        if wanted is None or not self.units:
            return self.waybills.get(line_no) == notice.waybill_no
        return self.units.get((line_no, notice.waybill_no), 0) >= wanted


@dataclass(frozen=True, slots=True)
class MergeCandidate:
    """A masked order for the platform's own merge question; those of one group may leave together as far as we know."""

    order_no: str
    tokens: Mapping[str, str]
    group: str = ""


@dataclass(frozen=True, slots=True)
class InterceptionNotice:
    """The hub's answer to a refund asked before shipment: stopped or not (Taobao: AG)."""

    order_no: str
    case_no: str
    stopped: bool
    at: datetime
    line_no: str = ""
    amount: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class RefundNotice:
    """Money to pay back for a case or for lines of an order; `key` makes it idempotent.

    `lines` are (platform line number, units); empty means the whole order. `restock` says whether the platform
    shall put the units back on its own shelf.
    """

    order_no: str
    amount: int
    currency: str
    key: str
    case_no: str = ""
    lines: tuple[tuple[str, int], ...] = ()
    words: str = ""
    restock: bool = False


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Sellable units of a listing's variant; `variant_no` empty for a listing that has none.

    `location` is the platform's own place (Shopify, Saleor …), empty for the shop's only or default one.
    """

    listing_no: str
    variant_no: str
    units: int
    seller_code: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class StockAnswer:
    """How many levels were set, and why others were not: (listing, variant) → the platform's words."""

    done: int
    refused: Mapping[tuple[str, str], str] = field(default_factory=dict)


# ---- warehouse ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FulfilmentLineNotice:
    """A line for the warehouse; amounts are totals of the line in minor units."""

    line_no: str
    order_no: str
    order_line_no: str
    sku_code: str
    sku_name: str
    units: int
    list_amount: int
    paid_amount: int
    item_id: str = ""
    is_gift: bool = False


@dataclass(frozen=True, slots=True)
class FulfilmentNotice:
    """A fulfilment to be packed; `number` is our document number and idempotency key (≤ 50 characters)."""

    number: str
    warehouse_code: str
    owner_code: str
    shop_name: str
    platform: str
    carrier_code: str
    created_at: datetime
    ordered_at: datetime
    currency: str
    goods_amount: int
    discount_amount: int
    freight_amount: int
    collect_amount: int
    paid_amount: int
    receiver: ReceiverRecord
    token_order_no: str
    lines: tuple[FulfilmentLineNotice, ...]
    kind: str = "sale"  # sale | exchange | reship | other
    is_cod: bool = False
    is_presale: bool = False
    is_split: bool = False
    paid_at: datetime | None = None
    payment_reference: str = ""
    buyer_nick: str = ""
    buyer_message: str = ""
    seller_memo: str = ""
    ship_by: datetime | None = None
    collect_by: datetime | None = None
    waybill_no: str = ""  # of ours, where the hub takes the number; the label's print data goes with it
    print_data: str = field(default="", repr=False)
    sender_name: str = ""  # of the partner for whom we send it; empty where the account's own sender stands
    sender_phone: str = ""


@dataclass(frozen=True, slots=True)
class FulfilmentRef:
    """Names a fulfilment to its warehouse; `line_nos` are platform line numbers for a partial cancel."""

    number: str
    warehouse_code: str
    owner_code: str
    warehouse_ref: str = ""
    reason: str = ""
    line_nos: tuple[str, ...] = ()
    kind: str = "sale"


class WarehouseState(StrEnum):
    """How far a fulfilment is at the warehouse."""

    ACCEPTED = "accepted"  # 已接单
    WORKING = "working"  # 拣货、复核、打包
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # 仓库拒单
    FAILED = "failed"  # 异常


@dataclass(frozen=True, slots=True)
class FulfilmentFound:
    """What the warehouse has under our number."""

    number: str
    state: WarehouseState
    warehouse_ref: str = ""
    words: str = ""
    shipment: ShipmentReport | None = None


@dataclass(frozen=True, slots=True)
class ParcelItem:
    """Units of a SKU in a parcel; `line_no` when the warehouse says which line."""

    sku_code: str
    units: int
    line_no: str = ""
    lot: str = ""
    expires_on: str = ""
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParcelReport:
    """A parcel that left."""

    carrier_code: str
    waybill_no: str
    items: tuple[ParcelItem, ...]
    weight_g: int | None = None
    external_no: str = ""


@dataclass(frozen=True, slots=True)
class LineReport:
    """Units of a fulfilment's line that left with this report."""

    line_no: str
    sku_code: str
    planned: int
    shipped: int


@dataclass(frozen=True, slots=True)
class ShipmentReport:
    """A warehouse's word that a fulfilment left, partly or wholly; `key` deduplicates it."""

    number: str
    key: str
    state: WarehouseState
    final: bool
    shipped_at: datetime
    parcels: tuple[ParcelReport, ...]
    lines: tuple[LineReport, ...]
    warehouse_code: str = ""
    warehouse_ref: str = ""


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """A warehouse's word on a step of its work (接单, 拣货, 打包 …)."""

    number: str
    key: str
    state: WarehouseState
    step: str
    at: datetime
    words: str = ""


@dataclass(frozen=True, slots=True)
class ShortageReport:
    """A warehouse lacks units it was asked to pack."""

    number: str
    key: str
    lines: tuple[LineReport, ...]
    at: datetime
    words: str = ""


# ---- push -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChangeHint:
    """A marketplace's word that an order or a case has changed; the hub reads it anew. Polling stays the truth."""

    kind: str  # order | case
    external_no: str
    changed_at: datetime | None = None


PushReport = (
    ShipmentReport | ProgressReport | ShortageReport | StockReport | StockOrderReport | TrackReport | ChangeHint | None
)
