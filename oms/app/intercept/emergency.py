"""紧急停发: nothing new to a warehouse in a scope, counted, with a reason, released in stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, lock_orders
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotFound

SCOPES = ("all", "shop", "stock_point", "carrier")
GATE = 7_146_002
IN_FORCE = """
select id from emergency_stop where scope = %s and scope_id = %s and ended_at is null and releasing_at is null
order by id limit 1"""
PLACE = "insert into emergency_stop (scope, scope_id, reason, placed_by) values (%s, %s, %s, %s) returning id"


@dataclass(slots=True)
class Stops:
    """Stops in force, and which orders the staged release of which stop has let through."""

    rows: list[tuple[int, str, int]] = field(default_factory=list)
    passed: set[tuple[int, int]] = field(default_factory=set)

    def against(self, order_id: int, shop_id: int, point_id: int, carrier_id: int | None) -> int | None:
        """A stop that keeps an order's fulfilment, None when none does."""
        if not self.rows:
            return None
        mine = {("all", 0), ("shop", shop_id), ("stock_point", point_id), ("carrier", carrier_id or -1)}
        covering = [id_ for id_, scope, scope_id in self.rows if (scope, scope_id) in mine]
        return next((id_ for id_ in covering if (id_, order_id) not in self.passed), None)


def stops_in_force(batch: Batch) -> Stops:
    """The stops a dispatching batch must respect.

    The shared gate makes a stop that is being placed wait for running batches, and later ones see it.
    """
    _pass_gate(batch.connection)
    return stops_seen(batch.connection, list(batch.orders))


def _pass_gate(connection: Connection) -> None:
    """Until this transaction ends no stop is placed or ended, and what was placed before is seen from here on."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(%s)", (GATE,))


def stops_seen(connection: Connection, order_ids: Sequence[int]) -> Stops:
    """The stops as they are at this moment; whoever acts by them passes the gate first."""
    rows = fetch(connection, "select id, scope, scope_id from emergency_stop where ended_at is null")
    stops = Stops([(id_, scope, scope_id) for id_, scope, scope_id in rows])
    if stops.rows:
        stops.passed = {
            (stop_id, order_id)
            for stop_id, order_id in fetch(
                connection,
                """select (seen->>'stop')::bigint, order_id from hold where order_id = any(%s) and kind = 'emergency_stop'
                   and cleared_at is not null and clear_reason = 'released' and (seen->>'stop')::bigint = any(%s)""",
                (list(order_ids), [row[0] for row in rows]),
            )
        }
    return stops


def stop_keeping(connection: Connection, fulfilment_id: int | None, passed: Sequence[int]) -> int | None:
    """The stop that keeps a dispatched fulfilment from being handed over; `passed` are those that let its row go."""
    if not fetch(connection, "select 1 from emergency_stop where ended_at is null limit 1"):
        return None
    works = fetch(
        connection,
        """select distinct l.order_id, o.shop_id, f.stock_point_id, f.carrier_id from fulfilment f
           join fulfilment_line l on l.fulfilment_id = f.id join orders o on o.id = l.order_id where f.id = %s""",
        (fulfilment_id,),
    )
    stops = stops_seen(connection, [row[0] for row in works])
    stops.rows = [row for row in stops.rows if row[0] not in passed]
    return next((stop for row in works if (stop := stops.against(*row)) is not None), None)


def stop_keeping_until_then(connection: Connection, fulfilment_id: int) -> int | None:
    """The same for what people do now: a stop that is being placed waits until they have done it."""
    _pass_gate(connection)
    return stop_keeping(connection, fulfilment_id, ())


def wait_for_end(connection: Connection, outbound_id: int, stop_id: int, now: datetime) -> None:
    """A row was kept back for a stop: should the stop have ended meanwhile, nobody would wake it, so it is due again.

    The shared gate makes a stop that is being ended wait until this is committed, and then it finds the row.
    """
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(%s)", (GATE,))
        cursor.execute(
            """update outbound set due_at = %s, code = '', words = '' where id = %s and due_at is null
               and code = 'emergency-stop'
               and not exists (select from emergency_stop where id = %s and ended_at is null)""",
            (now, outbound_id, stop_id),
        )


def place(hub: Hub, scope: str, scope_id: int, reason: str, actor: str) -> int:
    """Stop everything outbound in a scope; outbound rows not yet called are kept back too. Answers the stop's id.

    A scope that is stopped already stays so, and the answer is that stop; one that is being let go is stopped anew.
    """
    if scope not in SCOPES:
        raise Invalid("scope", f"{scope!r} is no scope", f"use one of {', '.join(SCOPES)}")
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say why everything stops")
    scope_id = 0 if scope == "all" else scope_id
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (GATE,))
        _require_place(connection, scope, scope_id)
        row = cursor.execute(IN_FORCE, (scope, scope_id)).fetchone()
        row = row or cursor.execute(PLACE, (scope, scope_id, reason[:500], actor)).fetchone()
        stop_id = int(row[0]) if row else 0
    # Batches that ran before the stop have committed by now, later ones see it. The gate is free again: a batch
    # that waits for it may hold one of these rows.
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            f"""update outbound set due_at = null, code = 'emergency-stop', words = %s
                where kind = 'create_fulfilment' and state = 'waiting' and {_covers(scope)}""".encode(),
            (str(stop_id), *([scope_id] if scope != "all" else [])),
        )
    return stop_id


def _require_place(connection: Connection, scope: str, scope_id: int) -> None:
    """Invalid for a shop, stock point or carrier that does not exist: such a stop would keep nothing back."""
    question = {"shop": "select 1 from shop where id = %s", "stock_point": "select 1 from stock_point where id = %s",
                "carrier": "select 1 from carrier where id = %s"}.get(scope)  # fmt: skip
    if question is not None and not fetch(connection, question, (scope_id,)):
        raise Invalid("scope_id", "there is nothing with this id to stop", "name a shop, stock point or carrier")


def _covers(scope: str) -> str:
    return {"all": "true", "shop": "shop_id = %s", "stock_point": "stock_point_id = %s", "carrier": "carrier_id = %s"}[
        scope
    ]


def waiting_count(connection: Connection, stop_id: int) -> int:
    """How many orders and outbound rows wait because of a stop."""
    rows = fetch(
        connection,
        """select (select count(*) from hold where kind = 'emergency_stop' and cleared_at is null
                     and (seen->>'stop')::bigint = %s)
                + (select count(*) from outbound where state not in ('done', 'void') and state in ('waiting', 'unknown')
                     and due_at is null and code = 'emergency-stop' and words = %s)""",
        (stop_id, str(stop_id)),
    )
    return int(rows[0][0])


def release(hub: Hub, stop_id: int, per_minute: int, actor: str) -> None:
    """Begin a staged release: the oldest orders first, so many a minute; when none waits the stop ends."""
    if per_minute <= 0:
        raise Invalid("per_minute", "must be positive", "say how many orders a minute may leave")
    _change(hub, stop_id, "releasing_at = %s, release_per_minute = %s, released_by = %s, released = 0",
            (hub.clock(), per_minute, actor))  # fmt: skip
    release_due(hub)


def end(hub: Hub, stop_id: int, actor: str) -> None:
    """End a stop at once: everything that waited for it goes on.

    The end waits for batches that still saw the stop, so that their holds are found; what the letting go leaves
    because the process died is found by free_ended.
    """
    _change(hub, stop_id, "ended_at = %s, released_by = %s", (hub.clock(), actor))
    with hub.begin() as connection:
        _let_go(connection, stop_id, None, actor, hub.clock())
    hub.poke("advance")
    hub.poke("outbound")


def _change(hub: Hub, stop_id: int, sets: str, values: Sequence[object]) -> None:
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (GATE,))
        statement = f"update emergency_stop set {sets} where id = %s and ended_at is null"
        cursor.execute(statement.encode(), (*values, stop_id))
        if cursor.rowcount == 0:
            raise NotFound("this emergency stop is not in force any more", "reload the page")


def _let_go(connection: Connection, stop_id: int, limit: int | None, actor: str, now: datetime) -> int:
    """Clear the holds and wake the outbound rows of a stop, the oldest orders first; answers how many.

    Ids do not tell what is older: every process takes them in blocks.
    """
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update outbound set due_at = %s, code = '', words = '',
                 detail = coalesce(detail, '{}') || jsonb_build_object('passed',
                   coalesce(detail->'passed', '[]') || to_jsonb(%s::bigint))
               where id in (select w.id from outbound w left join orders o on o.id = w.order_id
                  where w.state not in ('done', 'void')
                    and w.state in ('waiting', 'unknown') and w.due_at is null and w.code = 'emergency-stop'
                    and w.words = %s order by coalesce(o.paid_at, o.ordered_at), w.id limit %s
                  for update of w skip locked)""",
            (now, stop_id, str(stop_id), limit),
        )
        count = cursor.rowcount
        rest = None if limit is None else max(0, limit - count)
        chosen = fetch(
            connection,
            """select h.id, h.order_id from hold h join orders o on o.id = h.order_id
               where h.kind = 'emergency_stop' and h.cleared_at is null and (h.seen->>'stop')::bigint = %s
               order by coalesce(o.paid_at, o.ordered_at), h.id limit %s""",
            (stop_id, rest),
        )
        lock_orders(connection, {order_id for _, order_id in chosen})
        cursor.execute("update orders set ready_at = %s where id = any(%s)", (now, [row[1] for row in chosen]))
        cursor.execute(
            """update hold set cleared_at = %s, cleared_by = %s, clear_reason = 'released'
               where id = any(%s) and cleared_at is null""",
            (now, actor, [row[0] for row in chosen]),
        )
        return count + cursor.rowcount


def release_due(hub: Hub) -> int:
    """Let go what staged releases allow by now; called every few seconds. A stop for which nothing waits ends."""
    total, empty = 0, []
    with hub.begin() as connection:
        now = hub.clock()
        for stop_id, since, per_minute, released, actor in fetch(
            connection,
            """select id, releasing_at, release_per_minute, released, released_by from emergency_stop
               where ended_at is null and releasing_at is not null order by id for update skip locked""",
        ):
            allowed = int((now - since).total_seconds() / 60 * per_minute) + 1 - released
            late = timedelta(minutes=max(0, allowed - per_minute) / per_minute)
            allowed = min(allowed, per_minute)
            count = _let_go(connection, stop_id, allowed, actor, now) if allowed > 0 else 0
            with psycopg_connection(connection).cursor() as cursor:
                cursor.execute(  # Minutes in which nobody let anything go are not made up for at once.
                    "update emergency_stop set released = released + %s, releasing_at = releasing_at + %s where id = %s",
                    (count, late, stop_id),
                )
            if waiting_count(connection, stop_id) == 0:
                empty.append(stop_id)
            total += count
    for stop_id in empty:
        _end_if_empty(hub, stop_id)
    if total:
        hub.poke("advance")
        hub.poke("outbound")
    return total


def _end_if_empty(hub: Hub, stop_id: int) -> None:
    """End a stop unless a batch that still saw it has left something waiting meanwhile."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (GATE,))
        if waiting_count(connection, stop_id) == 0:
            statement = "update emergency_stop set ended_at = %s where id = %s and ended_at is null"
            cursor.execute(statement, (hub.clock(), stop_id))


def free_ended(hub: Hub) -> int:
    """Let go what still waits for stops that have ended: their end was cut off. Answers how many."""
    with hub.begin() as connection:
        left = fetch(
            connection,
            """select s.id, s.released_by from emergency_stop s where s.ended_at is not null and s.id in
                 (select (seen->>'stop')::bigint from hold where kind = 'emergency_stop' and cleared_at is null
                  union select words::bigint from outbound where state not in ('done', 'void') and due_at is null
                    and state in ('waiting', 'unknown') and code = 'emergency-stop' and words ~ '^[0-9]+$')""",
        )
        total = sum(_let_go(connection, stop_id, None, actor, hub.clock()) for stop_id, actor in left)
    if total:
        hub.poke("advance")
        hub.poke("outbound")
    return total
