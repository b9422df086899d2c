"""Access tokens and rights: the token endpoint's grants, and which scope each field needs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.shopify.shop import Shop

Doc = dict[str, Any]
DAY, HOUR, NINETY_DAYS = 86_399, 3_600, 7_776_000
#: Any one of these scopes opens the field.
NEEDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("order", "orders", "ordersCount", "refund", "fulfillment"), ("read_orders", "write_orders")),
    **dict.fromkeys(("fulfillmentOrder", "fulfillmentOrders"), (
        "read_merchant_managed_fulfillment_orders", "read_assigned_fulfillment_orders",
        "read_third_party_fulfillment_orders")),
    **dict.fromkeys(("fulfillmentCreate", "fulfillmentTrackingInfoUpdate", "fulfillmentCancel", "fulfillmentEventCreate",
                     "fulfillmentOrderHold", "fulfillmentOrderReleaseHold"), (
        "write_merchant_managed_fulfillment_orders", "write_assigned_fulfillment_orders", "write_fulfillments")),
    **dict.fromkeys(("orderCancel", "orderUpdate", "orderMarkAsPaid", "orderCapture", "refundCreate"), ("write_orders",)),
    "return": ("read_returns", "write_returns"),
    **dict.fromkeys(("returnApproveRequest", "returnDeclineRequest", "returnProcess", "returnClose", "returnCancel",
                     "returnCreate", "reverseFulfillmentOrderDispose"), ("write_returns",)),
    **dict.fromkeys(("inventoryItem", "inventoryItems"), ("read_inventory", "read_products", "write_inventory")),
    **dict.fromkeys(("inventorySetQuantities", "inventoryAdjustQuantities"), ("write_inventory",)),
    **dict.fromkeys(("product", "products", "productVariant", "productVariants"), ("read_products", "write_products")),
    **dict.fromkeys(("location", "locations"), ("read_locations", "read_inventory", "write_inventory")),
}  # fmt: skip


class Denied(Exception):
    """The token endpoint says no; `error` is its word."""

    def __init__(self, error: str, words: str) -> None:
        super().__init__(words)
        self.error = error


def grant(shop: Shop, keys: Mapping[str, str], told: Mapping[str, Any]) -> Doc:
    """A new token for client credentials (a day), or for a refresh token (an hour, and the next refresh token)."""
    kind = told.get("grant_type")
    if not kind:
        raise Denied("invalid_request", "The request is missing a required parameter: grant_type")
    if not told.get("client_id") or not told.get("client_secret"):
        raise Denied("invalid_request", "The request is missing a required parameter: client_id or client_secret")
    if told["client_id"] != keys["client_id"]:
        raise Denied("application_cannot_be_found", "Could not find the Shopify API application")
    if told["client_secret"] != keys["client_secret"]:
        raise Denied("invalid_client", "The client secret is invalid")
    if kind == "client_credentials":
        return _issue(shop, DAY, offline=False)
    if kind == "refresh_token":
        _spend(shop, keys, str(told.get("refresh_token", "")))
        return _issue(shop, HOUR, offline=True)
    raise Denied("unsupported_grant_type", f"The grant type {kind} is not supported")


def _issue(shop: Shop, lives: int, *, offline: bool) -> Doc:
    lives = int(shop.settings.get("expires_in", lives))
    answer: Doc = {"access_token": _write(shop, "access", lives), "scope": ",".join(sorted(shop.scopes)),
                   "expires_in": lives}  # fmt: skip
    if offline:
        answer |= {"refresh_token": _write(shop, "refresh", NINETY_DAYS), "refresh_token_expires_in": NINETY_DAYS}
    return answer


def _write(shop: Shop, kind: str, lives: int) -> str:
    serial = shop.market.storage.next_number("token")
    head = "shpat_" if kind == "access" else "shprt_"
    value = head + hashlib.sha256(f"{shop.client_secret}:{kind}:{serial}".encode()).hexdigest()[:32]
    until = shop.market.now_ms() + lives * 1000
    shop.market.storage.execute("insert into token (value, kind, until_ms) values (?, ?, ?)", (value, kind, until))
    return value


def _spend(shop: Shop, keys: Mapping[str, str], value: str) -> None:
    """A refresh token works once; the first one is that of the shop's description."""
    storage = shop.market.storage
    used = storage.execute("delete from token where value = ? and kind = 'refresh' and until_ms > ?",
                           (value, shop.market.now_ms()))  # fmt: skip
    if not used and value == keys["refresh_token"] and not storage.recall("first_refresh_spent", False):
        storage.remember("first_refresh_spent", True)
        used = 1
    if not used:
        raise Denied("invalid_grant", "The refresh token is invalid, expired or was used already")


def is_valid(shop: Shop, keys: Mapping[str, str], value: str) -> bool:
    """Whether an access token opens the shop now."""
    if value and value == keys["access_token"]:
        return bool(shop.settings.get("static_token", True))
    until = shop.market.storage.scalar("select until_ms from token where value = ? and kind = 'access'", (value,))
    return until is not None and int(until) > shop.market.now_ms()


def missing_scope(shop: Shop, field: str) -> str:
    """The scope that a field asks for and the app lacks, or nothing."""
    needed = NEEDS.get(field, ())
    return "" if not needed or shop.scopes & set(needed) else needed[0]
