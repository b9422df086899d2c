"""The tables of a marketplace twin: sales, cases, shipments, shelves. No rules of what may happen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.kit.faults import FaultPlan
from connectors.sandbox.kit.storage import Storage

Doc = dict[str, Any]

MARKET_SCHEMA = """
create table if not exists sale (
    number text primary key, kind text not null, tag text not null, status text not null, buyer text not null,
    created_ms integer not null, arrived_ms integer not null, changed_ms integer not null,
    doc text not null, spoil text not null default '');
create index if not exists sale_changed on sale (changed_ms, number);
create index if not exists sale_created on sale (created_ms, number);
create table if not exists sale_case (
    number text primary key, sale text not null, kind text not null, state text not null,
    created_ms integer not null, changed_ms integer not null, doc text not null);
create index if not exists sale_case_changed on sale_case (changed_ms, number);
create index if not exists sale_case_sale on sale_case (sale);
create table if not exists shipment (
    id integer primary key, tid text not null, oids text not null, company_code text not null,
    out_sid text not null, kind text not null, accepted integer not null, reason text not null,
    refund_open integer not null, at_ms integer not null);
create index if not exists shipment_tid on shipment (tid);
create table if not exists shelf (
    listing text not null, variant text not null, code text not null, units integer not null,
    pushes integer not null default 0, changed_ms integer not null, primary key (listing, variant));
create table if not exists push (
    id integer primary key, topic text not null, number text not null, url text not null, headers text not null,
    body blob not null, state text not null, tries integer not null default 0, at_ms integer not null,
    answer text not null default '');
"""


#: A stamp so far ahead of the clock was given while the clock was wrong.
AHEAD_MS = 1000
MOMENT_MS = 5


def now_ms() -> int:
    """The wall clock in epoch milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Sale:
    """A sale as kept; `spoil` names the damage with which its document is shown."""

    doc: Doc
    tag: str = ""
    spoil: str = ""
    arrived_ms: int = 0

    @property
    def number(self) -> str:
        return str(self.doc["number"])

    @property
    def lines(self) -> list[Doc]:
        found: list[Doc] = self.doc["lines"]
        return found


@dataclass(slots=True)
class Case:
    """A refund, return or exchange as kept; `doc["reports"]` is what the seller told of it."""

    doc: Doc

    @property
    def number(self) -> str:
        return str(self.doc["number"])


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a list, and how many rows the whole list has."""

    found: list[Any]
    total: int


@dataclass(slots=True)
class Shelves:
    """Reading and writing of all tables; a save moves the stamp of change unless a fault forbids it."""

    storage: Storage
    faults: FaultPlan
    clock: Callable[[], int] = field(default=now_ms)
    #: The newest stamp given so far; a later change gets a later one, also within a millisecond.
    newest_ms: int = 0

    # ---- sales -------------------------------------------------------------------------------

    def sale(self, number: str) -> Sale | None:
        row = self.storage.one("select * from sale where number = ?", (number,))
        return None if row is None else _sale(row)

    def sales(self) -> Iterable[Sale]:
        return (_sale(row) for row in self.storage.rows("select * from sale order by created_ms, number"))

    def add_sales(self, sales: Sequence[Sale]) -> None:
        """Insert new sales; they arrive now."""
        arrived = self.clock()
        rows = [
            (s.number, s.doc["kind"], s.tag, s.doc["status"], s.doc["buyer"]["id"], s.doc["created_ms"], arrived,
             s.doc["changed_ms"], _json(s.doc), s.spoil)
            for s in sales
        ]  # fmt: skip
        self.newest_ms = max([self.newest_ms, *(s.doc["changed_ms"] for s in sales)])
        with self.storage.write() as tx:
            tx.executemany("insert into sale values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def save(self, sale: Sale, topic: str = "order") -> None:
        """Write a changed sale; its stamp moves to now, never backwards, unless the fault `unmoved_stamp` fires."""
        if self.faults.draw("unmoved_stamp", topic) is None:
            sale.doc["changed_ms"] = self._later_than(sale.doc["changed_ms"])
        self.storage.execute(
            "update sale set status = ?, changed_ms = ?, doc = ?, spoil = ? where number = ?",
            (sale.doc["status"], sale.doc["changed_ms"], _json(sale.doc), sale.spoil, sale.number),
        )

    def list_sales(self, stamp: str, since_ms: int, until_ms: int, offset: int, limit: int, *,
                   newest_first: bool = False, where: str = "1", args: Sequence[Any] = ()) -> Rows:  # fmt: skip
        """Sales by `created_ms` or `changed_ms` (both ends in) and a condition on the columns; faults of lists apply."""
        return self._list("sale", _sale, stamp, since_ms, until_ms, offset, limit, newest_first, where, args)

    # ---- cases -------------------------------------------------------------------------------

    def case(self, number: str) -> Case | None:
        row = self.storage.one("select * from sale_case where number = ?", (number,))
        return None if row is None else _case(row)

    def cases_of(self, sale: str) -> list[Case]:
        rows = self.storage.rows("select * from sale_case where sale = ? order by number", (sale,))
        return [_case(row) for row in rows]

    def add_case(self, case: Case) -> None:
        doc = case.doc
        self.storage.execute(
            "insert into sale_case values (?, ?, ?, ?, ?, ?, ?)",
            (case.number, doc["order"], doc["kind"], doc["state"], doc["created_ms"], doc["changed_ms"], _json(doc)),
        )

    def save_case(self, case: Case) -> None:
        """Write a changed case; its stamp and its version move."""
        doc = case.doc
        if self.faults.draw("unmoved_stamp", "case") is None:
            doc["changed_ms"] = self._later_than(doc["changed_ms"])
        doc["version"] += 1
        self.storage.execute(
            "update sale_case set kind = ?, state = ?, changed_ms = ?, doc = ? where number = ?",
            (doc["kind"], doc["state"], doc["changed_ms"], _json(doc), case.number),
        )

    def list_cases(self, stamp: str, since_ms: int, until_ms: int, offset: int, limit: int, *,
                   newest_first: bool = False, where: str = "1", args: Sequence[Any] = ()) -> Rows:  # fmt: skip
        """Cases, as sales are listed."""
        return self._list("sale_case", _case, stamp, since_ms, until_ms, offset, limit, newest_first, where, args)

    # ---- shipments and shelves -------------------------------------------------------------

    def add_shipment(self, number: str, oids: Sequence[str], company: str, waybill: str, kind: str, *,
                     reason: str = "", refund_open: bool = False) -> int:  # fmt: skip
        """Keep a shipment that the seller told, or with a reason one that was refused; answers its id."""
        with self.storage.write() as tx:
            done = tx.execute(
                "insert into shipment (tid, oids, company_code, out_sid, kind, accepted, reason, refund_open, at_ms)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (number, _json(list(oids)), company, waybill, kind, not reason, reason, refund_open, self.clock()),
            )
            return int(done.lastrowid or 0)

    def shipments_of(self, number: str) -> list[Doc]:
        """Accepted shipments of a sale, oldest first: id, oids, company_code, out_sid, kind, at_ms."""
        rows = self.storage.rows("select * from shipment where tid = ? and accepted = 1 order by id", (number,))
        return [{**dict(row), "oids": json.loads(row["oids"])} for row in rows]

    def set_units(self, listing: str, variant: str, units: int) -> bool:
        """Put units on a shelf as the seller pushed them; False when there is no such listing."""
        done = self.storage.execute(
            "update shelf set units = ?, pushes = pushes + 1, changed_ms = ? where listing = ? and variant = ?",
            (units, self.clock(), listing, variant),
        )
        return bool(done)

    def _later_than(self, stamp_ms: int) -> int:
        """The stamp of a change made now: later than the row's last and than those given within this second.

        A stamp further ahead was given while the clock was wrong and pulls no other after it.
        """
        now = self.clock()
        if 0 <= self.newest_ms - now < MOMENT_MS:
            # So that no stamp lies ahead of the clock, unless the clock stands still.
            time.sleep((self.newest_ms - now + 1) / 1000)
            now = self.clock()
        later = self.newest_ms + 1 if 0 <= self.newest_ms - now < AHEAD_MS else now
        self.newest_ms = max(later, stamp_ms + 1)
        return self.newest_ms

    # ---- lists -------------------------------------------------------------------------------

    def _list(self, table: str, read: Callable[[Any], Any], stamp: str, since_ms: int, until_ms: int, offset: int,
              limit: int, newest_first: bool, where: str, args: Sequence[Any]) -> Rows:  # fmt: skip
        self._move_one(table, stamp, since_ms, until_ms)
        late = self.faults.draw("late_rows", table)
        until_ms = min(until_ms, self.clock() - late.ms) if late is not None else until_ms
        condition = f"{stamp} between ? and ? and ({where})"
        values = (since_ms, until_ms, *args)
        direction = "desc" if newest_first else "asc"
        total = int(self.storage.scalar(f"select count(*) from {table} where {condition}", values))
        rows = self.storage.rows(
            f"select * from {table} where {condition} order by {stamp} {direction}, number {direction} limit ? offset ?",
            (*values, limit, offset),
        )
        found = [read(row) for row in rows]
        # A full page repeats nothing: the row that would have to go is on no other page.
        if found and len(found) < limit and self.faults.draw("duplicate_rows", table) is not None:
            found = [found[0], *found]
        return Rows(found, total)

    def _move_one(self, table: str, stamp: str, since_ms: int, until_ms: int) -> None:
        """The fault `moving_rows`: a row of the listed window changes while the caller pages."""
        if table != "sale" or stamp != "changed_ms" or self.faults.draw("moving_rows", table) is None:
            return
        row = self.storage.one(
            "select * from sale where changed_ms between ? and ? order by changed_ms limit 1", (since_ms, until_ms)
        )
        if row is not None:
            self.save(_sale(row))


def _sale(row: Any) -> Sale:
    return Sale(json.loads(row["doc"]), row["tag"], row["spoil"], row["arrived_ms"])


def _case(row: Any) -> Case:
    return Case(json.loads(row["doc"]))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
