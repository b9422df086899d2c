"""One invoice for orders that leave as one: over the sum of their amounts, or over that of the order that asked.

It is carried by the request of the first order that asked; orders whose invoices name others keep their own. Orders
that leave together in several fulfilments have one joint invoice: that of the fulfilment with most orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.merging.settings import merging_of
from oms.db.bulk import array_of, copy_rows, psycopg_connection

ASKED: Final = """
select i.id, i.order_id, i.kind, i.medium, i.sealed, i.amount, k.master_key_id, k.wrapped
from invoice_request i join data_key k on k.id = i.order_id
where i.order_id = any(%s) and i.state = 'asked' order by i.order_id, i.id"""
OWN: Final = "select id, merge_invoice_policy from shop where id = any(%s)"
#: Joint invoices of other fulfilments of these orders; those of fulfilments that came to nothing are replaced.
HELD: Final = """
select j.fulfilment_id, j.policy, j.order_ids from joint_invoice j join fulfilment f on f.id = j.fulfilment_id
where j.fulfilment_id = any(%s) and f.status not in ('cancelled', 'merged')"""
FORGET: Final = "delete from joint_invoice where fulfilment_id = any(%s) or request_id = any(%s)"
COLUMNS: Final = ("request_id", "fulfilment_id", "policy", "amount", "currency", "order_ids", "made_at")


def join_invoices(batch: Batch, leaving: Sequence[FulfilmentWork]) -> None:
    """Note the joint invoices of joined fulfilments; asks nothing when nothing was joined, one question if none asked."""
    works = sorted([work for work in leaving if work.order_count > 1], key=lambda work: (-work.order_count, work.id))
    if not works:
        return
    asked = fetch(batch.connection, ASKED, (array_of(sorted({id_ for work in works for id_ in work.order_ids})),))
    if not asked:
        return
    policies = _policies(batch, {work.shop_id for work in works})
    taken = _taken(batch, works)
    rows: list[tuple[Any, ...]] = []
    for work in works:
        inside = set(work.order_ids) - taken
        requests = [row for row in asked if row[1] in inside]
        if len(inside) < 2 or not requests:
            continue
        covered = inside - _named_otherwise(batch, requests)
        taken |= covered
        rows.append(_row(batch, work, requests[0], policies[work.shop_id], sorted(covered)))
    forget_invoices(batch, [work.id for work in works], [row[0] for row in rows])
    copy_rows(batch.connection, "joint_invoice", COLUMNS, rows)


def _taken(batch: Batch, works: Sequence[FulfilmentWork]) -> set[int]:
    """Orders whose invoice is that of another fulfilment already, as of a part of theirs that left before."""
    now = {work.id for work in works}
    others = {it.id: it for work in works for id_ in work.order_ids for it in batch.orders[id_].fulfilments}
    asked = [id_ for id_, it in others.items() if it.order_count > 1 and id_ not in now]
    held = fetch(batch.connection, HELD, (array_of(asked),)) if asked else []
    return {id_ for key, policy, ids in held for id_ in (ids if policy == "sum" else others[key].order_ids)}


def forget_invoices(batch: Batch, fulfilment_ids: Sequence[int], request_ids: Sequence[int] = ()) -> None:
    """The orders of these fulfilments, and those of these requests, have invoices of their own again."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(FORGET, (list(fulfilment_ids), list(request_ids)))


def _policies(batch: Batch, shop_ids: set[int]) -> dict[int, str]:
    merging = merging_of(batch)
    own = dict(fetch(batch.connection, OWN, (sorted(shop_ids),)))
    return {id_: merging.rule_of(batch.masters.shops[id_]).invoice_policy or own[id_] for id_ in shop_ids}


def _row(batch: Batch, work: FulfilmentWork, first: Any, policy: str, covered: list[int]) -> tuple[Any, ...]:
    if policy != "sum":
        return first[0], work.id, policy, first[5], work.currency, [first[1]], batch.now
    amount = sum([batch.orders[id_].paid_total for id_ in covered])
    return first[0], work.id, policy, amount, work.currency, covered, batch.now


def _named_otherwise(batch: Batch, requests: Sequence[Any]) -> set[int]:
    """Orders whose own requests are made out otherwise than the first."""
    first = _named(batch, requests[0])
    return {row[1] for row in requests[1:] if _named(batch, row) != first}


def _named(batch: Batch, row: Any) -> tuple[str, str, bytes]:
    """Kind, medium, and to whom it is made out."""
    _, order_id, kind, medium, sealed, _, master_key_id, wrapped = row
    return kind, medium, batch.hub.keys.open_data_key(order_id, master_key_id, wrapped).unseal(sealed)
