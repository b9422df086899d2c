"""Speaks Vendure's Admin API: signs in, sends a document, sorts what comes back into errors. Knows no order.

An API key needs no session. With a password a session is opened by the first call and again when it ran out; its
token comes in a header where the server sends one, otherwise in a cookie that the HTTP client keeps by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, Refused, Retryable
from connectors.contract.graphql import Json, call_of, free_texts, loaded, root_of, silenced, told_by
from connectors.contract.http import Answer, Http
from connectors.contract.manifest import Account
from connectors.marketplaces.vendure import codes, documents

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
        body = self._post(document, variables, writes)
        return root_of(body, root, writes=writes, classified=lambda tree: classified(tree["errors"], writes))

    def _post(self, document: str, variables: Mapping[str, object], writes: bool) -> bytes:
        call = call_of(document, variables)

        def explained(answer: Answer) -> ConnectorError | None:
            tree = loaded(answer.body)
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
        return silenced(error, (*self._account.secrets.values(), self._token, *free_texts(variables, _FREE_TEXTS)))


def classified(errors: object, writes: bool) -> ConnectorError:
    """The exception for top-level `errors`, by what can be done about it."""
    code, words = told_by(errors, codes.REFUSALS)
    if code == codes.UNAUTHORISED:
        return AuthFailed(words, code=code)
    if code in codes.REFUSALS:
        return Refused(words, code=code)
    return (OutcomeUnknown if writes else Retryable)(words, code=code)


def _lacking(refusal: Refused) -> Refused:
    return Refused(f"give this administrator the permission it lacks: {refusal.words}", code=refusal.code)
