"""A shop owner's authorisation on JD's own page, and renewing what it gave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

from connectors.contract.errors import AuthFailed, ConnectorError, RateLimited, Refused, Retryable
from connectors.contract.http import Http
from connectors.contract.manifest import Credentials
from connectors.marketplaces.jd.client import Jos, silenced

GATEWAY = "https://open-oauth.jd.com"


def authorise_url(jos: Jos, redirect_url: str, state: str) -> str:
    """JD's page on which the owner grants access."""
    asked = {
        "app_key": jos.setting("app_key"),
        "response_type": "code",
        "redirect_uri": redirect_url,
        "state": state,
        "scope": "snsapi_base",
    }
    return f"{_gateway(jos)}/oauth2/to_login?{urlencode(asked)}"


def exchange_code(jos: Jos, http: Http, query: Mapping[str, str]) -> Credentials:
    """Tokens for the code that JD sent back."""
    if not query.get("code"):
        words = query.get("error_description") or query.get("error") or "no code came back"
        raise AuthFailed(f"authorise the shop again: {words:.80}")
    return _granted(jos, http, "access_token", "authorization_code", {"code": query["code"]})


def refresh(jos: Jos, http: Http) -> Credentials:
    """New tokens. JD gives them in the last day of the old ones, not after, and only so many times a month."""
    token = jos.account.secrets.get("refresh_token", "")
    if not token:
        raise AuthFailed("authorise the shop again: there is no refresh token")
    return _granted(jos, http, "refresh_token", "refresh_token", {"refresh_token": token})


def _granted(jos: Jos, http: Http, path: str, grant: str, given: Mapping[str, str]) -> Credentials:
    app = {"app_key": jos.setting("app_key"), "app_secret": jos.account.secrets.get("app_secret", "")}
    private = (*jos.account.secrets.values(), *given.values())
    try:
        answer = http.get(f"{_gateway(jos)}/oauth2/{path}", params={**app, "grant_type": grant, **given})
        return _credentials(jos, _tokens(answer.body))
    except Refused as error:
        raise silenced(AuthFailed(f"authorise the shop again: {error.words}", code=error.code), private) from None
    except ConnectorError as error:
        raise silenced(error, private) from None


def _tokens(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise Retryable("the authorisation server answered with something that is not an answer", code="not-an-answer")
    if isinstance(answer.get("access_token"), str) and answer["access_token"]:
        return answer
    nested = answer.get("error_response")
    error = nested if isinstance(nested, dict) else answer
    code = str(error.get("code") or error.get("error") or "")
    words = str(error.get("zh_desc") or error.get("msg") or error.get("error_description") or "no token came back")
    if code == "2":
        raise RateLimited(words, code=code)
    raise AuthFailed(f"authorise the shop again: {words}", code=code)


def _credentials(jos: Jos, answer: Mapping[str, Any]) -> Credentials:
    seconds = str(answer.get("expires_in") or "0")
    ends = jos.clock() + timedelta(seconds=int(seconds)) if seconds.isdigit() and seconds != "0" else None
    old = jos.account.secrets.get("refresh_token", "")
    renewing = str(answer.get("refresh_token") or old)
    secrets = {"access_token": str(answer["access_token"]), "refresh_token": renewing}
    # An access token that is renewed in time goes on without end; one that cannot be ends with itself.
    return Credentials(secrets, {}, expires_at=ends, ends_at=None if renewing else ends)


def _gateway(jos: Jos) -> str:
    return jos.setting("oauth_gateway", GATEWAY).rstrip("/")
