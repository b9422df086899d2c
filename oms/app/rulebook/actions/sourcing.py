"""Where an order is served from, in how many parcels, and how it is split."""

from __future__ import annotations

from typing import Final

from rules.model import ActionSpec

ACTIONS: Final[tuple[ActionSpec, ...]] = ()
