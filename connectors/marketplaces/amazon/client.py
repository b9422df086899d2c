"""Speaks the Selling Partner API: headers, tokens, files at presigned addresses, errors. Knows no order."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.families import Clock
from connectors.contract.http import Answer, Http, rate_in, retry_after
from connectors.contract.manifest import Account
from connectors.marketplaces.amazon.operations import OPERATIONS
from connectors.marketplaces.amazon.settings import TOKEN_URL, setting

Json = Mapping[str, Any]

USER_AGENT = "OrderHub/1.0 (Language=Python/3.11)"
#: Calls a second that Amazon takes of this operation from this seller; some answers lack it.
RATE_HEADER = "x-amzn-RateLimit-Limit"
_NO_CONTENT = 204
_LONGEST_WORDS = 400
#: A report larger than this is not one of ours.
_LARGEST_FILE = 200_000_000


class Selling:
    """One seller's line to the Selling Partner API."""

    def __init__(self, account: Account, gateway: str, http: Http, clock: Clock) -> None:
        self.account = account
        self.clock = clock
        self._gateway = gateway.rstrip("/")
        self._http = http
        self._rates: dict[str, float] = {}

    def read(self, operation: str, path: str, params: Mapping[str, str] | None = None) -> Json:
        """A GET's JSON object."""
        return self.send(operation, "GET", path, params=params)

    def send(
        self,
        operation: str,
        verb: str,
        path: str,
        payload: object = None,
        *,
        params: Mapping[str, str] | None = None,
        writes: bool = False,
        token: str = "",
    ) -> Json:
        """Any call's JSON object, empty for "no content"; `token` stands in for the account's own.

        `operation` is Amazon's name for the call, by which Amazon limits it.
        """

        def explained(refusal: Answer) -> ConnectorError | None:
            return _explained(refusal, path, self._rate(operation, refusal))

        try:
            answer = self._http.send(
                verb,
                self._gateway + path,
                params=params,
                body=orjson.dumps(payload) if payload is not None else b"",
                headers=self._headers(token, has_body=payload is not None),
                writes=writes,
                reading=explained,
                operation=operation,
            )
            self._rate(operation, answer)
            return {} if answer.status == _NO_CONTENT else _object(answer.body, writes)
        except ConnectorError as error:
            # The cause may hold the request with its token, so the chain ends here.
            raise self._silent(error) from None

    def token(self, form: Mapping[str, str]) -> Json:
        """Ask Login with Amazon for a token; AuthFailed when it grants none."""
        own = {
            "client_id": self.account.settings.get("client_id", ""),
            "client_secret": self.account.secrets.get("client_secret", ""),
        }
        try:
            answer = self._http.post(self._token_url(), body={**form, **own}, reading=_grant_refused)
            found = _object(answer.body, writes=False)
        except ConnectorError as error:
            raise self._silent(error, *form.values()) from None
        if not isinstance(found.get("access_token"), str):
            raise Retryable("Login with Amazon answered without a token", code="not-an-answer")
        return found

    def upload(self, url: str, body: bytes, content_type: str) -> None:
        """Put a file at a presigned address; nothing is sent to Amazon by it until a feed is made of it."""
        try:
            self._http.send("PUT", url, body=body, headers={"Content-Type": content_type}, reading=_file_refused)
        except ConnectorError as error:
            raise Retryable("the file could not be left at Amazon", code=error.code) from None

    def download(self, url: str, compression: str) -> tuple[bytes, str]:
        """A file at a presigned address, unpacked, and its content type."""
        try:
            answer = self._http.get(url, reading=_file_refused)
        except ConnectorError as error:
            raise Retryable("the file could not be fetched from Amazon", code=error.code) from None
        body = _unpacked(answer.body) if compression == "GZIP" else answer.body
        return body, answer.headers.get("Content-Type", "")

    def _rate(self, operation: str, answer: Answer) -> float:
        """An operation's calls a second: as this answer tells, else one before it, else as documented."""
        told = rate_in(answer.headers, RATE_HEADER)
        if told is not None:
            self._rates[operation] = told
            self._http.told_rate(operation, told)
        return self._rates.get(operation, OPERATIONS[operation].per_second)

    def _token_url(self) -> str:
        told = setting(self.account, "auth_url")
        return told or (f"{self._gateway}/auth/o2/token" if self.account.gateway else TOKEN_URL)

    def _headers(self, token: str, *, has_body: bool) -> dict[str, str]:
        token = token or self.account.secrets.get("access_token", "")
        if not token:
            raise AuthFailed("there is no access token yet; authorise the seller", code="no-token", expired=True)
        headers = {
            "x-amz-access-token": token,
            "x-amz-date": self.clock().strftime("%Y%m%dT%H%M%SZ"),
            "User-Agent": USER_AGENT,
            "Accept": "application/json",
        }
        return headers | {"Content-Type": "application/json"} if has_body else headers

    def _silent(self, error: ConnectorError, *more: str) -> ConnectorError:
        """The same error without the account's secrets in its words."""
        words = self._starred(error.words, *more)
        if words == error.words:
            return error
        if isinstance(error, AuthFailed):
            return AuthFailed(words, code=error.code, expired=error.expired)
        if isinstance(error, RateLimited):
            return RateLimited(words, code=error.code, retry_after=error.retry_after)
        return type(error)(words, code=error.code)

    def _starred(self, words: str, *more: str) -> str:
        for secret in (*self.account.secrets.values(), *more):
            # A short word is no secret, and starring it would make the rest unreadable.
            if len(secret) > 7:
                words = words.replace(secret, "***")
        # Cut only now: half a secret would not be found any more.
        return words[:_LONGEST_WORDS]


def time_text(at: datetime) -> str:
    """A moment as Amazon reads it, in whole seconds of UTC."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _object(body: bytes, writes: bool) -> Json:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if isinstance(found, dict):
        return found
    raise (OutcomeUnknown if writes else Retryable)("the answer is not one of Amazon's", code="not-an-answer")


def _explained(answer: Answer, path: str, rate: float) -> ConnectorError | None:
    """The error behind a status that is not 2xx; None leaves it to the status. `rate` is the operation's."""
    code, words = _told(answer)
    if answer.status == 429:
        return RateLimited(words or "too many calls", code=code, retry_after=_wait(answer.headers, rate))
    if answer.status in (401, 403):
        if "token" in words.lower() or not words or path.startswith("/orders/"):
            return AuthFailed(
                f"{words or 'access was refused'}; the token ran out, or this app lacks the role", code=code, expired=True
            )
        # The orders still come, so one role that is missing must not pause the whole account.
        return Refused(f"{words}; give this app the role for it in Seller Central and authorise again", code=code)
    if answer.status >= 500 or not words:
        return None
    return Refused(words, code=code)


def _told(answer: Answer) -> tuple[str, str]:
    """The first error's code, and the words of all with the number Amazon's support asks for."""
    try:
        errors = orjson.loads(answer.body)["errors"]
        first = next(row for row in errors if isinstance(row, dict))
    except (orjson.JSONDecodeError, KeyError, TypeError, StopIteration):
        return f"http-{answer.status}", ""
    words = ". ".join(str(first[name]) for name in ("message", "details") if first.get(name))
    request = answer.headers.get("x-amzn-RequestId", "")
    return str(first.get("code") or answer.status)[:60], f"{words} (request {request[:60]})" if request else words


def _wait(headers: Mapping[str, str], rate: float) -> float:
    """Seconds until the operation has another call: as told, else by its rate."""
    told = retry_after(headers)
    wait = told if told is not None else 1 / rate
    return round(max(wait, 1.0), 1)


def _grant_refused(answer: Answer) -> ConnectorError | None:
    if answer.status not in (400, 401, 403):
        return None
    try:
        tree = orjson.loads(answer.body)
        code, words = str(tree.get("error") or ""), str(tree.get("error_description") or "")
    except (orjson.JSONDecodeError, AttributeError):
        code, words = "", ""
    told = words or "the grant was refused"
    return AuthFailed(f"{told}; authorise the seller again", code=code or f"http-{answer.status}")


def _file_refused(answer: Answer) -> ConnectorError:
    """A presigned address lives five minutes; whatever it says, a fresh one may do."""
    return Retryable("the presigned address was refused", code=f"http-{answer.status}")


def _unpacked(body: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        found = unpacking.decompress(body, _LARGEST_FILE)
    except zlib.error:
        raise Retryable("the file is not packed as Amazon said", code="gzip") from None
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise Retryable("the file is cut off or far too large", code="gzip")
    return found
