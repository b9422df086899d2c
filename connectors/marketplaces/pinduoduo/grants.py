"""A shop owner's authorisation on Pinduoduo's own page, and renewing what it gave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

from connectors.contract.errors import AuthFailed, ConnectorError, Refused, Retryable
from connectors.contract.http import Answer
from connectors.contract.manifest import Credentials
from connectors.marketplaces.pinduoduo.client import Pop, classified, parsed, silenced

PAGE = "https://fuwu.pinduoduo.com/service-market/auth"
TOKENS = "https://open-api.pinduoduo.com/oauth/token"
JSON = {"Content-Type": "application/json"}


def authorise_url(pop: Pop, redirect_url: str, state: str) -> str:
    """Pinduoduo's page on which the owner grants access; only a shop's main account may."""
    asked = {
        "response_type": "code",
        "client_id": pop.setting("client_id"),
        "redirect_uri": redirect_url,
        "state": state,
    }
    return f"{pop.setting('authorise_page', PAGE)}?{urlencode(asked)}"


def exchange_code(pop: Pop, query: Mapping[str, str]) -> Credentials:
    """Tokens for the code that Pinduoduo sent back."""
    if not query.get("code"):
        words = query.get("error_description") or query.get("error") or "no code came back"
        raise AuthFailed(f"authorise the shop again: {words:.80}")
    return _granted(pop, "authorization_code", {"code": query["code"]})


def refresh(pop: Pop) -> Credentials:
    """New tokens in place of ones that run out."""
    token = pop.account.secrets.get("refresh_token", "")
    if not token:
        raise AuthFailed("authorise the shop again: there is no refresh token")
    return _granted(pop, "refresh_token", {"refresh_token": token})


def _granted(pop: Pop, grant: str, given: Mapping[str, str]) -> Credentials:
    secret = pop.account.secrets.get("client_secret", "")
    asked = {"client_id": pop.setting("client_id"), "client_secret": secret, "grant_type": grant, **given}
    address = pop.setting("oauth_gateway", TOKENS)
    try:
        answer = pop.http.post(address, body=orjson.dumps(asked), headers=JSON, reading=_refusal)
        return _credentials(pop, _tokens(answer))
    except ConnectorError as error:
        raise silenced(error, (*pop.account.secrets.values(), *given.values())) from None


def _tokens(answer: Answer) -> dict[str, Any]:
    found = parsed(answer.body)
    # The API of the same name wraps its tokens; the plain address does not.
    told = found.get("pop_auth_token_create_response") or found.get("pop_auth_token_refresh_response") or found
    if isinstance(told, dict) and isinstance(told.get("access_token"), str) and told["access_token"]:
        return told
    raise _refusal(answer) or Retryable(
        "the authorisation server answered with something that is not an answer", code="not-an-answer"
    )


def _refusal(answer: Answer) -> ConnectorError | None:
    """A refused grant wants the owner again, whatever its code, unless it was only too many calls or a bad moment."""
    told = parsed(answer.body).get("error_response")
    if not isinstance(told, dict):
        return None
    error = classified(told, writes=False, can_refresh=False)
    if isinstance(error, Refused):
        return AuthFailed(f"authorise the shop again: {error.words}", code=error.code)
    return error


def _credentials(pop: Pop, answer: Mapping[str, Any]) -> Credentials:
    now = pop.clock()
    access, renewal = _seconds(answer, "expires_in"), _seconds(answer, "refresh_token_expires_in")
    old = pop.account.secrets.get("refresh_token", "")
    return Credentials(
        {"access_token": answer["access_token"], "refresh_token": str(answer.get("refresh_token") or old)},
        {name: str(answer[name]) for name in ("owner_id", "owner_name") if answer.get(name)},
        expires_at=now + timedelta(seconds=access) if access else None,
        ends_at=now + timedelta(seconds=renewal) if renewal else None,
    )


def _seconds(answer: Mapping[str, Any], name: str) -> int:
    value = str(answer.get(name) or "")
    return int(value) if value.isdigit() and len(value) < 11 else 0
