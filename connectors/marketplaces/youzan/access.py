"""New tokens in place of ones that ran out: by the refresh token, or silently for a merchant's own application."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson

from connectors.contract.errors import AuthFailed, Retryable
from connectors.contract.http import Http
from connectors.contract.manifest import Credentials
from connectors.marketplaces.youzan.client import JSON, Platform

#: A refresh token lives so long.
REFRESHABLE = timedelta(days=28)


def refresh(platform: Platform, http: Http) -> Credentials:
    """A new token; AuthFailed when a person must authorise again. The platform's words are not repeated."""
    token = platform.setting("refresh_token")
    grant = {"refresh_token": token} if token else {"grant_id": platform.setting("kdt_id"), "refresh": False}
    asked = {
        "client_id": platform.setting("client_id"),
        "client_secret": platform.setting("client_secret"),
        "authorize_type": "refresh_token" if token else "silent",
        **grant,
    }
    body = http.post(f"{platform.gateway}/auth/token", body=orjson.dumps(asked), headers=JSON).body
    return _credentials(body, platform.clock())


def _credentials(body: bytes, now: datetime) -> Credentials:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise Retryable("the platform answered with something that is not an answer", code="not-an-answer")
    content = answer.get("data")
    if not isinstance(content, dict) or not isinstance(content.get("access_token"), str):
        raise AuthFailed("authorise the shop again: no new token is given", code=str(answer.get("code", ""))[:20])
    secrets = {name: content[name] for name in ("access_token", "refresh_token") if isinstance(content.get(name), str)}
    return Credentials(
        secrets,
        expires_at=_ends_at(content.get("expires")),
        ends_at=now + REFRESHABLE if "refresh_token" in secrets else None,
    )


def _ends_at(told: object) -> datetime | None:
    """The moment a token runs out, told in Unix milliseconds."""
    return datetime.fromtimestamp(told / 1000, UTC) if isinstance(told, int) and 0 < told < 10**14 else None
