"""What a platform settles: the lines of its statements; frozen, vendor-free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of a settlement or bill; `amount` is signed, positive for money to the seller.

    `kind` is one of sale, refund, commission, freight, promotion, fee, tax, transfer, other; the platform's own
    word stays in `words`.
    """

    external_no: str
    kind: str
    amount: int
    currency: str
    at: datetime
    order_no: str = ""
    line_no: str = ""
    words: str = ""
