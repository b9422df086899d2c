"""Normalised records that connectors hand to the hub and take from it; frozen, vendor-free.

Amounts are integer minor units of the record's currency, times aware UTC, outside ids text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connectors.contract.delivering import DeliveryRecord as DeliveryRecord
from connectors.contract.partners import PartnerRecord as PartnerRecord
from connectors.contract.statements import StatementLine as StatementLine


class OrderState(StrEnum):
    """What the platform says of the order as a whole."""

    UNPAID = "unpaid"  # 待付款; presale with an unpaid balance too
    OPEN = "open"  # 待发货, may be shipped (cash on delivery included)
    PART_SHIPPED = "part_shipped"  # 部分发货
    SHIPPED = "shipped"  # 已发货
    COMPLETED = "completed"  # 交易成功
    CANCELLED = "cancelled"  # 交易关闭


class RefundState(StrEnum):
    """Where a line's refund stands on the platform."""

    NONE = "none"
    ASKED = "asked"  # 买家已申请
    AGREED = "agreed"  # 等待退货
    RETURNED = "returned"  # 买家已退货
    REFUSED = "refused"
    SUCCEEDED = "succeeded"
    CLOSED = "closed"  # 撤销


class Fulfiller(StrEnum):
    """Who ships a line."""

    US = "us"
    PLATFORM = "platform"  # 菜鸟仓, 京仓, FBA
    OWNER = "owner"  # agent or distributor ships it


class Funder(StrEnum):
    """Who pays for a discount."""

    MERCHANT = "merchant"
    PLATFORM = "platform"
    COIN = "coin"
    MEMBER = "member"
    DISTRIBUTOR = "distributor"


class PaymentKind(StrEnum):
    """How a part of the order is paid; couriers collect nothing but COD, stores also take balances that are due."""

    ONLINE = "online"
    DEPOSIT = "deposit"
    BALANCE = "balance"
    COD = "cod"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A platform's document exactly as it came; `changed_at` is the platform's own stamp."""

    kind: str  # order | case | statement
    external_no: str
    body: bytes
    fetched_at: datetime
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A pointer from a list call to a document that must be fetched one by one."""

    external_no: str
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a stream; `cursor` is where the next call goes on, `more` whether to call at once."""

    cursor: str
    more: bool
    documents: tuple[RawDocument, ...] = ()
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """An order as a list tells it; `paid_total` and `state` only where the list has them."""

    external_no: str
    created_at: datetime | None = None
    changed_at: datetime | None = None
    state: OrderState | None = None
    paid_total: int | None = None


@dataclass(frozen=True, slots=True)
class CreatedPage:
    """One page of orders created in a window."""

    cursor: str
    more: bool
    orders: tuple[ListedOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingRecord:
    """One variant that a shop sells on the platform."""

    listing_no: str
    variant_no: str
    seller_code: str
    title: str
    variant: str = ""
    barcode: str = ""
    price: int | None = None
    currency: str = ""
    units: int | None = None
    is_on_sale: bool = True
    bundle_parts: tuple[BundlePart, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of listings."""

    cursor: str
    more: bool
    listings: tuple[ListingRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class BuyerRecord:
    """The buyer as the platform identifies them; the name is usually masked."""

    external_id: str
    nick: str = ""


@dataclass(frozen=True, slots=True)
class ReceiverRecord:
    """Where and to whom; `tokens` hold what stands for a masked receiver: "oaid", or ciphertexts "name", "phone", … .

    `identity` is the platform's own stable word for one person at one address, where it has one (open_address_id):
    it says whether a masked receiver is another one, since ciphertexts change by themselves. Coordinates are degrees,
    given only where the platform itself knows them. `email` is the buyer's, for notices; it tells nobody apart.
    """

    name: str = ""
    phone: str = ""
    telephone: str = ""
    country: str = ""
    state: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    address: str = ""
    postcode: str = ""
    masked: bool = False
    tokens: Mapping[str, str] = field(default_factory=dict)
    identity: str = ""
    latitude: float | None = None
    longitude: float | None = None
    email: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether a document tells nothing of the receiver, as platforms do some time after an order has ended."""
        return not (self.name or self.phone or self.telephone or self.address or any(self.tokens.values()))


@dataclass(frozen=True, slots=True)
class BundlePart:
    """A part of a platform-side bundle; `units` per one bundle sold."""

    seller_code: str
    units: int


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One line of the platform's order; all amounts are totals of the line.

    list_amount − the five discount shares + tax (when not included) = paid_amount.
    """

    external_no: str
    listing_no: str  # platform's goods id
    variant_no: str  # platform's variant id
    seller_code: str  # our code as the seller typed it there
    title: str
    units: int
    list_amount: int
    paid_amount: int
    variant: str = ""
    discount_merchant: int = 0
    discount_platform: int = 0
    discount_coin: int = 0
    discount_member: int = 0
    discount_distributor: int = 0
    tax_amount: int = 0
    tax_included: bool = True
    kind: str = "goods"  # goods | freight | fee | tip | gift_card | service
    state: OrderState = OrderState.OPEN
    refund: RefundState = RefundState.NONE
    case_no: str = ""
    is_gift: bool = False
    fulfiller: Fulfiller = Fulfiller.US
    bound_group: str = ""  # lines of one group must leave together
    bundle_parts: tuple[BundlePart, ...] = ()
    waybill_no: str = ""
    shipped_at: datetime | None = None
    carrier: str = ""  # code or name, in the platform's words


@dataclass(frozen=True, slots=True)
class PromotionRecord:
    """A named promotion and who pays it; `line_no` empty when it is for the whole order."""

    funder: Funder
    amount: int
    promotion_no: str = ""
    name: str = ""
    line_no: str = ""


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """A part of the money; `paid_at` None while it is still due."""

    kind: PaymentKind
    amount: int
    paid_at: datetime | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceRecord:
    """An invoice the buyer asked for."""

    title: str
    kind: str  # personal | company | special
    tax_no: str = ""
    medium: str = "electronic"


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """A platform's order, normalised.

    `paid_total` is what the buyer pays over all payments, freight included; `platform_holds` are the
    platform's own reasons not to ship; `alerts` name values this connector does not know.
    """

    external_no: str
    state: OrderState
    platform_status: str
    created_at: datetime
    changed_at: datetime
    currency: str
    paid_total: int
    buyer: BuyerRecord
    receiver: ReceiverRecord
    lines: tuple[LineRecord, ...]
    payments: tuple[PaymentRecord, ...] = ()
    promotions: tuple[PromotionRecord, ...] = ()
    paid_at: datetime | None = None
    is_cod: bool = False
    is_presale: bool = False
    buyer_message: str = ""
    seller_memo: str = ""
    flag: str = ""  # colour name
    ship_by: datetime | None = None
    collect_by: datetime | None = None
    part_shipment_forbidden: bool = False
    address_changed: bool = False
    platform_holds: tuple[str, ...] = ()
    invoice: InvoiceRecord | None = None
    alerts: tuple[str, ...] = ()
    presentment_currency: str = ""
    presentment_total: int | None = None
    delivery: DeliveryRecord | None = None  # None: by courier
    partner: PartnerRecord | None = None  # None: our own, or told by the shop


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A line of a case; `amount` is what is asked back for it."""

    line_no: str
    units: int
    amount: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A refund, return or exchange as the platform tells it.

    `line_no` is the order's line where the case has one, else empty and `lines` name them. `evidence` are the
    addresses of pictures and films; `allows` names what the platform lets the seller do now, of "agree",
    "refuse", "goods_received", "refund", "ship_exchange". `wanted_variant_no` and `wanted_seller_code` are what
    an exchange asks for.
    """

    external_no: str
    order_no: str
    line_no: str
    kind: str  # refund | return | exchange | repair | reship | other
    state: RefundState
    platform_status: str
    currency: str
    amount: int
    changed_at: datetime
    created_at: datetime
    units: int = 0
    reason: str = ""
    words: str = ""
    version: str = ""
    phase: str = ""  # onsale | aftersale
    return_carrier: str = ""
    return_waybill: str = ""
    respond_by: datetime | None = None
    goods_received_by_buyer: bool | None = None
    lines: tuple[CaseLine, ...] = ()
    evidence: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()
    wanted_variant_no: str = ""
    wanted_seller_code: str = ""
    alerts: tuple[str, ...] = ()
