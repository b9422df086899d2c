"""Makes an order's money add up: what its lines cost, what was paid for them, its freight. Pure, all in fen.

An order pays `pay_info.payment`, freight included. Lines tell their part of it in `payment`: by the platform's word
with their share of the freight, in some answers without it; both are known by their sum.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.marketplaces.youzan.reading import Json, fen, part, required, rows, units_of


class Amounts(NamedTuple):
    """Units, list amount and paid amount of each line in turn; freight apart; all that was paid."""

    lines: tuple[tuple[int, int, int], ...]
    freight: int
    total: int


def amounts_of(order: Json) -> Amounts:
    """The money of an order; BadRecord names the field that does not add up."""
    pay = part(order, "pay_info")
    required(pay, "payment")
    total, freight = fen(pay, "payment"), fen(pay, "post_fee")
    lines = rows(order, "orders")
    for line in lines:
        required(line, "payment")
    paid = [fen(line, "payment") for line in lines]
    if freight and sum(paid) == total:
        paid = _without(paid, freight)
    elif sum(paid) + freight != total:
        raise BadRecord("the lines and the freight do not add up to it", field="pay_info.payment")
    return Amounts(tuple(_line(line, amount) for line, amount in zip(lines, paid, strict=True)), freight, total)


def _line(line: Json, paid: int) -> tuple[int, int, int]:
    """A line whose price the seller raised by hand costs what was paid for it."""
    units = units_of(line, "num")
    required(line, "price")
    return units, max(fen(line, "price") * units, paid), paid


def _without(paid: list[int], freight: int) -> list[int]:
    """Takes the freight out again, from each line by its part, to the last fen."""
    total = sum(paid)
    if freight > total:
        raise BadRecord("the freight is more than what was paid", field="pay_info.post_fee")
    left, seen, taken = [], 0, 0
    for amount in paid:
        seen += amount
        share = freight * seen // total - taken
        taken += share
        left.append(amount - share)
    return left
