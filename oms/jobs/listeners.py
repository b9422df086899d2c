"""The threads of a worker process that keep platforms' message connections open, one in all processes for each line."""

from __future__ import annotations

import os
import random
import threading
import time
from datetime import timedelta

import structlog

from connectors.contract.errors import ConnectorError
from connectors.contract.notices import Messages
from oms.app.capture import message_lines
from oms.app.capture.message_lines import LEASE_S, Line
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.domain.errors import HubError, LostLease
from oms.jobs.trouble import trouble_of

#: How often a process looks for connections that nobody keeps.
LOOK_EVERY_S = 2.0
RENEW_EVERY_S = LEASE_S / 3
#: How long a listener waits for a message before it looks whether it shall stop.
WAIT_S = 0.4
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 300.0
#: A connection that lasted this long was a good one: the next trouble is a first one again.
GOOD_S = 60.0

log = structlog.get_logger(__name__)


class Listeners:
    """Looks after the lines of a hub in threads of its own, so that none waits for a pump."""

    def __init__(self, hub: Hub, *, look_every_s: float = LOOK_EVERY_S, first_pause_s: float = FIRST_PAUSE_S) -> None:
        self._hub = hub
        self._look_every_s = look_every_s
        self._first_pause_s = first_pause_s
        self._stopping = threading.Event()
        self._listening: dict[str, threading.Thread] = {}
        self._thread = threading.Thread(target=self._run, name="listeners", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Hang up everywhere; join() waits for it."""
        self._stopping.set()

    def join(self, timeout: float) -> bool:
        """Wait until all have hung up; false when one has not in time."""
        deadline = time.monotonic() + timeout
        threads = [self._thread, *self._listening.values()]
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def look(self) -> None:
        """One round: a listener for each line that nobody holds."""
        for line in message_lines.lines_wanted(self._hub):
            held = self._listening.get(line.lease)
            if held is not None and held.is_alive():
                continue
            fence = message_lines.hold(self._hub, line, f"worker {os.getpid()}")
            if fence is not None:
                listener = _Listener(self._hub, line, fence, self._stopping, self._first_pause_s)
                self._listening[line.lease] = threading.Thread(target=listener.run, name="listener", daemon=True)
                self._listening[line.lease].start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - one bad round must not end the next
                log.error("listeners_failed", **trouble_of(error).words)
            self._stopping.wait(self._look_every_s)


class _Listener:
    """One line under its lease: opens, keeps what comes, acknowledges, and opens again when it breaks."""

    def __init__(self, hub: Hub, line: Line, fence: int, stopping: threading.Event, first_pause_s: float) -> None:
        self._hub = hub
        self._line = line
        self._fence = fence
        self._stopping = stopping
        self._first_pause_s = first_pause_s
        self._renewed_at = time.monotonic()
        self._failures = 0

    def run(self) -> None:
        try:
            while self._goes_on():
                self._listen_once()
        except LostLease:
            log.warning("line_taken_over", line=self._line.lease)
        except Exception as error:  # noqa: BLE001 - the next look begins anew
            log.error("listener_failed", line=self._line.lease, **trouble_of(error).words)
        finally:
            self._let_go()

    def _listen_once(self) -> None:
        """One connection until it breaks; then a pause, longer each time."""
        began = time.monotonic()
        try:
            messages = connector_of(self._hub, account_id=self._line.ids[0]).open_messages()
            try:
                self._listen(messages)
            finally:
                messages.close()
        except LostLease:
            raise
        except (ConnectorError, HubError) as error:
            self._failures = 1 if time.monotonic() - began > GOOD_S else self._failures + 1
            self._rest(error.words)

    def _listen(self, messages: Messages) -> None:
        message_lines.note_open(self._hub, self._line, self._fence)
        log.info("line_open", line=self._line.lease)
        while self._goes_on():
            found = messages.receive(WAIT_S)
            if not found:
                continue
            message_lines.keep(self._hub, self._line, self._fence, found)
            for delivery in found:
                messages.acknowledge(delivery)

    def _rest(self, words: str) -> None:
        pause = min(self._first_pause_s * 2.0 ** min(self._failures - 1, 20), LONGEST_PAUSE_S)
        # Many processes that lost one platform must not come back to it in the same moment.
        pause *= 0.5 + random.random() / 2  # noqa: S311 - no secret
        until = self._hub.clock() + timedelta(seconds=pause)
        message_lines.note_trouble(self._hub, self._line, self._fence, words, until)
        log.warning("line_broken", line=self._line.lease, pause_s=round(pause, 1), failures=self._failures)
        deadline = time.monotonic() + pause
        while self._goes_on() and (left := deadline - time.monotonic()) > 0:
            self._stopping.wait(min(left, WAIT_S))

    def _goes_on(self) -> bool:
        """Whether the line is still wanted as it is; renews the lease when it is time. LostLease when it is lost."""
        if self._stopping.is_set():
            return False
        if time.monotonic() - self._renewed_at < RENEW_EVERY_S:
            return True
        message_lines.hold_on(self._hub, self._line, self._fence)
        self._renewed_at = time.monotonic()
        return self._line in message_lines.lines_wanted(self._hub)

    def _let_go(self) -> None:
        try:
            message_lines.let_go(self._hub, self._line, self._fence)
        except Exception as error:  # noqa: BLE001 - without the database the lease runs out by itself
            log.warning("lease_not_released", line=self._line.lease, **trouble_of(error).words)
