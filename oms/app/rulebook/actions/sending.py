"""By which carrier an order goes."""

from __future__ import annotations

from typing import Final

from rules.model import ActionSpec

ACTIONS: Final[tuple[ActionSpec, ...]] = ()
