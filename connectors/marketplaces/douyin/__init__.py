"""Douyin shops (抖店) as a marketplace: what the hub may ask of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import ConnectorError
from connectors.contract.families import CheckReport, Clock, Marketplace, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Credentials, Manifest
from connectors.marketplaces.douyin import (
    access,
    aftersales,
    cases,
    orders,
    pushes,
    shipments,
    shop,
    statements,
    trades,
)
from connectors.marketplaces.douyin.client import Doudian
from connectors.marketplaces.douyin.form import FIELDS
from connectors.marketplaces.douyin.windows import Listing, Walk, closed_window


class Douyin(Marketplace):
    """One shop on Douyin, through Doudian."""

    manifest = Manifest(
        vendor="douyin",
        family="marketplace",
        label_zh="抖店",
        label_en="Douyin shop",
        mark="抖",
        gateway="https://openapi-fxg.jinritemai.com",
        fields=FIELDS,
        page_size=100,
        widest_window=timedelta(minutes=30),
        overlap=timedelta(minutes=5),
        lag=timedelta(seconds=5),
        platform_code="OTHER",
        created_list_zh="按下单时间查询的订单",
        created_list_en="orders, by time of creation",
    )

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self.doudian = Doudian(account, self.gateway, self.http, clock)

    def check(self) -> CheckReport:
        """Count the last minute's orders: tries key, signature, clock, token and permission at once."""
        now = self.clock()
        try:
            self._walk(trades.CHANGED).count(now - timedelta(minutes=1), now)
        except ConnectorError as error:
            return CheckReport(False, str(error))
        return CheckReport(True, "the platform answers and knows this shop")

    # ---- access ------------------------------------------------------------------------------

    def authorise_url(self, redirect_url: str, state: str) -> str:
        """The service market's page; Doudian keeps the address it comes back to itself."""
        return access.authorise_url(self.doudian, state)

    def exchange_code(self, query: Mapping[str, str], redirect_url: str) -> Credentials:
        """The first token, for the code the page came back with."""
        return access.exchange_code(self.doudian, query)

    def refresh(self) -> Credentials:
        """The next token."""
        return access.refresh(self.doudian)

    # ---- orders ------------------------------------------------------------------------------

    def pull_orders(self, cursor: str) -> r.Page:
        """Orders changed, oldest change first, as documents."""
        return trades.documents_page(self._walk(trades.CHANGED).step(cursor, self._since), self.clock())

    def get_order(self, external_no: str) -> r.RawDocument:
        """The order with the names of its promotions."""
        return trades.get_order(self.doudian, external_no)

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The order in a document of the list or of the detail."""
        return orders.parse_order(body)

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor over orders changed in a past window."""
        return closed_window(since, until)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Orders by time of creation, which capture does not go by."""
        return trades.created_page(self._walk(trades.CREATED).step(cursor or closed_window(since, until), self._since))

    def count_orders(self, since: datetime, until: datetime) -> int:
        """Orders created in a window."""
        return self._walk(trades.CREATED).count(since, until)

    def merge_groups(self, candidates: Sequence[n.MergeCandidate]) -> list[frozenset[str]]:
        """Orders with one open_address_id; asks nobody."""
        return trades.merge_groups(candidates)

    def decrypt_receiver(self, order_no: str, tokens: Mapping[str, str], scene: str) -> r.ReceiverRecord:
        """The plain receiver; Doudian asks for no scene."""
        return trades.decrypt_receiver(self.doudian, order_no, tokens)

    def set_memo(self, order_no: str, memo: str, flag: str) -> n.Receipt:
        """Add to the seller's memo, keeping what people wrote there, and set the flag's colour."""
        return shop.set_memo(self.doudian, order_no, memo, flag)

    def push_stock(self, levels: Sequence[n.StockLevel]) -> n.StockAnswer:
        """Set absolute sellable units; `location` is an outer warehouse of the platform's regional stock."""
        return shop.push_stock(self.doudian, levels)

    def pull_listings(self, cursor: str) -> r.ListingPage:
        """What the shop sells, up to the 10,000 products the platform lists."""
        return shop.pull_listings(self.doudian, cursor)

    def pull_statements(self, cursor: str) -> r.Page:
        """Bills by time of settlement."""
        return statements.pull_statements(self.doudian, cursor, self._since)

    def parse_statement(self, body: bytes) -> tuple[r.StatementLine, ...]:
        """The lines of a bill."""
        return statements.parse_statement(body)

    # ---- shipments ---------------------------------------------------------------------------

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Write a parcel back."""
        return shipments.push_shipment(self.doudian, notice)

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which lines have left, by the platform's books."""
        return shipments.find_shipment(self.doudian, order_no)

    def change_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Replace a waybill."""
        return shipments.change_shipment(self.doudian, notice)

    # ---- cases -------------------------------------------------------------------------------

    def pull_cases(self, cursor: str) -> r.Page:
        """References to after-sales changed, oldest change first."""
        return trades.references_page(self._walk(trades.CASES).step(cursor, self._since))

    def get_case(self, external_no: str) -> r.RawDocument:
        """The after-sale, read now."""
        return trades.get_case(self.doudian, external_no)

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The case in an after-sale's document."""
        return cases.parse_case(body)

    def decide_case(self, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> n.Receipt:
        """Agree or refuse; aftersales.decide_case names the facts it wants."""
        return aftersales.decide_case(self.doudian, case_no, agree, words, facts)

    def goods_received(self, case_no: str, facts: Mapping[str, str]) -> n.Receipt:
        """Say that returned goods are back; aftersales.goods_received names the facts it wants."""
        return aftersales.goods_received(self.doudian, case_no, facts)

    def ship_exchange(self, case_no: str, notice: n.ShipmentNotice) -> n.Receipt:
        """Say that exchange or re-ship goods left."""
        return aftersales.ship_exchange(self.doudian, case_no, notice)

    def confirm_interception(self, notice: n.InterceptionNotice) -> n.Receipt:
        """Say that a shipment was stopped."""
        return aftersales.confirm_interception(self.doudian, notice)

    # ---- pushes ------------------------------------------------------------------------------

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        """Check a message's signature on its raw bytes."""
        return pushes.verify(push, self.doudian.setting("app_key"), self.account.secrets.get("app_secret", ""))

    def parse_push(self, push: n.PushRequest) -> n.PushReport:
        """The first hint in a verified push, None when it has none."""
        return next(iter(pushes.read(push)), None)

    def parse_push_reports(self, push: n.PushRequest) -> tuple[n.PushReport, ...]:
        """All hints in a verified push."""
        return pushes.read(push)

    def refuse_push(self, words: str) -> n.PushAnswer:
        """Any code but 0 is a refusal to Doudian."""
        return pushes.refusal(words)

    @property
    def _since(self) -> str:
        return self.account.settings.get("since", "")

    def _walk(self, listing: Listing) -> Walk:
        return Walk(self.doudian, listing, self.manifest, self.clock)


CONNECTOR = Douyin
