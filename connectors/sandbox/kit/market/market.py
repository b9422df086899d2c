"""What the verbs of a marketplace work on, handed around as one object."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.kit.faults import FaultPlan
from connectors.sandbox.kit.market.store import Case, Sale, Shelves
from connectors.sandbox.kit.scheduler import Scheduler
from connectors.sandbox.kit.storage import Storage

#: Twin-seconds after which things happen by themselves; a setting of the same name changes one.
DELAYS = {"balance_after": 600.0, "release_after": 300.0, "sign_after": 86_400.0, "finish_after": 259_200.0,
          "buyer_returns_after": 86_400.0}  # fmt: skip


def nobody(_topic: str, _number: str) -> None:
    """Announces nothing."""


@dataclass(slots=True)
class Market:
    """Storage, tables, time, faults and chance of one twin; `announce(topic, number)` pushes a change."""

    storage: Storage
    shelves: Shelves
    scheduler: Scheduler
    faults: FaultPlan
    random: random.Random
    seed: int
    settings: Mapping[str, Any]
    announce: Callable[[str, str], None] = nobody
    case_number: Callable[[int], str] = str

    def delay(self, name: str) -> float:
        """Twin-seconds of a named delay."""
        return float(self.settings.get(name, DELAYS[name]))

    def now_ms(self) -> int:
        return self.shelves.clock()

    def changed(self, sale: Sale, topic: str) -> None:
        """Save a sale and announce what happened to it."""
        self.shelves.save(sale)
        self.announce(topic, sale.number)

    def case_changed(self, case: Case, topic: str) -> None:
        """Save a case and announce what happened to it."""
        self.shelves.save_case(case)
        self.announce(topic, case.number)

    def find_sale(self, number: str) -> Sale:
        """The sale of this number; LookupError when there is none."""
        sale = self.shelves.sale(number)
        if sale is None:
            raise LookupError(f"no order {number}")
        return sale

    def find_case(self, number: str) -> Case:
        """The case of this number; LookupError when there is none."""
        case = self.shelves.case(number)
        if case is None:
            raise LookupError(f"no case {number}")
        return case
