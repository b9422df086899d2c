"""The crew alone, with pumps that are plain functions: turns, repeats after errors, and no wake-up lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import cast

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from oms.app.kernel.hub import Hub
from oms.jobs import metrics
from oms.jobs.crew import Crew
from oms.jobs.pump import Pump
from oms.jobs.trouble import LONGEST_PAUSE_S, pause_after, trouble_of
from tests.jobs.toy import NEVER_READY, eventually

NO_HUB = cast(Hub, None)
MakeCrew = Callable[..., Crew]


@pytest.fixture
def make_crew() -> Iterator[MakeCrew]:
    """A function that starts a crew; its threads end with the test."""
    crews: list[Crew] = []

    def make(*pumps: Pump, threads: int = 1, invite: Callable[[str], None] = lambda _name: None) -> Crew:
        crews.append(Crew(NO_HUB, pumps, threads=threads, invite=invite))
        crews[-1].start()
        return crews[-1]

    yield make
    for crew in crews:
        crew.stop()
        assert crew.join(5)


def a_pump(name: str, drain: Callable[[], int], *, lanes: int = 1) -> Pump:
    return Pump(name, lambda _hub: drain(), NEVER_READY, lanes=lanes)


def spell_over(crew: Crew, name: str) -> None:
    spell = crew.wake(name)
    assert spell is not None
    spell.result(10)


def deadlock() -> OperationalError:
    return OperationalError("update", {}, psycopg.errors.DeadlockDetected("two rows"))


def test_a_pump_is_drained_until_a_batch_finds_nothing(make_crew: MakeCrew) -> None:
    left = [3, 3, 1, 0, 9]
    spell_over(make_crew(a_pump("p", lambda: left.pop(0))), "p")
    assert left == [9]


def test_two_busy_pumps_take_turns_on_one_thread(make_crew: MakeCrew) -> None:
    seen: list[str] = []

    def turn(name: str) -> Callable[[], int]:
        def drain() -> int:
            seen.append(name)
            return 1 if seen.count(name) < 4 else 0

        return drain

    gate = threading.Event()

    def wait() -> int:
        assert gate.wait(10)
        return 0

    crew = make_crew(a_pump("gate", wait), a_pump("a", turn("a")), a_pump("b", turn("b")))
    crew.wake("gate")
    a, b = crew.wake("a"), crew.wake("b")
    gate.set()
    assert a is not None
    assert b is not None
    a.result(10)
    b.result(10)
    assert "".join(seen) == "abababab"


def test_a_wake_during_the_last_look_leads_to_another_look(make_crew: MakeCrew) -> None:
    """The row came after the claim had seen nothing, and its poke before the claim's pump had ended."""
    looked, go_on, looks = threading.Event(), threading.Event(), []

    def drain() -> int:
        looks.append(1)
        looked.set()
        assert go_on.wait(10)
        return 0

    crew = make_crew(a_pump("p", drain))
    spell = crew.wake("p")
    assert looked.wait(10)
    assert crew.wake("p") is None
    go_on.set()
    assert spell is not None
    spell.result(10)
    assert len(looks) == 2


def test_a_busy_pump_uses_all_its_lanes_and_no_more(make_crew: MakeCrew) -> None:
    both = threading.Barrier(2)
    batches = iter(range(100))

    def drain() -> int:
        number = next(batches)
        if number in (1, 2):
            both.wait(10)
        return 1 if number < 3 else 0

    crew = make_crew(a_pump("p", drain, lanes=2), threads=3)
    spell_over(crew, "p")
    assert not both.broken


def test_an_alarm_wakes_a_pump_when_its_work_is_due(make_crew: MakeCrew) -> None:
    done = threading.Event()
    crew = make_crew(a_pump("p", lambda: int(done.set() or 0)))
    crew.poke_later("p", 0.05)
    assert done.wait(10)
    eventually(lambda: not crew.is_running("p"), "the pump rests")


def test_a_later_alarm_puts_an_earlier_one_off(make_crew: MakeCrew) -> None:
    ran: list[str] = []
    crew = make_crew(
        a_pump("put off", lambda: len(ran.append("put off") or "")), a_pump("p", lambda: len(ran.append("p") or ""))
    )
    crew.poke_later("put off", 0.05)
    crew.poke_later("put off", 3600)
    crew.poke_later("p", 0.2)
    eventually(lambda: ran == ["p"], "only the other pump ran")


def test_a_busy_pump_invites_other_processes_once(make_crew: MakeCrew) -> None:
    invited: list[str] = []
    left = list(range(9, -1, -1))
    spell_over(make_crew(a_pump("p", lambda: left.pop(0)), invite=invited.append), "p")
    assert invited == ["p"]


def test_a_deadlock_is_repeated_at_once_and_counted(make_crew: MakeCrew) -> None:
    outcomes: list[int | Exception] = [deadlock(), deadlock(), 5, 0]

    def drain() -> int:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    before = metrics.total("retries", "deadlocked")
    spell_over(make_crew(a_pump("deadlocked", drain)), "deadlocked")
    assert outcomes == []
    assert metrics.total("retries", "deadlocked") - before == 2


def test_a_failing_pump_is_kept_back_while_others_run(make_crew: MakeCrew) -> None:
    failed: list[int] = []

    def fail() -> int:
        failed.append(1)
        raise RuntimeError

    good = [1, 0, 1, 0]
    crew = make_crew(a_pump("bad", fail), a_pump("good", lambda: good.pop(0)))
    spell_over(crew, "bad")
    assert crew.wake("bad") is None
    spell_over(crew, "good")
    spell_over(crew, "good")
    assert len(failed) == 1
    eventually(lambda: len(failed) == 2, "the failing pump is tried again by itself")


def test_stopping_begins_no_further_batch_and_releases_those_who_wait(make_crew: MakeCrew) -> None:
    entered, go_on, batches = threading.Event(), threading.Event(), []

    def drain() -> int:
        batches.append(1)
        entered.set()
        assert go_on.wait(10)
        return 1

    crew = make_crew(a_pump("p", drain))
    spell = crew.wake("p")
    assert entered.wait(10)
    crew.stop()
    assert spell is not None
    spell.result(0)
    go_on.set()
    assert crew.join(10)
    assert len(batches) == 1


def test_an_unknown_name_is_no_error(make_crew: MakeCrew) -> None:
    assert make_crew(a_pump("p", lambda: 0)).wake("removed in this version") is None


def test_pauses_grow_up_to_half_a_minute_but_stay_short_without_a_database() -> None:
    defect = trouble_of(RuntimeError())
    assert [pause_after(defect, n, 0) for n in (1, 2, 3)] == [0.5, 1.0, 2.0]
    assert pause_after(defect, 50, 0) == LONGEST_PAUSE_S
    cut_off = trouble_of(OperationalError("select", {}, psycopg.errors.AdminShutdown()))
    assert pause_after(cut_off, 50, 0) == 2.0
    assert pause_after(trouble_of(deadlock()), 0, 3) == 0.0
    assert pause_after(trouble_of(deadlock()), 0, 10) > 0


def test_what_is_logged_of_an_error_repeats_no_values() -> None:
    error = psycopg.errors.UniqueViolation("Key (phone)=(13800000000) already exists")
    assert "13800000000" not in str(trouble_of(error).words)
    assert trouble_of(error).words["error"] == "UniqueViolation"


def test_a_pump_that_a_lost_poke_would_silence_is_refused() -> None:
    with pytest.raises(ValueError, match="ready"):
        Pump("p", lambda _hub: 0, None)
