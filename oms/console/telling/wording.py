"""Chips and sentences made from rows: holds of a list's orders, events of a timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oms.app.kernel.queries.pages import AnyRow
from oms.console.messages import _
from oms.console.telling import words


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip: filled when it stops the order, outlined when it only tells."""

    word: str
    tone: str
    icon: str
    hint: str


def hold_chips(holds: Mapping[int, Sequence[AnyRow]]) -> dict[int, list[Chip]]:
    """The chips of each order's open holds."""
    return {order_id: [hold_chip(row) for row in rows] for order_id, rows in holds.items()}


def hold_chip(row: AnyRow) -> Chip:
    """The chip of one hold."""
    told = words.hold(row.kind, row.blocks)
    return Chip(told.word, told.tone, told.icon, told.hint)


def tip_chips(row: AnyRow) -> list[Chip]:
    """What an order only tells: cash on delivery, presale, a memo."""
    facts = (
        (row.is_cod, _("货到付款"), "cash"),
        (row.is_presale, _("预售"), "calendar"),
        (row.has_memo or row.has_message, _("有备注"), "note"),
    )
    return [Chip(text, "", icon, text) for tells, text, icon in facts if tells]
