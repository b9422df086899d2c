"""The log of fulfilments that were joined or split: what is needed to take either back to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import FulfilmentWork
from oms.db.bulk import copy_rows

COLUMNS: Final = ("id", "kind", "way", "fulfilment_id", "order_ids", "parts", "reason", "made_at", "made_by")


@dataclass(frozen=True, slots=True)
class Joined:
    """One line of the log; `parts` are the others, each with its lines, as they stood.

    Of a split `shares` is the money of each parcel by source (splitting_money), `pieces` what was cut off which line.
    """

    kind: str
    way: str
    fulfilment_id: int
    order_ids: list[int]
    parts: list[dict[str, Any]]
    reason: str = ""
    was_split: bool = False
    shares: dict[str, list[list[Any]]] = field(default_factory=dict)
    pieces: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, kind: str, way: str, works: Sequence[FulfilmentWork], reason: str = "") -> Joined:
        """The first of these joins the others, or was split into all of them."""
        lead, *others = works
        order_ids = sorted({id_ for work in works for id_ in work.order_ids})
        parts = [{"id": work.id, "lines": [line.id for line in work.lines]} for work in others]
        return cls(kind, way, lead.id, order_ids, parts, reason, lead.is_split)


def write_joined(batch: Batch, log: Sequence[Joined]) -> list[int]:
    """Append to the log; answers the ids."""
    ids = [batch.new_id() for _ in log]
    rows = [
        (id_, it.kind, it.way, it.fulfilment_id, it.order_ids, _parts(it), it.reason[:500], batch.now, batch.actor)
        for id_, it in zip(ids, log, strict=True)
    ]  # fmt: skip
    copy_rows(batch.connection, "joining", COLUMNS, rows)
    return ids


def _parts(it: Joined) -> dict[str, Any]:
    parts: dict[str, Any] = {"others": it.parts, "was_split": it.was_split}
    return parts | {"shares": it.shares, "pieces": it.pieces} if it.shares else parts
