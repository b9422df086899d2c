"""Vendure as a marketplace: what the hub may ask of a store's Admin API.

Written for 3.x; tried against a real 3.7.3 on PostgreSQL with orders from its own shop API. Vendure has no returns, no
requests of buyers to decide on, no deadlines, no settlements and no webhooks of its own (see `pushes` for the relay).
Refunds and new states leave their order's stamp as it was (see `sweeps` and `rounds`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import orjson

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import ConnectorError
from connectors.contract.families import CheckReport, Clock, Marketplace, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Manifest
from connectors.marketplaces.vendure import (
    aftersales,
    cases,
    documents,
    orders,
    pushes,
    rounds,
    shipments,
    shop,
    subscriptions,
    sweeps,
)
from connectors.marketplaces.vendure.client import Admin
from connectors.marketplaces.vendure.fields import FIELDS
from connectors.marketplaces.vendure.reading import moment, required
from connectors.marketplaces.vendure.walk import Walk, closed_window


class Vendure(Marketplace):
    """One channel of a store on Vendure."""

    takes_no_carrier = True
    manifest = Manifest(
        vendor="vendure",
        family="marketplace",
        label_zh="Vendure 商城",
        label_en="Vendure",
        mark="V",
        gateway="https://vendure.example.invalid",
        fields=FIELDS,
        page_size=50,
        widest_window=timedelta(days=1),
        overlap=timedelta(minutes=5),
        lag=timedelta(0),
        calls_per_second=5.0,
        levels_a_push=100,
        created_list_zh="按下单时间排序的订单",
        created_list_en="orders, by the time they were placed",
    )

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self.admin = Admin(account, self.gateway, self.http, clock)
        digits = self._setting("money_digits")
        self._digits = int(digits) if digits.isdigit() else 2
        self._customs = orders.Customs(
            digits=self._digits,
            ship_authorised=self._setting("ship_authorised") == "yes",
            paid_states=frozenset(self._words("paid_states")),
            cod_methods=frozenset(self._words("cod_methods")),
        )
        self._code = self._setting("fulfilment_handler") or "manual-fulfillment"

    @property
    def gateway(self) -> str:
        """The account's own gateway, else the address of its API: Vendure has no common one."""
        address = self.account.settings.get("api_url", "").strip()
        return self.account.gateway or (address if "://" in address else self.manifest.gateway)

    def check(self) -> CheckReport:
        """List one order: tries address, channel, credentials and the permission over orders at once."""
        try:
            self.admin.read(documents.PLACED, "orders", options={"take": 1})
        except ConnectorError as error:
            return CheckReport(False, str(error))
        return CheckReport(True, "the platform answers and shows this channel's orders")

    # ---- orders ------------------------------------------------------------------------------

    def pull_orders(self, cursor: str) -> r.Page:
        """Orders changed or placed, and now and then those still open, as documents; carts and drafts are left out."""
        now = self.clock()
        changed, placed = self._walk(documents.ORDERS, "updatedAt"), self._walk(documents.ORDERS, "orderPlacedAt")
        still_open = self._walk(documents.ORDERS, "orderPlacedAt", rounds.STILL_OPEN)
        lists = {"changed": changed.step, "placed": placed.step, "open": still_open.step, "all": placed.step}
        step = rounds.pull(cursor, "" if cursor else changed.first(), now, self._lately(), lists)
        found = [
            r.RawDocument("order", required(x, "id"), orjson.dumps({"order": x}), now, moment(x, "updatedAt"))
            for x in step.rows
        ]
        return r.Page(step.cursor, step.more, documents=tuple(found))

    def get_order(self, external_no: str) -> r.RawDocument:
        """The order with lines, money, fulfilments, refunds and notes."""
        now, order = self.clock(), self.admin.read(documents.ORDER, "order", id=external_no)
        return r.RawDocument("order", external_no, orjson.dumps({"order": order}), now, moment(order, "updatedAt"))

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The order in an order document."""
        return orders.parse_order(body, self._customs)

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor over orders, or cases, changed in a past window."""
        return closed_window(since, until)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Orders by the time they were placed, from another sort than capture reads."""
        step = self._walk(documents.PLACED, "orderPlacedAt").step(cursor or closed_window(since, until))
        found = [r.ListedOrder(required(x, "id"), moment(x, "orderPlacedAt"), moment(x, "updatedAt")) for x in step.rows]
        return r.CreatedPage(step.cursor, step.more, tuple(found))

    def count_orders(self, since: datetime, until: datetime) -> int:
        """Orders placed in a window, as the platform counts them."""
        return shop.count_orders(self.admin, since, until)

    def cancel_order(self, order_no: str, words: str) -> n.Receipt:
        """Cancel what of an order has not left; Vendure pays nothing back by itself."""
        return aftersales.cancel_order(self.admin, order_no, words)

    def set_memo(self, order_no: str, memo: str, flag: str) -> n.Receipt:
        """Add private notes to the order's history, the flag as one of them."""
        return shop.set_memo(self.admin, order_no, memo, flag)

    # ---- shipments ---------------------------------------------------------------------------

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Write a parcel back."""
        return shipments.push_shipment(self.admin, notice, self._code)

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which lines have left, by the platform's books."""
        return shipments.find_shipment(self.admin, order_no)

    def change_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Replace a waybill, by undoing its fulfilment and making it again."""
        return shipments.change_shipment(self.admin, notice, self._code)

    # ---- cases -------------------------------------------------------------------------------

    def pull_cases(self, cursor: str) -> r.Page:
        """References to refunds of orders changed, and hourly of those placed lately."""
        changed, placed = self._walk(documents.CASES, "updatedAt"), self._walk(documents.CASES, "orderPlacedAt")
        return sweeps.pull_refunds(cursor, self.clock(), self._lately(), changed.step, placed.step)

    def get_case(self, external_no: str) -> r.RawDocument:
        """The refund with its order's lines, read now."""
        now, (order_no, refund) = self.clock(), aftersales.split_case(external_no)
        order = self.admin.read(documents.CASE, "order", id=order_no)
        body = orjson.dumps({"case": refund, "order": order})
        return r.RawDocument("case", external_no, body, now, moment(order, "updatedAt"))

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The case in a document."""
        return cases.parse_case(body, self._digits)

    def refund_case(self, notice: n.RefundNotice) -> n.Receipt:
        """Pay money back to the payments it came from."""
        return aftersales.refund_case(self.admin, notice, self._digits)

    def find_refund(self, notice: n.RefundNotice) -> n.Receipt | None:
        """The refund that is paid, or on its way, under the notice's key."""
        return aftersales.find_refund(self.admin, notice, self._digits)

    # ---- goods -------------------------------------------------------------------------------

    def push_stock(self, levels: Sequence[n.StockLevel]) -> n.StockAnswer:
        """Set sellable units at the level's location, the account's, or the store's only one."""
        return shop.push_stock(self.admin, levels, self._setting("location"))

    def pull_listings(self, cursor: str) -> r.ListingPage:
        """All variants of the channel."""
        return shop.pull_listings(self.admin, cursor, self._digits)

    # ---- pushes ------------------------------------------------------------------------------

    def ensure_pushes(self, address: str) -> n.Subscribed:
        """Have the store's webhook plugin relay to us; nothing where it has none."""
        return subscriptions.ensure(self.admin, address, self._setting("hook_transformer").strip())

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        """Check a relayed event."""
        return pushes.verify(push, self.account.secrets.get("relay_secret", ""))

    def parse_push(self, push: n.PushRequest) -> n.PushReport:
        """The first hint of a relayed event."""
        return next(iter(pushes.hints(push)), None)

    def parse_push_reports(self, push: n.PushRequest) -> tuple[n.PushReport, ...]:
        """All hints of a relayed event."""
        return pushes.hints(push)

    def _walk(self, document: str, stamp: str, only: Mapping[str, object] | None = None) -> Walk:
        return Walk(self.admin, document, stamp, self.manifest, self.account, only)

    def _lately(self) -> timedelta:
        """How long ago an order may be placed to be read again without a stamp that moved."""
        days = self._setting("refund_days")
        return timedelta(days=min(int(days), 3650) if days.isdigit() else 30)

    def _setting(self, name: str) -> str:
        return self.account.settings.get(name, "")

    def _words(self, setting: str) -> list[str]:
        return [word.strip() for word in self._setting(setting).split(",") if word.strip()]


CONNECTOR = Vendure
