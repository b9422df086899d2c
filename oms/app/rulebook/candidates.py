"""What sourcing looked at, as a decision keeps it: ways of stock points with what each costs or why it fell out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from oms.app.kernel.queries.pages import AnyRow
from oms.domain.sourcing import PARCEL_PENALTY
from oms.domain.sourcing.terms import COST_PARTS

#: Why a way fell out: 中文, English.
REASONS: Final = {
    "short_of_stock": ("库存不足", "short of stock"),
    "out_of_zone": ("没有快递可达", "no carrier goes there"),
    "bound_lines": ("会拆开必须同发的货", "would tear goods apart that leave together"),
    "not_needed": ("少一个仓就够", "fewer points suffice"),
    "forbidden": ("规则不许", "a rule forbids it"),
    "not_listed": ("寻源设置里没有这个仓", "left out by the sourcing settings"),
    "refused": ("这单被它拒过", "refused this order before"),
    "dearer": ("更贵", "dearer"),
    "late": ("过了最晚发货时间才能发", "leaves only after the order must be out"),
    "unpriced": ("没有运费模板，排在有价的后面", "no freight tariff, comes behind those with a price"),
    "out_of_area": ("不送到这里", "does not deliver there"),
    "full": ("当日产能已满", "its capacity of the day is used up"),
    "not_preferred": ("规则优先别处", "rules prefer another"),
}
#: What sourcing writes in place of a reason where it took the way: 中文, English.
MARKED: Final = {
    "chosen": ("选中", "chosen"),
    "planned": ("选中：按寻源计划的份额", "chosen by its share in the plan"),
}
CHOSEN: Final = MARKED["chosen"]
#: What a cost consists of: 中文, English.
PARTS: Final = {
    "freight": ("运费", "freight"),
    "handling": ("操作费", "handling"),
    "rank": ("顺位", "rank"),
    "pressure": ("产能吃紧", "pressure on capacity"),
    "lateness": ("时效", "lateness"),
    "scarcity": ("占用紧缺库存", "scarce stock used up"),
    "parcels": ("多包裹", "further parcels"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a cost, in fen, as tariffs are written."""

    code: str
    zh: str
    en: str
    amount: int


@dataclass(frozen=True, slots=True)
class StockPointNamed:
    """A stock point with its names; one that is gone has only its id."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way that was looked at: the points that would send, the cost with its parts, else the reason against it."""

    points: tuple[StockPointNamed, ...]
    cost: int | None
    parts: tuple[Part, ...]
    reason: str
    reason_zh: str
    reason_en: str
    is_chosen: bool


def points_in(choices: bytes | None) -> set[int]:
    """Ids of the stock points that are named."""
    return {id_ for ids, *_ in _ways(choices) for id_ in ids}


def tell_candidates(choices: bytes | None, verdict: str, points: Mapping[int, AnyRow]) -> list[Candidate]:
    """The ways, those chosen first, then by cost, then those that fell out."""
    ways = _ways(choices)
    chosen = _chosen(ways) if verdict in ("sourced", "replanned") else []
    least = min([ways[number][1] for number in chosen], default=0)
    told = [_tell(way, number in chosen, least, points) for number, way in enumerate(ways)]
    return sorted(told, key=lambda one: (not one.is_chosen, one.cost is None, one.cost or 0))


def _ways(choices: bytes | None) -> list[Sequence[Any]]:
    """(points, cost, reason, parts …) of each way; what else a stage keeps beside its verdict is none."""
    kept = orjson.loads(choices) if choices else []
    found = kept.get("ways", []) if isinstance(kept, dict) else kept
    return [way for way in found if isinstance(way, list) and len(way) >= 3 and isinstance(way[0], list)]


def _chosen(ways: Sequence[Sequence[Any]]) -> list[int]:
    """The ways that are marked, else the cheapest of the ways with the fewest points, the first of equals.

    Where rules have a say what was taken is marked; it is several ways when goods leave in groups.
    """
    marked = [number for number, way in enumerate(ways) if way[2] in MARKED]
    possible = [(len(way[0]), way[1], number) for number, way in enumerate(ways) if way[1] is not None]
    return marked or ([min(possible)[2]] if possible else [])


def _tell(way: Sequence[Any], is_chosen: bool, least: int, points: Mapping[int, AnyRow]) -> Candidate:
    ids, cost, reason = way[:3]
    code = "" if is_chosen else reason
    if not code and not is_chosen and cost is not None:
        code = "not_preferred" if cost < least else "dearer"
    zh, en = MARKED.get(reason, CHOSEN) if is_chosen else _word_reason(code)
    named = [_named(id_, points.get(id_)) for id_ in ids]
    parts = _parts(way[3]) if len(way) > 3 else _parts_kept_before(len(ids), cost)
    return Candidate(tuple(named), cost, parts, code, zh, en, is_chosen)


def _word_reason(code: str) -> tuple[str, str]:
    """A reason in words; one that a rule gives names the rule behind a colon."""
    kind, _, rule = code.partition(":")
    zh, en = REASONS.get(kind, (kind, kind))
    return (f"{zh}：{rule}", f"{en}: {rule}") if rule else (zh, en)


def _named(point_id: int, row: AnyRow | None) -> StockPointNamed:
    return StockPointNamed(point_id, row.code if row else "", row.name if row else "")


def _parts(costs: Sequence[int]) -> tuple[Part, ...]:
    """The parts of a cost that are not nothing."""
    return tuple([Part(code, *PARTS[code], amount) for code, amount in zip(COST_PARTS, costs, strict=False) if amount])


def _parts_kept_before(points: int, cost: int | None) -> tuple[Part, ...]:
    """Of ways that were kept without parts: what parcels beyond the first add is told apart from all the rest."""
    if cost is None:
        return ()
    more = PARCEL_PENALTY * (points - 1)
    parts = [Part("shipping", "运费、操作费与顺位", "freight, handling and rank", cost - more)]
    return (*parts, Part("parcels", "多包裹", "further parcels", more)) if more else tuple(parts)
