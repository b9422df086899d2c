"""WooCommerce's webhooks: missing ones made, switched-off ones woken, others left alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.contract.errors import Refused
from connectors.contract.manifest import Account
from connectors.marketplaces.woocommerce import WooCommerce
from tests.connectors.marketplaces.woocommerce.papers import error_body
from tests.connectors.marketplaces.woocommerce.stage import SITE, Stage

OURS = "https://hub.example/hooks/marketplaces/woocommerce/t"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


def hook(number: int, topic: str, status: str = "active", url: str = OURS) -> dict[str, Any]:
    return {"id": number, "topic": topic, "status": status, "delivery_url": url}


def test_a_switched_off_webhook_is_woken_and_a_missing_one_made(stage: Stage) -> None:
    held = [hook(1, "order.created"), hook(2, "order.updated", "disabled"), hook(3, "order.deleted", url="https://x")]
    stage.answers["GET webhooks"] = (200, held)
    stage.answers["PUT webhooks/2"] = (200, hook(2, "order.updated"))
    stage.answers["POST webhooks"] = lambda _, payload: (201, hook(4, payload["topic"]))
    done = stage.woo.ensure_pushes(OURS)
    assert (done.kept, done.made, done.refused) == (("order.created",), ("order.updated", "order.deleted"), {})
    (_, woken), (_, made) = stage.writes()
    assert woken == {"status": "active", "secret": "hush"}
    assert (made["topic"], made["delivery_url"], made["secret"]) == ("order.deleted", OURS, "hush")


def test_an_address_the_shop_cannot_reach_is_told_and_stops_no_other_topic(stage: Stage) -> None:
    stage.answers["GET webhooks"] = (200, [])
    refused = (400, error_body("woocommerce_rest_shop_webhook_invalid_topic", "no"))

    def made(_: dict[str, str], payload: Any) -> tuple[int, Any]:
        if payload["topic"] == "order.deleted":
            return refused
        return 201, hook(5, payload["topic"], "disabled" if payload["topic"] == "order.created" else "active")

    stage.answers["POST webhooks"] = made
    done = stage.woo.ensure_pushes(OURS)
    assert done.made == ("order.updated",)
    assert "did not reach" in done.refused["order.created"]
    assert done.refused["order.deleted"]


def test_without_a_secret_nothing_is_made() -> None:
    woo = WooCommerce(Account({}, {"consumer_key": "k", "consumer_secret": "s"}, gateway=SITE))
    with pytest.raises(Refused, match="secret"):
        woo.ensure_pushes(OURS)
