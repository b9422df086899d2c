"""The front door: tokens, versions, documents that do not fit, cost, throttling, faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.shopify import describe
from connectors.sandbox.shopify.throttle import Bucket
from connectors.sandbox.shopify.twin import ShopifyTwin
from tests.sandbox.shopify.caller import PATH, Caller

LIST = "query L($first: Int!) { orders(first: $first) { nodes { id } } }"


def grant(shop: Caller, **told: Any) -> Any:
    keys = {name: shop.twin.keys[name] for name in ("client_id", "client_secret")}
    return shop.client.post("/admin/oauth/access_token", data={**keys, **told})


def test_client_credentials_give_a_token_that_runs_out(tmp_path: Path) -> None:
    twin = ShopifyTwin(TwinOptions(tmp_path, settings={"expires_in": 100}))
    shop = Caller(twin)
    answer = grant(shop, grant_type="client_credentials").get_json()
    assert answer["expires_in"] == 100
    shop.token = answer["access_token"]
    assert "errors" not in shop.post(LIST, {"first": 1}).get_json()
    twin.faults.replace([{"kind": "clock_skew", "ms": 101_000}])
    refused = shop.post(LIST, {"first": 1})
    assert (refused.status_code, refused.get_json()["errors"][:5]) == (401, "[API]")
    twin.close()


def test_a_refresh_token_works_once(shop: Caller) -> None:
    first = shop.twin.keys["refresh_token"]
    answer = grant(shop, grant_type="refresh_token", refresh_token=first).get_json()
    assert answer["expires_in"] == 3600
    assert grant(shop, grant_type="refresh_token", refresh_token=first).get_json()["error"] == "invalid_grant"
    assert "access_token" in grant(shop, grant_type="refresh_token", refresh_token=answer["refresh_token"]).get_json()


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "client_credentials", "client_id": ""}, "invalid_request"),
        ({"grant_type": "client_credentials", "client_id": "another"}, "application_cannot_be_found"),
        ({"grant_type": "client_credentials", "client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_the_token_endpoint_refuses_what_does_not_fit(shop: Caller, told: dict[str, str], error: str) -> None:
    answer = grant(shop, **told)
    assert (answer.status_code, answer.get_json()["error"]) == (400, error)


def test_without_a_valid_token_nothing_is_answered(shop: Caller) -> None:
    shop.token = "shpat_wrong"
    assert shop.post(LIST, {"first": 1}).status_code == 401


def test_a_retired_version_falls_forward_and_nonsense_is_not_found(shop: Caller) -> None:
    served = shop.post(LIST, {"first": 1}, path="/admin/api/2023-01/graphql.json")
    assert served.headers["X-Shopify-API-Version"] == "2025-10"
    assert shop.post(LIST, {"first": 1}).headers["X-Shopify-API-Version"] == "2026-10"
    assert shop.post(LIST, {"first": 1}, path="/admin/api/2026-11/graphql.json").status_code == 404


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ orders(first: 1) { nodes { nonsense } } }", "undefinedField"),
        ("{ orders(first: 1, color: 2) { nodes { id } } }", "argumentNotAccepted"),
        ("{ order { id } }", "missingRequiredArguments"),
        ("{ orders(first: 1) { nodes { totalPriceSet } } }", "selectionMismatch"),
        ("{ orders(first: 1) { nodes { id { x } } } }", "selectionMismatch"),
        ("{ orders { nodes { id } } }", "BAD_REQUEST"),
        ("{ orders(first: \"1\") { nodes { id } } }", "argumentLiteralsIncompatible"),
        ("{ orders(first: 1, sortKey: COLOUR) { nodes { id } } }", "argumentLiteralsIncompatible"),
        ("{ orders(first: 251) { nodes { id } } }", "BAD_REQUEST"),
        ("query Q($a: Int) { shop { id } }", "variableNotUsed"),
        ("{ orders(first: $n) { nodes { id } } }", "variableNotDefined"),
        ("query Q($id: String!) { order(id: $id) { id } }", "variableMismatch"),
        ("query Q($id: ID) { order(id: $id) { id } }", "variableMismatch"),
        ("{ shop { ...F } }", "useAndDefineFragment"),
        ("{ shop { id } } fragment F on Shop { id }", "useAndDefineFragment"),
        ("{ shop { ...F } } fragment F on Order { id }", "cannotSpreadFragment"),
    ],
)  # fmt: skip
def test_a_document_that_does_not_fit_is_refused_before_it_runs(shop: Caller, query: str, code: str) -> None:
    assert code in {found for found, _ in shop.errors(query, {"id": "gid://shopify/Order/1"})}


def test_broken_text_and_broken_variables_are_told_with_their_place(shop: Caller) -> None:
    error = shop.post("{ orders(first: 1 { nodes { id } } }").get_json()["errors"][0]
    assert error["message"].startswith("Parse error")
    found = shop.post(LIST, {"first": "many"}).get_json()["errors"][0]
    assert found["extensions"]["code"] == "INVALID_VARIABLE"
    assert found["message"] == "Variable $first of type Int! was provided invalid value"


def test_aliases_fragments_directives_and_edges_are_honoured(shop: Caller) -> None:
    shop.make()
    found = shop.ask(
        """query Q($with: Boolean = false, $n: Int = 2) {
          all: orders(first: $n) { edges { cursor node { ...Name ... on Order @include(if: $with) { test } } } }
          place: node(id: "gid://shopify/Location/80000001") { __typename ... on Location { name } ... on Order { test } }
        } fragment Name on Order { kind: __typename name }"""
    )
    assert found["all"]["edges"][0]["node"] == {"kind": "Order", "name": "#1001"}
    assert found["place"] == {"__typename": "Location", "name": "杭州仓"}


def test_a_request_costs_what_it_asks_and_is_charged_what_it_took(shop: Caller) -> None:
    shop.make()
    cost = shop.post(LIST, {"first": 50}).get_json()["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (52, 3)
    greedy = "{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { id variant { id } } } } } }"
    assert shop.errors(greedy)[0][0] == "MAX_COST_EXCEEDED"


def test_an_empty_bucket_refuses_and_fills_again(twin: ShopifyTwin, shop: Caller) -> None:
    clock = [0.0]
    twin.gateway._bucket = Bucket(100.0, 60.0, lambda: clock[0])
    assert twin.gateway._bucket.take(50)
    body = shop.post(LIST, {"first": 50}).get_json()
    assert (body["errors"][0]["extensions"]["code"], "data" in body) == ("THROTTLED", False)
    status = body["extensions"]["cost"]["throttleStatus"]
    assert status == {"maximumAvailable": 60.0, "currentlyAvailable": 10, "restoreRate": 100.0}
    clock[0] = 1.0
    assert "data" in shop.post(LIST, {"first": 50}).get_json()


def test_faults_answer_as_the_platform_does(twin: ShopifyTwin, shop: Caller) -> None:
    twin.faults.replace([{"kind": "rate_limit", "seconds": 3, "max_times": 1}])
    body = shop.post(LIST, {"first": 1}).get_json()
    cost = body["extensions"]["cost"]
    wait = (cost["requestedQueryCost"] - cost["throttleStatus"]["currentlyAvailable"]) / cost["throttleStatus"][
        "restoreRate"
    ]
    assert (body["errors"][0]["extensions"]["code"], wait) == ("THROTTLED", 3)
    twin.faults.replace([{"kind": "rate_limit", "seconds": 0}])
    assert shop.post(LIST, {"first": 1}).status_code == 429
    twin.faults.replace([{"kind": "expired_session", "match": "orders"}])
    assert shop.post(LIST, {"first": 1}).status_code == 401
    twin.faults.replace([{"kind": "broken_page"}])
    assert shop.post(LIST, {"first": 1}).get_data()[-1:] != b"}"
    twin.faults.replace([{"kind": "outage", "seconds": 60}])
    assert shop.post(LIST, {"first": 1}).status_code == 503


def test_a_field_without_its_scope_is_denied_and_old_orders_are_hidden(tmp_path: Path) -> None:
    twin = ShopifyTwin(TwinOptions(tmp_path, settings={"scopes": ["read_orders"], "protected_customer_data": False}))
    shop = Caller(twin)
    id_ = shop.make()
    assert shop.errors("{ locations(first: 1) { nodes { id } } }")[0][0] == "ACCESS_DENIED"
    address = shop.ask("query Q($id: ID!) { order(id: $id) { shippingAddress { name city } } }", {"id": id_})
    assert address["order"]["shippingAddress"]["name"] is None
    twin.faults.replace([{"kind": "clock_skew", "ms": 61 * 86_400_000}])
    assert shop.ask(LIST, {"first": 5})["orders"]["nodes"] == []
    twin.close()


def test_describe_tells_where_and_with_which_keys() -> None:
    told = describe("http://127.0.0.1:9", 7)
    assert told["graphql"] == "http://127.0.0.1:9" + PATH
    assert {"shop", "client_id", "client_secret", "access_token", "refresh_token"} <= set(told)
