"""Ends the connections of a call that takes too long as a whole; time limits of single reads are not kept here."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any


class Deadline:
    """While it is entered, connections that it watches are shut down after so many seconds.

    A time limit of the transport starts anew with each byte, so a server that sends one byte a second never meets it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)

    def __enter__(self) -> None:
        self._timer = threading.Timer(self._seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._timer.cancel()
        self._timer.join()
        while self._sockets:
            self._sockets.pop().close()

    def watching(self, kind: Any) -> Any:
        """The same kind of connection, whose socket this deadline may shut down from the start of its handshake."""

        def _new_conn(connection: Any) -> socket.socket:
            made: socket.socket = kind._new_conn(connection)
            # TLS takes the socket over, so a second hold on the same connection is kept.
            self._sockets.append(made.dup())
            return made

        return type(f"Watched{kind.__name__}", (kind,), {"_new_conn": _new_conn})

    def _cut(self) -> None:
        for held in self._sockets:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
