"""Mail goes out with our number as its id; what a server refuses is sorted by what to do next."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import pytest

from connectors.contract import errors as e
from connectors.contract.manifest import Account
from connectors.notifiers.smtp import Smtp


class Talk(socketserver.StreamRequestHandler):
    """The little of SMTP that a client needs; recipients decide what is answered."""

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            verb = line.decode().strip().upper()
            if verb.startswith("DATA"):
                self._say("354 go on")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += self.rfile.readline()
                self.server.mails.append(text.decode())  # type: ignore[attr-defined]
                self._say("250 taken")
            elif verb.startswith("QUIT"):
                self._say("221 bye")
                return
            else:
                self._say({"GONE": "550 no such box", "BUSY": "451 later"}.get(verb[9:13], "250 fine"))

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Talk) as server:
        server.mails = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def mailbox(server: Server) -> Smtp:
    place = f"127.0.0.1:{server.server_address[1]}"
    return Smtp(Account({"sender": "Shop <shop@example.com>", "server": place, "security": "plain"}))


def test_a_mail_has_the_filled_in_subject_and_always_the_same_id(server: Server) -> None:
    box = mailbox(server)
    assert box.check().ok
    ids = {box.notify("buyer@example.com", "Order {order}\r\nBcc: x@y.z", {"order": "T1"}, "k1", words="Come").reference
           for _ in range(2)}  # fmt: skip
    assert len(ids) == 1
    first = server.mails[0]  # type: ignore[attr-defined]
    assert "Subject: Order T1 Bcc: x@y.z" in first
    assert ids.pop() in first
    assert box.find_message("buyer@example.com", "k1", box.clock()) is None


@pytest.mark.parametrize(("to", "error"), [("gone@example.com", e.Refused), ("busy@example.com", e.Retryable)])
def test_a_refused_recipient_is_told_without_the_address(server: Server, to: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        mailbox(server).notify(to, "s", {}, "k")
    assert to not in str(caught.value)


def test_a_server_that_is_not_there_is_tried_again() -> None:
    box = Smtp(Account({"sender": "a@b.c", "server": "127.0.0.1:9", "security": "plain"}))
    with pytest.raises(e.Retryable):
        box.notify("a@b.c", "s", {}, "k")
    assert not box.check().ok
