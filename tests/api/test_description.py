"""The API keeps to its own description: OpenAPI 3.1, tried with made-up requests on the real database."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from oms.api.description import VERSION
from oms.api.setup import ROUTES
from tests.api.conftest import Caller
from tests.api.joining_operations import OPERATIONS as JOINING
from tests.api.masters_operations import OPERATIONS as MASTERS
from tests.api.packing_operations import OPERATIONS as PACKING
from tests.api.partners_operations import OPERATIONS as PARTNERS
from tests.api.promises_operations import OPERATIONS as PROMISES
from tests.api.review_operations import OPERATIONS as REVIEWS
from tests.api.rule_set_operations import OPERATIONS as RULE_SETS
from tests.api.settings_operations import OPERATIONS as SETTINGS
from tests.api.sourcing_operations import OPERATIONS as SOURCING
from tests.api.standard.operations import OPERATIONS as STANDARD
from tests.api.stock_operations import OPERATIONS as STOCK
from tests.api.stores_operations import OPERATIONS as STORES
from tests.api.trying_operations import OPERATIONS as TRYING
from tests.api.variants_operations import OPERATIONS as VARIANTS

CHECKS: list[CheckFunction] = [
    schemathesis.checks.not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
OPERATIONS = [
    ("GET", "/api/v1/orders"),
    ("GET", "/api/v1/orders/{order_id}"),
    ("GET", "/api/v1/orders/{order_id}/events"),
    ("GET", "/api/v1/orders/{order_id}/why"),
    ("POST", "/api/v1/orders/{order_id}/actions/{verb}"),
    ("GET", "/api/v1/cases"),
    ("GET", "/api/v1/cases/{case_id}"),
    ("POST", "/api/v1/cases/{case_id}/actions/{verb}"),
    ("GET", "/api/v1/fulfilments/{fulfilment_id}"),
    ("GET", "/api/v1/shops"),
    ("GET", "/api/v1/shops/{shop_id}/observed"),
    ("GET", "/api/v1/stock"),
    ("GET", "/api/v1/changes"),
    ("GET", "/api/v1/emergency-stops"),
    ("POST", "/api/v1/emergency-stops"),
    ("POST", "/api/v1/emergency-stops/{stop_id}/release"),
    ("POST", "/api/v1/emergency-stops/{stop_id}/end"),
    ("GET", "/api/v1/gifts"),
    ("GET", "/api/v1/limited-gifts"),
    *PARTNERS,
    *RULE_SETS,
    *REVIEWS,
    *TRYING,
    *MASTERS,
    *STOCK,
    *PROMISES,
    *STORES,
    *VARIANTS,
    *JOINING,
    *PACKING,
    *SOURCING,
    *SETTINGS,
]


def test_every_operation_is_tried_below_or_in_the_room_of_the_standard_interface(app: Flask) -> None:
    paths = app.test_client().get("/api/openapi.json").json["paths"]
    assert sorted(
        (method.upper(), path) for path, methods in paths.items() for method in methods if method != "parameters"
    ) == sorted(OPERATIONS + STANDARD)


@pytest.fixture(scope="module")
def schema(app: Flask) -> Any:
    """The description, read once: it is the same for every operation."""
    return schemathesis.openapi.from_wsgi("/api/openapi.json", app)


def try_operation(schema: Any, caller: Caller, method: str, path: str, *, examples: int) -> None:
    headers = {"Authorization": f"Bearer {caller.key}"}

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy())
    def try_it(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    try_it()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_are_as_described(schema: Any, caller: Caller, method: str, path: str) -> None:
    try_operation(schema, caller, method, path, examples=10)


@pytest.mark.full
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_hundred_answers_are_as_described(schema: Any, caller: Caller, method: str, path: str) -> None:
    try_operation(schema, caller, method, path, examples=100)


def test_the_description_is_openapi_and_every_operation_says_how_it_refuses(app: Flask) -> None:
    found = app.test_client().get("/api/openapi.json").json
    assert found["openapi"] == VERSION
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            assert {"401", "403"} <= operation["responses"].keys(), path
            assert operation["summary"], path
            for code, answer in operation["responses"].items():
                if code.startswith("4") and "content" in answer:
                    assert list(answer["content"]) == ["application/problem+json"], (path, code)


def test_the_page_lists_every_operation_without_foreign_files(app: Flask) -> None:
    page = app.test_client().get("/api/docs").text
    for _, path in OPERATIONS + STANDARD:
        assert path in page
    assert "<script" not in page
    assert "https://" not in page
    assert 'id="Problem"' in page


def test_no_answer_of_the_api_can_hold_a_receiver() -> None:
    """What the schemas do not name is never sent."""
    from oms.api import case_schemas, schemas

    named = {
        name
        for thing in (*vars(schemas).values(), *vars(case_schemas).values())
        if isinstance(thing, type)
        for name in getattr(thing, "_declared_fields", {})
    }
    assert not named & {"receiver", "phone", "mobile", "address", "buyer", "nick", "receiver_name", "telephone", "town"}
    assert ROUTES
