"""Pinduoduo as a marketplace: what the hub may ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import ConnectorError
from connectors.contract.families import CheckReport, Clock, Marketplace, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Credentials
from connectors.contract.places import closed_window
from connectors.contract.windows import Walk
from connectors.marketplaces.pinduoduo import (
    aftersales,
    cases,
    channel,
    grants,
    messages,
    orders,
    permits,
    shipments,
    shop,
    trades,
)
from connectors.marketplaces.pinduoduo.client import Pop
from connectors.marketplaces.pinduoduo.orders import Choices
from connectors.marketplaces.pinduoduo.reading import Json
from connectors.marketplaces.pinduoduo.settings import CONFIRMED_WINDOW, MANIFEST
from connectors.marketplaces.pinduoduo.windows import walk_of


class Pinduoduo(Marketplace):
    """One shop on Pinduoduo, through POP."""

    manifest = MANIFEST

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self.pop = Pop(account, self.gateway, self.http, clock)
        self._choices = Choices(
            lottery_ships=self.pop.setting("lottery") == "ship",
            depot_is_ours=self.pop.setting("subscribed_depot") == "us",
        )

    def check(self) -> CheckReport:
        """Count the last minutes' orders: tries client, signature, clock, token and permission at once."""
        now = self.clock()
        try:
            self._changed().count(now - timedelta(minutes=5), now)
        except ConnectorError as error:
            return CheckReport(False, str(error))
        return CheckReport(True, "the platform answers and knows this shop")

    # ---- authorisation -----------------------------------------------------------------------

    def authorise_url(self, redirect_url: str, state: str) -> str:
        """Pinduoduo's page on which the shop's main account grants access."""
        return grants.authorise_url(self.pop, redirect_url, state)

    def exchange_code(self, query: Mapping[str, str], redirect_url: str) -> Credentials:
        """Tokens for what Pinduoduo sent back."""
        return grants.exchange_code(self.pop, query)

    def refresh(self) -> Credentials:
        """New tokens in place of ones that run out."""
        return grants.refresh(self.pop)

    # ---- orders ------------------------------------------------------------------------------

    def pull_orders(self, cursor: str) -> r.Page:
        """Orders changed, window by window, each from its last page to its first; whole where the list tells all."""
        step = self._changed().step(cursor, self.pop.setting("since"))
        documents, references = trades.captured(step.rows, self.clock())
        return r.Page(step.cursor, step.more, documents, references)

    def get_order(self, external_no: str) -> r.RawDocument:
        """The order with its masked receiver and, until it ships, the ciphertexts."""
        return trades.get_order(self.pop, external_no)

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The order in an order document."""
        return orders.parse_order(body, self._choices)

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor over orders changed in a past window."""
        return closed_window(since, until)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Orders by time of the deal, from another list than capture reads."""
        step = self._confirmed().step(cursor or closed_window(since, until), "")
        return r.CreatedPage(step.cursor, step.more, tuple(trades.listed(row) for row in step.rows))

    def count_orders(self, since: datetime, until: datetime) -> int:
        """Orders whose deal was made in a window."""
        return self._confirmed().count(since, until, pieces=True)

    def merge_groups(self, candidates: Sequence[n.MergeCandidate]) -> list[frozenset[str]]:
        """Ask the platform which orders go to one person at one address."""
        return trades.merge_groups(self.pop, candidates)

    def decrypt_receiver(self, order_no: str, tokens: Mapping[str, str], scene: str) -> r.ReceiverRecord:
        """The plain receiver; the platform asks for no scene."""
        return trades.decrypt_receiver(self.pop, order_no, tokens)

    def set_memo(self, order_no: str, memo: str, flag: str) -> n.Receipt:
        """Add to the seller's memo, keeping what people wrote there, and set the flag's colour."""
        return shop.set_memo(self.pop, order_no, memo, flag)

    def push_stock(self, levels: Sequence[n.StockLevel]) -> n.StockAnswer:
        """Set absolute sellable units, variant by variant."""
        return shop.push_stock(self.pop, levels)

    def pull_listings(self, cursor: str) -> r.ListingPage:
        """What the shop sells."""
        return shop.pull_listings(self.pop, cursor, self.manifest.page_size)

    # ---- shipments ---------------------------------------------------------------------------

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Write a parcel back; the first ships the order."""
        return shipments.push_shipment(self.pop, notice)

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which lines have left, by the platform's books."""
        return shipments.find_shipment(self.pop, order_no)

    def change_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Replace a waybill."""
        return shipments.change_shipment(self.pop, notice)

    # ---- cases -------------------------------------------------------------------------------

    def pull_cases(self, cursor: str) -> r.Page:
        """References to cases changed."""
        listing = trades.with_parts(trades.REFUNDS, "after_sales_status", self.pop.setting("case_statuses", "1"))
        step = walk_of(self.pop, listing, self.manifest).step(cursor, self.pop.setting("since"))
        return r.Page(step.cursor, step.more, references=trades.cases_of(step.rows))

    def get_case(self, external_no: str) -> r.RawDocument:
        """The case, read now."""
        return trades.get_case(self.pop, external_no)

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The case in a case document."""
        return cases.parse_case(body, in_fen=self.pop.setting("case_amounts", "fen") != "yuan")

    def decide_case(self, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> n.Receipt:
        """Agree; aftersales.decide_case names the facts it wants."""
        return aftersales.decide_case(self.pop, case_no, agree, words, facts)

    def goods_received(self, case_no: str, facts: Mapping[str, str]) -> n.Receipt:
        """Say that returned goods are back; aftersales.goods_received names the facts it takes."""
        return aftersales.goods_received(self.pop, case_no, facts)

    def ship_exchange(self, case_no: str, notice: n.ShipmentNotice) -> n.Receipt:
        """Say that exchange goods left."""
        return aftersales.ship_exchange(self.pop, case_no, notice)

    def confirm_interception(self, notice: n.InterceptionNotice) -> n.Receipt:
        """Say whether a shipment was stopped."""
        return aftersales.confirm_interception(self.pop, notice)

    # ---- messages ----------------------------------------------------------------------------

    def ensure_pushes(self, address: str) -> n.Subscribed:
        """Permit this shop's messages; they come over the channel, so no address is wanted."""
        return permits.ensure(self.pop)

    def message_line(self) -> str:
        """One channel serves all shops of an application."""
        return f"{channel.address_of(self.pop)}/{self.pop.setting('client_id')}"

    def open_messages(self) -> n.Messages:
        """Open the application's channel."""
        return channel.open_channel(self.pop)

    def parse_push(self, push: n.PushRequest) -> n.PushReport:
        """The hint in a frame that came over the channel."""
        frame = messages.read_frame(push.body)
        return frame.hint if frame is not None else None

    def _changed(self) -> Walk[Json]:
        listing = trades.with_parts(trades.CHANGED, "trade_type", self.pop.setting("trade_types"))
        return walk_of(self.pop, listing, self.manifest)

    def _confirmed(self) -> Walk[Json]:
        return walk_of(self.pop, trades.CONFIRMED, replace(self.manifest, widest_window=CONFIRMED_WINDOW))


CONNECTOR = Pinduoduo
