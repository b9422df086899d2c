"""How a shop grants access to Shopify: the owner's page, the code it sends back, tokens and their renewal."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from connectors.contract.errors import AuthFailed
from connectors.contract.graphql import Json
from connectors.contract.manifest import Account, Credentials
from connectors.marketplaces.shopify.client import Admin

SCOPES = ",".join(
    (
        "read_orders",
        "write_orders",
        "read_all_orders",
        "read_merchant_managed_fulfillment_orders",
        "write_merchant_managed_fulfillment_orders",
        "read_returns",
        "write_returns",
        "read_inventory",
        "write_inventory",
        "read_locations",
        "read_products",
        "read_customers",
    )
)


def domain_of(account: Account) -> str:
    """The shop's own domain, from its name or its domain."""
    shop = account.settings.get("shop", "").strip().removeprefix("https://").strip("/").lower()
    return shop if "." in shop or not shop else f"{shop}.myshopify.com"


def sign_query(query: Mapping[str, str], secret: str) -> str:
    """Shopify's signature over the parameters it sends a browser back with: hex, over all but the signature itself."""
    message = "&".join(f"{name}={query[name]}" for name in sorted(query) if name not in ("hmac", "signature"))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def authorise_url(account: Account, gateway: str, redirect_url: str, state: str) -> str:
    """The page on which the shop's owner grants the scopes."""
    wanted = {
        "client_id": account.settings.get("client_id", ""),
        "scope": account.settings.get("scopes") or SCOPES,
        "redirect_uri": redirect_url,
        "state": state,
    }
    return f"{gateway.rstrip('/')}/admin/oauth/authorize?{urlencode(wanted)}"


def exchange_code(admin: Admin, account: Account, query: Mapping[str, str]) -> Credentials:
    """Tokens for the code Shopify sent the owner back with; AuthFailed when it is not genuine."""
    signature = sign_query(query, account.secrets.get("client_secret", ""))
    if not hmac.compare_digest(signature, query.get("hmac", "")):
        raise AuthFailed("what came back is not signed with this app's client secret; start again", code="hmac")
    if not query.get("code"):
        raise AuthFailed("the owner did not grant access; start again", code="no-code")
    domain = domain_of(account)
    if domain and query.get("shop", "").lower() != domain:
        raise AuthFailed("another shop granted access than the one this account names", code="shop")
    found = admin.token({**_client(account), "code": query["code"], "expiring": "1"})
    return _credentials(admin, found)


def refresh(admin: Admin, account: Account) -> Credentials:
    """New tokens: by the refresh token of a public app, else by the client credentials of the shop's own app."""
    token = account.secrets.get("refresh_token", "")
    grant = {"grant_type": "refresh_token", "refresh_token": token} if token else {"grant_type": "client_credentials"}
    return _credentials(admin, admin.token({**_client(account), **grant}))


def _client(account: Account) -> dict[str, str]:
    return {
        "client_id": account.settings.get("client_id", ""),
        "client_secret": account.secrets.get("client_secret", ""),
    }


def _credentials(admin: Admin, found: Json) -> Credentials:
    secrets = {name: found[name] for name in ("access_token", "refresh_token") if isinstance(found.get(name), str)}
    now = admin.clock()
    lives, renews = _seconds(found.get("expires_in")), _seconds(found.get("refresh_token_expires_in"))
    return Credentials(
        secrets,
        expires_at=now + lives if lives is not None else None,
        ends_at=now + renews if renews is not None else None,
    )


def _seconds(value: object) -> timedelta | None:
    return timedelta(seconds=value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
