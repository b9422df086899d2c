"""Shopify keeps every promise of a marketplace connector that receives pushes."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.notices import PushRequest
from connectors.marketplaces.shopify import Shopify
from connectors.marketplaces.shopify.pushes import sign
from tests.connectors.contract_kit import CANARY, EVERYWHERE
from tests.connectors.contract_push import PushSuite
from tests.connectors.contract_suite import NOW, BadDocument, Kit, MarketplaceSuite, Refusal
from tests.connectors.marketplaces.shopify.papers import (
    NAME,
    ORDER,
    PHONE,
    RETURN,
    STREET,
    a_discount,
    a_line,
    a_return,
    a_tax,
    a_way,
    an_order,
    bag,
    complaint,
    error_body,
    fulfilled,
    nodes,
    order_body,
    refund_body,
    refunded,
    return_body,
    return_row,
    waiting,
)

EMPTY = orjson.dumps({"data": {"orders": nodes(), "fulfillmentOrders": nodes()}})
WORDS = "the window is over"
COST = {"requestedQueryCost": 752, "throttleStatus": {"currentlyAvailable": 112, "restoreRate": 100.0}}
RICH = an_order(
    a_line(1, discountAllocations=[a_discount("8.00")], taxLines=[a_tax("18.00")]),
    a_line(2, taxLines=[a_tax("20.00")]),
    ways=(a_way(taxLines=[a_tax("2.25")]),),
    displayFulfillmentStatus="PARTIALLY_FULFILLED",
    discountApplications=nodes({"__typename": "DiscountCodeApplication", "index": 0, "code": "SPRING"}),
    fulfillmentOrders=nodes(waiting((1, 0), (2, 2), fulfillBy="2026-03-04T12:00:00Z")),
    fulfillments=[fulfilled((1, 2))],
    refunds=[refunded((1, 1, "RETURN"))],
    returns=nodes(a_return()),
)


def a_push(topic: str, body: dict[str, object], delivery: str, at: str = "2026-03-02T03:59:58Z") -> PushRequest:
    raw = orjson.dumps(body)
    headers = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-SHA256": sign(f"{CANARY}client_secret", raw),
        "X-Shopify-Shop-Domain": "lamps.myshopify.com",
        "X-Shopify-Webhook-Id": delivery,
        "X-Shopify-Triggered-At": at,
    }
    return PushRequest("POST", "/push", {}, headers, raw, NOW)


CHANGED = {"id": 5001, "admin_graphql_api_id": ORDER, "updated_at": "2026-03-01T22:59:00-05:00"}


class TestContract(MarketplaceSuite, PushSuite):
    """The suites of every marketplace and of every receiver of pushes."""

    connector = Shopify
    kit = Kit(
        read=lambda shopify: shopify.get_order(ORDER),
        write=lambda shopify: shopify.decide_case(RETURN, False, WORDS, {}),
        settings=(("since", "2026-03-02T10:00:00+08:00"), ("shop", "lamps")),
        refusals=(
            Refusal(error_body("THROTTLED", "Throttled", extensions={"cost": COST}), RateLimited, retry_after=7),
            Refusal(error_body("THROTTLED"), RateLimited, writing=True),
            Refusal(error_body("THROTTLED", extensions={"cost": COST}), RateLimited, retry_after=7, status=429),
            Refusal(b'{"errors":"[API] Invalid API key or access token"}', AuthFailed, status=401),
            Refusal(b'{"errors":"[API] Invalid API key or access token"}', AuthFailed),
            Refusal(b'{"errors":"odd"}', Refused),
            Refusal(b'{"errors":{"message":"odd"}}', Refused),
            Refusal(b'{"errors":"frozen"}', AuthFailed, status=402),
            Refusal(b'{"errors":"scope"}', AuthFailed, status=403),
            Refusal(b'{"errors":"Not Found"}', Refused, status=404),
            Refusal(b"locked", RateLimited, status=423),
            Refusal(error_body("ACCESS_DENIED", "Access denied for order field"), Refused),
            Refusal(error_body("SHOP_INACTIVE"), AuthFailed),
            Refusal(error_body("MAX_COST_EXCEEDED"), Refused),
            Refusal(error_body("INTERNAL_SERVER_ERROR"), Retryable),
            Refusal(error_body("INTERNAL_SERVER_ERROR"), OutcomeUnknown, writing=True),
            Refusal(b'{"data":{"order":null}}', Refused),
            Refusal(complaint("returnDeclineRequest", "Return is not requested"), Refused, writing=True),
            Refusal(complaint("returnDeclineRequest", "busy", "IDEMPOTENCY_CONCURRENT_REQUEST"), Retryable, writing=True),
            Refusal(b'{"data":{"returnDeclineRequest":null}}', OutcomeUnknown, writing=True),
        ),
        private=(NAME, PHONE, STREET),
        sent=(WORDS,),
        orders=(order_body(an_order()), order_body(RICH), orjson.dumps({"order": an_order(ways=(a_way(),))})),
        cases=(
            return_body(a_return()),
            return_body(a_return(status="CLOSED", returnLineItems=return_row(refundedQuantity=1))),
            refund_body(),
        ),
        bad_orders=(
            BadDocument(order_body(an_order(totalPriceSet=bag("1.00"))), "totalPriceSet"),
            BadDocument(order_body(an_order(totalPriceSet=bag("ten"))), "totalPriceSet"),
            BadDocument(order_body(an_order(totalPriceSet=None)), "totalPriceSet"),
            BadDocument(order_body(an_order(currencyCode="euro")), "currencyCode"),
            BadDocument(order_body(an_order(updatedAt="2026-03-02 10:00:00")), "updatedAt"),
            BadDocument(order_body(an_order(createdAt=None)), "createdAt"),
            BadDocument(order_body(an_order(id=None)), "id"),
            BadDocument(order_body(an_order(lineItems=nodes())), "lineItems"),
            BadDocument(order_body(an_order(lineItems="many")), "lineItems"),
            BadDocument(order_body(an_order(a_line(1, quantity=0))), "quantity"),
            BadDocument(order_body(an_order(a_line(1, originalTotalSet=bag("80.001")), total="80.00")), "originalTotal"),
            BadDocument(order_body(an_order(shippingAddress=[NAME])), "shippingAddress"),
        ),
        bad_cases=(
            BadDocument(return_body(a_return(status="")), "status"),
            BadDocument(return_body(a_return(order=None)), "order.id"),
            BadDocument(return_body(a_return(createdAt=None)), "createdAt"),
            BadDocument(refund_body(id=""), "id"),
            BadDocument(refund_body(totalRefundedSet=bag("-1.00"), transactions=nodes()), "transactions"),
        ),
        empty_list=EMPTY,
        pushes=(
            a_push("orders/updated", CHANGED, "d1"),
            a_push("orders/updated", CHANGED | {"note": "café"}, "d2"),
            a_push("returns/request", {"id": 901, "order": {"id": 5001}}, "d3"),
            a_push("app/uninstalled", {"id": 1}, "d4"),
        ),
        stale_pushes=(
            a_push("orders/updated", CHANGED, "d5", (NOW - timedelta(days=4)).isoformat()),
            a_push("orders/updated", CHANGED, "d6", "yesterday"),
        ),
    )

    def test_a_good_account_passes_the_check(self, vendor: Shopify, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=EMPTY)
        assert vendor.check().ok

    @pytest.mark.parametrize("body", [error_body("ACCESS_DENIED"), error_body("SHOP_INACTIVE")])
    def test_a_shop_that_shows_no_orders_fails_the_check(
        self, vendor: Shopify, platform: responses.RequestsMock, body: bytes
    ) -> None:
        platform.add(responses.POST, EVERYWHERE, body=body)
        assert not vendor.check().ok

    def test_a_refused_token_fails_the_check(self, vendor: Shopify, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, status=401, json={"errors": "no access token"})
        assert not vendor.check().ok

    def test_calls_go_to_the_shop_s_own_domain_and_version(
        self, vendor: Shopify, platform: responses.RequestsMock
    ) -> None:
        platform.add(responses.POST, EVERYWHERE, body=order_body(an_order()))
        assert vendor.get_order("5001").external_no == ORDER
        request = platform.calls[0].request
        assert request.url == "https://lamps.myshopify.com/admin/api/2026-10/graphql.json"
        assert request.headers["X-Shopify-Access-Token"] == f"{CANARY}access_token"
        sent = orjson.loads(request.body)
        assert (sent["operationName"], sent["variables"]) == ("OrderDetail", {"id": ORDER})
