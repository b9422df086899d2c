"""What the API methods work on: the market of one shop and the settings of its twin; and what a method is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.jd.errors import Refused, no_order
from connectors.sandbox.jd.params import Params
from connectors.sandbox.jd.tde import Keys
from connectors.sandbox.kit.market import Case, Market, Sale

Doc = dict[str, Any]
#: Twin-seconds after which JD itself acts; a setting of the same name changes one.
DELAYS = {"finance_after": 60.0, "intercept_after": 120.0, "refund_after": 300.0, "confirm_after": 3600.0}


@dataclass(frozen=True, slots=True)
class Shop:
    """One POP shop; `create_order` adds an order made of another one's lines."""

    market: Market
    settings: Mapping[str, Any]
    vender_id: str
    keys: Keys
    create_order: Callable[..., str]

    def delay(self, name: str) -> float:
        """Twin-seconds of a named delay of JD's own."""
        return float(self.settings.get(name, DELAYS[name]))

    def order(self, number: str) -> Sale:
        """The order of this number, once JD shows it; Refused when there is none."""
        sale = self.market.shelves.sale(number)
        if sale is None or sale.doc["status"] == "unpaid":
            raise no_order(number)
        return sale

    def case(self, number: str, system: str) -> Case:
        """The application ("refundapply") or service order ("asc") of this number; Refused when there is none."""
        case = self.market.shelves.case(number)
        if case is None or case.doc["system"] != system:
            raise Refused(10500003, "NOT_EXIST", f"单据{number}不存在")
        return case


Answer = Callable[[Shop, Params], Doc]


def told_flat(refused: Refused) -> Doc:
    """A refusal as most calls tell it."""
    return {"success": False, "errorCode": str(refused.number), "chineseErrCode": refused.chinese,
            "englishErrCode": refused.english}  # fmt: skip


def told_in(name: str) -> Callable[[Refused], Doc]:
    """How a call tells a refusal inside its result of this name."""
    return lambda refused: {name: told_flat(refused)}


@dataclass(frozen=True, slots=True)
class Method:
    """One API method: `run` answers the content beside `code`, or raises ApiError or Refused.

    `special` methods need a permission that not every application has.
    """

    run: Answer
    required: tuple[str, ...] = ()
    refused: Callable[[Refused], Doc] = told_flat
    session: bool = True
    special: bool = False
