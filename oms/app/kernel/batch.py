"""A batch of documents in one transaction: collects what changed and writes it once, stock last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.masters import Masters
from oms.app.kernel.partners import Partnering
from oms.app.kernel.promised import Promised
from oms.app.kernel.work import DemandWork, FulfilmentLineWork, FulfilmentWork, HoldWork, LineWork, OrderWork
from oms.domain.holds import KINDS

#: Ids a batch takes at first, twice as many each time it needs more; those it does not need become gaps.
IDS_AHEAD = 32

StockKey = tuple[int, int, str]  # stock point, SKU, kind


@dataclass(slots=True)
class StockDelta:
    """Units added to a level by this batch; `as_of` when it truly happened, where that was not now."""

    on_hand: int = 0
    reserved: int = 0
    document_kind: str = "fulfilment"
    as_of: datetime | None = None


@dataclass(slots=True)
class Batch:
    """Orders being worked on, and every row to write for them. Nothing is written before flush.

    With `locks_late` sourcing looks at stock that is not locked; flush locks it, and StockGone is raised when what was
    promised is not there any more.
    """

    hub: Hub
    connection: Connection
    masters: Masters
    now: datetime
    actor: str = "system"
    locks_late: bool = False
    orders: dict[int, OrderWork] = field(default_factory=dict)
    new_orders: list[tuple[OrderWork, tuple[Any, ...]]] = field(default_factory=list)
    new_lines: list[tuple[LineWork, tuple[Any, ...]]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    touched_lines: dict[int, LineWork] = field(default_factory=dict)
    touched_demands: dict[int, DemandWork] = field(default_factory=dict)
    touched_fulfilments: dict[int, FulfilmentWork] = field(default_factory=dict)
    touched_fulfilment_lines: dict[int, FulfilmentLineWork] = field(default_factory=dict)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    new_demands: list[DemandWork] = field(default_factory=list)
    new_holds: list[HoldWork] = field(default_factory=list)
    cleared_holds: list[tuple[int, str]] = field(default_factory=list)
    new_fulfilments: list[FulfilmentWork] = field(default_factory=list)
    new_fulfilment_lines: list[FulfilmentLineWork] = field(default_factory=list)
    outbound: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[tuple[Any, ...]] = field(default_factory=list)
    interceptions: list[dict[str, Any]] = field(default_factory=list)
    merge_groups: dict[bytes, tuple[int, datetime, bool]] = field(default_factory=dict)
    marked: set[int] = field(default_factory=set)
    tags: dict[int, dict[str, bool]] = field(default_factory=dict)
    notices: list[tuple[Any, ...]] = field(default_factory=list)
    escalations: list[tuple[Any, ...]] = field(default_factory=list)
    stock: dict[tuple[StockKey, str, int | None], StockDelta] = field(default_factory=dict)
    promised: Promised = field(default_factory=Promised)
    partnering: Partnering = field(default_factory=Partnering)
    locked_skus: set[int] = field(default_factory=set)
    #: Point with a daily capacity → fulfilments it can still do today, once that was read; flush keeps to it.
    room: dict[int, int] | None = None
    pokes: set[str] = field(default_factory=set)
    alarms: dict[str, datetime] = field(default_factory=dict)
    _ids: list[int] = field(default_factory=list)
    _ids_ahead: int = IDS_AHEAD
    #: The month that rows without an order's month are kept under.
    month: date = field(init=False)

    def __post_init__(self) -> None:
        self.month = date(self.now.year, self.now.month, 1)

    def tell(self) -> None:
        """Wake the pumps that this batch has made work for, now or when it is due; call it after the commit."""
        for signal in self.pokes:
            self.hub.poke(signal)
        for signal, at in self.alarms.items():
            self.hub.poke_later(signal, max(0.0, (at - self.hub.clock()).total_seconds()))

    def take_ids(self, count: int) -> list[int]:
        """New document ids."""
        return self.hub.ids.take(self.connection, count)

    def new_id(self) -> int:
        """One new document id."""
        ids = self._ids
        if not ids:
            ids = self._ids = self.take_ids(self._ids_ahead)[::-1]
            self._ids_ahead *= 2
        return ids.pop()

    def note(
        self, order: OrderWork, kind: str, detail: dict[str, Any] | None = None, *, fulfilment_id: int | None = None
    ) -> None:
        """Append an event to an order's timeline."""
        month = self.month if order.captured_at is self.now else order.month
        self.events.append((month, order.id, self.new_id(), kind, fulfilment_id, self.actor, self.now, detail))
        self.touched.add(order.id)

    def place_hold(self, order: OrderWork, kind: str, seen: dict[str, Any] | None = None) -> None:
        """Place a hold unless one of its kind is open already."""
        if order.hold(kind) is not None:
            return
        spec = KINDS[kind]
        hold = HoldWork(self.new_id(), order.id, kind, int(spec.blocks), spec.clears, seen or {})
        order.holds.append(hold)
        self.new_holds.append(hold)
        self.note(order, "hold_placed", {"kind": kind, **hold.seen})

    def clear_hold(self, order: OrderWork, kind: str, reason: str) -> bool:
        """Clear the open hold of a kind; other holds stay as they are."""
        hold = order.hold(kind)
        if hold is None:
            return False
        order.holds.remove(hold)
        if hold in self.new_holds:
            self.new_holds.remove(hold)
        else:
            self.cleared_holds.append((hold.id, reason))
        self.note(order, "hold_cleared", {"kind": kind, "reason": reason})
        return True

    def move_stock(
        self,
        key: StockKey,
        *,
        on_hand: int = 0,
        reserved: int = 0,
        reason: str,
        document_id: int | None = None,
        document_kind: str = "fulfilment",
        as_of: datetime | None = None,
    ) -> None:
        """Add to a stock level; movements of one reason and document on one level are summed.

        `as_of` is when a warehouse or a person says that it happened: what was counted later holds it already.
        """
        delta = self.stock.get((key, reason, document_id))
        if delta is None:
            delta = self.stock[key, reason, document_id] = StockDelta(0, 0, document_kind, as_of)
        delta.on_hand += on_hand
        delta.reserved += reserved

    def send(self, kind: str, account_id: int, key: str, **refs: Any) -> None:
        """Add an outbound row; `key` is its idempotency key."""
        self.outbound.append({"id": self.new_id(), "kind": kind, "account_id": account_id, "key": key, **refs})
        self.pokes.add("outbound")

    def siblings(self, order: OrderWork) -> Iterable[OrderWork]:
        """Orders of this batch that share a fulfilment with this one."""
        ids = {id_ for fulfilment in order.fulfilments for id_ in fulfilment.order_ids} - {order.id}
        return [self.orders[id_] for id_ in ids if id_ in self.orders]
