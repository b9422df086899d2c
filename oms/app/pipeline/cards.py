"""What a batch knows of its goods and of what stands around its orders; loading it is in goods and around."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oms.app.kernel.work import LineWork, OrderWork

#: What a detector saw; None when it found nothing.
Seen = dict[str, Any] | None
Limits = Mapping[str, int]
Finder = Callable[[OrderWork, "Goods", Limits], Seen]


@dataclass(frozen=True, slots=True)
class SkuCard:
    """What preprocessing and sourcing need to know of a SKU."""

    id: int
    code: str
    weight_g: int
    size_class: str
    cost: int | None
    currency: str | None = "CNY"  # of the cost


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked for in a shop's orders: finders by kind of hold with their thresholds, and what they ask for.

    `routed` are the thresholds of those that look at the outcome of sourcing.
    """

    finders: tuple[tuple[str, tuple[Finder, ...], Limits], ...]
    routed: Mapping[str, Limits]
    asks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another order of the buyer, as far as detectors look at it."""

    external_no: str
    status: str
    hours_old: int
    could_merge: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of the blacklist that an order meets."""

    id: int
    kind: str
    source: str


@dataclass(slots=True)
class Goods:
    """The SKUs and bundles of one batch, and what stands around its orders, by order."""

    skus: dict[int, SkuCard] = field(default_factory=dict)
    bundles: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)  # bundle → (SKU, units, weight)
    floors: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)  # (shop, SKU) → amount, currency
    plans: dict[int, Plan] = field(default_factory=dict)  # by shop
    typed: frozenset[int] = frozenset()  # orders of a platform whose number a person has brought, too
    lacking: dict[int, tuple[str, ...]] = field(default_factory=dict)  # what receivers are without
    oddities: dict[int, tuple[str, ...]] = field(default_factory=dict)  # what is wrong with receivers' text
    listed: dict[int, list[Listed]] = field(default_factory=dict)
    siblings: dict[int, list[Sibling]] = field(default_factory=dict)
    refunding: dict[int, list[str]] = field(default_factory=dict)  # numbers of the buyer's orders in refund
    invoiced: frozenset[int] = frozenset()  # orders whose invoice is still to be issued
    owing: dict[int, int] = field(default_factory=dict)  # what is due of a presale's balance
    seen_order: int | None = None
    seen_open: list[LineWork] = field(default_factory=list)

    def open_lines(self, order: OrderWork) -> list[LineWork]:
        """The goods lines with something left to ship, found once for all detectors of an order."""
        if self.seen_order != order.id:
            self.seen_order = order.id
            self.seen_open = [
                line
                for line in order.lines
                if line.is_goods and not line.is_void and line.ordered > line.cancelled + line.shipped
            ]
        return self.seen_open
