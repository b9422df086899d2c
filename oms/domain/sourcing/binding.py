"""Which goods of an order leave together: what binds two of them binds all that either is bound to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oms.domain.sourcing.terms import Need


def bind(
    needs: Sequence[Need], lines: Mapping[int, int], together: Sequence[Sequence[int]], *, whole_lines: bool
) -> list[Need]:
    """The needs with groups widened by what a shop binds: whole lines (line by demand), and SKUs of the same list.

    A list binds only where an order has at least two of its SKUs. Groups that platforms gave stay within the new ones.
    """
    heads: dict[str, str] = {}

    def head(name: str) -> str:
        while heads.setdefault(name, name) != name:
            name = heads[name]
        return name

    keys = [_keys(need, lines, whole_lines=whole_lines) for need in needs]
    wanted = {need.sku_id for need in needs}
    for number, skus in enumerate(together):
        if len(wanted.intersection(skus)) > 1:
            for need, mine in zip(needs, keys, strict=True):
                if need.sku_id in skus:
                    mine.append(f"list:{number}")
    for mine in keys:
        for other in mine[1:]:
            heads[head(other)] = head(mine[0])
    return [
        Need(need.demand_id, need.sku_id, need.units, head(mine[0]) if mine else "")
        for need, mine in zip(needs, keys, strict=True)
    ]


def _keys(need: Need, lines: Mapping[int, int], *, whole_lines: bool) -> list[str]:
    keys = [need.group] if need.group else []
    if whole_lines and need.demand_id in lines:
        keys.append(f"line:{lines[need.demand_id]}")
    return keys
