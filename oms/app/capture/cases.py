"""Takes refunds, returns and exchanges in: the case is kept, and its order is held and read anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from connectors.contract.errors import BadRecord, ConnectorError
from connectors.contract.families import Marketplace
from connectors.contract.records import CaseRecord, RawDocument, RefundState
from oms.app.capture.case_rows import Stored, hash_of, keep, named_lines
from oms.app.capture.parked import park, resolve
from oms.app.kernel.batch import Batch
from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.rereading import ask_again
from oms.app.kernel.work import REFUNDING, LineWork, OrderWork
from oms.app.pipeline.outbound.decisions import leave_step
from oms.app.pipeline.repaid import count_repaid
from oms.db.bulk import psycopg_connection
from oms.db.trouble import REFUSED_ROWS, constraint_of

#: What may be a telephone's number in the buyer's words.
NUMBERS: Final = re.compile(r"\d[\d\s-]{5,}\d")
#: The version of a case that was not there before; each change of it counts on.
FIRST: Final = 1
#: Platform state → (review, goods, money, outcome) of the case's four columns.
COLUMNS: Final = {
    RefundState.NONE: ("waiting", "none", "none", "open"),
    RefundState.ASKED: ("waiting", "none", "none", "open"),
    RefundState.AGREED: ("agreed", "awaiting_buyer", "none", "open"),
    RefundState.RETURNED: ("agreed", "on_the_way", "none", "open"),
    RefundState.REFUSED: ("refused", "none", "none", "open"),
    RefundState.SUCCEEDED: ("agreed", "none", "paid", "succeeded"),
    RefundState.CLOSED: ("waiting", "none", "none", "closed"),
}


def take_cases(
    hub: Hub, connection: Connection, shop: ShopCard, connector: Marketplace, documents: Sequence[RawDocument]
) -> int:
    """Keep each case and hold its order at once when money is asked back. Answers how many changed something."""
    return len(keep_cases(hub, connection, shop, connector, documents))


def keep_cases(
    hub: Hub, connection: Connection, shop: ShopCard, connector: Marketplace, documents: Sequence[RawDocument]
) -> list[Stored]:
    """The same; answers the cases that changed something."""
    changed: list[Stored] = []
    for document in documents:
        record = _read(connector, document)
        stored = _store_safely(hub, connection, shop, document, record) if isinstance(record, CaseRecord) else record
        if isinstance(stored, BadRecord):
            park(hub, connection, shop.id, [(document, stored)])
            continue
        resolve(connection, shop.id, [document.external_no], kind="case")
        if stored is not None:
            changed.append(stored)
    keep(hub, connection, shop.id, changed)
    held: dict[str, list[CaseRecord]] = {}
    for item in changed:
        held.setdefault(item.record.order_no, []).append(item.record)
    if held:
        _tell_orders(hub, connection, shop, held)
    return changed


def _read(connector: Marketplace, document: RawDocument) -> CaseRecord | BadRecord:
    try:
        return _without_nul(connector.parse_case(document.body))
    except BadRecord as error:
        return error
    except (ConnectorError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        return BadRecord(f"cannot be read ({type(error).__name__})", field="document")


def _without_nul(record: CaseRecord) -> CaseRecord:
    """The database takes no NUL in a text, and a buyer's word of one must not hide that he wants his money back."""
    values = {spec.name: getattr(record, spec.name) for spec in fields(record)}
    texts: dict[str, Any] = {name: v.replace("\0", "") for name, v in values.items() if type(v) is str}
    return replace(record, **texts)


def _store_safely(
    hub: Hub, connection: Connection, shop: ShopCard, document: RawDocument, record: CaseRecord
) -> Stored | BadRecord | None:
    """Store one case; what the database refuses is a bad record of its own and stops no other."""
    try:
        with connection.begin_nested():
            return _store(hub, connection, shop, document, record)
    except REFUSED_ROWS as error:
        return BadRecord(f"refused by the database: {constraint_of(error)}", field="document")


def _store(hub: Hub, connection: Connection, shop: ShopCard, document: RawDocument, record: CaseRecord) -> Stored | None:
    """Insert or bring up to date; None when ours is as new: a later stamp, or the same with other content."""
    review, goods, money, outcome = COLUMNS[record.state]
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into cases (id, shop_id, external_no, order_no, kind, review, goods, money, outcome,
                 platform_state, platform_status, platform_version, phase, currency, asked_amount, reason,
                 return_carrier, return_waybill, respond_by, opened_at, changed_at, content_hash, fetched_at,
                 order_id)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
                 (select id from orders where shop_id = %s and origin = 'platform' and external_no = %s))
               on conflict (shop_id, origin, external_no) do update set kind = excluded.kind,
                 review = excluded.review, goods = excluded.goods,
                 money = case when excluded.money = 'none' and exists (select from refund r where r.case_id = cases.id
                   and r.state in ('submitted', 'paid')) then cases.money else excluded.money end,
                 outcome = excluded.outcome, platform_state = excluded.platform_state,
                 platform_status = excluded.platform_status, platform_version = excluded.platform_version,
                 asked_amount = excluded.asked_amount, reason = excluded.reason,
                 order_id = case when cases.order_no = excluded.order_no then excluded.order_id else cases.order_id end,
                 return_carrier = excluded.return_carrier, return_waybill = excluded.return_waybill,
                 respond_by = excluded.respond_by, changed_at = excluded.changed_at, version = cases.version + 1,
                 content_hash = excluded.content_hash, fetched_at = excluded.fetched_at
               where cases.changed_at < excluded.changed_at or (cases.changed_at = excluded.changed_at
                 and cases.content_hash is distinct from excluded.content_hash
                 and (cases.fetched_at is null or cases.fetched_at <= excluded.fetched_at))
               returning id, order_id, order_no, version""",
            (hub.ids.take(connection, 1)[0], shop.id, record.external_no, record.order_no, record.kind, review, goods,
             money, outcome, record.state.value, record.platform_status, record.version, record.phase,
             record.currency, record.amount, NUMBERS.sub("***", record.reason)[:200], record.return_carrier,
             record.return_waybill, record.respond_by, record.created_at, record.changed_at, hash_of(record),
             document.fetched_at, shop.id, record.order_no),
        )  # fmt: skip
        found = cursor.fetchone()
    if found is None:
        return None
    case_id, order_id, order_no, version = found
    if order_no != record.order_no:
        record = _stay(connection, case_id, order_no, record)
    leave_step(connection, case_id, *_told(record))
    return Stored(case_id, order_id, document, record, is_new=version == FIRST)


def _stay(connection: Connection, case_id: int, order_no: str, record: CaseRecord) -> CaseRecord:
    """A case belongs to one order, so it stays with the first, and people are told that the platform names another."""
    named = f"case {record.external_no} is kept with order {order_no}, but now names order {record.order_no}"
    raise_alert(connection, "case_moved", str(case_id), f"{named}; look at both orders")
    return replace(record, order_no=order_no)


def _told(record: CaseRecord) -> tuple[str, str, str, str, dict[str, Any], datetime]:
    """The platform's own step of the case: what the buyer shows, what it is about, and what we may do about it now."""
    evidence = {
        "allows": record.allows,
        "urls": [url.replace("\0", "") for url in record.evidence],
        "lines": [[number, *told] for number, told in named_lines(record).items()],
    }
    who = "buyer" if record.state is RefundState.ASKED else "platform"
    return who, "", record.state.value, NUMBERS.sub("***", record.words), evidence, record.changed_at


def _concerns(record: CaseRecord, order: OrderWork, line: LineWork) -> bool:
    """Whether a case says something of a line's refund; one that names no line is about all goods of the order.

    Of several lines, one is only told while money is asked back for it, or of the end of what was asked; that part of
    its units was paid back is told by the order itself, which is read anew.
    """
    if line.external_no == record.line_no:
        return True
    lines = named_lines(record)
    told = lines.get(line.external_no)
    if told is None:
        return not lines and _concerns_whole(record, order, line)
    if record.state.value in REFUNDING:
        return True
    is_part = record.state is RefundState.SUCCEEDED and 0 < told[0] < line.ordered
    return line.case_no == record.external_no and not is_part


def _concerns_whole(record: CaseRecord, order: OrderWork, line: LineWork) -> bool:
    """The same of a case of the whole order: a part of its money that was paid back does not drop its goods."""
    if line.kind != "goods":
        return False
    is_part = record.state is RefundState.SUCCEEDED and record.amount < order.paid_total
    return record.state.value in REFUNDING or (line.case_no == record.external_no and not is_part)


def _tell_orders(hub: Hub, connection: Connection, shop: ShopCard, held: dict[str, list[CaseRecord]]) -> None:
    """Hold orders whose money is asked back before the order's own stamp moves, and read each anew.

    A document that was fetched before this moment and is taken in later must not say otherwise.
    """
    ask_again(connection, shop.id, "order", list(held), hub.clock())
    rows = fetch(
        connection,
        "select id, external_no from orders where shop_id = %s and origin = 'platform' and external_no = any(%s)",
        (shop.id, list(held)),
    )
    now = hub.clock()
    batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor="platform")
    fill(batch, lock_with_siblings(connection, [row[0] for row in rows]))
    refunds: list[tuple[str, str, int]] = []
    for order_id, external_no in rows:
        order = batch.orders[order_id]
        for record in held[external_no]:
            for line in order.lines:
                if line.is_gone or not _concerns(record, order, line):
                    continue
                if line.refund_state != record.state.value:
                    line.refund_state, line.case_no = record.state.value, record.external_no
                    refunds.append((line.refund_state, line.case_no, line.id))
                    batch.note(order, f"refund_{line.refund_state}", {"case": record.external_no})
                if line.refund_state in REFUNDING and line.ordered > line.cancelled + line.shipped:
                    batch.place_hold(order, "refund_asked", {"line": line.external_no, "case": record.external_no})
        order.ready_at = now
        batch.touched.add(order_id)
    flush(batch)
    with psycopg_connection(connection).cursor() as cursor:
        cursor.executemany("update order_line set refund_state = %s, case_no = %s where id = %s", refunds)
    count_repaid(connection, [order_id for order_id, _ in rows])
