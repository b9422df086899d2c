"""What the shop keeps beside sales: webhooks, notes, fulfillments, tracking items, by kind and number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.kit import Storage

Doc = dict[str, Any]
RECORD_SCHEMA = """
create table if not exists woo_record (
    kind text not null, id integer not null, parent text not null, doc text not null, primary key (kind, id));
create index if not exists woo_record_parent on woo_record (kind, parent);
"""
FIRST_ID = 3001


@dataclass(frozen=True, slots=True)
class Records:
    """Small JSON objects, each under a kind and belonging to a parent (an order's number, or nothing)."""

    storage: Storage

    def add(self, kind: str, parent: str, doc: Doc) -> Doc:
        """Keep a new object under the next number of its kind, which becomes its `id`."""
        number = self.storage.next_number(f"woo:{kind}", FIRST_ID)
        kept = {"id": number, **doc}
        values = (kind, number, parent, json.dumps(kept, ensure_ascii=False))
        self.storage.execute("insert into woo_record values (?, ?, ?, ?)", values)
        return kept

    def save(self, kind: str, doc: Doc) -> None:
        values = (json.dumps(doc, ensure_ascii=False), kind, doc["id"])
        self.storage.execute("update woo_record set doc = ? where kind = ? and id = ?", values)

    def find(self, kind: str, number: int, parent: str = "") -> Doc | None:
        """The object of this number, if it belongs to the parent."""
        row = self.storage.one(
            "select doc from woo_record where kind = ? and id = ? and parent = ?", (kind, number, parent)
        )
        return None if row is None else dict(json.loads(row["doc"]))

    def of(self, kind: str, parent: str = "") -> list[Doc]:
        """All objects of a parent, oldest first."""
        rows = self.storage.rows("select doc from woo_record where kind = ? and parent = ? order by id", (kind, parent))
        return [json.loads(row["doc"]) for row in rows]

    def remove(self, kind: str, number: int) -> None:
        self.storage.execute("delete from woo_record where kind = ? and id = ?", (kind, number))
