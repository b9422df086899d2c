"""Taobao and Tmall as a marketplace: what the hub may ask of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import ConnectorError
from connectors.contract.families import CheckReport, Clock, Marketplace, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Credentials, Manifest
from connectors.contract.places import closed_window
from connectors.contract.windows import Walk
from connectors.marketplaces.taobao import aftersales, cases, grants, listings, orders, shipments, shop, trades
from connectors.marketplaces.taobao.client import Top
from connectors.marketplaces.taobao.settings import FIELDS
from connectors.marketplaces.taobao.windows import Listing, walk_of


class Taobao(Marketplace):
    """One shop on Taobao or Tmall, through TOP."""

    takes_no_carrier = True
    manifest = Manifest(
        vendor="taobao",
        family="marketplace",
        label_zh="淘宝/天猫",
        label_en="Taobao/Tmall",
        mark="淘",
        gateway="https://eco.taobao.com/router/rest",
        fields=FIELDS,
        page_size=50,
        widest_window=timedelta(minutes=30),
        overlap=timedelta(minutes=5),
        lag=timedelta(seconds=5),
        platform_code="TB",
        created_list_zh="按下单时间查询的已卖出交易",
        created_list_en="trades sold, by time of creation",
    )

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self.top = Top(account, self.gateway, self.http, clock)

    def check(self) -> CheckReport:
        """Count the last minute's trades: tries key, signature, clock, session and permission at once."""
        now = self.clock()
        try:
            self._walk(trades.CHANGED).count(now - timedelta(minutes=1), now)
        except ConnectorError as error:
            return CheckReport(False, str(error))
        return CheckReport(True, "the platform answers and knows this shop")

    # ---- authorisation -----------------------------------------------------------------------

    def authorise_url(self, redirect_url: str, state: str) -> str:
        """Taobao's page on which the owner grants access."""
        return grants.authorise_url(self.account, redirect_url, state)

    def exchange_code(self, query: Mapping[str, str], redirect_url: str) -> Credentials:
        """A session for the code that came back."""
        return grants.exchange_code(self.top, query, self.clock())

    def refresh(self) -> Credentials:
        """A new session where the application may renew it; else the owner must authorise again."""
        return grants.refresh(self.top, self.account, self.clock())

    # ---- orders ------------------------------------------------------------------------------

    def pull_orders(self, cursor: str) -> r.Page:
        """References to trades changed, window by window, each from its last page to its first."""
        return self._references(trades.CHANGED, cursor)

    def get_order(self, external_no: str) -> r.RawDocument:
        """The trade with its masked receiver and OAID."""
        return trades.get_order(self.top, external_no, self.clock())

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The order in a trade document."""
        return orders.parse_order(body)

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor over trades changed in a past window."""
        return closed_window(since, until)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Trades by time of creation, from another list than capture reads."""
        step = self._walk(trades.CREATED).step(cursor or closed_window(since, until), self._since)
        found = tuple(r.ListedOrder(row.external_no, changed_at=row.changed_at) for row in step.rows)
        return r.CreatedPage(step.cursor, step.more, found)

    def count_orders(self, since: datetime, until: datetime) -> int:
        """Trades created in a window."""
        return self._walk(trades.CREATED).count(since, until)

    def merge_groups(self, candidates: Sequence[n.MergeCandidate]) -> list[frozenset[str]]:
        """Ask the platform which masked trades go to one person at one address."""
        return trades.merge_groups(self.top, candidates)

    def decrypt_receiver(self, order_no: str, tokens: Mapping[str, str], scene: str) -> r.ReceiverRecord:
        """The plain receiver; `scene` is a name of codes.SCENES or the platform's number."""
        return trades.decrypt_receiver(self.top, order_no, tokens, scene)

    def cancel_order(self, order_no: str, words: str) -> n.Receipt:
        """Close a trade that is not paid."""
        return trades.cancel_order(self.top, order_no, words)

    def set_memo(self, order_no: str, memo: str, flag: str) -> n.Receipt:
        """Add to the seller's memo, keeping what people wrote there, and set the flag's colour."""
        return shop.set_memo(self.top, order_no, memo, flag)

    def push_stock(self, levels: Sequence[n.StockLevel]) -> n.StockAnswer:
        """Set absolute sellable units, at most 20 variants of a listing a call."""
        return shop.push_stock(self.top, levels)

    def pull_listings(self, cursor: str) -> r.ListingPage:
        """Items on sale, then those that are not; one record a variant."""
        return listings.pull_listings(self.top, cursor)

    # ---- shipments ---------------------------------------------------------------------------

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Write a parcel back."""
        return shipments.push_shipment(self.top, notice)

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which lines have left, by the platform's books."""
        return shipments.find_shipment(self.top, order_no)

    def change_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Replace a waybill."""
        return shipments.change_shipment(self.top, notice)

    # ---- cases -------------------------------------------------------------------------------

    def pull_cases(self, cursor: str) -> r.Page:
        """References to refunds changed; they change later than their trades say."""
        return self._references(trades.REFUNDS, cursor)

    def get_case(self, external_no: str) -> r.RawDocument:
        """The refund, read now."""
        return trades.get_case(self.top, external_no, self.clock())

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The case in a refund document."""
        return cases.parse_case(body)

    def decide_case(self, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> n.Receipt:
        """Agree or refuse; aftersales.decide_case names the facts it wants."""
        return aftersales.decide_case(self.top, case_no, agree, words, facts)

    def goods_received(self, case_no: str, facts: Mapping[str, str]) -> n.Receipt:
        """Say that returned goods are back."""
        return aftersales.goods_received(self.top, case_no)

    def ship_exchange(self, case_no: str, notice: n.ShipmentNotice) -> n.Receipt:
        """Say that exchange goods left."""
        return aftersales.ship_exchange(self.top, case_no, notice)

    def confirm_interception(self, notice: n.InterceptionNotice) -> n.Receipt:
        """Say whether a shipment was stopped."""
        return aftersales.confirm_interception(self.top, notice)

    @property
    def _since(self) -> str:
        return self.account.settings.get("since", "")

    def _references(self, listing: Listing, cursor: str) -> r.Page:
        step = self._walk(listing).step(cursor, self._since)
        return r.Page(step.cursor, step.more, references=tuple(step.rows))

    def _walk(self, listing: Listing) -> Walk[r.Reference]:
        return walk_of(self.top, listing, self.manifest, self.clock)


CONNECTOR = Taobao
