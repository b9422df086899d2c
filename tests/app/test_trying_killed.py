"""A worker that is killed outright leaves a backtest that another one ends as if nothing had been."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from oms.app.kernel.hub import Hub
from oms.app.rulebook.trying import running
from oms.app.rulebook.trying.backtests import ask_backtest
from oms.db.sealed import KeyRing
from oms.db.session import make_engine
from tests.app.rule_sets import a_rule, in_force
from tests.app.trying import COD, PAID, PERIOD, another_draft, backtest, changed, found, some_orders
from tests.factories import KEYS, World, drain

ROOT = Path(__file__).resolve().parents[2]


def work(url: str) -> None:
    """A worker of its own, slow enough to be killed between two pages or in the middle of one."""
    compare = running.compare_page

    def slowly(*args: Any) -> Any:
        time.sleep(0.1)
        return compare(*args)

    vars(running).update(PAGE=1, compare_page=slowly)
    running.backtest_next(Hub(make_engine(url, name="to be killed", pool_size=2), KeyRing("k1", KEYS), {}))


def test_a_worker_that_is_killed_in_the_middle_costs_nothing(world: World) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD))
    some_orders(world, 30)
    draft = another_draft(world, version, a_rule("paid", "service", when=PAID))
    whole = backtest(world, draft)
    id_ = ask_backtest(world.hub, draft, PERIOD, (1,), "user:1")
    url = world.hub.engine.url.render_as_string(hide_password=False)
    code = f"from tests.app.test_trying_killed import work; work({url!r})"
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    while worker.poll() is None and found(world, id_).done < 3:
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    assert worker.wait() == -signal.SIGKILL
    assert 3 <= found(world, id_).done < 30
    world.run("update backtest set claimed_until = :now where id = :id", id=id_, now=world.clock())
    drain(running.backtest_next, world)
    run = found(world, id_)
    assert (run.state, run.done, run.counts) == ("done", 30, whole.counts)
    assert changed(world, id_) == changed(world, whole.id)
