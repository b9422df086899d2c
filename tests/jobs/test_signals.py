"""Signals and pokes on a real database: cheap, never in the caller's way, and no wake-up swallowed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest

from oms.app.kernel.hub import Hub
from oms.jobs import metrics, schema
from oms.jobs.crew import Crew
from oms.jobs.engine import connect_for_signals, make_app, send_signals
from oms.jobs.poke import Poker, make_poke
from oms.jobs.pump import Pump
from oms.jobs.sweep import Sweep
from tests.jobs.toy import GATE, READY, a_process, add_items, ask, connect, drain_items, eventually, open_items

AT_THE_GATE = (
    "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%advisory_xact_lock_shared%'"
)
WAITING = "select count(*) from procrastinate.procrastinate_jobs where status = 'todo'"


@pytest.fixture
def poker(url: str) -> Iterator[Poker]:
    poker = make_poke(url)
    yield poker
    poker.close()


def test_installing_the_schema_again_changes_nothing(url: str) -> None:
    before = ask(url, "select count(*) from procrastinate.oms_applied")
    schema.apply(url)
    assert not schema.is_behind(url)
    assert ask(url, "select count(*) from procrastinate.oms_applied") == before > 0


def test_a_migration_of_the_library_that_came_later_is_applied(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = {name: path for name, path in schema._library_migrations().items() if name.startswith("03.03")}
    with connect(url) as connection:
        connection.execute("delete from procrastinate.oms_applied where name = any(%s)", (list(newest),))
        connection.execute("drop function procrastinate.procrastinate_fetch_job_v2")
    assert schema.is_behind(url)
    schema.apply(url)
    assert not schema.is_behind(url)
    assert ask(url, "select to_regproc('procrastinate.procrastinate_fetch_job_v2') is not null")


def test_many_pokes_make_one_signal(url: str, poker: Poker) -> None:
    for _ in range(50):
        poker("toy")
    assert poker.flush(10)
    assert ask(url, WAITING) == 1


def test_a_poke_beside_a_waiting_signal_costs_no_transaction_id(url: str) -> None:
    with connect_for_signals(url) as connection:
        assert send_signals(make_app(url), connection, ["toy"]) == 1
        before = newest_xid(url)
        assert send_signals(make_app(url), connection, ["toy"]) == 0
        assert newest_xid(url) == before


def newest_xid(url: str) -> int:
    """The next id to be given to a transaction; looking gives none."""
    return int(ask(url, "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"))


def test_a_poke_outlives_a_lost_connection(url: str, poker: Poker) -> None:
    poker("toy")
    assert poker.flush(10)
    assert ask(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'oms poke' and datname = current_database()",
    )
    failures = metrics.total("pokes_failed", "after")
    poker("after")
    assert poker.flush(10)
    assert metrics.total("pokes_failed", "after") == failures + 1
    assert ask(url, WAITING) == 2


def test_a_poke_never_raises_and_never_waits_for_a_database_that_is_away() -> None:
    poker = Poker("postgresql://oms:secret@127.0.0.1:1/oms")
    poker("away")
    eventually(lambda: metrics.total("pokes_failed", "away"), "the failure is counted")
    assert not poker.flush(0)
    poker.close(timeout=10)


def test_closing_sends_what_was_still_waiting_for_its_turn(url: str) -> None:
    poker = Poker(url, pace_s=3600)
    poker("toy")
    assert poker.flush(10)
    with connect(url) as connection:
        connection.execute("set search_path to procrastinate")
        connection.execute("delete from procrastinate_jobs")
    poker("toy")
    poker.close(timeout=10)
    assert ask(url, WAITING) == 1


def test_a_signal_sent_while_its_job_runs_is_kept_for_afterwards(url: str, poker: Poker) -> None:
    """First interleaving: the pump has looked and seen nothing, then the row and its poke come, then the job ends."""
    with connect(url) as gate, a_process("worker", url, gated=True):
        gate.execute("select pg_advisory_lock(%s)", (GATE,))
        poker("toy")
        eventually(lambda: ask(url, AT_THE_GATE), "the job has seen nothing and is about to end")
        add_items(url, 1)
        poker("toy")
        assert poker.flush(10)
        assert open_items(url) == 1
        gate.execute("select pg_advisory_unlock(%s)", (GATE,))
        eventually(lambda: open_items(url) == 0, "the row is done without a sweep")


def test_a_lost_poke_is_made_good_by_the_sweep(url: str, hub: Hub, poker: Poker) -> None:
    """Second interleaving: commit, poke, and the signal never arrives."""
    crew = Crew(hub, [pump := Pump("toy", drain_items(10), READY)], threads=1)
    crew.start()
    add_items(url, 25)
    poker("toy")
    poker.flush(10)
    with connect(url) as connection:
        connection.execute("set search_path to procrastinate")
        connection.execute("delete from procrastinate_jobs")
    sweep = Sweep(url, crew, [pump])
    assert sweep.look() == ["toy"]
    eventually(lambda: open_items(url) == 0, "the rows are done")
    eventually(lambda: not crew.is_running("toy"), "the pump rests")
    assert sweep.look() == []
    sweep.close()
    crew.stop()
    assert crew.join(10)


def test_a_crash_between_commit_and_poke_is_made_good_by_another_process(url: str) -> None:
    """Third interleaving: the row is committed, and whoever should have poked is dead."""
    with a_process("worker", url, sweep_s=0.1):
        add_items(url, 5)
        eventually(lambda: open_items(url) == 0, "the rows are done")


def test_one_wrong_question_does_not_silence_the_other_pumps(url: str, hub: Hub) -> None:
    done = threading.Event()

    def drain(_hub: Hub) -> int:
        done.set()
        return 0

    pumps = [Pump("wrong", lambda _hub: 0, "select nonsense"), Pump("right", drain, "select true")]
    crew = Crew(hub, pumps, threads=1)
    crew.start()
    sweep = Sweep(url, crew, pumps)
    assert sweep.look() == ["right"]
    assert done.wait(10)
    sweep.close()
    crew.stop()
    assert crew.join(10)


def test_a_signal_makes_every_worker_look_at_once(url: str, hub: Hub, poker: Poker) -> None:
    pump = Pump("toy", drain_items(1), READY)
    crews = [Crew(hub, [pump], threads=1) for _ in range(2)]
    sweeps = [Sweep(url, crew, [pump], every_s=3600) for crew in crews]
    woken: set[int] = set()
    for number, (crew, sweep) in enumerate(zip(crews, sweeps, strict=True)):
        crew.wake = lambda _name, number=number: woken.add(number)  # type: ignore[method-assign, misc]
        sweep.start()
    listening = "select count(*) from pg_stat_activity where application_name = 'oms sweep' and state = 'idle'"
    eventually(lambda: ask(url, f"{listening} and datname = current_database()") == 2, "both have looked once")
    add_items(url, 1)
    poker("toy")
    eventually(lambda: woken == {0, 1}, "both workers look")
    for sweep in sweeps:
        sweep.stop()
        sweep.join(10)


def test_the_sweep_cannot_write(url: str, hub: Hub) -> None:
    pump = Pump("writes", lambda _hub: 0, "select nextval('toy_item_id_seq') > 0")
    sweep = Sweep(url, Crew(hub, [pump], threads=1), [pump])
    assert sweep.look() == []
    sweep.close()


def test_the_sweep_comes_back_after_its_connection_was_cut(url: str, hub: Hub) -> None:
    pump = Pump("toy", drain_items(1), "select true")
    sweep = Sweep(url, Crew(hub, [pump], threads=1), [pump])
    assert sweep.look() == ["toy"]
    assert ask(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'oms sweep' and datname = current_database()",
    )
    with pytest.raises(psycopg.OperationalError):
        sweep.look()
    sweep.close()
    assert sweep.look() == ["toy"]
    sweep.close()
