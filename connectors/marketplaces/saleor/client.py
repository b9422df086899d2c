"""Speaks Saleor's GraphQL API: sends a document, sorts what comes back into errors. Knows no order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, Refused, Retryable
from connectors.contract.graphql import Json, call_of, free_texts, loaded, root_of, silenced, told_by, words_of
from connectors.contract.http import Answer, Http
from connectors.contract.manifest import Account
from connectors.marketplaces.saleor import codes, documents

#: Texts that people typed; an error of the platform may repeat them.
_FREE_TEXTS = frozenset({"message", "reason"})


class Api:
    """One shop's line to its GraphQL endpoint."""

    def __init__(self, account: Account, gateway: str, http: Http, clock: Callable[[], datetime]) -> None:
        self._account = account
        self._base = gateway.rstrip("/").removesuffix("/graphql")
        self._http = http
        self.clock = clock

    def read(self, document: str, root: str, **variables: object) -> Json:
        """The object under `root` of a read's answer; Refused when there is none."""
        found = self._send(document, root, variables, writes=False)
        if not isinstance(found, dict):
            raise Refused(f"Saleor has no such {root}, or this app may not read it", code="not-found")
        return found

    def write(self, document: str, root: str, **variables: object) -> Json:
        """A mutation's payload; its errors are Refused, a lost answer OutcomeUnknown."""
        found = self._send(document, root, variables, writes=True)
        if not isinstance(found, dict):
            raise OutcomeUnknown("the answer does not say what became of the call", code="not-an-answer")
        # A bulk write repeats the errors of its rows at the top: they are the caller's to read.
        complaint = None if found.get("results") else complaint_of(found)
        if complaint is not None:
            raise self._silent(complaint, variables) from None
        return found

    def public_keys(self) -> Json:
        """The keys this shop signs its webhooks with."""
        found = loaded(self._http.get(f"{self._base}/.well-known/jwks.json").body)
        if not isinstance(found, dict):
            raise Retryable("the shop does not show its public keys", code="not-an-answer")
        return found

    def _send(self, document: str, root: str, variables: Mapping[str, object], *, writes: bool) -> Any:
        try:
            return self._root(document, root, variables, writes)
        except ConnectorError as error:
            # The cause may hold the request with its secrets, so the chain ends here.
            raise self._silent(self._who_is_denied(error, document), variables) from None

    def _root(self, document: str, root: str, variables: Mapping[str, object], writes: bool) -> Any:
        """What is under `data.<root>`; fields the app may not read come as null with an error."""
        body = self._post(document, variables, writes)
        return root_of(
            body, root, writes=writes, classified=lambda tree: classified(tree["errors"], writes), is_denied=_is_denied
        )

    def _post(self, document: str, variables: Mapping[str, object], writes: bool) -> bytes:
        token = self._account.secrets.get("app_token", "")
        if not token:
            raise AuthFailed("there is no app token; make one in Saleor and enter it", code="no-token")
        call = call_of(document, variables)
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Authorization": f"Bearer {token}"}

        def explained(answer: Answer) -> ConnectorError | None:
            tree = loaded(answer.body)
            errors = tree.get("errors") if isinstance(tree, dict) and answer.status == 400 else None
            return classified(errors, writes) if errors else None

        return self._http.post(
            f"{self._base}/graphql/", body=call, headers=headers, writes=writes, reading=explained
        ).body

    def _who_is_denied(self, error: ConnectorError, document: str) -> ConnectorError:
        """Saleor treats a wrong token as nobody: only asking who we are tells it from a lacking permission."""
        if error.code != codes.DENIED or document is documents.APP:
            return error
        try:
            known = isinstance(self._root(documents.APP, "app", {}, False), dict)
        except Retryable:
            return Retryable(error.words, code=error.code)
        except ConnectorError:
            known = False
        if known:
            return Refused(f"give this app the permission it lacks: {error.words}", code=error.code)
        return AuthFailed(f"Saleor does not know this app token: {error.words}", code=error.code)

    def _silent(self, error: ConnectorError, variables: Mapping[str, Any]) -> ConnectorError:
        return silenced(error, (*self._account.secrets.values(), *free_texts(variables, _FREE_TEXTS)))


def classified(errors: object, writes: bool) -> ConnectorError:
    """The exception for top-level `errors`, by what can be done about it."""
    code, words = told_by(errors, codes.REFUSALS, _code)
    if code in codes.TOKEN_ERRORS:
        return AuthFailed(f"make a new app token: {words}", code=code)
    if code == codes.DENIED or code in codes.REFUSALS:
        return Refused(words, code=code)
    return (OutcomeUnknown if writes else Retryable)(words, code=code)


def complaint_of(payload: Json) -> Refused | None:
    """The refusal in a mutation's own errors, which come with HTTP 200."""
    errors = payload.get("errors")
    if not errors:
        return None
    found = errors if isinstance(errors, list) else [errors]
    first = found[0] if isinstance(found[0], dict) else {}
    words = "; ".join(f"{words_of(error)}{_place(error)}" for error in found[:3])
    return Refused(words, code=str(first.get("code") or "refused"))


def _is_denied(error: object) -> bool:
    return _code(error) == codes.DENIED


def _code(error: object) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    thrown = extensions.get("exception") if isinstance(extensions, dict) else None
    return str(thrown.get("code") or "") if isinstance(thrown, dict) else ""


def _place(error: object) -> str:
    field = error.get("field") if isinstance(error, dict) else None
    return f" ({field})" if isinstance(field, str) and field else ""
