"""Who is calling: sessions by bearer token or cookie, the API key, the channel, and what the caller may do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit.gql.refusing import FieldRefusal
from connectors.sandbox.vendure.shop import Shop

SESSION_SCHEMA = """
create table if not exists session (token text primary key, since_ms integer not null, until_ms integer not null);
"""
YEAR_SECONDS = 31_557_600
AUTH_HEADER = "vendure-auth-token"
CHANNEL_HEADER = "vendure-token"
API_KEY_HEADER = "vendure-api-key"
FORBIDDEN = "You are not currently authorized to perform this action"
PERMISSIONS = ("Authenticated", "ReadOrder", "UpdateOrder", "ReadCatalog", "UpdateCatalog", "ReadSettings", "SetWebhook")
CATALOG = ("ReadCatalog", "ReadProduct", "UpdateCatalog", "UpdateProduct")
#: Root field → permissions of which one is enough; nothing: anybody.
NEEDED: dict[str, tuple[str, ...]] = {
    "login": (), "logout": (), "me": ("Authenticated",), "activeAdministrator": ("Authenticated",),
    "activeChannel": ("Authenticated",), "channels": ("ReadSettings",), "globalSettings": ("Authenticated",),
    "order": ("ReadOrder",), "orders": ("ReadOrder",), "fulfillmentHandlers": ("ReadOrder",), "product": CATALOG,
    "products": CATALOG, "productVariant": CATALOG, "productVariants": CATALOG,
    "stockLocation": ("ReadStockLocation", *CATALOG), "stockLocations": ("ReadStockLocation", *CATALOG),
    "updateProductVariants": ("UpdateCatalog", "UpdateProduct"), "setWebhooks": ("SetWebhook",),
    "webhooks": ("SetWebhook",), "availableWebhookEvents": ("SetWebhook",),
    "availableWebhookRequestTransformers": ("SetWebhook",),
}  # fmt: skip


@dataclass(slots=True)
class Caller:
    """Who stands behind one request; `fresh` is a token to be told with the answer, `gone` one to be forgotten."""

    is_in: bool
    token: str = ""
    fresh: str = ""


def methods(shop: Shop) -> frozenset[str]:
    """The server's ways of carrying a session."""
    return frozenset(str(shop.settings.get("token_method", "cookie,bearer,api-key")).split(","))


def identify(shop: Shop, request: Request) -> Caller:
    """The caller of a request; a session that has grown old is told a new token."""
    ways = methods(shop)
    if "api-key" in ways and request.headers.get(API_KEY_HEADER) == shop.keys["api_key"]:
        return Caller(True)
    told = request.headers.get("Authorization", "")
    token = told[7:] if "bearer" in ways and told[:7].lower() == "bearer " else ""
    token = token or (request.cookies.get("session", "") if "cookie" in ways else "")
    row = shop.market.storage.one("select * from session where token = ?", (token,)) if token else None
    now = shop.market.now_ms()
    if row is None or row["until_ms"] <= now:
        return Caller(False)
    rotate_ms = 1000 * float(shop.settings.get("rotate_after", 0))
    if rotate_ms and now - row["since_ms"] >= rotate_ms:
        return Caller(True, token, fresh=open_session(shop))
    return Caller(True, token)


def open_session(shop: Shop) -> str:
    """A new session's token; it lasts `expires_in` seconds."""
    serial = shop.market.storage.next_number("session")
    token = hashlib.sha256(f"{shop.keys['password']}:{serial}:{shop.market.now_ms()}".encode()).hexdigest()
    now = shop.market.now_ms()
    until = now + int(1000 * float(shop.settings.get("expires_in", YEAR_SECONDS)))
    shop.market.storage.execute("insert into session (token, since_ms, until_ms) values (?, ?, ?)", (token, now, until))
    return token


def close_session(shop: Shop, caller: Caller) -> None:
    shop.market.storage.execute("delete from session where token = ?", (caller.token,))


def tell(shop: Shop, caller: Caller, response: Response) -> None:
    """Hand a new token over in every way that the server knows."""
    if not caller.fresh:
        return
    if "bearer" in methods(shop):
        response.headers[AUTH_HEADER] = caller.fresh
    if "cookie" in methods(shop):
        response.set_cookie("session", caller.fresh, path="/", httponly=True, samesite="Lax")


def check_channel(shop: Shop, request: Request) -> str:
    """What is wrong with the channel that the request names, or nothing."""
    told = request.headers.get(CHANNEL_HEADER, "")
    if told and told != shop.keys["channel_token"]:
        return f'No channel with the token "{told}" exists'
    return ""


def permissions(shop: Shop) -> tuple[str, ...]:
    return tuple(shop.settings.get("permissions", PERMISSIONS))


def check_allowed(shop: Shop, caller: Caller, field: str) -> None:
    """Refuse a root field that the caller has no right to."""
    needed = NEEDED.get(field, ("UpdateOrder",))
    if shop.market.storage.recall("revoked", False):
        # A key that the fault took away is unknown to the question which channel this is, too.
        shop.market.storage.remember("revoked", False)
        if field == "activeChannel":
            raise FieldRefusal(FORBIDDEN, "FORBIDDEN")
    if not needed:
        return
    if field == "me" and not caller.token:
        # Keys are let in without being anybody.
        raise FieldRefusal(FORBIDDEN, "FORBIDDEN")
    mine = {*permissions(shop), *(("Authenticated",) if caller.is_in else ())}
    if not caller.is_in or not ("SuperAdmin" in mine or mine & set(needed)):
        raise FieldRefusal(FORBIDDEN, "FORBIDDEN")
