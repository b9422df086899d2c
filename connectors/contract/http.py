"""The one place that speaks HTTP to the outside; maps transport failures to connector errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import requests
from requests.adapters import HTTPAdapter

from connectors.contract.errors import AuthFailed, OutcomeUnknown, RateLimited, Refused, Retryable

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Http:
    """A pooled session; `relay` is an egress proxy, `writes` tells whether a lost answer matters."""

    def __init__(self, *, relay: str = "", read_seconds: float = READ_SECONDS) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("http://", HTTPAdapter(pool_connections=4, pool_maxsize=16))
        self._session.mount("https://", HTTPAdapter(pool_connections=4, pool_maxsize=16))
        self._proxies = {"http": relay, "https": relay} if relay else {}
        self._read_seconds = read_seconds

    def post(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, str] = b"",
        headers: Mapping[str, str] | None = None,
        writes: bool = False,
    ) -> Answer:
        """POST; a lost answer of a write is OutcomeUnknown, of a read Retryable."""
        return self._call("POST", url, params, body, headers, writes)

    def get(
        self, url: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """GET; always repeatable."""
        return self._call("GET", url, params, b"", headers, False)

    def _call(
        self,
        verb: str,
        url: str,
        params: Mapping[str, str] | None,
        body: bytes | Mapping[str, str],
        headers: Mapping[str, str] | None,
        writes: bool,
    ) -> Answer:
        try:
            answer = self._session.request(
                verb,
                url,
                params=params,
                data=body or None,
                headers=headers,
                timeout=(CONNECT_SECONDS, self._read_seconds),
                proxies=self._proxies,
                allow_redirects=False,
            )
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError) as error:
            raise Retryable("could not connect", code=type(error).__name__) from None
        except requests.exceptions.RequestException as error:
            raise _lost(error, writes) from None
        return _sorted_by_status(answer, writes)


def _lost(error: requests.exceptions.RequestException, writes: bool) -> Retryable:
    """The text of a requests error can hold the URL with its secrets, so only its type is kept."""
    refused = isinstance(error, requests.exceptions.ConnectionError) and "refused" in str(error).lower()
    if writes and not refused:
        return OutcomeUnknown("no answer came back", code=type(error).__name__)
    return Retryable("no answer came back", code=type(error).__name__)


def _sorted_by_status(answer: requests.Response, writes: bool) -> Answer:
    status, code = answer.status_code, f"http-{answer.status_code}"
    if 200 <= status < 300:
        return Answer(status, answer.content, answer.headers)
    if status == 429:
        raise RateLimited("too many calls", code=code, retry_after=_seconds(answer.headers.get("Retry-After")))
    if status in (401, 403):
        raise AuthFailed("the credentials were refused", code=code)
    if status >= 500:
        raise (OutcomeUnknown if writes else Retryable)("the other side failed", code=code)
    raise Refused(f"the other side refused the call: {answer.text[:200]}", code=code)


def _seconds(value: str | None) -> float | None:
    return float(value) if value and value.isdigit() else None
