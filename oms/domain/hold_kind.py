"""What a kind of hold is: the steps it blocks, what it takes back, how it clears, the words for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntFlag


class Block(IntFlag):
    """Steps a hold keeps an order from."""

    NOTHING = 0
    REVIEW = 1
    DISPATCH = 2
    PRINT = 4
    SHIP = 8


ALL = Block.REVIEW | Block.DISPATCH | Block.PRINT | Block.SHIP
OUT = Block.DISPATCH | Block.PRINT | Block.SHIP


class Back(Enum):
    """What a hold takes back of what is planned or at a warehouse already."""

    NOTHING = "nothing"
    LINES = "lines"  #: Only fulfilments that carry the lines it concerns.
    ORDER = "order"  #: Everything of the order.


@dataclass(frozen=True, slots=True)
class HoldKind:
    """A kind of hold. `clears`: auto when its cause is gone, person by hand, either.

    `stops_planning` keeps open units from being planned while it is open: whatever takes the whole order back must
    set it, or the order would be planned and taken back for ever. What sourcing itself found wanting never does,
    since it clears by being tried again.
    """

    code: str
    zh: str
    en: str
    blocks: Block
    clears: str
    remedy_zh: str
    remedy_en: str
    calls_back: Back = Back.NOTHING
    stops_planning: bool = False
    permission: str = "order.lift_hold"


def kind_of_hold(
    code: str,
    zh: str,
    en: str,
    blocks: Block,
    clears: str,
    remedy_zh: str,
    remedy_en: str,
    *,
    calls_back: Back = Back.NOTHING,
    stops_planning: bool = False,
) -> HoldKind:
    """One row of the lists of kinds."""
    return HoldKind(code, zh, en, blocks, clears, remedy_zh, remedy_en, calls_back, stops_planning)
