"""The standard interface keeps to its own description, tried with made-up and mistaken requests on a real database."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from oms.api.standard import told
from tests.api.standard.kit import SHOP, Partner, a_partner
from tests.api.standard.operations import OPERATIONS
from tests.connectors.marketplaces.standard.papers import an_order
from tests.factories import World

CHECKS: list[Any] = [
    schemathesis.checks.not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@lru_cache(maxsize=1)
def described(app: Flask) -> Any:
    """The description, read once: it is the same for every operation."""
    return schemathesis.openapi.from_wsgi("/api/openapi.json", app)


def try_operation(app: Flask, partner: Partner, method: str, path: str, *, examples: int, mode: GenerationMode) -> None:
    schema = described(app)
    headers = {"Authorization": f"Bearer {partner.key}"}

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def try_it(case: schemathesis.Case) -> None:
        if isinstance(case.path_parameters["shop_id"], int):
            case.path_parameters["shop_id"] = SHOP
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        if answer.status_code in (400, 404, 409, 422) and answer.content:
            assert answer.json()["remedy"], answer.json()

    try_it()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_are_as_described(app: Flask, partner: Partner, method: str, path: str, mode: GenerationMode) -> None:
    try_operation(app, partner, method, path, examples=8, mode=mode)


@pytest.mark.full
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_hundreds_of_answers_are_as_described(
    app: Flask, partner: Partner, method: str, path: str, mode: GenerationMode
) -> None:
    try_operation(app, partner, method, path, examples=200, mode=mode)


def test_its_answers_can_hold_no_receiver() -> None:
    """What the schemas do not name is never sent."""
    named = {name for thing in vars(told).values() for name in getattr(thing, "_declared_fields", {})}
    assert not named & {"receiver", "phone", "name", "address", "buyer", "nick", "telephone", "town", "words"}
    assert named


def test_what_the_description_asks_for_is_enough(world: World, app: Flask) -> None:
    """A document with only the required fields of the schema is taken."""
    required = app.test_client().get("/api/openapi.json").json["components"]["schemas"]["OrderIn"]["required"]
    least = {name: value for name, value in an_order("D-1").items() if name in required}
    assert a_partner(world, app).put("/orders/D-1", json=least).json["outcome"] == "new"
