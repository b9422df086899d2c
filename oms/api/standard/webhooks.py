"""Webhooks of a shop: who is told of what, and trying whether a message arrives."""

from __future__ import annotations

from typing import Any

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, Routes
from oms.api.standard.asked import WebhookChange, WebhookIn
from oms.api.standard.shops import SHOP, check_shop, seen_shop
from oms.api.standard.told import TestOut, WebhookList, WebhookMade, WebhookOut
from oms.app.capture.webhooks import registering
from oms.app.capture.webhooks.delivering import send_test

EDIT = "webhook.edit"
ID = f"{SHOP}/webhooks/<int(min=1, max=9223372036854775807):webhook_id>"
routes = Routes("standard_webhooks", "Standard interface: webhooks with Standard-Webhooks signatures")


@routes.get(f"{SHOP}/webhooks", EDIT, WebhookList, refuses=[404])
def list_all(shop_id: int) -> dict[str, Any]:
    """The webhooks of a shop."""
    check_shop(EDIT, shop_id)
    with hub().engine.connect() as connection:
        return {"webhooks": registering.list_webhooks(connection, shop_id)}


@routes.post(f"{SHOP}/webhooks", EDIT, WebhookMade, asks=[(BODY, WebhookIn)], refuses=[400, 404, 409, 422], status=201)
def add(asked: dict[str, Any], shop_id: int) -> dict[str, Any]:
    """Tell an address of what happens from now on; the answer shows the secret once."""
    seen_shop(EDIT, shop_id)
    made = registering.add_webhook(hub(), shop_id, asked["url"], asked["topics"], caller().actor)
    return {**_find(shop_id, made.id), "secret": made.secret}


@routes.get(ID, EDIT, WebhookOut, refuses=[404])
def show(shop_id: int, webhook_id: int) -> dict[str, Any]:
    """One webhook."""
    check_shop(EDIT, shop_id)
    return _find(shop_id, webhook_id)


@routes.put(ID, EDIT, WebhookOut, asks=[(BODY, WebhookChange)], refuses=[400, 404, 409, 422])
def change(asked: dict[str, Any], shop_id: int, webhook_id: int) -> dict[str, Any]:
    """Change address and topics; pause it, or let it go on. The secret stays."""
    check_shop(EDIT, shop_id)
    registering.change_webhook(
        hub(), shop_id, webhook_id, asked["url"], asked["topics"], paused=asked["paused"], actor=caller().actor
    )
    return _find(shop_id, webhook_id)


@routes.delete(ID, EDIT, refuses=[404])
def remove(shop_id: int, webhook_id: int) -> None:
    """Tell this address no more; messages that wait for it go, too."""
    check_shop(EDIT, shop_id)
    registering.remove_webhook(hub(), shop_id, webhook_id, caller().actor)


@routes.post(f"{ID}/test", EDIT, TestOut, refuses=[404])
def test(shop_id: int, webhook_id: int) -> dict[str, Any]:
    """Send a message of topic webhook.test now and say how that ended."""
    check_shop(EDIT, shop_id)
    delivery = send_test(hub(), shop_id, webhook_id)
    return {"delivered": delivery.is_taken, "answer": delivery.answer}


def _find(shop_id: int, webhook_id: int) -> dict[str, Any]:
    with hub().engine.connect() as connection:
        return registering.find_webhook(connection, shop_id, webhook_id)
