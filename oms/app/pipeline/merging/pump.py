"""The merge pump: claims groups whose window has ended, asks platforms where they decide, joins and dispatches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import orjson
import structlog

from connectors.contract.errors import ConnectorError
from connectors.contract.notices import MergeCandidate
from oms.app.kernel.batch import Batch
from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.flush import flush, recount
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_orders
from oms.app.kernel.receivers import open_receivers
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline import dispatch, merge
from oms.app.pipeline.gifts import merged as gifts_merged
from oms.app.pipeline.leaving import all_may_leave
from oms.app.pipeline.merging import invoices as joint_invoices
from oms.app.pipeline.merging.platform_word import ask_platform
from oms.db.bulk import psycopg_connection
from oms.db.trouble import PASSING
from oms.domain.errors import HubError
from oms.domain.grouping import allowed_sets

GROUPS = 400
#: A click or a batch holds an order for a moment; its group is looked at again soon after.
AGAIN = timedelta(seconds=0.2)
ASK_AGAIN = timedelta(seconds=20)
PUT_OFF = timedelta(minutes=10)
MOST_ASKED = 5
LOG = structlog.get_logger("merging")


def merge_batch(hub: Hub, limit: int = GROUPS) -> int:
    """Join one batch of due groups; answers how many groups it took.

    A batch that fails is taken group by group, and the group at fault is put off, so that others still leave.
    """
    try:
        return _merge(hub, limit)
    except (*PASSING, HubError):
        raise
    except Exception as error:
        LOG.error("merge failed", error=type(error).__name__, exc_info=True)
    try:
        return _merge(hub, 1)
    except (*PASSING, HubError):
        raise
    except Exception as error:
        LOG.error("group put off", error=type(error).__name__, exc_info=True)
        _put_off_first(hub)
        return 1


def _put_off_first(hub: Hub) -> None:
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update merge_group set due_at = %s, attempts = attempts + 1 where merge_key =
               (select merge_key from merge_group where due_at <= %s order by due_at limit 1 for update skip locked)""",
            (hub.clock() + PUT_OFF, hub.clock()),
        )
        raise_alert(connection, "merge_failed", "merge", "a merge group could not be joined; see the worker's log")


def _merge(hub: Hub, limit: int) -> int:
    with hub.turn("merge"), hub.begin() as connection:
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now)
        groups = fetch(
            connection,
            """select merge_key, asks_platform, asked, answer, attempts from merge_group where due_at <= %s
               order by due_at limit %s for update skip locked""",
            (now, limit),
        )
        if not groups:
            return 0
        members = _members(batch, [row[0] for row in groups])
        ready, later, ask = _sort(batch, groups, members)
        works = {work.id: work for key, _ in ready for work in members[key]}
        leaving = merge.join(batch, [chosen for _, sets in ready for chosen in sets], works)
        joint_invoices.join_invoices(batch, leaving)
        gifts_merged.recompute(batch, leaving)
        dispatch.dispatch(batch, leaving)
        for order in batch.orders.values():
            if order.id in batch.touched:
                recount(batch, order)
        flush(batch)
        _settle(batch, [key for key, _ in ready], later, ask)
    batch.tell()
    if ask:
        _ask_platforms(hub, ask)
    return len(groups)


def _members(batch: Batch, keys: Sequence[bytes]) -> dict[bytes, list[FulfilmentWork]]:
    """Lock the orders of the groups and load what may leave; a group of which one order is locked waits."""
    rows = fetch(
        batch.connection,
        """select f.merge_key, l.order_id from fulfilment f join fulfilment_line l on l.fulfilment_id = f.id
           where f.merge_key = any(%s) and f.status = 'planned'""",
        (list(keys),),
    )
    wanted = {order_id for _, order_id in rows}
    orders = lock_orders(batch.connection, wanted, skip_locked=True)
    fill(batch, orders)
    missing = wanted - set(batch.orders)
    locked_out = {key for key, order_id in rows if order_id in missing}
    members: dict[bytes, list[FulfilmentWork]] = {key: [] for key in keys if key not in locked_out}
    works = {work.id: work for order in batch.orders.values() for work in order.fulfilments}
    for work in sorted(works.values(), key=lambda work: work.id):
        if work.merge_key in members and work.status == "planned" and all_may_leave(batch, work):
            members[work.merge_key].append(work)
    return members


Ready = list[tuple[bytes, list[list[int]]]]


def _sort(
    batch: Batch, groups: Sequence[tuple[bytes, bool, object, object, int]], members: dict[bytes, list[FulfilmentWork]]
) -> tuple[Ready, list[bytes], list[bytes]]:
    """Groups to join now, to look at again in a moment, and to ask a platform about."""
    ready: Ready = []
    later, ask = [], []
    for key, asks_platform, asked, answer, attempts in groups:
        if key not in members:
            later.append(key)
            continue
        works = members[key]
        if not works:
            ready.append((key, []))
        elif len(works) == 1 or not asks_platform:
            ready.append((key, [[work.id for work in works]]))
        elif _covers(batch, works, asked) or attempts >= MOST_ASKED:
            numbered = [(work.id, batch.orders[work.lead_order_id].external_no) for work in works]
            ready.append((key, allowed_sets(numbered, answer if isinstance(answer, list) else [])))
        else:
            ask.append(key)
    return ready, later, ask


def _covers(batch: Batch, works: Sequence[FulfilmentWork], asked: object) -> bool:
    if not isinstance(asked, list):
        return False
    return {batch.orders[id_].external_no for work in works for id_ in work.order_ids} <= set(asked)


def _settle(batch: Batch, done: Sequence[bytes], later: Sequence[bytes], ask: Sequence[bytes]) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        if done:
            cursor.execute("delete from merge_group where merge_key = any(%s)", (list(done),))
        for keys, wait, tries in ((later, AGAIN, 0), (ask, ASK_AGAIN, 1)):
            if keys:
                cursor.execute(
                    "update merge_group set due_at = %s, attempts = attempts + %s where merge_key = any(%s)",
                    (batch.now + wait, tries, list(keys)),
                )
    if later:
        batch.alarms["merge"] = batch.now + AGAIN


Members = Sequence[tuple[bytes, str, dict[str, str]]]


def _ask_platforms(hub: Hub, keys: Sequence[bytes]) -> None:
    """Ask outside of any transaction; the answer is kept with the group, which is due again at once.

    A platform that does not answer is asked again; after five tries each order leaves alone.
    """
    by_shop: dict[int, list[tuple[bytes, str, dict[str, str]]]] = {}
    with hub.engine.connect() as connection:
        rows = fetch(
            connection,
            """select distinct f.merge_key, o.shop_id, o.external_no, o.id from fulfilment f
               join fulfilment_line l on l.fulfilment_id = f.id join orders o on o.id = l.order_id
               where f.merge_key = any(%s) and f.status = 'planned' order by f.merge_key, o.id""",
            (list(keys),),
        )
        opened = open_receivers(hub, connection, [order_id for *_, order_id in rows])
    for key, shop_id, external_no, order_id in rows:
        # Whose details were erased meanwhile has no tokens left, and no platform joins it with another.
        tokens = dict(opened[order_id][0].tokens) if order_id in opened else {}
        by_shop.setdefault(shop_id, []).append((key, external_no, tokens))
    answers: list[tuple[Members, list[list[str]]]] = []
    for shop_id, members in by_shop.items():
        try:
            told = [MergeCandidate(number, tokens, key.hex()) for key, number, tokens in members]
            answers.append((members, ask_platform(hub, shop_id, told)))
        except (ConnectorError, HubError) as error:
            LOG.warning("platform did not answer about merging", shop=shop_id, error=type(error).__name__)
    if answers:
        _keep_answers(hub, answers)
        hub.poke("merge")


def _keep_answers(hub: Hub, answers: Sequence[tuple[Members, list[list[str]]]]) -> None:
    rows = []
    for members, groups in answers:
        numbers: dict[bytes, list[str]] = {}
        for key, number, _ in members:
            numbers.setdefault(key, []).append(number)
        for key, asked in numbers.items():
            mine = [group for group in groups if set(group) & set(asked)]
            rows.append((key, orjson.dumps(asked).decode(), orjson.dumps(mine).decode()))
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """with v as (select * from unnest(%s::bytea[], %s::jsonb[], %s::jsonb[]) as v(key, asked, answer)),
                 locked as (select g.merge_key from merge_group g join v on v.key = g.merge_key
                            order by g.merge_key for update of g)
               update merge_group g set asked = v.asked, answer = v.answer, due_at = %s
               from v join locked on locked.merge_key = v.key where g.merge_key = v.key""",
            (*[list(column) for column in zip(*rows, strict=True)], hub.clock()),
        )
