"""The one place that opens WebSockets to the outside; maps their failures to connector errors."""

from __future__ import annotations

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import connect

from connectors.contract.errors import AuthFailed, Retryable

OPEN_SECONDS = 5.0
CLOSE_SECONDS = 0.5
#: The other side is pinged this often, and taken for gone when it does not answer for as long.
PING_SECONDS = 20.0
LARGEST = 1 << 20


class Wire:
    """An open WebSocket of text frames; `relay` is an egress proxy.

    The address may hold a proof of a secret, so no error of the library is passed on, nor logged.
    """

    def __init__(self, address: str, *, relay: str = "") -> None:
        try:
            self._socket = connect(
                address,
                proxy=relay or None,
                compression=None,
                open_timeout=OPEN_SECONDS,
                close_timeout=CLOSE_SECONDS,
                ping_interval=PING_SECONDS,
                ping_timeout=PING_SECONDS,
                max_size=LARGEST,
            )
        except InvalidStatus as error:
            raise _refused(error.response.status_code) from None
        except (OSError, WebSocketException, ValueError) as error:
            raise Retryable("could not connect", code=type(error).__name__) from None

    def receive(self, seconds: float) -> bytes | None:
        """The next frame, None when none comes in time; Retryable when the connection is gone."""
        try:
            told = self._socket.recv(seconds)
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            raise Retryable("the connection was closed", code=_close_code(error)) from None
        return told.encode() if isinstance(told, str) else told

    def send(self, frame: bytes) -> None:
        """Send one text frame; Retryable when the connection is gone."""
        try:
            self._socket.send(frame.decode())
        except ConnectionClosed as error:
            raise Retryable("the connection was closed", code=_close_code(error)) from None

    def close(self) -> None:
        """Hang up, waiting half a second at most for the other side to agree."""
        self._socket.close()


def _refused(status: int) -> Retryable | AuthFailed:
    code = f"http-{status}"
    if status in (401, 403):
        return AuthFailed("the connection was refused; check the application's keys and this machine's clock", code=code)
    return Retryable("the other side opens no connection now", code=code)


def _close_code(error: ConnectionClosed) -> str:
    return f"close-{error.rcvd.code}" if error.rcvd is not None else "gone"
