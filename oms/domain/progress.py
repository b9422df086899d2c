"""From units of demands to whole units of the line they belong to (a bundle counts when all its parts do)."""

from __future__ import annotations

from collections.abc import Sequence


def line_progress(units: int, demands: Sequence[tuple[int, int, int, int]]) -> tuple[int, int]:
    """(planned, shipped) of a line's `units` that are not cancelled, from its demands' (SKU, needed, planned, shipped).

    `needed` leaves cancelled units out. Demands of one SKU count together, so that a replaced one is made up for.
    """
    if len(demands) == 1:
        _, needed, planned, shipped = demands[0]
        sums = [(needed, planned, shipped)]
    else:
        sums = _sum_by_sku(demands)
    sums = [sum_ for sum_ in sums if sum_[0] > 0]
    if not sums:
        return 0, 0
    done = min([shipped * units // needed for needed, _, shipped in sums])
    begun = min([(planned + shipped) * units // needed for needed, planned, shipped in sums])
    return begun - done, done


def _sum_by_sku(demands: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int]]:
    sums: dict[int, tuple[int, int, int]] = {}
    for sku_id, needed, planned, shipped in demands:
        before = sums.get(sku_id, (0, 0, 0))
        sums[sku_id] = (before[0] + needed, before[1] + planned, before[2] + shipped)
    return list(sums.values())
