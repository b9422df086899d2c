"""Suning as a marketplace: what the hub may ask of it.

Not published, and therefore settings: which payment codes are cash on delivery, whether the list by change wants a
line status, the codes of carriers, kind and place of stock. The calls that decide a return want a number which
its list does not give; none is known that refreshes a token or sends pushes. So none of these is offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import ConnectorError
from connectors.contract.families import CheckReport, Clock, Marketplace, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Field, Manifest
from connectors.contract.places import closed_window
from connectors.contract.windows import Walk
from connectors.marketplaces.suning import cases, codes, lists, orders, shipments, shop
from connectors.marketplaces.suning.client import Sop
from connectors.marketplaces.suning.reading import Json
from connectors.marketplaces.suning.windows import SMALLEST_PAGE, walk_of


def _optional(name: str, label_zh: str, label_en: str, hint_zh: str, hint_en: str, default: str = "") -> Field:
    return Field(name, label_zh, label_en, False, False, default, hint_zh, hint_en)


class Suning(Marketplace):
    """One shop on Suning, through SOP."""

    manifest = Manifest(
        vendor="suning",
        family="marketplace",
        label_zh="苏宁易购",
        label_en="Suning",
        mark="苏",
        gateway="https://open.suning.com/api/http/sopRequest",
        fields=(
            Field("app_key", "应用标识", "App key"),
            Field("app_secret", "应用密钥", "App secret", secret=True),
            Field(
                "access_token",
                "店铺授权令牌",
                "Shop access token",
                secret=True,
                required=False,
                hint_zh="服务商应用必填，商家自有应用留空；过期需重新授权",
                hint_en="For apps of service providers, empty for the shop's own app; authorise again when it expires",
            ),
            _optional("since", "抓单起点", "Capture from", "如 2026-01-15T00:00:00+08:00；留空从一天前开始",
                      "e.g. 2026-01-15T00:00:00+08:00; empty starts a day ago"),
            _optional("line_statuses", "增量订单行状态", "Line statuses asked for",
                      "如 10,20,30；留空不限状态", "e.g. 10,20,30; empty asks for all at once"),
            _optional("cod_codes", "货到付款支付编码", "Payment codes of cash on delivery",
                      "banktypecode，逗号分隔；留空表示没有货到付款", "banktypecode values; empty means there are none"),
            _optional("platform_stores", "苏宁仓编码", "Suning's own stores",
                      "invCode，逗号分隔；这些仓由苏宁发货", "invCode values, by commas; Suning ships from these"),
            _optional("carriers", "物流公司编码", "Carrier codes",
                      "如 ZTO=Z01,EMS=E01；没有的按名称向平台查询", "e.g. ZTO=Z01,EMS=E01; others are looked up by name"),
            _optional("note_flag", "备注标记", "Note mark", "写备注时的 noteFlag", "noteFlag of memos", "1"),
            _optional("stock_kind", "库存类型", "Kind of stock", "同步库存的 invType", "invType of stock", "01"),
            _optional("stock_place", "库存仓编码", "Place of stock", "同步库存时的 invCode", "invCode when stock is set"),
        ),
        page_size=50,
        widest_window=timedelta(days=1),
        overlap=timedelta(minutes=10),
        lag=timedelta(seconds=30),
        calls_per_second=5.0,
        platform_code="SN",
        created_list_zh="按下单时间查询的订单",
        created_list_en="orders, by time of order",
    )  # fmt: skip

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self.sop = Sop(account, self.gateway, self.http, clock)
        self.reader = codes.reader_of(account.settings)

    def check(self) -> CheckReport:
        """Count the last minute's orders: tries key, signature, clock, token and permission at once."""
        now = self.clock()
        try:
            self._created().count(now - timedelta(minutes=1), now, size=SMALLEST_PAGE)
        except ConnectorError as error:
            return CheckReport(False, str(error))
        return CheckReport(True, "the platform answers and knows this shop")

    # ---- orders ------------------------------------------------------------------------------

    def pull_orders(self, cursor: str) -> r.Page:
        """Whole orders changed, window by window, each from its last page to its first."""
        statuses = sorted(codes.names(self.account.settings.get("line_statuses", ""))) or [""]
        calls = [lists.changed_orders(status) for status in statuses]
        step = walk_of(self.sop, calls, self.manifest).step(cursor, self._since)
        now = self.clock()
        return r.Page(step.cursor, step.more, tuple(lists.order_document(row, now) for row in step.rows))

    def get_order(self, external_no: str) -> r.RawDocument:
        """The order, read now."""
        return lists.get_order(self.sop, external_no)

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The order in a document."""
        return orders.parse_order(body, self.reader)

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor over orders changed in a past window."""
        return closed_window(since, until)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Orders by time of order, from another list than capture reads."""
        step = self._created().step(cursor or closed_window(since, until), self._since)
        return r.CreatedPage(step.cursor, step.more, lists.listed(step.rows, self.reader))

    def count_orders(self, since: datetime, until: datetime) -> int:
        """Orders made in a window."""
        return self._created().count(since, until, size=SMALLEST_PAGE, pieces=True, apart=True)

    def set_memo(self, order_no: str, memo: str, flag: str) -> n.Receipt:
        """Add to the seller's memo, keeping what people wrote there, and set the flag's colour."""
        return shop.set_memo(self.sop, order_no, memo, flag)

    def push_stock(self, levels: Sequence[n.StockLevel]) -> n.StockAnswer:
        """Set absolute sellable units."""
        return shop.push_stock(self.sop, levels)

    # ---- shipments ---------------------------------------------------------------------------

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Write a parcel back."""
        return shipments.push_shipment(self.sop, notice)

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which lines have left, by the platform's books."""
        return shipments.find_shipment(self.sop, order_no)

    def change_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Replace a waybill."""
        return shipments.change_shipment(self.sop, notice)

    # ---- cases -------------------------------------------------------------------------------

    def pull_cases(self, cursor: str) -> r.Page:
        """Returns and refunds by time, as whole documents."""
        step = walk_of(self.sop, (lists.RETURNS,), self.manifest).step(cursor, self._since)
        now = self.clock()
        return r.Page(step.cursor, step.more, tuple(lists.case_document(row, now) for row in step.rows))

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The case in a document."""
        return cases.parse_case(body, self.reader)

    @property
    def _since(self) -> str:
        return self.account.settings.get("since", "")

    def _created(self) -> Walk[Json]:
        return walk_of(self.sop, (lists.CREATED,), self.manifest)


CONNECTOR = Suning
