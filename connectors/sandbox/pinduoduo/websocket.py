"""The server's side of a WebSocket (RFC 6455), as far as the message service needs it: unfragmented text frames."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
LONGEST = 1 << 20
BEAT_SECONDS = 0.1


def accept_of(key: str) -> str:
    """What proves that the server read the client's key."""
    return base64.b64encode(hashlib.sha1(f"{key}{GUID}".encode()).digest()).decode()  # noqa: S324 - the protocol's


@dataclass(slots=True)
class Socket:
    """One open connection; reading waits a beat at most, so that the caller can send in between."""

    connection: socket.socket
    _read: bytearray = field(default_factory=bytearray)

    def open(self, key: str) -> None:
        """Answer the client's request to upgrade."""
        lines = ("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Accept: {accept_of(key)}", "", "")  # fmt: skip
        self.connection.sendall("\r\n".join(lines).encode())
        self.connection.settimeout(BEAT_SECONDS)

    def send(self, payload: bytes, opcode: int = TEXT) -> None:
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 127, size)
        self.connection.sendall(head + payload)

    def texts(self) -> Iterator[bytes]:
        """Texts that have come; pings are answered. ConnectionError when the client has gone or closed."""
        try:
            came = self.connection.recv(65_536)
        except TimeoutError:
            return
        if not came:
            raise ConnectionAbortedError("the application has gone")
        self._read += came
        while (frame := self._take()) is not None:
            opcode, payload = frame
            if opcode == CLOSE:
                self.send(payload, CLOSE)
                raise ConnectionAbortedError("the application has closed the message service")
            if opcode == PING:
                self.send(payload, PONG)
            if opcode == TEXT:
                yield payload

    def _take(self) -> tuple[int, bytes] | None:
        """The next whole frame, unmasked; None while it is incomplete."""
        if len(self._read) < 2:
            return None
        size, start = self._read[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(self._read) < start:
                return None
            size = int.from_bytes(self._read[2:start], "big")
        if not self._read[1] & 0x80 or size > LONGEST:
            raise ConnectionAbortedError("clients must mask their frames and keep them short")
        end = start + 4 + size
        if len(self._read) < end:
            return None
        opcode, key = self._read[0] & 0x0F, self._read[start : start + 4]
        payload = bytes(byte ^ key[n % 4] for n, byte in enumerate(self._read[start + 4 : end]))
        del self._read[:end]
        return opcode, payload
