"""Amazon as a marketplace: what the hub may ask of one seller, over the Selling Partner API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import orjson

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import BadRecord, ConnectorError
from connectors.contract.families import CheckReport, Clock, Marketplace, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Credentials
from connectors.marketplaces.amazon import (
    access,
    aftersales,
    cases,
    codes,
    finances,
    listings,
    orders,
    pushes,
    shipments,
    subscriptions,
)
from connectors.marketplaces.amazon.client import Selling, time_text
from connectors.marketplaces.amazon.reading import Json, moment, needed_moment, required
from connectors.marketplaces.amazon.returns import Returns
from connectors.marketplaces.amazon.settings import GATEWAYS, MANIFEST, marketplaces_of, setting
from connectors.marketplaces.amazon.windows import SEARCH, Listing, Walk, closed_window

CHANGED = Listing("lastUpdatedAfter", "lastUpdatedBefore", codes.INCLUDED)
CREATED = Listing("createdAfter", "createdBefore", "")


class Amazon(Marketplace):
    """One seller on Amazon, in the marketplaces of one region. Orders Amazon fulfils are captured and never shipped."""

    manifest = MANIFEST

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self.selling = Selling(account, self.gateway, self.http, clock)
        self._returns = Returns(self.selling)
        self._currency = setting(account, "currency")

    @property
    def gateway(self) -> str:
        """The account's own gateway, else that of its region."""
        return self.account.gateway or GATEWAYS.get(setting(self.account, "region"), self.manifest.gateway)

    def check(self) -> CheckReport:
        """Search one order of the last hour without its details: tries token, marketplaces and the orders' role."""
        if not marketplaces_of(self.account):
            return CheckReport(False, "write the ids of the marketplaces this seller sells on into the settings")
        since = time_text(self.clock() - timedelta(hours=1))
        params = {"createdAfter": since, "marketplaceIds": ",".join(marketplaces_of(self.account))}
        try:
            self.selling.read("searchOrders", SEARCH, params | {"maxResultsPerPage": "1"})
        except ConnectorError as error:
            return CheckReport(False, str(error))
        return CheckReport(True, "Amazon answers and shows this seller's orders")

    def authorise_url(self, redirect_url: str, state: str) -> str:
        """Seller Central's consent page; a self-authorised app needs none, its refresh token is typed in."""
        return access.authorise_url(self.account, redirect_url, state)

    def exchange_code(self, query: Mapping[str, str], redirect_url: str) -> Credentials:
        """Tokens and the seller's number for the code Seller Central sent back."""
        return access.exchange_code(self.selling, query, redirect_url)

    def refresh(self) -> Credentials:
        """A new access token; the refresh token stays."""
        return access.refresh(self.selling)

    # ---- orders ------------------------------------------------------------------------------

    def pull_orders(self, cursor: str) -> r.Page:
        """Orders changed, whole; no call while the window would be shorter than Amazon's rate allows calls for."""
        step = Walk(self.selling, CHANGED).step(cursor)
        return r.Page(step.cursor, step.more, tuple(self._document(row) for row in step.rows))

    def get_order(self, external_no: str) -> r.RawDocument:
        """One order with lines, money, receiver and packages."""
        return self._document(shipments.read_order(self.selling, external_no))

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The order in an order document."""
        return orders.parse_order(body, self._currency)

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor over orders changed in a past window."""
        return closed_window(since, until)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Orders by time of creation, where capture goes by time of change."""
        step = Walk(self.selling, CREATED).step(cursor or closed_window(since, until))
        listed = (
            r.ListedOrder(required(row, "orderId"), needed_moment(row, "createdTime"), moment(row, "lastUpdatedTime"))
            for row in step.rows
        )
        return r.CreatedPage(step.cursor, step.more, tuple(listed))

    def cancel_order(self, order_no: str, words: str) -> n.Receipt:
        """Cancel all items by file; Amazon takes a code from a list of its own and none of our words."""
        return aftersales.cancel_order(self.selling, order_no)

    def decrypt_receiver(self, order_no: str, tokens: Mapping[str, str], scene: str) -> r.ReceiverRecord:
        """The receiver by the older call with a restricted token."""
        return access.decrypt_receiver(self.selling, order_no)

    # ---- shipments ---------------------------------------------------------------------------

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Confirm a parcel as one package."""
        return shipments.push_shipment(self.selling, notice)

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which items have left, by Amazon's books."""
        return shipments.find_shipment(self.selling, order_no)

    def change_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Replace a package's waybill."""
        return shipments.change_shipment(self.selling, notice)

    # ---- cases -------------------------------------------------------------------------------

    def pull_cases(self, cursor: str) -> r.Page:
        """Returns of goods we ship, by report."""
        return self._returns.step(cursor)

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The return in a document cut from the report."""
        return cases.parse_case(body)

    def refund_case(self, notice: n.RefundNotice) -> n.Receipt:
        """Pay money back by file."""
        return aftersales.refund_case(self.selling, notice)

    def find_refund(self, notice: n.RefundNotice) -> n.Receipt | None:
        """The refund by the order's transactions; OutcomeUnknown while a file of the last days may be it."""
        return aftersales.find_refund(self.selling, notice)

    def follow_up(self, reference: str) -> n.Receipt:
        """How a file ended that a refund or a cancellation went by."""
        return aftersales.follow_up(self.selling, reference)

    # ---- goods and money ---------------------------------------------------------------------

    def push_stock(self, levels: Sequence[n.StockLevel]) -> n.StockAnswer:
        """Set units by SKU: a few at once by calls, many by one file."""
        return listings.push_stock(self.selling, levels)

    def pull_listings(self, cursor: str) -> r.ListingPage:
        """Listings of the account's first marketplace, by SKU."""
        return listings.pull_listings(self.selling, cursor)

    def pull_statements(self, cursor: str) -> r.Page:
        """Transactions by the time they were posted."""
        return finances.pull_statements(self.selling, cursor)

    def parse_statement(self, body: bytes) -> tuple[r.StatementLine, ...]:
        """The lines of a page of transactions."""
        return finances.parse_statement(body)

    # ---- pushes ------------------------------------------------------------------------------

    def ensure_pushes(self, address: str) -> n.Subscribed:
        """Have changes of orders put into the account's queue, if it has one; Amazon calls no address."""
        return subscriptions.ensure(self.selling, setting(self.account, "queue_arn"))

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        """Check the forwarder's signature, age and seller."""
        return pushes.verify(push, self.account)

    def parse_push(self, push: n.PushRequest) -> n.PushReport:
        """The order a notification is about."""
        return next(iter(pushes.hints(push)), None)

    def parse_push_reports(self, push: n.PushRequest) -> tuple[n.PushReport, ...]:
        """The orders a notification is about; none for other kinds."""
        return pushes.hints(push)

    def _document(self, row: Json) -> r.RawDocument:
        """An order as it came. One that cannot be named is named by its bytes, so that it is parked and others go on."""
        body = orjson.dumps(row)
        number = row.get("orderId")
        try:
            changed = moment(row, "lastUpdatedTime")
        except BadRecord:
            changed = None
        named = number if isinstance(number, str) and number else f"unnamed-{sha256(body).hexdigest()[:16]}"
        return r.RawDocument("order", named, body, self.clock(), changed)


CONNECTOR = Amazon
