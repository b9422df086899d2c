"""Whose money is in a fulfilment, source by source, so that each order keeps its own to the cent when it is split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork
from oms.db.bulk import array_of
from oms.domain.parcelling import Money, share_money

#: What was joined into fulfilments, or split off them, and stands.
LOG: Final = """
select j.id, j.kind, j.fulfilment_id, j.parts from joining j where j.undone_at is null and (j.fulfilment_id = any(%s)
  or j.kind = 'split' and exists (select from jsonb_array_elements(j.parts->'others') p
    where (p->>'id')::bigint = any(%s))) order by j.id"""
ONES: Final = "select id, goods_amount, freight_amount, collect_amount from fulfilment where id = any(%s)"
#: So deep merges of merges are followed.
DEEPEST: Final = 20


@dataclass(frozen=True, slots=True)
class Purse:
    """Lines whose money belongs together, because they were one fulfilment before they were merged."""

    lines: frozenset[int]
    money: Money


@dataclass(frozen=True, slots=True)
class Shares:
    """What one parcel has of each purse: its lines there, and their money."""

    purses: tuple[Purse, ...]

    @property
    def money(self) -> Money:
        """The sum."""
        return _sum([purse.money for purse in self.purses])

    def told(self, pieces: Mapping[int, int]) -> list[list[Any]]:
        """As the log keeps it; `pieces` are lines that were cut off: the line it was → the piece."""
        return [[sorted(pieces.get(id_, id_) for id_ in purse.lines), *purse.money] for purse in self.purses]


def purses_of(batch: Batch, work: FulfilmentWork) -> list[Purse]:
    """The purses of a fulfilment; they add up to its money, and all its lines are in one of them."""
    whole = Money(work.goods_amount, work.freight_amount, work.collect_amount)
    return purses_in(batch, work.id, {line.id for line in work.lines}, whole)


def purses_in(batch: Batch, fulfilment_id: int, mine: AbstractSet[int], whole: Money) -> list[Purse]:
    """The same of a fulfilment that is not loaded, from its number, its lines and its money."""
    logs, ones = _read(batch, fulfilment_id)
    found = [
        Purse(purse.lines & mine, purse.money)
        for purse in _purses(fulfilment_id, logs, ones, 2**63)
        if purse.lines & mine and purse.lines != mine
    ]
    rest = frozenset(mine).difference(*[purse.lines for purse in found])
    left = _minus(whole, _sum([purse.money for purse in found]))
    if rest:
        return [Purse(rest, left), *found]
    if not found:
        return [Purse(frozenset(mine), whole)]
    first, *others = found
    return [Purse(first.lines, _sum([first.money, left])), *others]


Logs = Sequence[tuple[int, str, int, Mapping[str, Any]]]


def _read(batch: Batch, fulfilment_id: int) -> tuple[Logs, dict[int, Money]]:
    """The log around a fulfilment, oldest first, and the money of what was joined into it."""
    seen, logs = {fulfilment_id}, {}
    for _ in range(DEEPEST):
        ids = array_of(sorted(seen))
        logs = {row[0]: row for row in fetch(batch.connection, LOG, (ids, ids))}
        near = {part["id"] for _, kind, _, parts in logs.values() if kind == "merge" for part in parts["others"]}
        if near <= seen:
            break
        seen |= near
    rows = fetch(batch.connection, ONES, (array_of(sorted(seen)),))
    return list(logs.values()), {id_: Money(*money) for id_, *money in rows}


def _purses(fulfilment_id: int, logs: Logs, ones: Mapping[int, Money], before: int) -> Iterator[Purse]:
    """What was joined into a fulfilment before a line of the log, and has not been split since without being told."""
    mine = [row for row in logs if row[0] < before]
    cut = max([row[0] for row in mine if row[1] == "split" and fulfilment_id in _made(row)], default=0)
    for row in mine:
        if row[0] == cut:
            for lines, *money in row[3].get("shares", {}).get(str(fulfilment_id), []):
                yield Purse(frozenset(lines), Money(*money))
        elif row[0] > cut and row[1] == "merge" and row[2] == fulfilment_id:
            for part in row[3]["others"]:
                yield from _own(part, logs, ones, row[0])


def _own(part: Mapping[str, Any], logs: Logs, ones: Mapping[int, Money], before: int) -> Iterator[Purse]:
    """The purses of what was joined: those it had itself, and what is left beside them."""
    inner = list(_purses(part["id"], logs, ones, before))
    rest = frozenset(part["lines"]).difference(*[purse.lines for purse in inner])
    yield from inner
    if rest:
        yield Purse(rest, _minus(ones.get(part["id"], Money(0, 0, 0)), _sum([purse.money for purse in inner])))


def _made(row: tuple[int, str, int, Mapping[str, Any]]) -> set[int]:
    return {row[2], *[part["id"] for part in row[3]["others"]]}


def share_purses(purses: Sequence[Purse], weights: Sequence[Mapping[int, int]]) -> list[Shares]:
    """Each purse among the parcels that hold lines of it, by what these weigh; the parts add up to it exactly.

    `weights`: by parcel, its lines with their part of what was paid for them.
    """
    parcels: list[list[Purse]] = [[] for _ in weights]
    for purse in purses:
        holding = [index for index, mine in enumerate(weights) if purse.lines & set(mine)]
        worth = [sum([weights[index][id_] for id_ in purse.lines & set(weights[index])]) for index in holding]
        for index, money in zip(holding, share_money(purse.money, worth), strict=True):
            parcels[index].append(Purse(purse.lines & frozenset(weights[index]), money))
    return [Shares(tuple(mine)) for mine in parcels]


def _sum(amounts: Sequence[Money]) -> Money:
    return Money(*[sum(parts) for parts in zip(*amounts, strict=True)]) if amounts else Money(0, 0, 0)


def _minus(whole: Money, part: Money) -> Money:
    return Money(*[amount - less for amount, less in zip(whole, part, strict=True)])
