"""The kit on its own: storage, faults, scheduler and the base twin, with a platform of one call."""

import threading
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call, FaultPlan, Route, Scheduler, Storage, Twin, TwinOptions


class EchoTwin(Twin):
    name = "echo"
    schema = "create table if not exists said (word text);"

    def routes(self) -> list[Route]:
        return [Route("/say", self._say)]

    def ledger(self) -> dict[str, Any]:
        return {"said": [row["word"] for row in self.storage.rows("select word from said")]}

    def _say(self, request: Request) -> Response:
        def work() -> Call:
            self.storage.execute("insert into said values (?)", (request.form["word"],))
            return Call(Response("ok"))

        return self.call(request, "echo.say", work)


@pytest.fixture
def twin(tmp_path: Path) -> Any:
    twin = EchoTwin(TwinOptions(tmp_path))
    yield twin
    twin.close()


def set_faults(client: Client, *faults: dict[str, Any]) -> None:
    assert client.post("/_twin/faults", json={"faults": list(faults)}).status_code == 200


def test_calls_are_counted_and_the_ledger_tells_them(twin: EchoTwin) -> None:
    client = Client(twin)
    client.post("/say", data={"word": "a"})
    assert client.get("/_twin/ledger").get_json() == {"said": ["a"]}
    assert client.get("/_twin/counters").get_json()["calls"] == {"echo.say": {"ok": 1}}
    assert client.get("/_twin/health").get_json()["ok"] is True


def test_http_5xx_refuses_before_the_work_and_only_as_often_as_told(twin: EchoTwin) -> None:
    client = Client(twin)
    set_faults(client, {"kind": "http_5xx", "max_times": 2, "status": 502})
    statuses = [client.post("/say", data={"word": "a"}).status_code for _ in range(3)]
    assert statuses == [502, 502, 200]
    assert twin.ledger() == {"said": ["a"]}
    assert client.get("/_twin/faults").get_json()["faults"][0]["fired"] == 2


def test_timeout_after_accept_does_the_work_and_gives_no_answer(twin: EchoTwin) -> None:
    client = Client(twin)
    set_faults(client, {"kind": "timeout_after_accept", "max_times": 1})
    with pytest.raises(ConnectionAbortedError):
        client.post("/say", data={"word": "a"})
    assert twin.ledger() == {"said": ["a"]}


def test_faults_match_methods_by_glob(twin: EchoTwin) -> None:
    client = Client(twin)
    set_faults(client, {"kind": "http_5xx", "match": "other.*"})
    assert client.post("/say", data={"word": "a"}).status_code == 200


@pytest.mark.parametrize(
    "fault", [{"kind": "earthquake"}, {"kind": "latency", "rate": 2}, {"kind": "latency", "speed": 1}]
)
def test_a_fault_that_makes_no_sense_is_refused(twin: EchoTwin, fault: dict[str, Any]) -> None:
    answer = Client(twin).post("/_twin/faults", json={"faults": [fault]})
    assert answer.status_code == 400
    assert "error" in answer.get_json()


def test_rates_are_drawn_from_the_seed() -> None:
    def drawn(seed: int) -> list[bool]:
        plan = FaultPlan(seed)
        plan.replace([{"kind": "http_5xx", "rate": 0.5}])
        return [plan.draw("http_5xx", "x") is not None for _ in range(50)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_faults_and_rows_survive_a_restart(tmp_path: Path) -> None:
    first = EchoTwin(TwinOptions(tmp_path))
    Client(first).post("/say", data={"word": "a"})
    set_faults(Client(first), {"kind": "http_5xx"})
    first.close()
    second = EchoTwin(TwinOptions(tmp_path))
    assert second.ledger() == {"said": ["a"]}
    assert Client(second).post("/say", data={"word": "b"}).status_code == 503
    second.close()


def test_reset_empties_the_tables(twin: EchoTwin) -> None:
    client = Client(twin)
    client.post("/say", data={"word": "a"})
    client.post("/_twin/reset")
    assert twin.ledger() == {"said": []}
    assert twin.storage.counters() == {}


def test_a_failed_transaction_leaves_nothing(twin: EchoTwin) -> None:
    def insert_then_fail() -> None:
        with twin.storage.write() as tx:
            tx.execute("insert into said values ('a')")
            with twin.storage.write() as inner:
                inner.execute("insert into said values ('b')")
            raise LookupError

    with pytest.raises(LookupError):
        insert_then_fail()
    assert twin.ledger() == {"said": []}


def test_sequences_never_give_a_number_twice(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "s.sqlite3")
    assert [storage.next_number("n", 10, 10), storage.next_number("n", 10, 10)] == [10, 20]
    storage.close()
    again = Storage(tmp_path / "s.sqlite3")
    assert again.next_number("n", 10, 10) == 30
    again.close()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def storage(tmp_path: Path) -> Any:
    storage = Storage(tmp_path / "tasks.sqlite3")
    yield storage
    storage.close()


def test_tasks_fall_due_faster_by_speed(storage: Storage, clock: Clock) -> None:
    scheduler, ran = Scheduler(storage, 60, clock), []
    scheduler.on("ring", ran.append)
    scheduler.after(120, "ring", {"who": "a"})
    clock.now += 1.9
    assert scheduler.run_due() == 0
    clock.now += 0.2
    assert scheduler.run_due() == 1
    assert ran == [{"who": "a"}]


def test_tasks_wait_through_a_restart(storage: Storage, clock: Clock) -> None:
    Scheduler(storage, 60, clock).after(60, "ring")
    ran: list[dict[str, Any]] = []
    later = Scheduler(storage, 60, clock)
    later.on("ring", ran.append)
    assert later.advance(60) == 1
    assert ran == [{}]


def test_a_failing_task_is_tried_five_times_and_harms_no_other(storage: Storage, clock: Clock) -> None:
    scheduler, ran = Scheduler(storage, 60, clock), []

    def fail(payload: dict[str, Any]) -> None:
        raise LookupError

    scheduler.on("fail", fail)
    scheduler.on("ring", ran.append)
    scheduler.after(0, "fail")
    scheduler.after(0, "ring")
    for _ in range(6):
        scheduler.run_due()
        clock.now += 1.1
    assert ran == [{}]
    assert storage.counters()["task:fail"] == {"LookupError": 5, "given_up": 1}
    assert scheduler.waiting() == 0


def test_two_threads_never_run_one_task_twice(storage: Storage, clock: Clock) -> None:
    scheduler, ran = Scheduler(storage, 60, clock), []
    scheduler.on("ring", ran.append)
    for number in range(50):
        scheduler.after(0, "ring", {"number": number})
    threads = [threading.Thread(target=scheduler.run_due) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(payload["number"] for payload in ran) == list(range(50))


def test_the_scheduler_thread_wakes_for_what_is_due_and_stops(storage: Storage) -> None:
    scheduler, rang = Scheduler(storage, 60), threading.Event()
    scheduler.on("ring", lambda payload: rang.set())
    scheduler.start()
    scheduler.after(1, "ring")
    assert rang.wait(timeout=10)
    scheduler.stop()
