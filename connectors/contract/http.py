"""The one place that speaks HTTP to the outside; maps transport failures to connector errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from connectors.contract.cutting import Deadline
from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, RateLimited, Refused, Retryable

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
DAY_S = 86_400.0
#: No platform takes more of one operation; a header that says so is not a rate.
MOST_PER_SECOND = 100_000.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the other side; `status` is 2xx except where a `Reading` is given it."""

    status: int
    body: bytes
    headers: Mapping[str, str]


#: Turns an answer that is not 2xx into the error it means; None leaves it to the status.
Reading = Callable[[Answer], ConnectorError | None]


class Gate(Protocol):
    """What every call passes: the account's share of calls, kept by the hub for all its processes.

    `operation` is a name of the manifest's `operations`; any other, or none, has the account's limit alone.
    """

    def before(self, operation: str = "") -> None:
        """Wait for the call's turn; RateLimited when it is far away."""

    def limited(self, seconds: float | None, operation: str = "") -> None:
        """The platform asked for fewer calls, for so many seconds where it said so."""

    def told(self, operation: str, per_second: float) -> None:
        """The platform said how often it takes an operation of this account."""


class Watched(HTTPAdapter):
    """Shows its connections to a deadline, which ends them when their time is up."""

    def __init__(self, deadline: Deadline | None = None) -> None:
        self._deadline = deadline
        super().__init__(pool_connections=4, pool_maxsize=16)

    def get_connection_with_tls_context(self, *given: Any, **named: Any) -> Any:
        """The pool of connections for a request, each watched from its first moment."""
        pool: Any = super().get_connection_with_tls_context(*given, **named)
        if self._deadline is not None:
            pool.ConnectionCls = self._deadline.watching(type(pool).ConnectionCls)
        return pool


class Pinned(Watched):
    """Connects to one network address whatever a name means meanwhile; Host and certificate stay the name's."""

    def __init__(self, address: str, deadline: Deadline | None = None) -> None:
        self._address = address
        super().__init__(deadline)

    def build_connection_pool_key_attributes(self, request: Any, *given: Any) -> Any:
        """Where to connect, with the name that the certificate must be for."""
        place, tls = super().build_connection_pool_key_attributes(request, *given)
        named: dict[str, Any] = {"server_hostname": place["host"]} if place["scheme"] == "https" else {}
        return {**place, "host": self._address}, {**tls, **named}

    def add_headers(self, request: requests.PreparedRequest, **_: Any) -> None:
        """The Host header as it would be without pinning."""
        request.headers["Host"] = urlsplit(str(request.url)).netloc


class Http:
    """A pooled session; `relay` is an egress proxy, `writes` tells whether a lost answer matters.

    `address` is the only network address it connects to, for a name that was looked up and checked before.
    `status_within` is for strangers of whom only the status matters: it must be there after so many seconds in all,
    however slowly it comes, and the body is never read; such a client makes one call at a time.
    """

    def __init__(
        self,
        *,
        relay: str = "",
        read_seconds: float = READ_SECONDS,
        gate: Gate | None = None,
        address: str = "",
        status_within: float = 0,
    ) -> None:
        self._deadline = deadline = Deadline(status_within) if status_within else None
        self._session = requests.Session()
        self._session.trust_env = False
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, Pinned(address, deadline) if address else Watched(deadline))
        self._proxies = {"http": relay, "https": relay} if relay else {}
        self._read_seconds = read_seconds
        self._gate = gate

    def post(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, str] = b"",
        headers: Mapping[str, str] | None = None,
        writes: bool = False,
        reading: Reading | None = None,
        operation: str = "",
    ) -> Answer:
        """POST; a lost answer of a write is OutcomeUnknown, of a read Retryable."""
        return self.send(
            "POST",
            url,
            params=params,
            body=body,
            headers=headers,
            writes=writes,
            reading=reading,
            operation=operation,
        )

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        reading: Reading | None = None,
        operation: str = "",
    ) -> Answer:
        """GET; always repeatable."""
        return self.send("GET", url, params=params, headers=headers, reading=reading, operation=operation)

    def send(
        self,
        verb: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, str] = b"",
        headers: Mapping[str, str] | None = None,
        writes: bool = False,
        reading: Reading | None = None,
        operation: str = "",
    ) -> Answer:
        """Any verb. `reading` explains refusals in the vendor's own error format before the status is looked at.

        `operation` names the call where the manifest declares a limit of its own for it.
        """
        if self._gate is not None:
            self._gate.before(operation)
        try:
            with self._deadline or nullcontext():
                answer = self._session.request(
                    verb,
                    url,
                    params=params,
                    data=body or None,
                    headers=headers,
                    timeout=(CONNECT_SECONDS, self._read_seconds),
                    proxies=self._proxies,
                    allow_redirects=False,
                    stream=self._deadline is not None,
                )
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError) as error:
            raise Retryable("could not connect", code=type(error).__name__) from None
        except requests.exceptions.RequestException as error:
            raise _lost(error, writes) from None
        if self._deadline is not None:
            answer.close()
            answer.raw = None
        try:
            return _sorted_by_status(answer, writes, reading)
        except RateLimited as error:
            self.rest(error.retry_after, operation)
            raise

    def rest(self, seconds: float | None, operation: str = "") -> None:
        """Leave the account alone for a while, or one declared operation of it.

        Connectors call it when a limit is told in a body with status 200.
        """
        if self._gate is not None:
            self._gate.limited(seconds, operation)

    def told_rate(self, operation: str, per_second: float) -> None:
        """Keep to the rate of an operation that an answer told; connectors whose platform tells it call this."""
        if self._gate is not None:
            self._gate.told(operation, per_second)


def _lost(error: requests.exceptions.RequestException, writes: bool) -> Retryable:
    """The text of a requests error can hold the URL with its secrets, so only its type is kept."""
    refused = isinstance(error, requests.exceptions.ConnectionError) and "refused" in str(error).lower()
    if writes and not refused:
        return OutcomeUnknown("no answer came back", code=type(error).__name__)
    return Retryable("no answer came back", code=type(error).__name__)


def _sorted_by_status(answer: requests.Response, writes: bool, reading: Reading | None) -> Answer:
    status, code = answer.status_code, f"http-{answer.status_code}"
    read = Answer(status, answer.content or b"", answer.headers)
    if 200 <= status < 300:
        return read
    explained = reading(read) if reading is not None else None
    if explained is not None:
        raise explained
    if status == 429:
        raise RateLimited("too many calls", code=code, retry_after=retry_after(answer.headers))
    if status in (401, 403):
        raise AuthFailed("the credentials were refused", code=code)
    if status >= 500:
        raise (OutcomeUnknown if writes else Retryable)("the other side failed", code=code)
    raise Refused(f"the other side refused the call: {answer.text[:200]}", code=code)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds an answer asks to wait, None when it does not say."""
    seconds = _number(headers, "Retry-After")
    return seconds if seconds is not None and 0 <= seconds < DAY_S else None


def rate_in(headers: Mapping[str, str], name: str) -> float | None:
    """Calls a second that an answer's header tells, None when it does not say or nobody could keep to it."""
    rate = _number(headers, name)
    return rate if rate is not None and 1 / DAY_S < rate < MOST_PER_SECOND else None


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        return float(headers.get(name, ""))
    except ValueError:
        return None
