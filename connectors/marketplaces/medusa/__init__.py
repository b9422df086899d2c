"""Medusa v2 as a marketplace: what the hub may ask of a store through its Admin API.

Checked against Medusa 2.21.2. Its lists take any page size; it has no call that changes the waybill of what left,
no settlements and no webhooks (see `pushes` for the relay).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import ConnectorError
from connectors.contract.families import CheckReport, Clock, Marketplace, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Manifest
from connectors.contract.places import starting
from connectors.marketplaces.medusa import aftersales, cases, orders, pushes, shop, trades
from connectors.marketplaces.medusa.client import Admin
from connectors.marketplaces.medusa.form import FIELDS, reading_of
from connectors.marketplaces.medusa.shipments import Desk
from connectors.marketplaces.medusa.windows import Listing, closed_window, next_page


class Medusa(Marketplace):
    """One store on Medusa v2, or one of its sales channels."""

    tells_email = True
    manifest = Manifest(
        vendor="medusa",
        family="marketplace",
        label_zh="Medusa 商城",
        label_en="Medusa",
        mark="M",
        gateway="https://medusa.example.invalid",
        fields=FIELDS,
        page_size=50,
        widest_window=timedelta(days=1),
        overlap=timedelta(minutes=5),
        lag=timedelta(seconds=5),
        calls_per_second=5.0,
        levels_a_push=100,
        created_list_zh="按下单时间查询的订单",
        created_list_en="orders, by time of creation",
    )

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self.admin = Admin(account, self.gateway, self.http)
        self._reading = reading_of(account.settings)
        self._channel = account.settings.get("sales_channel_id", "")

    def check(self) -> CheckReport:
        """Read one order: tries address and key."""
        try:
            self.admin.read("orders", fields="id", limit="1")
        except ConnectorError as error:
            return CheckReport(False, str(error))
        return CheckReport(True, "the store answers and knows this key")

    # ---- orders ------------------------------------------------------------------------------

    def pull_orders(self, cursor: str) -> r.Page:
        """Orders changed as documents, then orders whose payments changed as references, window by window."""
        return self._step(trades.order_lists(self._channel), cursor)

    def get_order(self, external_no: str) -> r.RawDocument:
        """The order, read now."""
        return trades.get_order(self.admin, external_no, self.clock())

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The order in a document, read with the shop's settings."""
        return orders.parse_order(body, self._reading)

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor over orders changed in a past window."""
        return closed_window(since, until)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Orders by time of creation."""
        return trades.list_created(self.admin, self._channel, since, until, cursor)

    def count_orders(self, since: datetime, until: datetime) -> int:
        """Orders created in a window."""
        return trades.count_orders(self.admin, self._channel, since, until)

    def cancel_order(self, order_no: str, words: str) -> n.Receipt:
        """Cancel an order that nothing of is fulfilled; Medusa keeps no reason."""
        return trades.cancel_order(self.admin, order_no)

    def set_memo(self, order_no: str, memo: str, flag: str) -> n.Receipt:
        """Add to the memo in the order's metadata, keeping what is there, and set the flag's colour."""
        keys = (self._reading.memo_key, self._reading.flag_key)
        return shop.set_memo(self.admin, order_no, memo, flag, keys)

    def push_stock(self, levels: Sequence[n.StockLevel]) -> n.StockAnswer:
        """Set absolute sellable units at the level's location, else at the shop's."""
        return shop.push_stock(self.admin, levels, self._setting("location_id"))

    def pull_listings(self, cursor: str) -> r.ListingPage:
        """All variants of the store."""
        return shop.pull_listings(self.admin, cursor, self._setting("currency"))

    # ---- shipments ---------------------------------------------------------------------------

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Fulfil and ship a parcel's lines."""
        return self._desk.push(notice)

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which lines have left, by the store's books."""
        return self._desk.find(order_no)

    # ---- cases -------------------------------------------------------------------------------

    def pull_cases(self, cursor: str) -> r.Page:
        """References to returns changed (exchanges have one too), then to claims without one."""
        return self._step(trades.CASE_LISTS, cursor)

    def get_case(self, external_no: str) -> r.RawDocument:
        """The return or claim with its order's lines, read now."""
        return trades.get_case(self.admin, external_no, self.clock())

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The case in a document."""
        return cases.parse_case(body)

    def decide_case(self, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> n.Receipt:
        """Confirm a drafted return or cancel one; Medusa wants no facts and keeps no reason."""
        return aftersales.decide_case(self.admin, case_no, agree)

    def goods_received(self, case_no: str, facts: Mapping[str, str]) -> n.Receipt:
        """Receive a return's goods; aftersales.goods_received names the facts."""
        return aftersales.goods_received(self.admin, case_no, facts)

    def refund_case(self, notice: n.RefundNotice) -> n.Receipt:
        """Refund from the order's captured payments."""
        return aftersales.refund_case(self.admin, notice)

    def find_refund(self, notice: n.RefundNotice) -> n.Receipt | None:
        """The refund whose note begins with the notice's key."""
        return aftersales.find_refund(self.admin, notice)

    def ship_exchange(self, case_no: str, notice: n.ShipmentNotice) -> n.Receipt:
        """Ship the lines that Medusa added to the order for the exchange."""
        order_no, numbers = aftersales.exchange_lines(self.admin, case_no)
        return self._desk.push(aftersales.exchange_notice(notice, order_no, numbers))

    # ---- pushes ------------------------------------------------------------------------------

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        """Check a relayed event."""
        return pushes.verify_push(push, self.account.secrets.get("relay_secret", ""), self.clock())

    def parse_push(self, push: n.PushRequest) -> n.PushReport:
        """The first hint of a relayed event."""
        return next(iter(pushes.parse_push(push)), None)

    def parse_push_reports(self, push: n.PushRequest) -> tuple[n.PushReport, ...]:
        """All hints of a relayed event."""
        return pushes.parse_push(push)

    def refuse_push(self, words: str) -> n.PushAnswer:
        """Tell the relay that its push was refused."""
        return pushes.refusal(words)

    @property
    def _desk(self) -> Desk:
        return Desk(self.admin, self._setting("location_id"), self._setting("tracking_url"))

    def _setting(self, name: str) -> str:
        return self.account.settings.get(name, "")

    def _step(self, listings: tuple[Listing, ...], cursor: str) -> r.Page:
        now = self.clock()
        start = starting(self._setting("since"), self.account.timezone, now)
        return next_page(self.admin, listings, self.manifest, now, cursor, start)


CONNECTOR = Medusa
