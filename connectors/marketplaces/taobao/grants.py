"""A shop owner's authorisation on Taobao's own page, and renewing what it gave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlencode

import orjson

from connectors.contract.errors import AuthFailed, Refused, Retryable
from connectors.contract.manifest import Account, Credentials
from connectors.marketplaces.taobao.client import Top

PAGE = "https://oauth.taobao.com/authorize"
AGAIN = "authorise the shop again"


def authorise_url(account: Account, redirect_url: str, state: str) -> str:
    """Taobao's page on which the owner grants access; Refused when the account has no app key yet."""
    app_key = account.settings.get("app_key", "")
    if not app_key:
        raise Refused("fill in the app key first")
    asked = {
        "response_type": "code",
        "client_id": app_key,
        "redirect_uri": redirect_url,
        "state": state,
        "view": "web",
    }
    return f"{account.settings.get('authorise_page') or PAGE}?{urlencode(asked)}"


def exchange_code(top: Top, query: Mapping[str, str], now: datetime) -> Credentials:
    """A session for the code that Taobao sent back."""
    if not query.get("code"):
        words = query.get("error_description") or query.get("error") or "no code came back"
        raise AuthFailed(f"{AGAIN}: {words:.80}")
    return _granted(top, "taobao.top.auth.token.create", now, "", code=query["code"])


def refresh(top: Top, account: Account, now: datetime) -> Credentials:
    """A new session. Only applications of the service market may; the others' owners authorise again."""
    token = account.secrets.get("refresh_token", "")
    if not token:
        raise AuthFailed(f"{AGAIN}: there is no refresh token")
    return _granted(top, "taobao.top.auth.token.refresh", now, token, refresh_token=token)


def _granted(top: Top, method: str, now: datetime, old: str, **given: str) -> Credentials:
    try:
        answer = top.grant(method, **given)
    except Refused as error:
        raise AuthFailed(f"{AGAIN}: {error.words}", code=error.code) from None
    tokens = _tokens(answer.get("token_result"))
    renewal = str(tokens.get("refresh_token") or old)
    ends_at = _ends(tokens, "re_expires_in", now)
    expires_at = _ends(tokens, "expires_in", now)
    return Credentials(
        {"session": str(tokens["access_token"]), "refresh_token": renewal},
        {name: unquote(str(tokens[name])) for name in ("taobao_user_id", "taobao_user_nick") if tokens.get(name)},
        # Without a way to renew it, the session's end is the end of the authorisation.
        expires_at=expires_at if renewal else None,
        ends_at=ends_at or (None if renewal else expires_at),
    )


def _tokens(told: Any) -> Mapping[str, Any]:
    """The tokens in `token_result`, which is JSON written into a text."""
    try:
        tokens = orjson.loads(told) if isinstance(told, str) else told
    except orjson.JSONDecodeError:
        tokens = None
    if isinstance(tokens, dict) and tokens.get("access_token"):
        return tokens
    if isinstance(tokens, dict) and (tokens.get("error") or tokens.get("error_description")):
        raise AuthFailed(f"{AGAIN}: {tokens.get('error_description') or tokens['error']!s:.80}")
    raise Retryable("the platform answered without a token", code="not-an-answer")


def _ends(tokens: Mapping[str, Any], name: str, now: datetime) -> datetime | None:
    seconds = str(tokens.get(name) or "")
    return now + timedelta(seconds=int(seconds)) if seconds.isdigit() and 0 < int(seconds) < 10**10 else None
