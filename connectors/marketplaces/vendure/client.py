"""Speaks Vendure's Admin API: signs in, sends a document, sorts what comes back into errors. Knows no order.

An API key needs no session. With a password a session is opened by the first call and again when it ran out; its
token comes in a header where the server sends one, otherwise in a cookie that the HTTP client keeps by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, Refused, Retryable
from connectors.contract.http import Answer, Http
from connectors.contract.manifest import Account
from connectors.marketplaces.vendure import codes, documents

Json = Mapping[str, Any]

#: Texts that people typed; an error of the platform may repeat them.
_FREE_TEXTS = frozenset({"note", "reason", "password"})
#: The header in which a server tells the session.
_SESSION = "vendure-auth-token"


class Admin:
    """One store's line to its Admin API."""

    def __init__(self, account: Account, gateway: str, http: Http, clock: Callable[[], datetime]) -> None:
        self._account = account
        self._url = f"{gateway.rstrip('/').removesuffix('/admin-api')}/admin-api"
        self._http = http
        self._key = account.secrets.get("api_key", "")
        self._token = ""
        self._is_open = False
        self.clock = clock

    def read(self, document: str, root: str, **variables: object) -> Json:
        """The object under `root` of a read's answer; Refused when there is none."""
        found = self._send(document, root, variables, writes=False)
        if not isinstance(found, dict):
            raise Refused(f"Vendure has no such {root} in this channel", code="not-found")
        return found

    def listed(self, document: str, root: str) -> list[Json]:
        """The objects of a list under `root` of a read's answer."""
        found = self._send(document, root, {}, writes=False)
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []

    def write(self, document: str, root: str, **variables: object) -> Any:
        """What a mutation answers; an error result is Refused, a lost answer OutcomeUnknown."""
        found = self._send(document, root, variables, writes=True)
        if not isinstance(found, (dict, list)):
            raise OutcomeUnknown("the answer does not say what became of the call", code="not-an-answer")
        if isinstance(found, dict) and found.get("errorCode"):
            words = "; ".join(str(found[name]) for name in ("message", "transitionError") if found.get(name))
            raise self._silent(Refused(words, code=str(found["errorCode"])), variables) from None
        return found

    def _send(self, document: str, root: str, variables: Mapping[str, object], *, writes: bool) -> Any:
        try:
            return self._admitted(document, root, variables, writes)
        except ConnectorError as error:
            # The cause may hold the request with its secrets, so the chain ends here.
            raise self._silent(error, variables) from None

    def _admitted(self, document: str, root: str, variables: Mapping[str, object], writes: bool) -> Any:
        """Call with a session; one that ran out is opened anew once, since Vendure did nothing for a stranger."""
        was_open = self._is_open
        if not self._key and not was_open:
            self._sign_in()
        try:
            return self._root(document, root, variables, writes)
        except Refused as refusal:
            if refusal.code != codes.FORBIDDEN:
                raise
            if self._key:
                raise self._who_is_denied(refusal) from None
            if not was_open:
                raise _lacking(refusal) from None
        self._sign_in()
        try:
            return self._root(document, root, variables, writes)
        except Refused as refusal:
            raise (_lacking(refusal) if refusal.code == codes.FORBIDDEN else refusal) from None

    def _sign_in(self) -> None:
        wanted = {
            "username": self._account.settings.get("username", ""),
            "password": self._account.secrets.get("password", ""),
        }
        if not all(wanted.values()):
            raise AuthFailed("enter an API key, or an administrator's user and password", code="no-credentials")
        self._token, self._is_open = "", False
        found = self._root(documents.LOGIN, "login", wanted, False)
        if not isinstance(found, dict) or found.get("errorCode") or not found.get("id"):
            words = str(found.get("message") or "") if isinstance(found, dict) else ""
            raise AuthFailed(f"Vendure refuses this user and password: {words}", code="login")
        self._is_open = True

    def _who_is_denied(self, refusal: Refused) -> ConnectorError:
        """A key that is not known is nobody's: only what every known caller may ask tells it from a lacking permission.

        That is the channel; `me` is refused to every API key.
        """
        try:
            known = isinstance(self._root(documents.WHO, "activeChannel", {}, False), dict)
        except Retryable:
            return Retryable(refusal.words, code=refusal.code)
        except ConnectorError:
            known = False
        if known:
            return Refused(f"give this API key the permission it lacks: {refusal.words}", code=refusal.code)
        words = f"Vendure does not know this API key in this channel, or takes none: {refusal.words}"
        return AuthFailed(words, code=refusal.code)

    def _root(self, document: str, root: str, variables: Mapping[str, object], writes: bool) -> Any:
        tree = _loaded(self._post(document, variables, writes))
        if isinstance(tree, dict):
            if tree.get("errors"):
                raise classified(tree["errors"], writes)
            content = tree.get("data")
            if isinstance(content, dict) and root in content:
                return content[root]
        unknown = OutcomeUnknown if writes else Retryable
        raise unknown("the gateway answered with something that is not an answer", code="not-an-answer")

    def _post(self, document: str, variables: Mapping[str, object], writes: bool) -> bytes:
        operation = document.split(None, 2)[1].split("(")[0]
        call = orjson.dumps({"query": document, "operationName": operation, "variables": variables})

        def explained(answer: Answer) -> ConnectorError | None:
            tree = _loaded(answer.body)
            errors = tree.get("errors") if isinstance(tree, dict) and answer.status != 429 else None
            return classified(errors, writes) if errors else None

        answer = self._http.post(self._url, body=call, headers=self._headers(), writes=writes, reading=explained)
        # A session's token may be replaced at any answer.
        self._token = (
            next((value for name, value in answer.headers.items() if name.lower() == _SESSION), "") or self._token
        )
        return answer.body

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        channel = self._account.settings.get("channel_token", "")
        if channel:
            headers["vendure-token"] = channel
        if self._key:
            headers["vendure-api-key"] = self._key
        elif self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers

    def _silent(self, error: ConnectorError, variables: Mapping[str, Any]) -> ConnectorError:
        for secret in (*self._account.secrets.values(), self._token, *_free_texts(variables)):
            # A single letter is no secret, and starring it would make every word unreadable.
            if len(secret) > 1:
                error.words, error.code = error.words.replace(secret, "***"), error.code.replace(secret, "***")
        error.args = (f"{error.words} [{error.code}]" if error.code else error.words,)
        return error


def classified(errors: object, writes: bool) -> ConnectorError:
    """The exception for top-level `errors`, by what can be done about it."""
    found = errors if isinstance(errors, list) and errors else [errors]
    told = [_code(error) for error in found]
    # A passing fault beside a refusal: the whole may go through later.
    code = next((each for each in told if each not in codes.REFUSALS), told[0])
    words = "; ".join(_words(error) for error in found[:3])
    if code == codes.UNAUTHORISED:
        return AuthFailed(words, code=code)
    if code in codes.REFUSALS:
        return Refused(words, code=code)
    return (OutcomeUnknown if writes else Retryable)(words, code=code)


def _lacking(refusal: Refused) -> Refused:
    return Refused(f"give this administrator the permission it lacks: {refusal.words}", code=refusal.code)


def _free_texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name in _FREE_TEXTS and isinstance(part, str):
                yield part
            else:
                yield from _free_texts(part)


def _loaded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _code(error: object) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    return str(extensions.get("code") or "") if isinstance(extensions, dict) else ""


def _words(error: object) -> str:
    told = error.get("message") if isinstance(error, dict) else error
    return told if isinstance(told, str) and told else "the platform gave no reason"
