"""JD (京东) as a marketplace: what the hub may ask of a POP seller's shop.

1号店 sells as a shop of JD since it was absorbed, and is connected here; 拍拍 is closed. JD's own retail (自营) speaks
other calls. JD's message service is not published in a form to rely on, so polling is all there is.
"""

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
from connectors.marketplaces.jd import aftersales, cases, grants, lists, orders, shipments, shop
from connectors.marketplaces.jd.client import Jos
from connectors.marketplaces.jd.reading import Json
from connectors.marketplaces.jd.settings import FIELDS
from connectors.marketplaces.jd.windows import walk_of

#: Marks the cursor of a walk so far back that orders can be asked by creation only.
_BY_CREATION = "created:"
_LOOK_BACK_DAYS = "3"


class Jd(Marketplace):
    """One shop on JD, through JOS."""

    takes_no_carrier = True
    manifest = Manifest(
        vendor="jd",
        family="marketplace",
        label_zh="京东",
        label_en="JD.com",
        mark="京",
        gateway="https://api.jd.com/routerjson",
        fields=FIELDS,
        page_size=100,
        widest_window=timedelta(hours=3),
        overlap=timedelta(minutes=5),
        lag=timedelta(seconds=5),
        calls_per_second=10.0,
        platform_code="JD",
        merges_cod=False,
        created_list_zh="按下单时间查询的订单",
        created_list_en="orders, by time of creation",
    )

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self.jos = Jos(account, self.gateway, self.http, clock)

    def check(self) -> CheckReport:
        """Count the last minute's orders: tries key, signature, clock, token and permission at once."""
        now = self.clock()
        try:
            self.count_orders(now - timedelta(minutes=1), now)
        except ConnectorError as error:
            return CheckReport(False, str(error))
        return CheckReport(True, "the platform answers and knows this shop")

    # ---- authorisation -----------------------------------------------------------------------

    def authorise_url(self, redirect_url: str, state: str) -> str:
        """JD's page on which the owner grants access."""
        return grants.authorise_url(self.jos, redirect_url, state)

    def exchange_code(self, query: Mapping[str, str], redirect_url: str) -> Credentials:
        """Tokens for the code that came back."""
        return grants.exchange_code(self.jos, self.http, query)

    def refresh(self) -> Credentials:
        """New tokens in the last day of the old ones; later the owner must authorise again."""
        return grants.refresh(self.jos, self.http)

    # ---- orders ------------------------------------------------------------------------------

    def pull_orders(self, cursor: str) -> r.Page:
        """Orders changed, oldest first, window by window, each from its last page to its first."""
        by_creation = cursor.startswith(_BY_CREATION)
        walk = self._orders(by_creation=by_creation)
        step = walk.step(cursor.removeprefix(_BY_CREATION), self._since)
        encrypted, now = lists.gives_ciphertext(self.jos), self.clock()
        found = tuple(lists.order_document(row, encrypted, now) for row in reversed(step.rows))
        return r.Page((_BY_CREATION if by_creation else "") + step.cursor, step.more, documents=found)

    def get_order(self, external_no: str) -> r.RawDocument:
        """The order, read now."""
        order = lists.read_order(self.jos, external_no)
        return lists.order_document(order, lists.gives_ciphertext(self.jos), self.clock())

    def parse_order(self, body: bytes) -> r.OrderRecord:
        """The order in a document."""
        return orders.parse_order(body)

    def between(self, since: datetime, until: datetime) -> str:
        """A cursor over a past window: by change, and by creation where changes are no longer kept (3 months)."""
        is_old = since < self.clock() - lists.CHANGES_REACH
        return (_BY_CREATION if is_old else "") + closed_window(since, until)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        """Orders by time of creation; capture reads them by change."""
        step = self._orders(by_creation=True, brief=True).step(cursor or closed_window(since, until), self._since)
        return r.CreatedPage(step.cursor, step.more, tuple(lists.listed(row) for row in reversed(step.rows)))

    def count_orders(self, since: datetime, until: datetime) -> int:
        """Orders created in a window."""
        return lists.count(self.jos, since, until)

    def set_memo(self, order_no: str, memo: str, flag: str) -> n.Receipt:
        """Add to the seller's memo, keeping what people wrote there, and set the flag's colour."""
        return shop.set_memo(self.jos, order_no, memo, flag)

    def push_stock(self, levels: Sequence[n.StockLevel]) -> n.StockAnswer:
        """Set absolute sellable units of SKUs."""
        return shop.push_stock(self.jos, levels)

    # ---- shipments ---------------------------------------------------------------------------

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Write a parcel back; a further one is added to those of the order."""
        return shipments.push_shipment(self.jos, notice)

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        """Which lines have left, by the platform's books."""
        return shipments.find_shipment(self.jos, order_no)

    def change_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        """Replace a waybill."""
        return shipments.change_shipment(self.jos, notice)

    # ---- cases -------------------------------------------------------------------------------

    def pull_cases(self, cursor: str) -> r.Page:
        """Refunds before shipment and service orders after it, by every time they can be asked by."""
        look_back = timedelta(days=self._look_back_days())
        step = walk_of(lists.cases(self.jos), self.manifest, self.clock(), look_back).step(cursor, self._since)
        now = self.clock()
        found = tuple(lists.case_document(row, lists.system_of(row), now) for row in step.rows)
        return r.Page(step.cursor, step.more, documents=found)

    def get_case(self, external_no: str) -> r.RawDocument:
        """The refund or service order, read now."""
        case = lists.read_case(self.jos, external_no)
        return lists.case_document(case, lists.split_case_no(external_no)[0], self.clock())

    def parse_case(self, body: bytes) -> r.CaseRecord:
        """The case in a document."""
        return cases.parse_case(body)

    def decide_case(self, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> n.Receipt:
        """Agree or refuse; aftersales.decide_case names the facts it wants."""
        return aftersales.decide_case(self.jos, case_no, agree, words, facts)

    def goods_received(self, case_no: str, facts: Mapping[str, str]) -> n.Receipt:
        """Register returned goods; aftersales.goods_received names the facts it wants."""
        return aftersales.goods_received(self.jos, case_no, facts)

    def confirm_interception(self, notice: n.InterceptionNotice) -> n.Receipt:
        """Answer a refund by whether the goods were stopped."""
        return aftersales.confirm_interception(self.jos, notice)

    @property
    def _since(self) -> str:
        return self.account.settings.get("since", "")

    def _look_back_days(self) -> int:
        days = self.jos.setting("case_look_back_days", _LOOK_BACK_DAYS)
        return int(days) if days.isdigit() else int(_LOOK_BACK_DAYS)

    def _orders(self, *, by_creation: bool = False, brief: bool = False) -> Walk[Json]:
        call = lists.orders(self.jos, self.manifest.page_size, by_creation=by_creation, brief=brief)
        return walk_of((call,), self.manifest, self.clock())


CONNECTOR = Jd
