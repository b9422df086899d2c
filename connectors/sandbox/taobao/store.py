"""The platform's tables and the reading and writing of trades. No rules of any state machine."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.kit import Storage
from connectors.sandbox.taobao.clock import now, text_of

SCHEMA = """
create table if not exists trade (
    tid text primary key, kind text not null, tag text not null, type text not null,
    status text not null, created text not null, arrived text not null, modified text not null,
    open_uid text not null, receiver text not null, receiver_key text not null,
    doc text not null, spoil text not null default '');
create index if not exists trade_modified on trade (modified, tid);
create index if not exists trade_arrived on trade (arrived, tid);
create index if not exists trade_created on trade (created, tid);
create table if not exists refund (
    refund_id text primary key, tid text not null, oid text not null, type text not null,
    status text not null, modified text not null, doc text not null, notes text not null);
create index if not exists refund_modified on refund (modified, refund_id);
create index if not exists refund_tid on refund (tid);
create table if not exists shipment (
    id integer primary key, tid text not null, oids text not null, company_code text not null,
    out_sid text not null, kind text not null, accepted integer not null, reason text not null,
    refund_open integer not null, at text not null);
create index if not exists shipment_tid on shipment (tid);
create index if not exists shipment_out_sid on shipment (out_sid);
create table if not exists message (
    id integer primary key, topic text not null, content text not null, at text not null,
    confirmed integer not null default 0);
create index if not exists message_open on message (id) where confirmed = 0;
create table if not exists listing (
    num_iid text not null, sku_id text not null, outer_id text not null, quantity integer not null,
    modified text not null, primary key (num_iid, sku_id));
"""


@dataclass(slots=True)
class Trade:
    """A trade as kept: `doc` is the fullinfo document, `receiver` the receiver in clear."""

    tid: str
    kind: str
    tag: str
    doc: dict[str, Any]
    receiver: dict[str, str]
    receiver_key: str
    spoil: str = ""
    arrived: str = ""

    @property
    def lines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.doc["orders"]["order"]
        return found


class Trades:
    """Trades in the storage; documents are JSON texts, columns are what lists filter and sort by."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def get(self, tid: str) -> Trade | None:
        row = self._storage.one("select * from trade where tid = ?", (tid,))
        return None if row is None else _trade(row)

    def all(self) -> Iterable[Trade]:
        return (_trade(row) for row in self._storage.rows("select * from trade order by tid"))

    def add(self, trades: Sequence[Trade]) -> None:
        """Insert new trades; they arrive now."""
        arrived = text_of(now())
        with self._storage.write() as tx:
            tx.executemany(
                "insert into trade values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_row(trade, arrived) for trade in trades],
            )

    def save(self, trade: Trade) -> None:
        """Write a changed trade; `modified` moves to now."""
        doc = trade.doc
        doc["modified"] = text_of(now())
        self._storage.execute(
            "update trade set kind = ?, status = ?, modified = ?, receiver = ?, receiver_key = ?,"
            " doc = ?, spoil = ? where tid = ?",
            (trade.kind, doc["status"], doc["modified"], _json(trade.receiver), trade.receiver_key,
             _json(doc), trade.spoil, trade.tid),
        )  # fmt: skip

    def save_quietly(self, trade: Trade) -> None:
        """Write a changed document without moving `modified` (refund states come late to the trade)."""
        self._storage.execute("update trade set doc = ? where tid = ?", (_json(trade.doc), trade.tid))

    def buyers_of_waybill(self, out_sid: str) -> set[str]:
        """The buyers whose trades were shipped under this waybill."""
        rows = self._storage.rows(
            "select distinct t.open_uid from shipment s join trade t on t.tid = s.tid"
            " where s.out_sid = ? and s.accepted = 1",
            (out_sid,),
        )
        return {row["open_uid"] for row in rows}


def _trade(row: Any) -> Trade:
    return Trade(
        row["tid"], row["kind"], row["tag"], json.loads(row["doc"]), json.loads(row["receiver"]),
        row["receiver_key"], row["spoil"], row["arrived"],
    )  # fmt: skip


def _row(trade: Trade, arrived: str) -> tuple[Any, ...]:
    doc = trade.doc
    doc["modified"] = arrived
    return (
        trade.tid, trade.kind, trade.tag, doc["type"], doc["status"], doc["created"], arrived, arrived,
        doc["buyer_open_uid"], _json(trade.receiver), trade.receiver_key, _json(doc), trade.spoil,
    )  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
