"""The store: its configuration, its goods by the platform's identifiers, and saving without a stamp."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.kit.market import Case, Market, Sale
from connectors.sandbox.medusa.ids import made
from connectors.sandbox.traffic import catalogue

Doc = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setup:
    """How the store is configured; the settings of the twin by the same names."""

    currency: str = "cny"
    tax_percent: int = 13
    province_codes: bool = True
    note_key: str = "note"
    staff_refunds_after: float = 0.0

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Setup:
        return cls(**{name: settings[name] for name in cls.__dataclass_fields__ if name in settings})


class Shop:
    """Market, configuration and goods of one store."""

    def __init__(self, market: Market, setup: Setup) -> None:
        self.market = market
        self.setup = setup
        self.location = made("sloc", market.seed)
        self.sales_channel = made("sc", market.seed)
        self.variants = {variant_of(item): item for item in catalogue(market.seed)}
        self.inventory = {inventory_of(item): item for item in catalogue(market.seed)}

    def save_quietly(self, sale: Sale) -> None:
        """Write a sale whose row the platform does not touch: the stamp of change stays."""
        self.market.storage.execute(
            "update sale set status = ?, changed_ms = ?, doc = ? where number = ?",
            (sale.doc["status"], sale.doc["changed_ms"], _json(sale.doc), sale.number),
        )

    def save_case_quietly(self, case: Case) -> None:
        """Write a case whose row the platform does not touch."""
        self.market.storage.execute(
            "update sale_case set changed_ms = ?, doc = ? where number = ?",
            (case.doc["changed_ms"], _json(case.doc), case.number),
        )

    def units_of(self, item: Mapping[str, Any]) -> int:
        """Units of an item of the catalogue as the hub pushed them."""
        found = self.market.storage.scalar(
            "select units from shelf where listing = ? and variant = ?", (str(item["num_iid"]), item["sku_id"])
        )
        return int(found or 0)


def variant_of(item: Mapping[str, Any]) -> str:
    return made("variant", item["num_iid"], item["sku_id"])


def product_of(item: Mapping[str, Any]) -> str:
    return made("prod", item["num_iid"])


def inventory_of(item: Mapping[str, Any]) -> str:
    return made("iitem", item["num_iid"], item["sku_id"])


def at(epoch_ms: int) -> str | None:
    """A time as the platform writes it; null for never."""
    if not epoch_ms:
        return None
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stamps(created_ms: int, changed_ms: int = 0) -> Doc:
    """The three times that every row has."""
    return {"created_at": at(created_ms), "updated_at": at(changed_ms or created_ms), "deleted_at": None}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
