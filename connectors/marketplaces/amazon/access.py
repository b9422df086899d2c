"""How a seller grants access: the consent page, Login with Amazon's tokens, tokens for restricted fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote, urlencode

from connectors.contract.errors import AuthFailed, Retryable
from connectors.contract.manifest import Account, Credentials
from connectors.contract.records import ReceiverRecord
from connectors.marketplaces.amazon.client import Json, Selling
from connectors.marketplaces.amazon.reading import part, text
from connectors.marketplaces.amazon.settings import CONSENT_PAGES, setting


def authorise_url(account: Account, redirect_url: str, state: str) -> str:
    """Seller Central's page on which the seller grants this app access."""
    page = setting(account, "consent_page") or CONSENT_PAGES.get(setting(account, "region"), CONSENT_PAGES["na"])
    asked = {"application_id": setting(account, "application_id"), "state": state, "redirect_uri": redirect_url}
    if setting(account, "app_is_draft") == "yes":
        asked["version"] = "beta"
    return f"{page.rstrip('/')}/apps/authorize/consent?{urlencode(asked)}"


def exchange_code(selling: Selling, query: Mapping[str, str], redirect_url: str) -> Credentials:
    """Tokens for the code the seller came back with, and the seller's number."""
    code = query.get("spapi_oauth_code", "")
    if not code:
        raise AuthFailed("the seller did not grant access; start again", code="no-code")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_url}
    seller = query.get("selling_partner_id", "")
    return _credentials(selling, selling.token(form), {"seller_id": seller} if seller else {})


def refresh(selling: Selling) -> Credentials:
    """A new access token; it lives an hour."""
    token = selling.account.secrets.get("refresh_token", "")
    if not token:
        raise AuthFailed("there is no refresh token; authorise the seller", code="no-token")
    return _credentials(selling, selling.token({"grant_type": "refresh_token", "refresh_token": token}), {})


def restricted_token(selling: Selling, opens: str, *elements: str) -> str:
    """A token that opens one GET's restricted fields (buyerInfo, shippingAddress)."""
    resource: dict[str, object] = {"method": "GET", "path": opens}
    if elements:
        resource["dataElements"] = list(elements)
    path = "/tokens/2021-03-01/restrictedDataToken"
    found = selling.send("createRestrictedDataToken", "POST", path, {"restrictedResources": [resource]})
    token = found.get("restrictedDataToken")
    if not isinstance(token, str) or not token:
        raise Retryable("Amazon answered without a restricted token", code="not-an-answer")
    return token


def decrypt_receiver(selling: Selling, order_no: str) -> ReceiverRecord:
    """An order's receiver by the older call, for apps whose role opens it only with a restricted token."""
    path = f"/orders/v0/orders/{quote(order_no, safe='')}/address"
    found = selling.send("getOrderAddress", "GET", path, token=restricted_token(selling, path))
    address = part(part(found, "payload"), "ShippingAddress")
    streets = [text(address, name) for name in ("CompanyName", "AddressLine1", "AddressLine2", "AddressLine3")]
    return ReceiverRecord(
        name=text(address, "Name"),
        phone=text(address, "Phone"),
        country=text(address, "CountryCode"),
        state=text(address, "StateOrRegion"),
        city=text(address, "City"),
        district=text(address, "District") or text(address, "County"),
        town=text(address, "Municipality"),
        address=" ".join(street for street in streets if street),
        postcode=text(address, "PostalCode"),
    )


def _credentials(selling: Selling, found: Json, settings: Mapping[str, str]) -> Credentials:
    secrets = {name: found[name] for name in ("access_token", "refresh_token") if isinstance(found.get(name), str)}
    lives = found.get("expires_in")
    seconds = lives if isinstance(lives, (int, float)) and not isinstance(lives, bool) else 3600
    return Credentials(secrets, settings, expires_at=selling.clock() + timedelta(seconds=seconds))
