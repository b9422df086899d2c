"""The base of a twin: a WSGI application with faults, counters and control endpoints under /_twin/."""

import contextlib
import json
import random
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit.faults import FaultPlan
from connectors.sandbox.kit.scheduler import Scheduler
from connectors.sandbox.kit.storage import Storage

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Endpoint = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """A path (werkzeug syntax, `/x/<id>`), its HTTP methods, the function `(request, **args)`."""

    path: str
    endpoint: Endpoint
    methods: tuple[str, ...] = ("POST",)


@dataclass(frozen=True, slots=True)
class TwinOptions:
    """How a twin runs: its folder, seed of all chance, speed of timed behaviour, free settings by name."""

    directory: Path
    seed: int = 1
    speed: float = 60.0
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """The outcome of one API call: the answer and the word under which it is counted (ok, refused: …)."""

    response: Response
    outcome: str = "ok"


def json_answer(document: object, status: int = 200) -> Response:
    """A JSON response in UTF-8, Chinese left readable."""
    body = json.dumps(document, ensure_ascii=False)
    return Response(body, status=status, content_type="application/json;charset=utf-8")


class Twin:
    """Inherit, set `name` and `schema`, give `routes()`, wrap each API call in `self.call(...)`.

    Override `control_routes()` for own endpoints under /_twin/, `ledger()` for the complete record,
    `rate_limited(seconds)` and `session_expired()` for the platform's own error bodies,
    `after_reset()` to lay out the storage again. Subclasses' `__init__(options)` calls super first.
    """

    name = "twin"
    schema = ""

    def __init__(self, options: TwinOptions) -> None:
        self.options = options
        options.directory.mkdir(parents=True, exist_ok=True)
        self.storage = Storage(options.directory / f"{self.name}.sqlite3", self.schema)
        self.random = random.Random(f"{self.name}:{options.seed}")
        self.faults = FaultPlan(options.seed)
        self.faults.replace(self.storage.recall("faults", options.settings.get("faults", [])))
        self.scheduler = Scheduler(self.storage, options.speed)
        self._map = Map([self._rule(route) for route in self._all_routes()])

    def close(self) -> None:
        """Stop timed behaviour and release the storage."""
        self.scheduler.stop()
        self.storage.close()

    # What a subclass gives.

    def routes(self) -> Iterable[Route]:
        """The platform's own addresses."""
        return ()

    def control_routes(self) -> Iterable[Route]:
        """More endpoints under /_twin/ beside the common ones."""
        return ()

    def ledger(self) -> dict[str, Any]:
        """Everything that happened, as the platform knows it."""
        return {}

    def rate_limited(self, seconds: int) -> Response:
        """The platform's own answer when called too often."""
        return json_answer({"error": "rate limited", "retry_after": seconds}, 429)

    def session_expired(self) -> Response:
        """The platform's own answer to an expired authorisation."""
        return json_answer({"error": "session expired"}, 401)

    def after_reset(self) -> None:
        """Called when the storage has been emptied."""

    # What a subclass uses.

    def call(self, request: Request, method: str, work: Callable[[], Call]) -> Response:
        """Run one API call with the active faults around it, and count it by method and outcome."""
        self._slow_down(method)
        stopped = self._stopped_before(method)
        if stopped is not None:
            self.storage.count(method, stopped.outcome)
            return stopped.response
        done = work()
        self.storage.count(method, done.outcome)
        self._hang_after(request, method)
        return self._cut_short(method, done.response)

    # WSGI.

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        return self._dispatch(request)(environ, start_response)

    def _dispatch(self, request: Request) -> Response:
        try:
            endpoint, args = self._map.bind_to_environ(request.environ).match()
            answer: Response = endpoint(request, **args)
            return answer
        except HTTPException as error:
            return Response(error.description or error.name, status=error.code or 500)

    def _all_routes(self) -> Iterator[Route]:
        yield from self.routes()
        yield Route("/_twin/health", self._health, ("GET",))
        yield Route("/_twin/ledger", lambda _: json_answer(self.ledger()), ("GET",))
        yield Route("/_twin/counters", self._counters, ("GET",))
        yield Route("/_twin/faults", self._faults, ("GET", "POST"))
        yield Route("/_twin/reset", self._reset)
        yield Route("/_twin/advance", self._advance)
        yield from self.control_routes()

    def _rule(self, route: Route) -> Rule:
        return Rule(route.path, endpoint=route.endpoint, methods=list(route.methods))

    # Faults.

    def _slow_down(self, method: str) -> None:
        fault = self.faults.draw("latency", method)
        if fault is not None:
            time.sleep(fault.ms / 1000)

    def _stopped_before(self, method: str) -> Call | None:
        if self.faults.draw("outage", method) is not None:
            return Call(Response("down", status=503), "fault: outage")
        if (fault := self.faults.draw("http_5xx", method)) is not None:
            return Call(Response("service unavailable", status=fault.status), "fault: http_5xx")
        if (fault := self.faults.draw("rate_limit", method)) is not None:
            return Call(self.rate_limited(fault.seconds), "fault: rate_limit")
        if self.faults.draw("expired_session", method) is not None:
            return Call(self.session_expired(), "fault: expired_session")
        return None

    def _cut_short(self, method: str, response: Response) -> Response:
        """The fault `broken_page`: half of the answer's body, as a proxy that gave up would leave it."""
        if self.faults.draw("broken_page", method) is None:
            return response
        body = response.get_data()
        response.set_data(body[: len(body) // 2])
        return response

    def _hang_after(self, request: Request, method: str) -> None:
        fault = self.faults.draw("timeout_after_accept", method)
        if fault is None:
            return
        self.storage.count(method, "fault: timeout_after_accept")
        time.sleep(fault.ms / 1000)
        connection = request.environ.get("werkzeug.socket")
        if connection is not None:
            # The client may have gone first; then there is nothing left to close.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError(f"{self.name} accepted {method} and dropped the connection on demand")

    # Control endpoints.

    def _health(self, request: Request) -> Response:
        options = self.options
        return json_answer(
            {"name": self.name, "ok": True, "seed": options.seed, "speed": options.speed,
             "waiting_tasks": self.scheduler.waiting()}
        )  # fmt: skip

    def _counters(self, request: Request) -> Response:
        return json_answer({"calls": self.storage.counters()})

    def _faults(self, request: Request) -> Response:
        if request.method == "POST":
            documents = request.get_json().get("faults", [])
            try:
                self.faults.replace(documents)
            except ValueError as error:
                return json_answer({"error": str(error)}, 400)
            self.storage.remember("faults", documents)
        return json_answer({"faults": self.faults.as_documents()})

    def _reset(self, request: Request) -> Response:
        self.storage.empty()
        self.random.seed(f"{self.name}:{self.options.seed}")
        self.after_reset()
        return json_answer({"ok": True})

    def _advance(self, request: Request) -> Response:
        return json_answer({"ran": self.scheduler.advance(float(request.get_json()["seconds"]))})
