"""The clock on a real database: one fires, another takes over, and edits of schedules take effect."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from oms.app.kernel.hub import Hub
from oms.jobs.clock import Clock
from oms.jobs.poke import CLOCK, Poker
from oms.jobs.pump import ClockTask
from oms.jobs.schedules import ScheduleReader
from tests.jobs.toy import a_process, ask, connect, eventually

CUT_OFF = """
select pg_terminate_backend(pid) from pg_stat_activity
where application_name = 'oms clock' and datname = current_database()
"""


@pytest.fixture
def shop(url: str) -> Iterator[int]:
    """A shop whose orders are pulled every second."""
    with connect(url) as connection:
        connection.execute("delete from sync_schedule")
        row = connection.execute(
            """
            with c as (
                insert into channel (code, vendor, label_zh, label_en, mark)
                values (gen_random_uuid()::text, 'toy', '玩具', 'Toy', 'T') returning id
            )
            insert into shop (code, name, channel_id) select gen_random_uuid()::text, 'Toy shop', id from c returning id
            """
        ).fetchone()
        assert row is not None
        connection.execute("insert into sync_schedule (shop_id, stream, every_s) values (%s, 'orders', 1)", row)
        yield row[0]
        connection.execute("delete from sync_schedule")


@pytest.fixture
def clocks(url: str, hub: Hub, shop: int) -> Iterator[tuple[Clock, Clock, list[str]]]:
    """Two clocks that nobody runs: a test looks and fires itself. With the names of whoever poked."""
    fired: list[str] = []
    first = Clock(url, hub, lambda _name: fired.append("first"))
    second = Clock(url, hub, lambda _name: fired.append("second"))
    yield first, second, fired
    for clock in (first, second):
        clock.stop()
        clock.run()


def test_only_one_of_two_clocks_leads(clocks: tuple[Clock, Clock, list[str]]) -> None:
    first, second, _ = clocks
    first.look()
    second.look()
    assert (first.is_leading, second.is_leading) == (True, False)


def test_a_clock_that_was_cut_off_does_not_fire_though_it_believes_it_leads(
    url: str, clocks: tuple[Clock, Clock, list[str]]
) -> None:
    first, second, fired = clocks
    first.look()
    assert ask(url, CUT_OFF)
    eventually(lambda: second.look() or second.is_leading, "the standby leads")
    fired.clear()
    assert first.is_leading
    first.fire(1, "orders")
    second.fire(1, "orders")
    assert fired == ["second"]
    first.look()
    assert not first.is_leading


def test_a_new_leader_pokes_at_once_for_what_fell_due_before(clocks: tuple[Clock, Clock, list[str]]) -> None:
    first, _, fired = clocks
    first.look()
    assert fired == ["first"]


def test_a_killed_clock_is_followed_by_the_standby_and_they_never_fire_both(url: str, shop: int) -> None:
    with a_process("clock", url) as one:
        eventually(lambda: fires(url, one.pid), "the first clock fires")
        with a_process("clock", url) as two:
            eventually(lambda: standby_tries(url), "the second clock stands by")
            before = fires(url, one.pid)
            eventually(lambda: fires(url, one.pid) > before, "the first clock fires again")
            one.send_signal(signal.SIGKILL)
            eventually(lambda: fires(url, two.pid) > 1, "the second clock fires")
            two.send_signal(signal.SIGTERM)
            assert two.wait(timeout=10) == 0
    order = ask(url, "select array_agg(worker order by id) from toy_mark")
    assert order == sorted(order, key=[one.pid, two.pid].index)


def fires(url: str, pid: int) -> int:
    return int(ask(url, "select count(*) from toy_mark where worker = %s", pid))


def standby_tries(url: str) -> bool:
    question = (
        "select count(*) from pg_stat_activity where application_name = 'oms clock' and datname = current_database()"
    )
    return int(ask(url, question)) == 2


def test_an_edited_schedule_takes_effect(url: str, shop: int) -> None:
    with connect(url) as connection:
        connection.execute("update sync_schedule set is_enabled = false")
        with a_process("clock", url) as clock:
            eventually(lambda: fires(url, clock.pid) == 1, "the clock leads, which pokes once")
            connection.execute("update sync_schedule set is_enabled = true, version = version + 1")
            eventually(lambda: fires(url, clock.pid) > 2, "the schedule fires")


def test_the_reader_sees_only_enabled_schedules_of_open_shops(url: str, shop: int) -> None:
    reader = ScheduleReader(url)
    with connect(url) as connection:
        assert reader.read() == {(shop, "orders"): 1}
        connection.execute("update sync_schedule set every_s = 30")
        assert reader.read() == {(shop, "orders"): 30}
        connection.execute("update shop set mode = 'closed' where id = %s", (shop,))
        assert reader.read() == {}
    reader.close()


def test_a_poke_of_the_clock_ends_the_wait_for_edits_and_leaves_no_signal(url: str) -> None:
    reader, poker = ScheduleReader(url), Poker(url)
    reader.read()
    poker(CLOCK)
    reader.wait(3600.0)
    reader.close()
    poker.close(timeout=10)
    assert ask(url, "select count(*) from procrastinate.procrastinate_jobs") == 0


def test_a_failing_task_does_not_stop_the_clock(url: str, hub: Hub, shop: int) -> None:
    done: list[str] = []

    def fail(_hub: Hub) -> int:
        done.append("failed")
        raise RuntimeError

    clock = Clock(url, hub, lambda _name: None, [ClockTask("bad", 60, fail), ClockTask("good", 60, lambda _hub: 1)])
    clock.look()
    eventually(lambda: done, "the task ran when the clock began to lead")
    clock.run_task(ClockTask("bad", 60, fail))
    clock.run_task(ClockTask("good", 60, lambda _hub: done.append("good") or 1))
    assert done[-1] == "good"
    clock.stop()
    clock.run()
    clock.run_task(ClockTask("good", 60, lambda _hub: done.append("after the end") or 1))
    assert "after the end" not in done


def test_a_leading_clock_makes_the_partitions_that_are_missing(url: str, hub: Hub, shop: int) -> None:
    newest = "select relid::regclass::text from pg_partition_tree('event') order by 1 desc limit 1 offset 1"
    name = ask(url, newest)
    with connect(url) as connection:
        connection.execute(f"drop table {name}")
    clock = Clock(url, hub, lambda _name: None)
    clock.look()
    eventually(lambda: ask(url, "select to_regclass(%s)::text", name) == name, "the partition is back")
    clock.stop()
    clock.run()
