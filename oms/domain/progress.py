"""From units of demands to whole units of the line they belong to (a bundle counts when all its parts do)."""

from __future__ import annotations

from collections.abc import Sequence


def line_progress(ordered: int, demands: Sequence[tuple[int, int, int]]) -> tuple[int, int]:
    """(planned, shipped) units of a line from its demands' (units, planned, shipped)."""
    if not demands:
        return 0, 0
    shipped = min(shipped * ordered // units for units, _, shipped in demands)
    begun = min((planned + shipped) * ordered // units for units, planned, shipped in demands)
    return begun - shipped, shipped
