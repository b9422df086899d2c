"""Shopify as a marketplace: what the hub may ask of a shop's Admin API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import ConnectorError
from connectors.contract.families import CheckReport, Clock, Marketplace, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Credentials, Manifest
from connectors.marketplaces.shopify import (
    access,
    aftersales,
    cases,
    codes,
    documents,
    orders,
    pushes,
    shipments,
    shop,
    subscriptions,
)
from connectors.marketplaces.shopify.client import Admin
from connectors.marketplaces.shopify.fetching import get_case, get_order
from connectors.marketplaces.shopify.fields import FIELDS
from connectors.marketplaces.shopify.reading import moment, required, tail, time_text
from connectors.marketplaces.shopify.walk import CASES, CHANGED, CREATED, WAITING, Listing, Walk, closed_window


class Shopify(Marketplace):
    """One shop on Shopify, through its GraphQL Admin API."""

    takes_no_carrier = True
    manifest = Manifest(
        vendor="shopify",
        family="marketplace",
        label_zh="Shopify",
        label_en="Shopify",
        mark="S",
        gateway="https://shopify.com",
        fields=FIELDS,
        page_size=100,
        widest_window=timedelta(days=1),
        overlap=timedelta(minutes=10),
        lag=timedelta(0),
        calls_per_second=2.0,
        levels_a_push=100,
        platform_code="SHOPIFY",
        created_list_zh="按创建时间排序的订单",
        created_list_en="orders, by time of creation",
    )

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self.admin = Admin(account, self.gateway, self.http, clock)
        self._locations = frozenset(tail(place) for place in self._words("our_locations"))
        self._customs = orders.Customs(
            open_statuses=frozenset(self._words("open_statuses", codes.OPEN_STATUSES)),
            our_locations=self._locations,
            cod_gateways=frozenset(name.lower() for name in self._words("cod_gateways", "Cash on Delivery (COD)")),
        )
        self._notify = account.settings.get("notify_buyer") == "yes"
        self._currency = ""

    @property
    def gateway(self) -> str:
        """The account's own gateway, else the shop's own domain: Shopify has no common one."""
        return self.account.gateway or f"https://{access.domain_of(self.account) or 'shopify.com'}"

    def check(self) -> CheckReport:
        """List the last minute's orders: tries domain, version, token and the scope of orders at once."""
        query = f"updated_at:>='{time_text(self.clock() - timedelta(minutes=1))}'"
        try:
            self.admin.read(documents.ORDERS, "orders", first=1, after=None, query=query)
        except ConnectorError as error:
            return CheckReport(False, str(error))
        return CheckReport(True, "the platform answers and shows this shop's orders")

    def authorise_url(self, redirect_url: str, state: str) -> str:
        """The page on which the shop's owner grants the scopes; a shop's own app needs none, it refreshes."""
        return access.authorise_url(self.account, self.gateway, redirect_url, state)

    def exchange_code(self, query: Mapping[str, str], redirect_url: str) -> Credentials:
        """Tokens for a code, after its signature and shop were checked."""
        return access.exchange_code(self.admin, self.account, query)

    def refresh(self) -> Credentials:
        """New tokens, by refresh token or by client credentials."""
        return access.refresh(self.admin, self.account)

    # ---- orders ------------------------------------------------------------------------------

    def pull_orders(self, cursor: str) -> r.Page:
        """References to orders changed, then to those whose goods were held, moved or released."""
        return self._walk(CHANGED, WAITING).step(cursor)

    def get_order(self, external_no: str) -> r.RawDocument:
        """The order with lines, money, fulfilments, refunds and returns."""
        return get_order(self.admin, external_no)

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The order in an order document."""
        return orders.parse_order(body, self._customs)

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor over orders, or cases, changed in a past window."""
        return closed_window(since, until)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Orders by time of creation, from another sort than capture reads."""
        page, rows = self._walk(CREATED).step_rows(cursor or closed_window(since, until))
        found = [r.ListedOrder(required(x, "id"), moment(x, "createdAt"), moment(x, "updatedAt")) for x in rows]
        return r.CreatedPage(page.cursor, page.more, tuple(found))

    def count_orders(self, since: datetime, until: datetime) -> int:
        """Orders created in a window, as the platform counts them."""
        return shop.count_orders(self.admin, since, until)

    def cancel_order(self, order_no: str, words: str) -> n.Receipt:
        """Cancel an order; money goes back when the account's `refund_on_cancel` says yes."""
        pays_back = self.account.settings.get("refund_on_cancel") == "yes"
        return aftersales.cancel_order(self.admin, order_no, words, pays_back=pays_back)

    def set_memo(self, order_no: str, memo: str, flag: str) -> n.Receipt:
        """Add to our memo below the buyer's note; the flag becomes a tag."""
        return shop.set_memo(self.admin, order_no, memo, flag)

    # ---- shipments ---------------------------------------------------------------------------

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Write a parcel back."""
        return shipments.push_shipment(self.admin, notice, self._locations, self._notify)

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which lines have left, by the platform's books."""
        return shipments.find_shipment(self.admin, order_no)

    def change_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Replace a waybill."""
        return shipments.change_shipment(self.admin, notice, self._notify)

    # ---- cases -------------------------------------------------------------------------------

    def pull_cases(self, cursor: str) -> r.Page:
        """References to returns, and to refunds without one, of orders changed."""
        return self._walk(CASES).step(cursor)

    def get_case(self, external_no: str) -> r.RawDocument:
        """The return or refund, read now."""
        return get_case(self.admin, external_no)

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The case in a return or refund document."""
        return cases.parse_case(body, self.account.settings.get("currency") or "USD")

    def decide_case(self, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> n.Receipt:
        """Approve or decline a return; aftersales.decide_case names the facts it wants."""
        return aftersales.decide_case(self.admin, case_no, agree, words, facts)

    def goods_received(self, case_no: str, facts: Mapping[str, str]) -> n.Receipt:
        """Process a return's goods; aftersales.goods_received names the facts it wants."""
        return aftersales.goods_received(self.admin, case_no, facts)

    def refund_case(self, notice: n.RefundNotice) -> n.Receipt:
        """Pay money back to the payments it came from."""
        return aftersales.refund_case(self.admin, notice, self.account.settings.get("location", ""))

    def find_refund(self, notice: n.RefundNotice) -> n.Receipt | None:
        """The refund already paid under the notice's key."""
        return aftersales.find_refund(self.admin, notice)

    # ---- goods and money ---------------------------------------------------------------------

    def push_stock(self, levels: Sequence[n.StockLevel]) -> n.StockAnswer:
        """Set what is available, at the level's location, the account's, or the shop's primary one."""
        return shop.push_stock(self.admin, levels, self.account.settings.get("location", ""))

    def pull_listings(self, cursor: str) -> r.ListingPage:
        """Variants by id."""
        self._currency = self._currency or shop.shop_currency(self.admin, self.account.settings.get("currency", ""))
        return shop.pull_listings(self.admin, cursor, self._currency)

    def pull_statements(self, cursor: str) -> r.Page:
        """Movements of the shop's Shopify Payments balance."""
        return shop.pull_statements(self.admin, cursor, self.clock())

    def parse_statement(self, body: bytes) -> tuple[r.StatementLine, ...]:
        """The amounts and fees in a page of the balance."""
        return shop.parse_statement(body)

    # ---- pushes ------------------------------------------------------------------------------

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        """Check a webhook's signature, age and shop."""
        return pushes.verify(push, self.account)

    def parse_push(self, push: n.PushRequest) -> n.PushReport:
        """The first hint in a webhook."""
        return next(iter(pushes.hints(push)), None)

    def parse_push_reports(self, push: n.PushRequest) -> tuple[n.PushReport, ...]:
        """The orders and cases a webhook is about."""
        return pushes.hints(push)

    def ensure_pushes(self, address: str) -> n.Subscribed:
        """Subscribe to the topics about orders, refunds and returns; the platform drops what fails for long."""
        return subscriptions.ensure(self.admin, address)

    def _walk(self, *listings: Listing) -> Walk:
        return Walk(self.admin, listings, self.manifest, self.account)

    def _words(self, setting: str, default: str = "") -> list[str]:
        told = self.account.settings.get(setting) or default
        return [word.strip() for word in told.split(",") if word.strip()]


CONNECTOR = Shopify
