"""How a shop's owner lets us in: the page to authorise on, the first token and its successors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from connectors.contract.errors import AuthFailed, Refused
from connectors.contract.manifest import Credentials
from connectors.marketplaces.douyin.client import Doudian
from connectors.marketplaces.douyin.reading import number_text, text, whole

AUTHORISE_PAGE = "https://fuwu.jinritemai.com/authorize"
#: How long a refresh token lasts from its issue on.
REFRESHABLE = timedelta(days=14)


def authorise_url(doudian: Doudian, state: str) -> str:
    """The service market's page of our app; where it comes back to is set at the platform, not here."""
    service = doudian.setting("service_id")
    if not service:
        raise Refused("fill in the service id of the app in the service market first")
    return f"{AUTHORISE_PAGE}?{urlencode({'service_id': service, 'state': state})}"


def exchange_code(doudian: Doudian, query: Mapping[str, str]) -> Credentials:
    """The first token, for the code the page came back with."""
    code = query.get("code", "")
    if not code:
        raise AuthFailed("the platform came back without a code; authorise the shop again")
    return _credentials(doudian, doudian.read("token/create", code=code, grant_type="authorization_code"))


def refresh(doudian: Doudian) -> Credentials:
    """The next token; before the last hour the platform gives the same one again.

    A shop's own app, which stands in no service market, gets its token by its shop's number where it has no
    refresh token or only one that ran out.
    """
    token, shop = doudian.account.secrets.get("refresh_token", ""), doudian.setting("shop_id")
    is_own_app = bool(shop) and not doudian.setting("service_id")
    if not token and not is_own_app:
        raise AuthFailed("there is no refresh token; authorise the shop again")
    if token:
        try:
            answer = doudian.read("token/refresh", grant_type="refresh_token", refresh_token=token)
            return _credentials(doudian, answer, token)
        except AuthFailed:
            if not is_own_app:
                raise
    answer = doudian.read("token/create", code="", grant_type="authorization_self", shop_id=shop)
    return _credentials(doudian, answer)


def _credentials(doudian: Doudian, answer: dict[str, Any], refreshed_by: str = "") -> Credentials:
    """What an answer brought; the refresh token it was asked by lasts no longer for being told again."""
    access, following = text(answer, "access_token"), text(answer, "refresh_token")
    if not access:
        raise AuthFailed("the platform gave no token; authorise the shop again")
    now, seconds = doudian.clock(), whole(answer, "expires_in")
    shop = number_text(answer, "shop_id")
    return Credentials(
        {"access_token": access, **({"refresh_token": following} if following else {})},
        {"shop_id": shop} if shop else {},
        expires_at=now + timedelta(seconds=seconds) if seconds > 0 else None,
        ends_at=now + REFRESHABLE if following not in ("", refreshed_by) else None,
    )
