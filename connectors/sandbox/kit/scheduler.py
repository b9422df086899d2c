"""Timed behaviour of a twin: persisted tasks that fall due `speed` times faster than real time."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from connectors.sandbox.kit.storage import Storage

Task = Callable[[dict[str, Any]], None]
RETRY_AFTER_SECONDS = 60.0
MAX_TRIES = 5


class Scheduler:
    """Runs named tasks when they fall due. Tasks are rows, so they survive a restart.

    A task that raises is tried again after a twin-minute, five times at most, then counted as given up.
    A task runs at least once: write task functions so that a second run does no harm.
    """

    def __init__(self, storage: Storage, speed: float, now: Callable[[], float] = time.time) -> None:
        self._storage = storage
        self._now = now
        self._tasks: dict[str, Task] = {}
        self._wake = threading.Event()
        self._turn = threading.Lock()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self.speed = speed

    def on(self, name: str, task: Task) -> None:
        """Bind a task name to its function; call before `start`."""
        self._tasks[name] = task

    def after(self, seconds: float, name: str, payload: dict[str, Any] | None = None) -> None:
        """Run a task in so many twin-seconds (real seconds = seconds / speed)."""
        due = self._now() + seconds / self.speed
        self._insert(due, name, payload or {})

    def start(self) -> None:
        """Run due tasks on a daemon thread until `stop`."""
        self._thread = threading.Thread(target=self._loop, name="twin-scheduler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def advance(self, seconds: float) -> int:
        """Bring every task forward by twin-seconds, then run what is due; answers how many ran."""
        self._storage.execute("update _task set due = due - ?", (seconds / self.speed,))
        return self.run_due()

    def run_due(self) -> int:
        """Run every task that is due now; answers how many ran."""
        ran = 0
        while self._run_next():
            ran += 1
        return ran

    def waiting(self) -> int:
        """How many tasks are still to run."""
        return int(self._storage.scalar("select count(*) from _task"))

    def _insert(self, due: float, name: str, payload: dict[str, Any]) -> None:
        text = json.dumps(payload, ensure_ascii=False)
        self._storage.execute("insert into _task (due, name, payload) values (?, ?, ?)", (due, name, text))
        self._wake.set()

    def _run_next(self) -> bool:
        # The thread and `advance` may both be at it: without taking turns they would run one task twice.
        with self._turn:
            row = self._next()
            if row is not None:
                self._run(row["id"], row["name"], json.loads(row["payload"]), row["tries"])
            return row is not None

    def _next(self) -> Any:
        due_now = "select * from _task where due <= ? order by due, id limit 1"
        return self._storage.one(due_now, (self._now(),))

    def _run(self, task_id: int, name: str, payload: dict[str, Any], tries: int) -> None:
        try:
            self._tasks[name](payload)
        except Exception as error:  # noqa: BLE001 - one failing task must not stop the others
            self._storage.count(f"task:{name}", type(error).__name__)
            self._retry(task_id, name, tries + 1)
            return
        self._storage.execute("delete from _task where id = ?", (task_id,))
        self._storage.count(f"task:{name}", "ok")

    def _retry(self, task_id: int, name: str, tries: int) -> None:
        if tries >= MAX_TRIES:
            self._storage.execute("delete from _task where id = ?", (task_id,))
            self._storage.count(f"task:{name}", "given_up")
            return
        due = self._now() + RETRY_AFTER_SECONDS / self.speed
        self._storage.execute("update _task set tries = ?, due = ? where id = ?", (tries, due, task_id))

    def _loop(self) -> None:
        while not self._stopping:
            self.run_due()
            self._wake.wait(self._pause())
            self._wake.clear()

    def _pause(self) -> float:
        due = self._storage.scalar("select min(due) from _task")
        return 5.0 if due is None else min(5.0, max(0.0, due - self._now()))
