"""The leaky bucket of points that an app has with a shop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Bucket:
    """Fills by `rate` points a second up to `size`; a request takes its whole cost first and gets the rest back.

    It lives in memory: a bucket that nobody drew from for a while is full anyway.
    """

    def __init__(self, rate: float, size: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.size = rate, size
        self._clock = clock
        self._held, self._at = size, clock()
        self._lock = threading.Lock()

    def take(self, points: int) -> bool:
        """Take points, or none when there are too few."""
        with self._lock:
            self._fill()
            if points > self._held:
                return False
            self._held -= points
            return True

    def give_back(self, points: int) -> None:
        with self._lock:
            self._held = min(self.size, self._held + points)

    def available(self) -> int:
        with self._lock:
            self._fill()
            return int(self._held)

    def _fill(self) -> None:
        now = self._clock()
        self._held = min(self.size, self._held + (now - self._at) * self.rate)
        self._at = now
