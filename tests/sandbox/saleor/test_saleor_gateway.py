"""The endpoint: tokens, permissions, malformed requests, cost, pages, faults, all in the platform's envelope."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.saleor.twin import SaleorTwin
from tests.sandbox.saleor.caller import CANCEL, DETAIL, LIST, STOCK, Caller


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Caller]:
    """An app that may see orders alone, at a low limit of cost."""
    settings = {"permissions": ["MANAGE_ORDERS"], "max_complexity": 300}
    twin = SaleorTwin(TwinOptions(tmp_path, settings=settings))
    yield Caller(twin)
    twin.close()


def test_an_unknown_token_sees_nothing_that_needs_a_permission(shop: Caller) -> None:
    shop.token = "wrong"
    answer = shop.post(LIST, {"first": 1})
    body = answer.get_json()
    assert answer.status_code == 200
    assert body["data"] == {"orders": None}
    assert body["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert body["errors"][0]["path"] == ["orders"]
    assert shop.ask("{ shop { name version } app { id } }")["app"] is None


def test_a_missing_permission_is_named(reader: Caller) -> None:
    assert reader.ask("{ app { permissions { code } } }")["app"]["permissions"] == [{"code": "MANAGE_ORDERS"}]
    status, code, words = reader.error(STOCK, {"sku": "x", "stocks": []})
    assert (status, code) == (200, "PermissionDenied")
    assert words.endswith("MANAGE_PRODUCTS")


def test_a_query_that_costs_too_much_is_refused_and_every_answer_tells_its_cost(reader: Caller) -> None:
    query = "{ orders(first: 100) { edges { node { id lines { id variant { id } } fulfillments { id } } } } }"
    status, code, words = reader.error(query)
    assert (status, code) == (400, "QueryCostError")
    assert words.startswith("The query exceeds the maximum cost of 300.")
    cost = reader.post("{ shop { name } }").get_json()["extensions"]["cost"]
    assert cost == {"requestedQueryCost": 1, "maximumAvailable": 300}


def test_requests_that_are_no_graphql_are_refused_with_400(shop: Caller) -> None:
    assert shop.error("{ orders(")[:2] == (400, "GraphQLError")
    assert shop.error(" ")[2] == "Must provide a query string."
    assert shop.error("{ shop { nonsense } }")[0] == 400
    assert shop.error(DETAIL, {})[0] == 400
    assert shop.client.post("/graphql/", data="nonsense").get_json()["errors"][0]["message"] == "Unable to parse query."


def test_pages_hold_a_hundred_at_most_and_must_be_asked_for(shop: Caller) -> None:
    assert "exceeds the `first` limit of 100 records" in shop.error(LIST, {"first": 101})[2]
    assert shop.error(LIST, {})[2].startswith("You must provide a `first` or `last` value")
    assert shop.error(LIST, {"first": 2, "after": "???"})[2] == "Received cursor is invalid."


def test_orders_come_by_change_page_by_page(page: Caller) -> None:
    seen: list[dict[str, str]] = []
    after = None
    for size in (2, 2, 1):
        found = page.ask(LIST, {"first": 2, "after": after})["orders"]
        assert len(found["edges"]) == size
        assert found["totalCount"] == 5
        seen += [edge["node"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
    assert not found["pageInfo"]["hasNextPage"]
    assert [node["updatedAt"] for node in seen] == sorted(node["updatedAt"] for node in seen)
    assert len({node["id"] for node in seen}) == 5


def test_the_filter_by_change_includes_its_ends(page: Caller) -> None:
    last = page.ask(LIST, {"first": 5})["orders"]["edges"][-1]["node"]
    for name in ("where", "filter"):
        found = page.ask(LIST, {"first": 5, name: {"updatedAt": {"gte": last["updatedAt"]}}})["orders"]["edges"]
        assert last["id"] in [edge["node"]["id"] for edge in found]
    assert page.error(LIST, {"first": 1, "where": {}, "filter": {}})[2].startswith("Only one filtering argument")


def test_orders_are_found_by_number_status_and_id(page: Caller) -> None:
    nodes = [edge["node"] for edge in page.ask(LIST, {"first": 5})["orders"]["edges"]]
    for where in (
        {"ids": [nodes[1]["id"]]},
        {"number": {"eq": int(nodes[1]["number"])}},
        {"AND": [{"status": {"eq": "UNFULFILLED"}}, {"ids": [nodes[1]["id"]]}]},
    ):
        found = page.ask(LIST, {"first": 5, "where": where})["orders"]["edges"]
        assert [edge["node"]["id"] for edge in found] == [nodes[1]["id"]]
    assert page.ask(LIST, {"first": 5, "where": {"status": {"oneOf": ["CANCELED"]}}})["orders"]["totalCount"] == 0


def test_faults_have_the_platforms_own_answers(page: Caller) -> None:
    page.twin.faults.replace([{"kind": "rate_limit", "seconds": 3}])
    answer = page.post(LIST, {"first": 1})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    page.twin.faults.replace([{"kind": "rate_limit", "seconds": 0}])
    assert "Retry-After" not in page.post(LIST, {"first": 1}).headers
    page.twin.faults.replace([{"kind": "expired_session"}])
    assert page.error(LIST, {"first": 1})[1] == "ExpiredSignatureError"
    page.twin.faults.replace([{"kind": "outage"}])
    assert page.post(LIST, {"first": 1}).status_code == 503
    page.twin.faults.replace([{"kind": "duplicate_rows"}])
    rows = page.ask(LIST, {"first": 5})["orders"]["edges"]
    assert rows[0]["node"]["id"] == rows[1]["node"]["id"]
    page.twin.faults.replace([{"kind": "late_rows", "ms": 60_000}])
    assert page.ask(LIST, {"first": 5})["orders"]["edges"] == []
    page.twin.faults.replace([{"kind": "broken_page"}])
    assert page.post(LIST, {"first": 5}).get_data()[-1:] != b"}"


def test_a_twin_started_again_on_the_same_folder_goes_on_with_the_same_key(tmp_path: Path) -> None:
    first = SaleorTwin(TwinOptions(tmp_path))
    id_, keys = Caller(first).make(), first.signer.key_set()
    first.close()
    again = SaleorTwin(TwinOptions(tmp_path))
    assert Caller(again).order(id_)["status"] == "UNFULFILLED"
    assert Caller(again).make() != id_
    assert again.signer.key_set() == keys
    again.close()


def test_a_reset_shop_keeps_its_key_and_its_stock(page: Caller) -> None:
    page.client.post("/_twin/reset")
    assert page.ask(LIST, {"first": 5})["orders"]["totalCount"] == 0
    assert page.twin.storage.recall("key") == page.twin.pem
    assert page.mutate(CANCEL, {"id": "T3JkZXI6MQ=="})["errors"] == [{"code": "NOT_FOUND"}]
