"""What the API methods work on: the market of one shop and the settings of its twin; and what a method is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.kit.market import Case, Market, Sale
from connectors.sandbox.pinduoduo.errors import business, invalid
from connectors.sandbox.pinduoduo.params import Params
from connectors.sandbox.pinduoduo.tokens import Tokens

Doc = dict[str, Any]
#: Twin-seconds after which the platform itself acts; a setting of the same name changes one.
DELAYS = {"refund_after": 60.0, "depot_ships_after": 600.0, "confirm_after": 3600.0}
#: Nothing is shown before money was taken; deposit orders are shown from the start.
SHOWN = "(status <> 'unpaid' or json_extract(doc, '$.is_presale'))"


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop on the simulated platform."""

    market: Market
    settings: Mapping[str, Any]
    keys: Mapping[str, str]
    tokens: Tokens

    @property
    def mall_id(self) -> int:
        return int(self.keys["mall_id"])

    def later(self, delay: str, sale: str, verb: str, **more: str) -> None:
        """Let the platform do something by itself after a named delay."""
        seconds = float(self.settings.get(delay, DELAYS[delay]))
        self.market.scheduler.after(seconds, "act", {"number": sale, "verb": verb, **more})

    def order(self, number: str) -> Sale:
        """The order of this number, once it is shown; ApiError when there is none."""
        sale = self.find(number)
        if sale is None:
            raise business(f"订单{number}不存在")
        return sale

    def find(self, number: str) -> Sale | None:
        """The order of this number if it is shown; an unpaid one is not, unless it takes a deposit."""
        sale = self.market.shelves.sale(number)
        return None if sale is None or (sale.doc["status"] == "unpaid" and not sale.doc["is_presale"]) else sale

    def case(self, params: Params) -> Case:
        """The case that `after_sales_id` and `order_sn` name together; ApiError when there is none."""
        case = self.market.shelves.case(params.text("after_sales_id"))
        if case is None or case.doc["order"] != params.text("order_sn"):
            raise business("售后单不存在")
        return case

    def now_s(self) -> int:
        return self.market.now_ms() // 1000


def window(shop: Shop, params: Params, start: str, end: str, widest: int) -> tuple[int, int]:
    """The bounds of a list in milliseconds (both seconds in); refuses what is reversed, too wide or too old."""
    params.require(start, end)
    since, until = params.number(start, low=0), params.number(end, low=0)
    if since > until:
        raise invalid(start, "开始时间不能晚于结束时间")
    if until - since > widest:
        raise invalid(end, f"时间间隔不能超过{widest // 60}分钟")
    if since < shop.now_s() - 90 * 86_400:
        raise invalid(start, "只能查询最近90天的数据")
    return since * 1000, until * 1000 + 999


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list are asked for."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


def page_of(params: Params) -> Page:
    """`page` from 1 and `page_size` up to 100, the platform's defaults without them."""
    return Page(params.number("page", 1, 1), params.number("page_size", 100, 1, 100))


@dataclass(frozen=True, slots=True)
class Method:
    """One API method: `run` answers the content under `root` ("" for a flat answer) or raises ApiError."""

    run: Callable[[Shop, Params], Doc]
    root: str
    required: tuple[str, ...] = ()
    session: bool = True
