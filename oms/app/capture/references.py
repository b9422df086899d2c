"""Documents known by number: noted, claimed one by one, fetched outside of any transaction, taken in together."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from connectors.contract.errors import AuthFailed, ConnectorError, NotSupported, RateLimited, Refused
from connectors.contract.families import Marketplace
from connectors.contract.records import RawDocument, Reference
from oms.app.capture.cases import take_cases
from oms.app.capture.intake import take_in_safely
from oms.app.kernel.authorisation import refused
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import HubError

LIMIT = 40
THREADS = 4
CLAIM = timedelta(seconds=120)
LOG = structlog.get_logger("references")


def note_references(connection: Connection, shop_id: int, kind: str, references: Sequence[Reference]) -> int:
    """Note what must be fetched; what we hold in this or a newer version is left out. Answers how many are noted anew.

    One that is being fetched at this moment loses its claim, so that it is fetched once more afterwards.
    """
    if not references:
        return 0
    newest: dict[str, datetime | None] = {}
    for reference in references:
        held = newest.get(reference.external_no)
        if reference.external_no not in newest or (reference.changed_at and (not held or reference.changed_at > held)):
            newest[reference.external_no] = reference.changed_at
    known = "cases" if kind == "case" else "orders"
    rows = sorted(newest.items())
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            f"""insert into pending_reference (shop_id, kind, external_no, changed_at)
                select %s, %s, v.external_no, v.changed_at
                from unnest(%s::text[], %s::timestamptz[]) as v(external_no, changed_at)
                where not exists (select from {known} k where k.shop_id = %s and k.origin = 'platform'
                    and k.external_no = v.external_no and k.changed_at >= v.changed_at)
                  and not exists (select from parked_record p where p.shop_id = %s and p.kind = %s
                    and p.external_no = v.external_no and p.state = 'parked' and p.changed_at >= v.changed_at)
                on conflict (shop_id, kind, external_no) do update set
                  changed_at = greatest(pending_reference.changed_at, excluded.changed_at),
                  claim = null, claimed_until = null,
                  due_at = least(pending_reference.due_at, excluded.due_at)
                returning xmax = 0""".encode(),  # Zero where the row was inserted.
            (shop_id, kind, [no for no, _ in rows], [at for _, at in rows], shop_id, shop_id, kind),
        )
        return sum(is_new for (is_new,) in cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Claimed:
    """References of one shop and kind, taken under one claim number."""

    shop_id: int
    kind: str
    claim: int
    numbers: tuple[str, ...]


def fetch_details(hub: Hub, limit: int = LIMIT) -> int:
    """Fetch one batch of due references of one shop and take them in; answers how many were claimed."""
    with hub.begin() as connection:
        claimed = _claim(hub, connection, limit)
    if claimed is None:
        return 0
    try:
        connector = connector_of(hub, shop_id=claimed.shop_id)
    except HubError as error:
        _put_off(hub, claimed, claimed.numbers, error.words, 60.0)
        return len(claimed.numbers)
    if not isinstance(connector, Marketplace):
        raise HubError("this shop's account is not a marketplace's", "choose another account for the shop")
    with ThreadPoolExecutor(THREADS, thread_name_prefix="details") as pool:
        answers = list(pool.map(lambda number: _get(connector, claimed.kind, number), claimed.numbers))
    documents = tuple(answer for answer in answers if isinstance(answer, RawDocument))
    shop = hub.masters.get(hub.engine, hub.clock()).shops[claimed.shop_id]
    if claimed.kind == "order":
        take_in_safely(hub, shop, documents, lambda connection: _done(connection, claimed, documents))
    else:
        with hub.begin() as connection:
            _done(connection, claimed, documents)
            take_cases(hub, connection, shop, connector, documents)
    _settle_failures(hub, claimed, answers)
    hub.poke("advance")
    return len(claimed.numbers)


def _claim(hub: Hub, connection: Connection, limit: int) -> Claimed | None:
    now = hub.clock()
    first = fetch(
        connection,
        """select s.id, r.kind from shop s join account a on a.id = s.account_id and a.state = 'active'
           cross join lateral (select kind, due_at from pending_reference
             where shop_id = s.id and due_at <= %s and (claimed_until is null or claimed_until < %s)
             order by due_at limit 1) r
           order by r.due_at limit 1""",
        (now, now),
    )
    if not first:
        return None
    shop_id, kind = first[0]
    claim = hub.ids.take(connection, 1)[0]
    rows = fetch(
        connection,
        """update pending_reference r set claim = %s, claimed_until = %s, attempts = attempts + 1
           from (select shop_id, kind, external_no from pending_reference
                 where shop_id = %s and kind = %s and due_at <= %s and (claimed_until is null or claimed_until < %s)
                 order by due_at limit %s for update skip locked) v
           where r.shop_id = v.shop_id and r.kind = v.kind and r.external_no = v.external_no
           returning r.external_no""",
        (claim, now + CLAIM, shop_id, kind, now, now, limit),
    )
    return Claimed(shop_id, kind, claim, tuple(row[0] for row in rows)) if rows else None


def _get(connector: Marketplace, kind: str, number: str) -> RawDocument | ConnectorError:
    try:
        return connector.get_order(number) if kind == "order" else connector.get_case(number)
    except ConnectorError as error:
        return error


def _done(connection: Connection, claimed: Claimed, documents: Sequence[RawDocument]) -> None:
    """Forget what was fetched, unless it was noted anew meanwhile, which takes the claim away.

    What stays has been answered, so that a failure later on is its first: numbers noted often would else be put off
    for minutes after one.
    """
    if not documents:
        return
    numbers = [document.external_no for document in documents]
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """delete from pending_reference r using unnest(%s::text[]) as v(external_no)
               where r.shop_id = %s and r.kind = %s and r.external_no = v.external_no and r.claim = %s""",
            (numbers, claimed.shop_id, claimed.kind, claimed.claim),
        )
        if cursor.rowcount < len(numbers):
            cursor.execute(
                """update pending_reference set attempts = 0
                   where shop_id = %s and kind = %s and external_no = any(%s) and claim is null""",
                (claimed.shop_id, claimed.kind, numbers),
            )


def _settle_failures(hub: Hub, claimed: Claimed, answers: Sequence[RawDocument | ConnectorError]) -> None:
    for number, answer in zip(claimed.numbers, answers, strict=True):
        if not isinstance(answer, ConnectorError):
            continue
        if isinstance(answer, NotSupported):
            _forget(hub, claimed, number)
            continue
        wait = answer.retry_after if isinstance(answer, RateLimited) else None
        if isinstance(answer, Refused):
            wait = 300.0
        _put_off(hub, claimed, (number,), answer.words, wait)
        if isinstance(answer, AuthFailed):
            with hub.engine.connect() as connection:
                rows = fetch(connection, "select account_id from shop where id = %s", (claimed.shop_id,))
            refused(hub, rows[0][0], answer.words)


def _forget(hub: Hub, claimed: Claimed, number: str) -> None:
    """A shop that pushes its documents cannot be asked for one; it sends what is newer by itself."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "delete from pending_reference where shop_id = %s and kind = %s and external_no = %s and claim = %s",
            (claimed.shop_id, claimed.kind, number, claimed.claim),
        )


def _put_off(hub: Hub, claimed: Claimed, numbers: Sequence[str], words: str, wait: float | None) -> None:
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update pending_reference set claim = null, claimed_until = null, last_error = %s,
                 due_at = %s + make_interval(secs => coalesce(%s, least(2 ^ least(attempts, 8), 300)))
               where shop_id = %s and kind = %s and external_no = any(%s) and claim = %s""",
            (words[:500], hub.clock(), wait, claimed.shop_id, claimed.kind, list(numbers), claimed.claim),
        )
