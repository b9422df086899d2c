"""A pinned client connects to one network address and still speaks to the name."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from connectors.contract.errors import OutcomeUnknown, Retryable
from connectors.contract.http import Http

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@pytest.fixture
def door() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield door


def heard_by(door: socket.socket) -> tuple[threading.Thread, list[bytes]]:
    heard: list[bytes] = []

    def listen() -> None:
        visitor, _ = door.accept()
        with visitor:
            heard.append(visitor.recv(4096))
            visitor.sendall(ANSWER)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    return thread, heard


def test_a_name_nobody_knows_is_reached_at_its_pinned_address(door: socket.socket) -> None:
    thread, heard = heard_by(door)
    port = door.getsockname()[1]
    answer = Http(address="127.0.0.1").get(f"http://hooks.example.invalid:{port}/in")
    thread.join(5)
    assert answer.body == b"ok"
    assert f"Host: hooks.example.invalid:{port}\r\n".encode() in heard[0]


def test_the_certificate_asked_for_is_the_names(door: socket.socket) -> None:
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    def listen() -> None:
        visitor, _ = door.accept()
        with pytest.raises(ssl.SSLError), visitor:
            context.wrap_socket(visitor, server_side=True)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    with pytest.raises(Retryable):
        Http(address="127.0.0.1").get(f"https://hooks.example.invalid:{door.getsockname()[1]}/in")
    thread.join(5)
    assert names == ["hooks.example.invalid"]


def test_a_status_that_trickles_in_is_not_waited_for(door: socket.socket) -> None:
    hung_up = threading.Event()

    def trickle() -> None:
        visitor, _ = door.accept()
        with visitor, contextlib.suppress(OSError):
            while not hung_up.wait(0.02):
                visitor.sendall(b"H")

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    with pytest.raises(OutcomeUnknown):
        Http(status_within=0.3).post(f"http://127.0.0.1:{door.getsockname()[1]}/in", body=b"{}", writes=True)
    hung_up.set()
    thread.join(5)


@pytest.mark.parametrize("address", ["", "127.0.0.1"])
def test_where_only_the_status_matters_the_body_is_not_waited_for(door: socket.socket, address: str) -> None:
    is_over = threading.Event()

    def never_end() -> None:
        visitor, _ = door.accept()
        with visitor:
            visitor.recv(4096)
            visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx")
            is_over.wait(20)

    thread = threading.Thread(target=never_end, daemon=True)
    thread.start()
    client = Http(status_within=10, address=address)
    answer = client.post(f"http://127.0.0.1:{door.getsockname()[1]}/in", body=b"{}", writes=True)
    assert (answer.status, answer.body, thread.is_alive()) == (200, b"", True)
    is_over.set()
    thread.join(5)


def test_without_pinning_the_name_is_looked_up() -> None:
    with pytest.raises(Retryable):
        Http().get("http://hooks.example.invalid:9/in")
