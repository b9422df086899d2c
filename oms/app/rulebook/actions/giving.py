"""Gifts, and discounts on own channels."""

from __future__ import annotations

from typing import Final

from rules.model import ActionSpec

ACTIONS: Final[tuple[ActionSpec, ...]] = ()
