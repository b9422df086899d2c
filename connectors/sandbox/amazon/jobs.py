"""Reports and feeds as jobs: queued, in progress, done; what is common to both."""

from __future__ import annotations

import json
from typing import Any

from connectors.sandbox.amazon.clock import text_of
from connectors.sandbox.amazon.errors import invalid, not_found
from connectors.sandbox.amazon.shop import Asked, Doc, Shop

JOB_SCHEMA = """
create table if not exists job (
    id text primary key, kind text not null, type text not null, state text not null, asked text not null,
    made_ms integer not null, began_ms integer not null, ended_ms integer not null, document text not null);
"""
STATES = frozenset({"CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE"})
FIRST_JOB = 50_000_000_001


def add(shop: Shop, kind: str, type_: str, asked: Doc) -> str:
    """Queue a report or a feed; answers its id."""
    id_ = str(shop.market.storage.next_number("job", FIRST_JOB + shop.market.seed % 1000 * 10**6))
    with shop.market.storage.write() as tx:
        values = (id_, kind, type_, "IN_QUEUE", json.dumps(asked), shop.market.now_ms(), 0, 0, "")
        tx.execute("insert into job values (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        after = shop.delay(f"{kind}_after")
        shop.market.scheduler.after(after / 2, "job", {"id": id_, "step": "begin"})
        shop.market.scheduler.after(after, "job", {"id": id_, "step": "end"})
    return id_


def begin(shop: Shop, id_: str) -> None:
    shop.market.storage.execute(
        "update job set state = 'IN_PROGRESS', began_ms = ? where id = ? and state = 'IN_QUEUE'",
        (shop.market.now_ms(), id_),
    )


def end(shop: Shop, id_: str, state: str, document: str = "") -> None:
    """Bring a job to its end and tell subscribers."""
    row = find(shop, id_)
    shop.market.storage.execute(
        "update job set state = ?, document = ?, ended_ms = ?, began_ms = max(began_ms, made_ms) where id = ?",
        (state, document, shop.market.now_ms(), id_),
    )
    name = "report" if row["kind"] == "report" else "feed"
    told = {f"{name}Id": id_, f"{name}Type": row["type"], "processingStatus": state, "sellerId": shop.keys["seller_id"]}
    if document:
        told["reportDocumentId" if name == "report" else "resultFeedDocumentId"] = document
    kind = "REPORT_PROCESSING_FINISHED" if name == "report" else "FEED_PROCESSING_FINISHED"
    shop.notify(kind, {f"{name}ProcessingFinishedNotification": told})


def find(shop: Shop, id_: str) -> Any:
    row = shop.market.storage.one("select * from job where id = ?", (id_,))
    if row is None:
        raise not_found(f"No job {id_}.")
    return row


def current(shop: Shop, id_: str, kind: str) -> Any:
    """A job as it stands now; ApiError when there is none of this kind."""
    shop.market.scheduler.run_due()
    row = find(shop, id_)
    if row["kind"] != kind:
        raise not_found(f"No {kind} {id_}.")
    return row


def cancel(shop: Shop, id_: str, kind: str) -> None:
    """Cancel a job that has not begun."""
    if current(shop, id_, kind)["state"] != "IN_QUEUE":
        raise invalid(f"The {kind} {id_} has begun and cannot be cancelled.")
    end(shop, id_, "CANCELLED")


def told(row: Any) -> Doc:
    """What reports and feeds have in common, as the API tells it."""
    found: Doc = {"processingStatus": row["state"], "createdTime": text_of(row["made_ms"]),
                  "marketplaceIds": json.loads(row["asked"])["marketplaceIds"]}  # fmt: skip
    if row["began_ms"]:
        found["processingStartTime"] = text_of(row["began_ms"])
    if row["ended_ms"]:
        found["processingEndTime"] = text_of(row["ended_ms"])
    return found


def listed(shop: Shop, asked: Asked, kind: str) -> list[Any]:
    """Jobs of a kind, newest first, filtered by type and state; at most a page of them."""
    shop.market.scheduler.run_due()
    types, states = asked.names(f"{kind}Types", 10), asked.names("processingStatuses", 5, STATES)
    size = asked.number("pageSize", 10, 1, 100)
    rows = shop.market.storage.rows("select * from job where kind = ? order by made_ms desc, id desc", (kind,))
    found = [
        row for row in rows if row["type"] in (types or [row["type"]]) and row["state"] in (states or [row["state"]])
    ]
    return found[:size]
