"""What `oms worker` and `oms clock` call: run() with the hub's settings, ended by SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from oms.app.kernel.hub import Hub
from oms.config import Settings
from oms.domain.errors import ConfigError
from oms.jobs import clock, worker
from oms.jobs.pump import Pump
from tests.jobs.toy import NEVER_READY, READY, add_items, drain_items, open_items


class EndOnce:
    """A drain that tells this process to end; only once, since a second SIGTERM would find no one to take it."""

    def __init__(self) -> None:
        self._is_told = False

    def __call__(self, _hub: Hub) -> int:
        if not self._is_told:
            self._is_told = True
            os.kill(os.getpid(), signal.SIGTERM)
        return 0


@pytest.fixture
def end_this_process() -> Iterator[EndOnce]:
    """The above, with the signal handlers of before put back at the end."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield EndOnce()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    return Settings.from_env({"OMS_HOME": str(tmp_path), "DATABASE_URL": url})


@pytest.fixture
def pumps(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The list of pumps, replaced."""
    module = ModuleType("oms.jobs.pumps")
    monkeypatch.setitem(sys.modules, "oms.jobs.pumps", module)
    return module


def test_a_worker_runs_the_listed_pumps_until_it_is_told_to_end(
    url: str, settings: Settings, hub: Hub, pumps: ModuleType, end_this_process: EndOnce
) -> None:
    drain = drain_items(10)

    def drain_and_end(hub: Hub) -> int:
        return drain(hub) or end_this_process(hub)

    pumps.PUMPS = (Pump("toy", drain_and_end, READY), Pump("rests", lambda _hub: 0, NEVER_READY))
    add_items(url, 25)
    worker.run(settings, lambda _settings: hub)
    assert open_items(url) == 0


def test_a_pump_of_one_process_wakes_another_there_without_a_signal(
    url: str, settings: Settings, hub: Hub, pumps: ModuleType, end_this_process: EndOnce
) -> None:
    drain = drain_items(10)

    def drain_and_poke(hub: Hub) -> int:
        done = drain(hub)
        hub.poke("end")
        return done

    pumps.PUMPS = (Pump("toy", drain_and_poke, READY), Pump("end", end_this_process, NEVER_READY))
    add_items(url, 1)
    worker.run(settings, lambda _settings: hub)
    assert open_items(url) == 0


def test_a_clock_runs_the_listed_tasks_until_it_is_told_to_end(
    settings: Settings, hub: Hub, pumps: ModuleType, end_this_process: EndOnce
) -> None:
    seen: list[Hub] = []

    def note_and_end(hub: Hub) -> int:
        seen.append(hub)
        return end_this_process(hub)

    pumps.CLOCK_TASKS = [("note", 60, note_and_end)]
    clock.run(settings, lambda _settings: hub)
    assert seen == [hub]


def test_without_a_database_address_the_remedy_is_named(settings: Settings, tmp_path: Path) -> None:
    nowhere = Settings.from_env({"OMS_HOME": str(tmp_path)})
    with pytest.raises(ConfigError) as refusal:
        worker.open_hub(nowhere, None)
    assert "DATABASE_URL" in refusal.value.remedy
