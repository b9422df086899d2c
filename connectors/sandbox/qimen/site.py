"""What every part of the warehouse works with: storage, timer, settings, seeded chance, and the way to refuse."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from sqlite3 import Row
from typing import Any

from connectors.sandbox.kit import Scheduler, Storage
from connectors.sandbox.qimen.gateway import stamp
from connectors.sandbox.qimen.settings import Settings, Warehouse, merged_shares


class Refused(Exception):
    """The warehouse says no for a business reason; the caller must change the request or its plan."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Site:
    """One WMS. Chance depends on the seed and the document's code alone, so a run can be repeated."""

    def __init__(self, storage: Storage, scheduler: Scheduler, settings: Settings, seed: int) -> None:
        self.storage = storage
        self.scheduler = scheduler
        self.settings = settings
        self.seed = seed

    def random(self, purpose: str, code: str) -> Random:
        """A generator of its own for one decision about one document."""
        return Random(f"{self.seed}:{purpose}:{code}")

    def happens(self, share: str, code: str) -> bool:
        """Whether this document is among the share of that name."""
        return self.random(share, code).random() < self.shares()[share]

    def shares(self) -> Mapping[str, float]:
        """The shares in force: those of the config file as changed since through the control address."""
        return {**self.settings.shares, **self.storage.recall("shares", {})}

    def change_shares(self, new: Mapping[str, Any]) -> None:
        """Change some shares for documents decided from now on; ValueError names a wrong one."""
        self.storage.remember("shares", merged_shares(self.shares(), new))

    def callback_url(self) -> str:
        """Where reports go; the control address wins over the config file."""
        url: str = self.storage.recall("callback_url", self.settings.callback_url)
        return url

    def warehouse(self, code: str, customer: str) -> Warehouse:
        """The customer's warehouse of that code; OTHER leaves the choice to us. Refused when there is none."""
        mine = [w for w in self.settings.warehouses.values() if w.customer_id == customer]
        for warehouse in mine:
            if code in (warehouse.code, "OTHER"):
                return warehouse
        raise Refused(f"仓库不存在:{code}")

    def delivery(self, code: str, customer: str | None = None) -> Row:
        """The outbound order of that code, of that customer when one is named; Refused when there is none."""
        row = self.storage.one("select * from delivery where code = ?", (code,))
        if row is None or customer not in (None, row["customer"]):
            raise Refused("单据不存在")
        return row

    def lines(self, code: str) -> list[Row]:
        """The order's lines in their own order."""
        return self.storage.rows("select * from line where delivery = ? order by rowid", (code,))


def now_text() -> str:
    """The present as the interface writes it: GMT+8, seconds."""
    return stamp(datetime.now(UTC))


def as_json(document: object) -> str:
    """Compact JSON text for a column."""
    return json.dumps(document, ensure_ascii=False)
