"""What waits for one account or shop never keeps the others from being served."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from oms.app.capture import references
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import OutboundWork, claim_outbound
from oms.jobs.pumps import PUMPS
from tests.factories import World


def rows_waiting(world: World, account: int, count: int, age: int) -> None:
    """Subscriptions that are due for an account, the oldest `age` seconds ago."""
    world.run(
        """insert into outbound (kind, account_id, state, key, due_at, created_at)
           select 'subscribe_parcel', :account, 'waiting', :account || '-' || g, cast(:first as timestamptz)
             + make_interval(secs => g * 0.001), :first from generate_series(1, :count) g""",
        account=account, count=count, first=world.clock() - timedelta(seconds=age),
    )  # fmt: skip


def claim(world: World, limit: int = 12) -> list[OutboundWork]:
    with world.hub.begin() as connection:
        return claim_outbound(connection, world.clock(), limit, ())


def rows_touched(connection: Connection) -> int:
    """Rows and entries of outbound read so far; a connection that was used before has a past."""
    question = """select sum(pg_stat_get_xact_tuples_returned(read) + pg_stat_get_xact_tuples_fetched(read))::int
                  from unnest(array['outbound'::regclass, 'ix_outbound_due'::regclass]) as read"""
    return int(fetch(connection, question)[0][0])


def is_ready(world: World, pump: str) -> bool:
    ready = next(known.ready for known in PUMPS if known.name == pump)
    return bool(world.one(f"select {ready}"))


def test_a_full_queue_of_one_account_leaves_room_for_another(world: World) -> None:
    rows_waiting(world, 2, 100, age=900)
    rows_waiting(world, 3, 2, age=1)
    claimed = claim(world)
    assert [work.account_id for work in claimed].count(3) == 2
    assert len(claimed) == 12
    again = claim(world)
    assert [work.account_id for work in again] == [2] * 12
    assert not {work.id for work in claimed} & {work.id for work in again}


def test_nothing_of_a_paused_account_is_claimed(world: World) -> None:
    rows_waiting(world, 2, 5, age=900)
    world.run("update account set state = 'paused' where id = 2")
    assert claim(world) == []
    assert not is_ready(world, "outbound")
    rows_waiting(world, 3, 1, age=1)
    assert is_ready(world, "outbound")
    assert len(claim(world)) == 1


def test_claiming_reads_only_what_it_claims(world: World) -> None:
    rows_waiting(world, 2, 20_000, age=900)
    rows_waiting(world, 3, 3, age=1)
    world.run("analyze outbound")
    with world.hub.begin() as connection:
        before = rows_touched(connection)
        assert len(claim_outbound(connection, world.clock(), 12, ())) == 12
        assert rows_touched(connection) - before < 200


def test_asking_for_outbound_work_reads_an_entry_an_account_however_much_waits_for_paused_ones(world: World) -> None:
    rows_waiting(world, 2, 20_000, age=900)
    world.run("update account set state = 'paused' where id = 2")
    world.run("analyze outbound")
    ready = next(pump.ready for pump in PUMPS if pump.name == "outbound")
    with world.hub.begin() as connection:
        before = rows_touched(connection)
        assert fetch(connection, f"select {ready}") == [(False,)]
        assert rows_touched(connection) - before < 50


def test_references_of_a_paused_shop_do_not_hide_those_of_another(world: World) -> None:
    world.run("insert into account (id, family, vendor, name, push_token) values (9, 'marketplace', 'plain', 'm', 't9')")
    world.run(
        """insert into shop (id, code, name, channel_id, account_id, stock_pool_id) values (2, 's2', 'two', 1, 9, 1)"""
    )
    world.run("update account set state = 'paused' where id = 1")
    for shop, age in ((1, 900), (2, 1)):
        world.run(
            """insert into pending_reference (shop_id, kind, external_no, due_at)
               select :shop, 'order', 'T' || g, :due from generate_series(1, 50) g""",
            shop=shop, due=world.clock() - timedelta(seconds=age),
        )  # fmt: skip
    with world.hub.begin() as connection:
        claimed = references._claim(world.hub, connection, 40)
    assert claimed is not None
    assert (claimed.shop_id, claimed.kind, len(claimed.numbers)) == (2, "order", 40)
    assert is_ready(world, "details")
    world.run("update account set state = 'paused'")
    assert not is_ready(world, "details")
