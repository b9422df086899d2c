"""The calls about webhooks: list, make, change, remove. Sending is in `deliveries`."""

from __future__ import annotations

import re
import secrets
from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.woocommerce.deliveries import KIND, ping
from connectors.sandbox.woocommerce.gateway import EDIT, V3, Ask, Endpoint, paged
from connectors.sandbox.woocommerce.params import is_true, listing_from
from connectors.sandbox.woocommerce.refusal import Refusal, answer, invalid_id

Doc = dict[str, Any]
TOPIC = re.compile(r"(coupon|customer|order|product)\.(created|updated|deleted|restored)|action\.\w+")
STATUSES = ("active", "paused", "disabled")
KEPT_BACK = frozenset({"secret", "failures", "created_ms", "changed_ms"})


def list_webhooks(ask: Ask) -> Response:
    listing = listing_from(ask.query, ask.shop.utc_offset)
    wanted = ask.query.get("status", "all")
    found = [hook for hook in ask.shop.records.of(KIND) if wanted in ("all", hook["status"])]
    found = found[::-1] if listing.newest_first else found
    page = found[listing.offset : listing.offset + listing.per_page]
    return paged(ask, listing, [_shown(ask, hook) for hook in page], len(found))


def get_webhook(ask: Ask) -> Response:
    return answer(_shown(ask, _find(ask, 404)))


def create_webhook(ask: Ask) -> Response:
    topic, url = str(ask.body.get("topic") or ""), str(ask.body.get("delivery_url") or "")
    _check_topic(topic, "Webhook topic is required and must be valid.")
    _check_url(url)
    now = ask.shop.market.now_ms()
    hook = ask.shop.records.add(KIND, "", {
        "name": str(ask.body.get("name") or "Webhook created by the REST API"), "status": _status(ask) or "active",
        "topic": topic, "delivery_url": url, "secret": str(ask.body.get("secret") or secrets.token_urlsafe(37)),
        "failures": 0, "created_ms": now, "changed_ms": now,
    })  # fmt: skip
    _ping(ask, hook)
    response = answer(_shown(ask, hook), 201)
    response.headers["Location"] = ask.shop.api(f"webhooks/{hook['id']}")
    return response


def update_webhook(ask: Ask) -> Response:
    hook = _find(ask, 400)
    before = (hook["delivery_url"], hook["status"])
    if ask.body.get("topic"):
        _check_topic(str(ask.body["topic"]), "Webhook topic must be valid.")
    if ask.body.get("delivery_url"):
        _check_url(str(ask.body["delivery_url"]))
    for name in ("name", "topic", "delivery_url", "secret"):
        hook[name] = str(ask.body.get(name) or hook[name])
    hook |= {"status": _status(ask) or hook["status"], "changed_ms": ask.shop.market.now_ms()}
    if hook["status"] == "active" and before[1] != "active":
        hook["failures"] = 0
    ask.shop.records.save(KIND, hook)
    if (hook["delivery_url"], hook["status"]) != before:
        _ping(ask, hook)
    return answer(_shown(ask, hook))


def delete_webhook(ask: Ask) -> Response:
    if not is_true(ask.query.get("force", ask.body.get("force", False))):
        raise Refusal(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
    hook = _find(ask, 404)
    ask.shop.records.remove(KIND, hook["id"])
    return answer(_shown(ask, hook))


def _ping(ask: Ask, hook: Doc) -> None:
    """An address that does not answer its ping cannot be saved active."""
    if hook["status"] == "active" and not ping(hook["delivery_url"], hook["id"]):
        hook["status"] = "disabled"
        ask.shop.records.save(KIND, hook)


def _find(ask: Ask, status: int) -> Doc:
    hook = ask.shop.records.find(KIND, ask.number())
    if hook is None:
        raise invalid_id("shop_webhook", status)
    return hook


def _status(ask: Ask) -> str:
    status = str(ask.body.get("status") or "")
    if status and status not in STATUSES:
        raise Refusal(400, "woocommerce_rest_shop_webhook_invalid_status", "Webhook status must be valid.")
    return status


def _check_topic(topic: str, message: str) -> None:
    if not TOPIC.fullmatch(topic):
        raise Refusal(400, "woocommerce_rest_shop_webhook_invalid_topic", message)


def _check_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        message = "Webhook delivery URL must be a valid URL starting with http:// or https://."
        raise Refusal(400, "woocommerce_rest_shop_webhook_invalid_delivery_url", message)


def _shown(ask: Ask, hook: Doc) -> Doc:
    resource, _, event = hook["topic"].partition(".")
    links = {
        "self": [{"href": ask.shop.api(f"webhooks/{hook['id']}")}],
        "collection": [{"href": ask.shop.api("webhooks")}],
    }
    return {
        **{name: value for name, value in hook.items() if name not in KEPT_BACK},
        "resource": resource, "event": event, "hooks": [f"woocommerce_{event}_{resource}"],
        **ask.shop.dates("date_created", hook["created_ms"]), **ask.shop.dates("date_modified", hook["changed_ms"]),
        "_links": links,
    }  # fmt: skip


ENDPOINTS = (
    Endpoint("webhooks.list", ("GET",), f"{V3}/webhooks", list_webhooks),
    Endpoint("webhooks.create", ("POST",), f"{V3}/webhooks", create_webhook),
    Endpoint("webhooks.get", ("GET",), f"{V3}/webhooks/<int:id>", get_webhook),
    Endpoint("webhooks.update", EDIT, f"{V3}/webhooks/<int:id>", update_webhook),
    Endpoint("webhooks.delete", ("DELETE",), f"{V3}/webhooks/<int:id>", delete_webhook),
)
