"""From units of demands to whole units of the line they belong to (a bundle counts when all its parts do)."""

from __future__ import annotations

from collections.abc import Sequence


def line_progress(units: int, demands: Sequence[tuple[int, int, int, int]]) -> tuple[int, int]:
    """(planned, shipped) of a line's `units` that are not cancelled, from its demands' (SKU, per unit, planned, shipped).

    `per unit` is how many of the SKU one unit of the line takes, 0 for goods the line no longer consists of. Demands
    of one SKU count together, so that a replaced one is made up for.
    """
    sums = [sum_ for sum_ in (demands if len(demands) == 1 else _sum_by_sku(demands)) if sum_[1] > 0]
    if not sums:
        return 0, 0
    done = min(units, min([shipped // per_unit for _, per_unit, _, shipped in sums]))
    begun = min(units, min([(planned + shipped) // per_unit for _, per_unit, planned, shipped in sums]))
    return begun - done, done


def _sum_by_sku(demands: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    sums: dict[int, tuple[int, int, int, int]] = {}
    for sku_id, per_unit, planned, shipped in demands:
        before = sums.get(sku_id, (0, 0, 0, 0))
        sums[sku_id] = (sku_id, max(before[1], per_unit), before[2] + planned, before[3] + shipped)
    return list(sums.values())
