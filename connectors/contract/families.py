"""The families of connectors. A vendor overrides what it can do: overriding is the capability."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import ConnectorError, NotSupported
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Credentials, Manifest
from connectors.contract.manifest import CheckReport as CheckReport
from connectors.contract.stocking_calls import Stocking

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock; tests and the hub inject their own."""
    return datetime.now(UTC)


class Connector:
    """Base of all families: an account, an HTTP client and a clock, nothing else."""

    manifest: ClassVar[Manifest]

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        self.account = account
        self.http = http or Http(relay=account.relay)
        self.clock = clock

    @property
    def gateway(self) -> str:
        """Where calls go: the account's own gateway, else the vendor's."""
        return self.account.gateway or self.manifest.gateway

    @classmethod
    def capabilities(cls) -> frozenset[str]:
        """Names of the optional and required methods this class truly has."""
        family = next(base for base in cls.__mro__ if Connector in base.__bases__)
        return frozenset(
            name
            for base in family.__mro__
            for name, member in vars(base).items()
            if callable(member) and not name.startswith("_") and getattr(cls, name) is not member
        )

    def check(self) -> CheckReport:
        """Try the credentials with a harmless call."""
        raise NotSupported("this connector cannot be checked")

    # Where a shop's owner authorises us on the platform's own page; others take keys typed in by a person.

    def authorise_url(self, redirect_url: str, state: str) -> str:
        """The platform's page on which the owner grants access; it comes back to `redirect_url` with `state`."""
        raise NotSupported("this platform's keys are typed in")

    def exchange_code(self, query: Mapping[str, str], redirect_url: str) -> Credentials:
        """Credentials for what the platform sent back to `redirect_url`; AuthFailed when it was refused."""
        raise NotSupported("this platform's keys are typed in")

    def refresh(self) -> Credentials:
        """New credentials in place of ones that run out; AuthFailed when the owner must authorise again."""
        raise NotSupported("these keys do not run out")

    # Pushes have two halves: verify on the raw bytes before storing, parse after.
    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        """Check signature and age of a push on its raw bytes; BadSignature when it is not genuine."""
        raise NotSupported("this connector receives no pushes")

    def parse_push(self, push: n.PushRequest) -> n.PushReport:
        """The normalised report in a verified push, None when it only hints."""
        raise NotSupported("this connector receives no pushes")

    def parse_push_reports(self, push: n.PushRequest) -> tuple[n.PushReport, ...]:
        """All reports in a verified push; most carry one."""
        return (self.parse_push(push),)

    def ensure_pushes(self, address: str) -> n.Subscribed:
        """Have the platform push to `address`: what is missing is made, what it dropped is woken; repeatable."""
        raise NotSupported("this platform's pushes are set up on its own page")

    def message_line(self) -> str:
        """What tells connections apart, without secrets; accounts that share an application share one."""
        raise NotSupported("this platform sends no messages over a connection")

    def open_messages(self) -> n.Messages:
        """Open the connection messages come over, where no address of ours is called; AuthFailed when we are refused."""
        raise NotSupported("this platform sends no messages over a connection")

    def refuse_push(self, words: str) -> n.PushAnswer:
        """The platform's own way to be told that a push was refused."""
        return n.PushAnswer(words.encode(), "text/plain; charset=utf-8", 401)


class Marketplace(Connector):
    """Where buyers order. Parsing is pure: the same document always gives the same record."""

    #: Whether it takes goods that no courier carries, since a store hands them out or brings them (notices.NO_CARRIER).
    takes_no_carrier: ClassVar[bool] = False
    tells_email: ClassVar[bool] = False  #: Whether its orders name an e-mail address of the buyer to write to.

    def pull_orders(self, cursor: str) -> r.Page:
        """The next page of documents or references; an empty cursor starts at `account.settings["since"]`."""
        raise NotSupported("pull_orders")

    def get_order(self, external_no: str) -> r.RawDocument:
        """One order's document, read now."""
        raise NotSupported("get_order")

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The normalised order in a document's body; BadRecord names the field at fault."""
        raise NotSupported("parse_order")

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor for `pull_orders` that walks one past window and then says that there is no more."""
        raise NotSupported("between")

    def pull_cases(self, cursor: str) -> r.Page:
        """The next page of refunds, returns and exchanges."""
        raise NotSupported("pull_cases")

    def get_case(self, external_no: str) -> r.RawDocument:
        """One case's document, read now."""
        raise NotSupported("get_case")

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The normalised case in a document's body."""
        raise NotSupported("parse_case")

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Write one parcel of an order back."""
        raise NotSupported("push_shipment")

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which lines the platform already has as shipped, and with which waybill."""
        raise NotSupported("find_shipment")

    def change_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Replace the waybill of what was written back."""
        raise NotSupported("change_shipment")

    def merge_groups(self, candidates: Sequence[n.MergeCandidate]) -> list[frozenset[str]]:
        """Sets of order numbers that the platform allows to ship as one."""
        raise NotSupported("merge_groups")

    def confirm_interception(self, notice: n.InterceptionNotice) -> n.Receipt:
        """Tell the platform whether a shipment was stopped."""
        raise NotSupported("confirm_interception")

    def decide_case(self, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> n.Receipt:
        """Agree or refuse a case; each connector names the facts it wants in its docstring."""
        raise NotSupported("decide_case")

    def goods_received(self, case_no: str, facts: Mapping[str, str]) -> n.Receipt:
        """Tell that returned goods are back."""
        raise NotSupported("goods_received")

    def refund_case(self, notice: n.RefundNotice) -> n.Receipt:
        """Pay a case's money back where the platform leaves that to the seller; idempotent by `notice.key`."""
        raise NotSupported("refund_case")

    def find_refund(self, notice: n.RefundNotice) -> n.Receipt | None:
        """The refund already paid under the notice's key; None when there is none."""
        raise NotSupported("find_refund")

    def follow_up(self, reference: str) -> n.Receipt:
        """How what was taken stands: still pending, done, or Refused with the platform's words."""
        raise NotSupported("follow_up")

    def ship_exchange(self, case_no: str, notice: n.ShipmentNotice) -> n.Receipt:
        """Tell that exchange goods left."""
        raise NotSupported("ship_exchange")

    def cancel_order(self, order_no: str, words: str) -> n.Receipt:
        """Close an order on the platform."""
        raise NotSupported("cancel_order")

    def push_stock(self, levels: Sequence[n.StockLevel]) -> n.StockAnswer:
        """Set absolute sellable units; what single levels were refused for is in the answer."""
        raise NotSupported("push_stock")

    def set_memo(self, order_no: str, memo: str, flag: str) -> n.Receipt:
        """Write the seller's memo and flag colour."""
        raise NotSupported("set_memo")

    def pull_statements(self, cursor: str) -> r.Page:
        """The next page of settlement or bill documents."""
        raise NotSupported("pull_statements")

    def parse_statement(self, body: bytes) -> tuple[r.StatementLine, ...]:
        """The lines in a statement's document."""
        raise NotSupported("parse_statement")

    def pull_listings(self, cursor: str) -> r.ListingPage:
        """The next page of what the shop sells, one record a variant; for matching listings to SKUs."""
        raise NotSupported("pull_listings")

    def decrypt_receiver(self, order_no: str, tokens: Mapping[str, str], scene: str) -> r.ReceiverRecord:
        """The plain receiver, for the purposes a platform allows; never stored."""
        raise NotSupported("decrypt_receiver")

    def count_orders(self, since: datetime, until: datetime) -> int:
        """How many orders were created in a window, by another list than capture uses."""
        raise NotSupported("count_orders")

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Orders created in a window, by another list than capture uses; for the completeness certificate."""
        raise NotSupported("list_created")


class Warehouse(Stocking, Connector):
    """Who packs. Every write is idempotent by our document number and can be looked up."""

    def create_fulfilment(self, notice: n.FulfilmentNotice) -> n.Receipt:
        """Hand a fulfilment over; the receipt's reference is the warehouse's number."""
        raise NotSupported("create_fulfilment")

    def create_fulfilments(self, notices: Sequence[n.FulfilmentNotice]) -> Mapping[str, n.Receipt | ConnectorError]:
        """Hand several over at once; our number → how each ended, pending where its answer comes later."""
        raise NotSupported("create_fulfilments")

    def find_fulfilment(self, ref: n.FulfilmentRef) -> n.FulfilmentFound | None:
        """What the warehouse has under our number; None when it knows nothing of it."""
        raise NotSupported("find_fulfilment")

    def cancel_fulfilment(self, ref: n.FulfilmentRef) -> n.Receipt:
        """Stop it, wholly or for `ref.line_nos`; Refused when it is past the point of no return."""
        raise NotSupported("cancel_fulfilment")

    def hold(self, ref: n.FulfilmentRef, on: bool) -> n.Receipt:
        """Pause or resume work on a fulfilment."""
        raise NotSupported("hold")

    def pull_shipments(self, cursor: str) -> r.Page:
        """Shipments by list, where a warehouse has such a call."""
        raise NotSupported("pull_shipments")

    def sync_items(self, items: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
        """Make SKUs known; answers sku code → the warehouse's item id."""
        raise NotSupported("sync_items")

    def announce_return(self, ref: n.FulfilmentRef, lines: Sequence[n.FulfilmentLineNotice]) -> n.Receipt:
        """Tell of returned goods on their way."""
        raise NotSupported("announce_return")

    def pull_receipts(self, cursor: str) -> r.Page:
        """Receipts of returned goods by list."""
        raise NotSupported("pull_receipts")

    def change_waybill(self, ref: n.FulfilmentRef, carrier_code: str, waybill_no: str) -> n.Receipt:
        """Replace the waybill before hand-over."""
        raise NotSupported("change_waybill")

    def call_back(self, ref: n.FulfilmentRef, waybill_no: str) -> n.Receipt:
        """Ask to intercept a parcel already handed over."""
        raise NotSupported("call_back")


class Carrier(Connector):
    """Who carries, or who tells where parcels are."""

    opens: ClassVar[frozenset[str]] = frozenset()  #: Tokens by which it finds out who a masked receiver is.

    def subscribe(self, request: n.TrackRequest) -> n.Receipt:
        """Ask for pushes about a parcel; asking twice is harmless."""
        raise NotSupported("subscribe")

    def track(self, request: n.TrackRequest) -> n.TrackReport:
        """Where a parcel is now."""
        raise NotSupported("track")

    def request_waybill(self, notice: n.LabelNotice) -> n.Label:
        """Get an e-waybill number; asked again under the same number of ours it is the same one."""
        raise NotSupported("request_waybill")

    def find_waybill(self, ref: n.LabelRef) -> n.Label | None:
        """The e-waybill issued for our number, or by its own; None when there is none or it was cancelled."""
        raise NotSupported("find_waybill")

    def change_label(self, notice: n.LabelNotice) -> n.Label:
        """Put another receiver on the label of `notice.waybill_no`; LabelInUse once it was collected."""
        raise NotSupported("change_label")

    def cancel_waybill(self, ref: n.LabelRef) -> n.Receipt:
        """Give an unused number back."""
        raise NotSupported("cancel_waybill")

    def balance(self) -> tuple[n.NumbersLeft, ...]:
        """E-waybill numbers left, by carrier."""
        raise NotSupported("balance")

    def call_back(self, waybill_no: str, words: str) -> n.Receipt:
        """Ask the courier to stop a parcel."""
        raise NotSupported("call_back")

    def render_label(self, waybill_no: str) -> bytes:
        """A printable label."""
        raise NotSupported("render_label")

    def reachable(self, carrier_code: str, place: r.ReceiverRecord) -> n.Reach:
        """Whether this carrier delivers there now."""
        raise NotSupported("reachable")


class Payment(Connector):
    """Pays refunds to the original payment."""

    def refund(self, reference: str, key: str, amount: int, currency: str) -> n.Receipt:
        """Refund part of a payment; `key` makes it idempotent."""
        raise NotSupported("refund")

    def find_refund(self, key: str) -> n.Receipt | None:
        """The refund already made under a key."""
        raise NotSupported("find_refund")


class Invoicing(Connector):
    """Issues and reverses invoices."""

    def issue_invoice(self, key: str, request: Mapping[str, str]) -> n.Receipt:
        """Issue an invoice under our key."""
        raise NotSupported("issue_invoice")

    def find_invoice(self, key: str) -> n.Receipt | None:
        """The invoice already issued under a key."""
        raise NotSupported("find_invoice")


class Desk(Connector):
    """A ticket or chat system."""

    def open_ticket(self, key: str, subject: str, words: str) -> n.Receipt:
        """Open a ticket under our key."""
        raise NotSupported("open_ticket")


class Ledger(Connector):
    """An ERP or accounting system."""

    def post_entry(self, key: str, entry: Mapping[str, str]) -> n.Receipt:
        """Post one document under our key."""
        raise NotSupported("post_entry")


#: Beside these there are the families of connectors.contract.telling.
FAMILIES = frozenset({Marketplace, Warehouse, Carrier, Payment, Invoicing, Desk, Ledger})
