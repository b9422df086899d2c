"""The shop that the endpoints work on: its market, its records and how it is configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sandbox.kit.market import Market, Sale
from connectors.sandbox.traffic import catalogue
from connectors.sandbox.woocommerce.records import Records

VERSION = "10.4.2"
SYMBOLS = {"CNY": "&yen;", "USD": "&#36;", "EUR": "&euro;", "GBP": "&pound;"}


@dataclass(frozen=True, slots=True)
class Setup:
    """How the site is configured; the settings of the twin by the same names."""

    url: str = "http://127.0.0.1"
    currency: str = "CNY"
    tax_percent: int = 13
    utc_offset_hours: int = 8
    fulfillments: bool = True
    strict_fulfillments: bool = True
    shipment_tracking: bool = True
    refunds_route: bool = True
    gateway_refunds: bool = True
    state_codes: bool = True
    number_prefix: str = "SO-"
    staff_refunds_after: float = 0.0

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Setup:
        return cls(**{name: settings[name] for name in cls.__dataclass_fields__ if name in settings})


class Shop:
    """Market, records, configuration and goods of one site."""

    def __init__(self, market: Market, records: Records, setup: Setup) -> None:
        self.market = market
        self.records = records
        self.setup = setup
        self.products: dict[str, list[dict[str, Any]]] = {}
        for item in catalogue(market.seed):
            self.products.setdefault(str(item["num_iid"]), []).append(item)

    @property
    def utc_offset(self) -> timedelta:
        return timedelta(hours=self.setup.utc_offset_hours)

    def api(self, path: str) -> str:
        """The address of a resource of the v3 API."""
        return f"{self.setup.url}/wp-json/wc/v3/{path}"

    def dates(self, name: str, at_ms: int) -> dict[str, str | None]:
        """A time as the platform shows it: in the site's time and as GMT, neither with an offset; null for never."""
        if not at_ms:
            return {name: None, f"{name}_gmt": None}
        moment = datetime.fromtimestamp(at_ms // 1000, UTC)
        return {name: _text(moment + self.utc_offset), f"{name}_gmt": _text(moment)}

    def find_sale(self, number: str) -> Sale | None:
        """The order of this number; None for one that was deleted for good."""
        sale = self.market.shelves.sale(number)
        return None if sale is None or sale.doc.get("deleted") else sale

    def variation_of(self, item: Mapping[str, Any]) -> int:
        """The variation's number of an item of the catalogue; 0 for a simple product."""
        return int(item["sku_id"]) if len(self.products.get(str(item["num_iid"]), ())) > 1 else 0


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")
