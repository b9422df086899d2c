"""Whose an order is, as its document tells it: part of the records of orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PartnerRecord:
    """The agent or distributor whose order it is, by the code we know it by, and what it pays us by line number.

    `reference` is the partner's own number of the order; amounts are totals of a line in the order's currency.
    """

    code: str
    reference: str = ""
    amounts: Mapping[str, int] = field(default_factory=dict)
