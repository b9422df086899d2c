"""Youzan as a marketplace: what the hub may ask of it.

Not certain, and therefore fields or left out: the numbers of carriers (looked up by name where none is set), where an
order's parcels tell their numbers, two of the states of a line's refund. How cases are decided, waybills changed and
receivers decrypted is not published completely, so none of these is offered. A memo does not move an order's time of
change: it arrives with the order's next change, or its push.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import ConnectorError
from connectors.contract.families import CheckReport, Clock, Marketplace, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Credentials, Field, Manifest
from connectors.contract.places import closed_window
from connectors.contract.windows import Listing, Step, Walk, bounds_of
from connectors.marketplaces.youzan import access, cases, lists, orders, pushes, shipments
from connectors.marketplaces.youzan.client import Platform
from connectors.marketplaces.youzan.reading import CHINA, Json


class Youzan(Marketplace):
    """One shop on Youzan."""

    manifest = Manifest(
        vendor="youzan",
        family="marketplace",
        label_zh="有赞",
        label_en="Youzan",
        mark="赞",
        gateway="https://open.youzanyun.com",
        fields=(
            Field("client_id", "应用 client_id", "Client id"),
            Field("client_secret", "应用 client_secret", "Client secret", secret=True),
            Field("kdt_id", "店铺 kdt_id", "Shop id (kdt_id)"),
            Field("access_token", "店铺授权令牌", "Shop access token", secret=True),
            Field(
                "refresh_token",
                "刷新令牌",
                "Refresh token",
                secret=True,
                required=False,
                hint_zh="工具型应用填写；自用型应用留空，用 kdt_id 静默授权",
                hint_en="For tools; leave it empty for the shop's own application, which is authorised by kdt_id",
            ),
            Field(
                "carriers",
                "物流公司编号",
                "Carrier numbers",
                required=False,
                hint_zh="如 ZTO=3,SF=7；没有的按名称向有赞查询",
                hint_en="e.g. ZTO=3,SF=7; others are looked up by name",
            ),
            Field(
                "sender_mobile",
                "发货人手机号",
                "Sender's mobile number",
                secret=True,
                required=False,
                hint_zh="顺丰查询轨迹时必填",
                hint_en="Wanted by SF",
            ),
            Field(
                "since",
                "抓单起点",
                "Capture from",
                required=False,
                hint_zh="如 2026-01-15T00:00:00+08:00；留空从六小时前开始",
                hint_en="e.g. 2026-01-15T00:00:00+08:00; empty starts six hours ago",
            ),
        ),
        page_size=100,
        widest_window=timedelta(hours=6),
        overlap=timedelta(minutes=10),
        lag=timedelta(minutes=1),
        calls_per_second=5.0,
        created_list_zh="按下单时间查询的订单",
        created_list_en="orders, by time of order",
    )

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self.platform = Platform(account, self.gateway, self.http, clock)

    def check(self) -> CheckReport:
        """List the last minute's orders: tries token and permission at once."""
        now = self.clock()
        try:
            lists.created_orders(self.platform).ask(now - timedelta(minutes=1), now, 1, 1)
        except ConnectorError as error:
            return CheckReport(False, str(error))
        return CheckReport(True, "the platform answers and knows this shop")

    def refresh(self) -> Credentials:
        """A new access token."""
        return access.refresh(self.platform, self.http)

    # ---- orders ------------------------------------------------------------------------------

    def pull_orders(self, cursor: str) -> r.Page:
        """Whole orders changed, window by window, each from its last page to its first."""
        return self._documents(self._step(lists.changed_orders(self.platform), cursor))

    def get_order(self, external_no: str) -> r.RawDocument:
        """The order, read now."""
        return lists.order_document(lists.read_order(self.platform, external_no), self.clock())

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The order in a document."""
        return orders.parse_order(body)

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor over orders changed in a past window."""
        return closed_window(since, until)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Orders by time of order, from another list than capture reads."""
        step = self._step(lists.created_orders(self.platform), cursor or closed_window(since, until))
        return r.CreatedPage(step.cursor, step.more, tuple(map(lists.listed, step.rows)))

    # ---- cases -------------------------------------------------------------------------------

    def pull_cases(self, cursor: str) -> r.Page:
        """Refunds, returns and exchanges changed, as references: the list does not tell a case's line."""
        step = self._step(lists.changed_cases(self.platform), cursor)
        return r.Page(step.cursor, step.more, references=tuple(map(lists.case_reference, step.rows)))

    def get_case(self, external_no: str) -> r.RawDocument:
        """The case, read now."""
        return lists.case_document(lists.read_case(self.platform, external_no), self.clock())

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The case in a document."""
        return cases.parse_case(body)

    # ---- shipments ---------------------------------------------------------------------------

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Write a parcel back."""
        return shipments.push_shipment(self.platform, notice)

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which lines have left, by the platform's books."""
        return shipments.find_shipment(self.platform, order_no)

    # ---- pushes ------------------------------------------------------------------------------

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        """Prove a message by either of its signatures."""
        return pushes.verify(push, self.platform.setting("client_id"), self.platform.setting("client_secret"))

    def parse_push(self, push: n.PushRequest) -> n.PushReport:
        """Which order or case has changed."""
        return pushes.hint_of(push)

    def refuse_push(self, words: str) -> n.PushAnswer:
        """The platform's way to be told that a message was not taken."""
        return pushes.refusal(words)

    def _step(self, listing: Listing[Json], cursor: str) -> Step[Json]:
        walk = Walk([listing], bounds_of(self.manifest, CHINA, lists.FORMER_CURSOR), self.clock())
        return walk.step(cursor, self.account.settings.get("since", ""))

    def _documents(self, step: Step[Json]) -> r.Page:
        now = self.clock()
        return r.Page(step.cursor, step.more, tuple(lists.order_document(row, now) for row in step.rows))


CONNECTOR = Youzan
