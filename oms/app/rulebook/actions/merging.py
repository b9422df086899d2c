"""With what an order leaves, and how long it waits for others."""

from __future__ import annotations

from typing import Final

from rules.model import ActionSpec

ACTIONS: Final[tuple[ActionSpec, ...]] = ()
