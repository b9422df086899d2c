"""Speaks Shopify's GraphQL Admin API: sends a document, sorts what comes back into errors. Knows no order."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.graphql import Json, call_of, code_of, free_texts, loaded, root_of, silenced
from connectors.contract.http import Answer, Http, retry_after
from connectors.contract.manifest import Account

#: Texts that people typed; an error of the platform may repeat them.
_FREE_TEXTS = frozenset({"note", "declineNote"})
_PLATFORM_DOWN = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})
#: The platform is still busy with the same idempotency key.
_BUSY = "IDEMPOTENCY_CONCURRENT_REQUEST"
_USER_ERRORS = ("userErrors", "orderCancelUserErrors")
_LOCKED_SECONDS = 300.0


class Admin:
    """One shop's line to the Admin API."""

    def __init__(self, account: Account, gateway: str, http: Http, clock: Callable[[], datetime]) -> None:
        version = account.settings.get("api_version") or "2026-10"
        self._account = account
        self._url = f"{gateway.rstrip('/')}/admin/api/{version}/graphql.json"
        self._token_url = f"{gateway.rstrip('/')}/admin/oauth/access_token"
        self._http = http
        self.clock = clock

    def read(self, document: str, root: str, **variables: object) -> Json:
        """The object under `root` of a read's answer; Refused when there is none."""
        return self.read_raw(document, root, **variables)[1]

    def read_raw(self, document: str, root: str, **variables: object) -> tuple[bytes, Json]:
        """A read's exact body beside the object under `root`."""
        body, found = self._send(document, root, variables, writes=False)
        if not isinstance(found, dict):
            raise Refused(f"Shopify has no such {root}, or this app may not read it", code="not-found")
        return body, found

    def read_list(self, document: str, root: str, **variables: object) -> list[Json]:
        """The list under `root` of a read's answer, its nulls left out."""
        found = self._send(document, root, variables, writes=False)[1]
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []

    def write(self, document: str, root: str, **variables: object) -> Json:
        """A mutation's payload; its user errors are Refused, a lost answer OutcomeUnknown."""
        found = self._send(document, root, variables, writes=True)[1]
        if not isinstance(found, dict):
            raise OutcomeUnknown("the answer does not say what became of the call", code="not-an-answer")
        complaint = _complaint(found)
        if complaint is not None:
            raise self._silent(complaint, variables) from None
        return found

    def token(self, form: Mapping[str, str]) -> Json:
        """Ask for an access token; AuthFailed when the platform does not grant one."""
        try:
            answer = self._http.post(
                self._token_url, body=form, headers={"Accept": "application/json"}, reading=_grant_refused
            )
            found = loaded(answer.body)
        except ConnectorError as error:
            raise self._silent(error, form) from None
        if not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
            raise Retryable("the platform answered without a token", code="not-an-answer")
        return found

    def _send(self, document: str, root: str, variables: Mapping[str, object], *, writes: bool) -> tuple[bytes, Any]:
        call = call_of(document, variables)
        try:
            if not self._account.secrets.get("access_token"):
                raise AuthFailed("there is no access token yet; authorise the shop", code="no-token", expired=True)
            headers = {
                "Content-Type": "application/json",
                "Accept": "application/json",
                "X-Shopify-Access-Token": self._account.secrets["access_token"],
            }
            body = self._http.post(self._url, body=call, headers=headers, writes=writes, reading=_explained).body
            found = root_of(
                body, root, writes=writes, classified=lambda tree: classified(tree, writes), is_denied=_is_denied
            )
            return body, found
        except ConnectorError as error:
            # The cause may hold the request with its secrets, so the chain ends here.
            raise self._silent(error, variables) from None

    def _silent(self, error: ConnectorError, variables: Mapping[str, Any]) -> ConnectorError:
        private = [*self._account.secrets.values(), *free_texts(variables, _FREE_TEXTS)]
        private += [str(value) for name, value in variables.items() if name in ("code", "refresh_token")]
        return silenced(error, private)


def _is_denied(error: object) -> bool:
    return code_of(error) == "ACCESS_DENIED"


def classified(tree: Json, writes: bool) -> ConnectorError:
    """The exception for top-level `errors`, by what can be done about it (a list, or a text about the token)."""
    errors = tree.get("errors")
    if not isinstance(errors, list) or not errors:
        words = _words(errors)
        about_access = "access token" in words.lower() or "api key" in words.lower()
        return AuthFailed(words, code="access", expired=True) if about_access else Refused(words)
    code, words = code_of(errors[0]), "; ".join(_words(error) for error in errors[:3])
    if code == "THROTTLED":
        return RateLimited(words, code=code, retry_after=_seconds_to_wait(tree))
    if code == "ACCESS_DENIED":
        return Refused(f"grant this app the scope it lacks: {words}", code=code)
    if code == "SHOP_INACTIVE":
        return AuthFailed(f"the shop is not active: {words}", code=code)
    if code in _PLATFORM_DOWN:
        return (OutcomeUnknown if writes else Retryable)(words, code=code)
    return _by_idempotency(words, code)


def _by_idempotency(words: str, code: str) -> ConnectorError:
    return Retryable(words, code=code) if code == _BUSY else Refused(words, code=code)


def _words(error: object) -> str:
    told = error.get("message") if isinstance(error, dict) and "message" in error else error
    return told if isinstance(told, str) and told else str(told or "the platform gave no reason")[:200]


def _seconds_to_wait(tree: Json) -> float | None:
    """Until the bucket holds what the call asks for, by the platform's own figures."""
    try:
        cost = tree["extensions"]["cost"]
        throttle = cost["throttleStatus"]
        lacking = cost["requestedQueryCost"] - throttle["currentlyAvailable"]
        return float(max(math.ceil(lacking / throttle["restoreRate"]), 1))
    except (KeyError, TypeError, ZeroDivisionError):
        return None


def _explained(answer: Answer) -> ConnectorError | None:
    """The error behind a status that is not 2xx; None leaves it to the status."""
    tree, code = loaded(answer.body), f"http-{answer.status}"
    words = _words(tree.get("errors")) if isinstance(tree, dict) and isinstance(tree.get("errors"), str) else ""
    if answer.status == 401:
        return AuthFailed(words or "the access token was refused", code=code, expired=True)
    if answer.status == 402:
        return AuthFailed("the shop is frozen until its owner pays the plan", code=code)
    if answer.status == 404:
        return Refused("there is no shop under this domain, or not this API version; check both", code=code)
    if answer.status == 423:
        return RateLimited("the shop is locked for a while", code=code, retry_after=_LOCKED_SECONDS)
    if answer.status == 429:
        waits = retry_after(answer.headers)
        waits = waits if waits is not None or not isinstance(tree, dict) else _seconds_to_wait(tree)
        return RateLimited("too many calls", code=code, retry_after=waits)
    return None


def _grant_refused(answer: Answer) -> ConnectorError | None:
    if answer.status not in (400, 401, 403):
        return None
    tree = loaded(answer.body)
    reason = tree.get("error_description") or tree.get("error") if isinstance(tree, dict) else None
    return AuthFailed(f"authorise the shop again: {reason or 'the grant was refused'}", code=f"http-{answer.status}")


def _complaint(payload: Json) -> ConnectorError | None:
    """The refusal in a mutation's own user errors, which come with HTTP 200."""
    for name in _USER_ERRORS:
        errors = payload.get(name)
        if isinstance(errors, list) and errors:
            words = "; ".join(_words(error) for error in errors[:3])
            first = errors[0] if isinstance(errors[0], dict) else {}
            return _by_idempotency(words, str(first.get("code") or "user-error"))
    return None
