"""What a person says about a case, before anybody is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says about a case: `amount` of a refund in minor units, the parcel of an exchange's goods."""

    verb: str
    words: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    amount: int = 0
    carrier: str = ""
    waybill: str = ""
