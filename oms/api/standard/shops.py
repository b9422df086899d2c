"""The shop a call of the standard interface is about, and doing a push once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify
from marshmallow import Schema

from oms.api.access import caller, hub
from oms.api.idempotency import once
from oms.app.capture.pushed import open_shop
from oms.app.kernel.masters import ShopCard
from oms.domain.errors import NotFound

SHOP = "/shops/<int(min=1, max=9223372036854775807):shop_id>"


def check_shop(permission: str, shop_id: int) -> None:
    """NotFound when the caller's permission does not reach this shop: whether it exists is not told."""
    if not caller().allows(permission, shop_id):
        raise NotFound("there is no such shop", "look the shop's number up with GET /api/v1/shops")


def pushing_shop(permission: str, shop_id: int) -> ShopCard:
    """The shop, when the caller may push to it and it takes documents by push."""
    check_shop(permission, shop_id)
    return open_shop(hub(), shop_id)


def seen_shop(permission: str, shop_id: int) -> ShopCard:
    """The shop, whatever its platform, when the caller may look into it."""
    check_shop(permission, shop_id)
    shop = hub().masters.get(hub().engine, hub().clock()).shops.get(shop_id)
    if shop is None:
        raise NotFound("there is no such shop", "look the shop's number up with GET /api/v1/shops")
    return shop


def push_once(headers: dict[str, str], asked: object, schema: type[Schema], push: Callable[[], Any]) -> Response:
    """Answer what a push led to; a key, where one is sent, belongs to one request only.

    Documents are known by their numbers and content, so doing a push again is harmless, and answers the present.
    """
    key, is_new = headers.get("idempotency_key", ""), True
    if key:
        with once(hub(), caller().actor, key, asked) as is_new:
            content = push()
    else:
        content = push()
    answer = jsonify(schema().dump(content))
    if not is_new:
        answer.headers["Idempotent-Replay"] = "true"
    return answer
