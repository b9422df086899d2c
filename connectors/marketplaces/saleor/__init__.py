"""Saleor as a marketplace: what the hub may ask of a shop's GraphQL API.

Every document and its variables were checked against the schema of 3.24, no real shop was at hand. Shops need 3.20 or
later; before 3.22 their lists want the setting `list_filter` = filter. Saleor has no requests of buyers to decide on, no
deadlines, no settlements, and names no carrier of a parcel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import orjson

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import BadRecord, ConnectorError
from connectors.contract.families import CheckReport, Clock, Marketplace, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Manifest
from connectors.marketplaces.saleor import (
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
from connectors.marketplaces.saleor.client import Api
from connectors.marketplaces.saleor.fields import FIELDS
from connectors.marketplaces.saleor.progress import case_number
from connectors.marketplaces.saleor.reading import required, rows, stamp, text
from connectors.marketplaces.saleor.walk import Listing, Walk, closed_window


class Saleor(Marketplace):
    """One shop on Saleor, or one of its channels."""

    takes_no_carrier = True
    manifest = Manifest(
        vendor="saleor",
        family="marketplace",
        label_zh="Saleor 商城",
        label_en="Saleor",
        mark="L",
        gateway="https://saleor.example.invalid",
        fields=FIELDS,
        page_size=50,
        widest_window=timedelta(days=1),
        overlap=timedelta(minutes=5),
        lag=timedelta(0),
        calls_per_second=5.0,
        levels_a_push=100,
        created_list_zh="按下单时间排序的订单",
        created_list_en="orders, by time of creation",
    )

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self.api = Api(account, self.gateway, self.http, clock)
        self._kind = "filter" if self._setting("list_filter") == "filter" else "where"
        self._customs = orders.Customs(
            ship_authorised=self._setting("ship_authorised") == "yes",
            our_warehouses=frozenset(self._words("our_warehouses")),
            cod_names=frozenset(name.lower() for name in self._words("cod_names")),
        )
        self._manners = shipments.Manners(
            self._setting("warehouse"), self._setting("exceed_stock") != "no", self._setting("notify_buyer") == "yes"
        )
        self._ring = pushes.KeyRing(self._public_keys, clock)

    @property
    def gateway(self) -> str:
        """The account's own gateway, else the address of its API: Saleor has no common one."""
        address = self.account.settings.get("api_url", "").strip()
        return self.account.gateway or (address if "://" in address else self.manifest.gateway)

    def check(self) -> CheckReport:
        """List one order: tries address, token and the permission over orders at once."""
        try:
            self.api.read(documents.CHECK, "orders")
        except ConnectorError as error:
            return CheckReport(False, str(error))
        return CheckReport(True, "the platform answers and shows this shop's orders")

    # ---- orders ------------------------------------------------------------------------------

    def pull_orders(self, cursor: str) -> r.Page:
        """Orders changed, as documents; drafts are another list and never come."""
        step = self._walk(Listing(documents.changed(self._kind), "updatedAt", "updatedAt")).step(cursor)
        now = self.clock()
        found = [
            r.RawDocument("order", required(x, "id"), orjson.dumps({"order": x}), now, stamp(x, "updatedAt"))
            for x in step.rows
        ]
        return r.Page(step.cursor, step.more, documents=tuple(found))

    def get_order(self, external_no: str) -> r.RawDocument:
        """The order with lines, money, fulfilments and granted refunds."""
        now, order = self.clock(), self.api.read(documents.ORDER, "order", id=external_no)
        return r.RawDocument("order", external_no, orjson.dumps({"order": order}), now, stamp(order, "updatedAt"))

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The order in an order document."""
        return orders.parse_order(body, self._customs)

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor over orders, or cases, changed in a past window."""
        return closed_window(since, until)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Orders by time of creation, from another sort than capture reads."""
        by_days = self._kind == "filter"
        listing = Listing(documents.created(self._kind), "created", "created" if by_days else "createdAt", by_days)
        step = self._walk(listing).step(cursor or closed_window(since, until))
        found = [r.ListedOrder(required(x, "id"), stamp(x, "created"), stamp(x, "updatedAt")) for x in step.rows]
        return r.CreatedPage(step.cursor, step.more, tuple(found))

    def count_orders(self, since: datetime, until: datetime) -> int:
        """Orders created in a window: as the platform counts them, or, before 3.22, by listing them."""
        if self._kind == "where":
            return shop.count_orders(self.api, since, until, self._setting("channel"))
        found, page = set[str](), r.CreatedPage("", True)
        while page.more:
            page = self.list_created(since, until, page.cursor)
            found.update(order.external_no for order in page.orders)
        return len(found)

    def cancel_order(self, order_no: str, words: str) -> n.Receipt:
        """Cancel an order that nothing of has left; Saleor keeps no reason and pays nothing back by itself."""
        return aftersales.cancel_order(self.api, order_no)

    def set_memo(self, order_no: str, memo: str, flag: str) -> n.Receipt:
        """Add a note for the staff; the flag becomes private metadata."""
        return shop.set_memo(self.api, order_no, memo, flag)

    # ---- shipments ---------------------------------------------------------------------------

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Write a parcel back."""
        return shipments.push_shipment(self.api, notice, self._manners)

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which lines have left, by the platform's books."""
        return shipments.find_shipment(self.api, order_no)

    def change_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Replace a waybill."""
        return shipments.change_shipment(self.api, notice, self._manners)

    # ---- cases -------------------------------------------------------------------------------

    def pull_cases(self, cursor: str) -> r.Page:
        """References to granted refunds and booked returns of orders changed."""
        step = self._walk(Listing(documents.cases(self._kind), "updatedAt", "updatedAt")).step(cursor)
        found = [
            r.Reference(case_number(required(order, "id"), required(part, "id")), stamp(order, "updatedAt"))
            for order in step.rows
            for part in (*rows(order, "grantedRefunds"), *rows(order, "fulfillments"))
            # Granted refunds have no status here, and every one is a case.
            if "status" not in part or text(part, "status") in codes.CASES
        ]
        return r.Page(step.cursor, step.more, references=tuple(found))

    def get_case(self, external_no: str) -> r.RawDocument:
        """The refund or return with its order's lines, read now."""
        now, (order_no, part) = self.clock(), aftersales.split_case(external_no)
        order = self.api.read(documents.CASE, "order", id=order_no)
        body = orjson.dumps({"case": part, "order": order})
        return r.RawDocument("case", external_no, body, now, stamp(order, "updatedAt"))

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The case in a document."""
        return cases.parse_case(body)

    def goods_received(self, case_no: str, facts: Mapping[str, str]) -> n.Receipt:
        """Book the goods of a granted refund as come back; Saleor wants no facts."""
        return aftersales.goods_received(self.api, case_no)

    def refund_case(self, notice: n.RefundNotice) -> n.Receipt:
        """Pay money back to the transactions it came from."""
        return aftersales.refund_case(self.api, notice)

    def find_refund(self, notice: n.RefundNotice) -> n.Receipt | None:
        """The refund that is paid, or on its way, under the notice's key."""
        return aftersales.find_refund(self.api, notice)

    # ---- goods -------------------------------------------------------------------------------

    def push_stock(self, levels: Sequence[n.StockLevel]) -> n.StockAnswer:
        """Set sellable units at the level's warehouse, the account's, or the shop's only one."""
        return shop.push_stock(self.api, levels, self._setting("warehouse"))

    def pull_listings(self, cursor: str) -> r.ListingPage:
        """All variants of the shop, or of its channel."""
        return shop.pull_listings(self.api, cursor, self._setting("channel"))

    # ---- pushes ------------------------------------------------------------------------------

    def ensure_pushes(self, address: str) -> n.Subscribed:
        """Make or wake the webhook that leads to us."""
        return subscriptions.ensure(self.api, address, self.account.secrets.get("webhook_secret", ""))

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        """Check a webhook's signature and age."""
        return pushes.verify(push, self.account.secrets.get("webhook_secret", ""), self._ring)

    def parse_push(self, push: n.PushRequest) -> n.PushReport:
        """The first hint in a webhook."""
        return next(iter(pushes.hints(push)), None)

    def parse_push_reports(self, push: n.PushRequest) -> tuple[n.PushReport, ...]:
        """The orders and cases a webhook is about."""
        return pushes.hints(push)

    def _public_keys(self) -> object:
        pasted = self._setting("jwks").strip()
        if not pasted.startswith("{"):
            return self.api.public_keys()
        try:
            return orjson.loads(pasted)
        except orjson.JSONDecodeError:
            raise BadRecord("paste the keys as the shop shows them, or leave this empty", field="jwks") from None

    def _walk(self, listing: Listing) -> Walk:
        return Walk(self.api, listing, self.manifest, self.account)

    def _setting(self, name: str) -> str:
        return self.account.settings.get(name, "")

    def _words(self, setting: str) -> list[str]:
        return [word.strip() for word in self._setting(setting).split(",") if word.strip()]


CONNECTOR = Saleor
