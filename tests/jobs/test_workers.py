"""Worker processes on a real database: they share work, survive each other's death, and stop when told."""

from __future__ import annotations

import asyncio
import signal
import time

from oms.jobs.engine import connect_for_signals, make_app, send_signals
from oms.jobs.poke import Poker
from oms.jobs.rescue import rescue_stalled
from tests.jobs.toy import a_process, add_items, ask, eventually, open_items


def workers_registered(url: str) -> int:
    return int(ask(url, "select count(*) from procrastinate.procrastinate_workers"))


def test_a_poke_wakes_a_worker_without_any_sweep(url: str) -> None:
    with a_process("worker", url):
        eventually(lambda: workers_registered(url) == 1, "the worker is up")
        add_items(url, 25)
        poker = Poker(url)
        poker("toy")
        eventually(lambda: open_items(url) == 0, "the items are done")
        eventually(
            lambda: ask(url, "select count(*) from procrastinate.procrastinate_jobs where task_name = 'pump'") == 0,
            "the signal is gone",
        )
        poker.close()


def test_without_any_notify_a_worker_finds_signals_by_looking(url: str) -> None:
    with a_process("worker", url, poll_s=0.1):
        eventually(lambda: workers_registered(url) == 1, "the worker is up")
        add_items(url, 25)
        poker = Poker(url)
        poker("toy")
        eventually(lambda: open_items(url) == 0, "the items are done")
        poker.close()


def test_without_any_signal_the_sweep_finds_the_rows(url: str) -> None:
    add_items(url, 25)
    with a_process("worker", url, sweep_s=0.1):
        eventually(lambda: open_items(url) == 0, "the items are done")


def test_two_workers_share_a_busy_pump(url: str) -> None:
    options = {"sweep_s": 0.1, "size": 2, "pause_s": 0.05}
    with a_process("worker", url, **options), a_process("worker", url, **options):
        eventually(lambda: workers_registered(url) == 2, "both workers are up")
        add_items(url, 100)
        eventually(lambda: open_items(url) == 0, "the items are done")
    assert ask(url, "select count(distinct worker) from toy_item") == 2


def test_sigterm_ends_a_worker_after_the_current_batch(url: str) -> None:
    add_items(url, 1000)
    with a_process("worker", url, sweep_s=0.1, size=1, pause_s=0.3) as process:
        eventually(lambda: ask(url, "select count(*) from toy_mark") > 0, "a batch is done")
        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        assert process.wait(timeout=15) == 0
        print(f"stopped after {time.monotonic() - begun:.2f} s")
    assert open_items(url) > 0
    assert workers_registered(url) == 0


def rescue(url: str) -> int:
    async def once() -> int:
        app = make_app(url)
        async with app.open_async():
            return await rescue_stalled(app, 0.5)

    return asyncio.run(once())


def test_a_stalled_signal_gives_way_to_a_newer_one_that_waits(url: str) -> None:
    with connect_for_signals(url) as connection:
        send_signals(make_app(url), connection, ["toy"])
        connection.execute("update procrastinate_jobs set status = 'doing'")
        send_signals(make_app(url), connection, ["toy"])
    assert rescue(url) == 1
    assert ask(url, "select array_agg(status::text) from procrastinate.procrastinate_jobs") == ["todo"]
    assert rescue(url) == 0


def test_the_signal_of_a_killed_worker_is_rescued(url: str) -> None:
    add_items(url, 1000)
    poker = Poker(url)
    with a_process("worker", url, size=1, pause_s=0.3) as process:
        poker("toy")
        eventually(lambda: ask(url, "select count(*) from toy_mark") > 0, "a batch is done")
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
    poker.close()
    doing = "select count(*) from procrastinate.procrastinate_jobs where task_name = 'pump' and status = 'doing'"
    assert ask(url, doing) == 1
    eventually(lambda: rescue(url) >= 1, "the signal of the dead worker is found")
    with a_process("worker", url, size=500):
        eventually(lambda: open_items(url) == 0, "another worker goes on without a sweep")
