"""What the API methods work on: the market of one shop and the settings of its twin; and what a method is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.kit.market import Market, Sale
from connectors.sandbox.suning.params import Params
from connectors.sandbox.suning.states import is_shown

Doc = dict[str, Any]
#: Twin-seconds after which the platform itself acts; a setting of the same name changes one.
DELAYS = {"refund_after": 60.0}


@dataclass(frozen=True, slots=True)
class Page:
    """What a list answers besides its rows."""

    number: int
    size: int
    total: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    def head(self) -> Doc:
        """The paging part of sn_head, every value a text."""
        return {"pageTotal": str(-(-self.total // self.size)), "totalSize": str(self.total), "pageNo": str(self.number)}


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop."""

    market: Market
    settings: Mapping[str, Any]

    def delay(self, name: str) -> float:
        """Twin-seconds of a named delay of the platform's own."""
        return float(self.settings.get(name, DELAYS[name]))

    def order(self, number: str) -> Sale | None:
        """The order of this number, once the platform shows it to the seller."""
        sale = self.market.shelves.sale(number)
        return sale if sale is not None and is_shown(sale.doc) else None


@dataclass(frozen=True, slots=True)
class Answer:
    """The content of sn_body under the business name, and the page of a list."""

    content: Any
    page: Page | None = None
    message: str = "biz.handler.data-get:success"


@dataclass(frozen=True, slots=True)
class Method:
    """One API method: its business name, how it runs, what it needs, other names a call may ask under."""

    biz: str
    run: Callable[[Shop, Params], Answer]
    required: tuple[str, ...] = ()
    asked_as: tuple[str, ...] = ()
