"""The change feed: which documents a transaction changed, for readers "since a cursor"."""

from __future__ import annotations

from oms.app.kernel.batch import Batch
from oms.db.bulk import copy_rows

COLUMNS = ("month", "id", "kind", "document_id", "shop_id")


def feed_rows(batch: Batch) -> None:
    """One row for every order and fulfilment this batch changed; the transaction id is the column's default."""
    changed = [("order", id_, batch.orders[id_].shop_id) for id_ in sorted(batch.touched) if id_ in batch.orders]
    fulfilments = {f.id: f for f in batch.new_fulfilments} | batch.touched_fulfilments
    changed += [("fulfilment", f.id, f.shop_id) for f in fulfilments.values()]
    ids = batch.take_ids(len(changed))
    month = batch.month
    copy_rows(
        batch.connection,
        "change_feed",
        COLUMNS,
        [(month, id_, *change) for id_, change in zip(ids, changed, strict=True)],
    )
