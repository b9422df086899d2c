"""WooCommerce as a marketplace: what the hub may ask of one shop, over REST v3 and webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import BadRecord, ConnectorError, Refused
from connectors.contract.families import CheckReport, Clock, Marketplace, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account
from connectors.contract.money import exponent
from connectors.contract.places import closed_window
from connectors.contract.windows import Step, Walk
from connectors.marketplaces.woocommerce import cases, codes, orders, pushes, refunds, shop, subscriptions
from connectors.marketplaces.woocommerce.client import Woo, read_order
from connectors.marketplaces.woocommerce.reading import Json, amount, moment, required, text
from connectors.marketplaces.woocommerce.settings import MANIFEST
from connectors.marketplaces.woocommerce.shipments import Shipping
from connectors.marketplaces.woocommerce.windows import Listing, everything, walk_of

CHANGED = Listing("orders", "modified_after", "modified_before", "modified", {"status": "any"})
#: No other list has these; "any" leaves them out.
TRASHED = Listing("orders", "modified_after", "modified_before", "modified", {"status": "trash"})
CREATED = Listing(
    "orders",
    "after",
    "before",
    "date",
    {"status": "any", "_fields": "id,status,currency,total,date_created_gmt,date_modified_gmt"},
)


class WooCommerce(Marketplace):
    """One shop on WooCommerce.

    A shop's owner is not asked on a page of ours: its keys come by a POST of the shop, so they are typed in.
    """

    takes_no_carrier = True
    tells_email = True
    manifest = MANIFEST

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self.woo = Woo(account, self.gateway, self.http, clock)
        self._habits = orders.habits_of(account.settings)
        self._shipping = Shipping(self.woo, account.settings)

    @property
    def gateway(self) -> str:
        """The shop's own site: the account's gateway, else the address typed in."""
        site = self.account.settings.get("site", "")
        return self.account.gateway or (site if site.startswith("http") else self.manifest.gateway)

    def check(self) -> CheckReport:
        """Count the last minute's orders: tries address, key and the right to read at once."""
        now = self.clock()
        strange = orders.strange_statuses(self.account.settings)
        if strange:
            return CheckReport(False, f"statuses: write {strange} as status=word, e.g. packed=open")
        try:
            self._walk(CHANGED).count(now - timedelta(minutes=1), now)
        except ConnectorError as error:
            return CheckReport(False, str(error))
        return CheckReport(True, "the shop answers and knows this key")

    # ---- orders ------------------------------------------------------------------------------

    def pull_orders(self, cursor: str) -> r.Page:
        """Orders changed, whole, window by window, with those put into the trash; carts are no orders yet."""
        step = self._walk(CHANGED).step(cursor, self._since)
        found = [row for row in step.rows if row.get("status") not in codes.DRAFTS]
        if step.window is not None and step.opens:
            found += self._trashed(*step.window)
        return r.Page(step.cursor, step.more, tuple(self._document(row) for row in found))

    def get_order(self, external_no: str) -> r.RawDocument:
        """One order, also from the trash; one deleted for good is Refused."""
        return self._document(read_order(self.woo, external_no))

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The order in an order document."""
        return orders.parse_order(body, self._habits)

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor over orders changed in a past window."""
        return closed_window(since, until)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Orders by time of creation, where capture goes by time of change."""
        step = self._walk(CREATED).step(cursor or closed_window(since, until), self._since)
        return r.CreatedPage(step.cursor, step.more, tuple(self._listed(row) for row in step.rows))

    def count_orders(self, since: datetime, until: datetime) -> int:
        """Orders created in a window."""
        return self._walk(CREATED).count(since, until)

    def cancel_order(self, order_no: str, words: str) -> n.Receipt:
        """Cancel an order that has not left; the shop keeps no reason."""
        return shop.cancel_order(self.woo, order_no)

    def set_memo(self, order_no: str, memo: str, flag: str) -> n.Receipt:
        """Add a private note; a shop has no flags."""
        return shop.set_memo(self.woo, order_no, memo)

    def push_stock(self, levels: Sequence[n.StockLevel]) -> n.StockAnswer:
        """Set absolute units and let the shop manage them, at most 100 a call."""
        return shop.push_stock(self.woo, levels)

    def pull_listings(self, cursor: str) -> r.ListingPage:
        """Products with their variations."""
        return shop.pull_listings(self.woo, cursor)

    # ---- shipments ---------------------------------------------------------------------------

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Write a parcel back where the shop keeps parcels, and the order's status."""
        return self._shipping.push(notice)

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which lines have left, by the shop's books."""
        return self._shipping.find(order_no)

    def change_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Replace a waybill."""
        return self._shipping.change(notice)

    # ---- cases -------------------------------------------------------------------------------

    def pull_cases(self, cursor: str) -> r.Page:
        """Refunds by time of creation; they do not change later. The core knows no requests for returns."""

        def by_orders() -> Step[Json]:
            return self._walk(CHANGED).step(cursor, self._since)

        return cases.pull_cases(self.woo, self._walk(cases.REFUNDS), by_orders, cursor, self._since, self.clock())

    def get_case(self, external_no: str) -> r.RawDocument:
        """The refund, read now; named by its order's and its own number."""
        return cases.get_case(self.woo, external_no, self.clock())

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The case in a refund document."""
        return cases.parse_case(body)

    def refund_case(self, notice: n.RefundNotice) -> n.Receipt:
        """Pay back, through the shop's payment plugin unless the account says otherwise."""
        by_gateway = self.account.settings.get("gateway_refund", "yes") != "no"
        return refunds.refund_case(self.woo, notice, by_gateway=by_gateway)

    def find_refund(self, notice: n.RefundNotice) -> n.Receipt | None:
        """The refund that carries the notice's key in its meta."""
        return refunds.find_refund(self.woo, notice)

    # ---- pushes ------------------------------------------------------------------------------

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        """Check a webhook's signature; pushes.verify_push tells of the unsigned ping."""
        return pushes.verify_push(push, self.account.secrets.get("webhook_secret", ""))

    def parse_push(self, push: n.PushRequest) -> n.ChangeHint | None:
        """The order to read anew."""
        return pushes.parse_push(push)

    def ensure_pushes(self, address: str) -> n.Subscribed:
        """Make or wake the webhooks about orders; a shop switches one off after five lost deliveries in a row."""
        return subscriptions.ensure(self.woo, address, self.account.secrets.get("webhook_secret", ""))

    def _trashed(self, since: datetime, until: datetime) -> list[Json]:
        """Orders that the shop threw away; a shop that does not let the trash be listed tells of it by webhook only."""
        try:
            found = everything(self._walk(TRASHED), since, until)
        except Refused as refusal:
            if refusal.code != "rest_invalid_param":
                raise
            return []
        return [row for row in found if row.get("status") == codes.TRASH]

    @property
    def _since(self) -> str:
        return self.account.settings.get("since", "")

    def _walk(self, listing: Listing) -> Walk[Json]:
        return walk_of(self.woo, listing, self.manifest, self.clock, self.account.timezone)

    def _document(self, row: Json) -> r.RawDocument:
        return r.RawDocument(
            "order", required(row, "id"), orjson.dumps(row), self.clock(), moment(row, "date_modified_gmt")
        )

    def _listed(self, row: Json) -> r.ListedOrder:
        try:
            paid = amount(row, "total", exponent(text(row, "currency")))
        except BadRecord:
            paid = None
        return r.ListedOrder(
            required(row, "id"),
            moment(row, "date_created_gmt"),
            moment(row, "date_modified_gmt"),
            self._habits.states.get(text(row, "status")),
            paid,
        )


CONNECTOR = WooCommerce
