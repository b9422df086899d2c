"""Who may call and with what: sessions, keys, channels, documents, variables, faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.vendure import describe
from connectors.sandbox.vendure.twin import VendureTwin
from tests.sandbox.vendure.caller import Caller

ME = "{ me { identifier channels { token code } } }"
COUNT = "{ orders { totalItems } }"


def code_of(answer: Any) -> str:
    return str(answer.get_json()["errors"][0]["extensions"]["code"])


def login(shop: Caller, password: str = "") -> Any:
    query = """mutation L($u: String!, $p: String!) { login(username: $u, password: $p, rememberMe: true) {
      __typename ... on CurrentUser { identifier } ... on ErrorResult { errorCode message } } }"""
    keys = shop.twin.shop.keys
    variables = {"u": keys["username"], "p": password or keys["password"]}
    return shop.post({"query": query, "variables": variables}, {})


def bearer(shop: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {login(shop).headers['vendure-auth-token']}"}


def test_a_key_may_ask_for_its_channel_and_not_who_it_is(shop: Caller) -> None:
    (error,) = shop.errors(ME)
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert shop.ask("{ activeChannel { id } }")["activeChannel"]["id"]
    told = shop.post({"query": "{ activeChannel { id } }"}, {"vendure-api-key": "another"}).get_json()
    assert told["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_a_login_tells_its_token_in_a_header_and_in_a_cookie(shop: Caller) -> None:
    answer = login(shop)
    assert answer.get_json()["data"]["login"]["__typename"] == "CurrentUser"
    token = answer.headers["vendure-auth-token"]
    assert (
        shop.post({"query": ME}, {"Authorization": f"Bearer {token}"}).get_json()["data"]["me"]["identifier"] == "oms-1"
    )
    assert shop.post({"query": ME}, {"Cookie": f"session={token}"}).get_json()["data"]["me"]["channels"]


def test_a_wrong_password_is_a_member_of_the_union(shop: Caller) -> None:
    answer = login(shop, "wrong")
    found = answer.get_json()["data"]["login"]
    assert found == {"__typename": "InvalidCredentialsError", "errorCode": "INVALID_CREDENTIALS_ERROR",
                     "message": "The provided credentials are invalid"}  # fmt: skip
    assert "vendure-auth-token" not in answer.headers


@pytest.mark.parametrize("headers", [{}, {"vendure-api-key": "no"}, {"Authorization": "Bearer no"}])
def test_nobody_is_let_in_without_a_session(shop: Caller, headers: dict[str, str]) -> None:
    answer = shop.post({"query": COUNT}, headers)
    assert answer.status_code == 200
    assert answer.get_json()["data"] is None
    assert code_of(answer) == "FORBIDDEN"


def test_a_server_with_cookies_alone_gives_no_bearer_token_and_takes_no_key(tmp_path: Path) -> None:
    twin = VendureTwin(TwinOptions(tmp_path, settings={"token_method": "cookie"}))
    shop = Caller(twin)
    answer = login(shop)
    assert "vendure-auth-token" not in answer.headers
    assert "session=" in answer.headers["Set-Cookie"]
    assert code_of(shop.post({"query": COUNT})) == "FORBIDDEN"
    twin.close()


def test_an_expired_session_is_refused_and_one_grown_old_is_told_a_new_token(tmp_path: Path) -> None:
    twin = VendureTwin(TwinOptions(tmp_path / "a", settings={"expires_in": -1}))
    assert code_of(Caller(twin).post({"query": COUNT}, bearer(Caller(twin)))) == "FORBIDDEN"
    twin.close()
    twin = VendureTwin(TwinOptions(tmp_path / "b", settings={"rotate_after": 0.000001}))
    shop = Caller(twin)
    shop.fault("clock_skew", ms=60_000)
    twin.faults.replace([])
    old = bearer(shop)
    shop.fault("clock_skew", ms=60_000)
    fresh = shop.post({"query": COUNT}, old).headers["vendure-auth-token"]
    assert fresh
    assert fresh not in old["Authorization"]
    twin.close()


def test_logging_out_ends_the_session(shop: Caller) -> None:
    headers = bearer(shop)
    assert shop.post({"query": "mutation { logout { success } }"}, headers).get_json()["data"]["logout"]["success"]
    assert code_of(shop.post({"query": COUNT}, headers)) == "FORBIDDEN"


def test_a_foreign_channel_is_not_found(shop: Caller) -> None:
    own = {**shop.headers, "vendure-token": shop.twin.shop.keys["channel_token"]}
    assert shop.post({"query": COUNT}, own).get_json()["data"]
    assert code_of(shop.post({"query": COUNT}, {**shop.headers, "vendure-token": "other"})) == "CHANNEL_NOT_FOUND"


def test_a_missing_permission_forbids_its_fields_alone(tmp_path: Path) -> None:
    twin = VendureTwin(TwinOptions(tmp_path, settings={"permissions": ["ReadOrder"]}))
    shop = Caller(twin)
    assert shop.ask(COUNT)["orders"]["totalItems"] == 0
    (error,) = shop.errors("{ productVariants { totalItems } }")
    assert error["extensions"]["code"] == "FORBIDDEN"
    twin.close()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "BAD_REQUEST"),
        ("no json", 400, "BAD_REQUEST"),
        ({"query": "{ orders {"}, 400, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ orders { items { colour } } }"}, 400, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ order { id } }"}, 400, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query Q($id: ID!) { order(id: $id) { id } }"}, 200, "BAD_USER_INPUT"),
        ({"query": "query A { me { id } } query B { me { id } }"}, 400, "OPERATION_RESOLUTION_FAILURE"),
    ],
)
def test_bad_requests_are_told_in_the_servers_words(shop: Caller, body: object, status: int, code: str) -> None:
    answer = shop.post(body)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_validation_speaks_of_field_and_type(shop: Caller) -> None:
    (error,) = shop.errors("{ colour }")
    assert error["message"] == 'Cannot query field "colour" on type "Query".'


def test_every_input_of_a_mutation_is_required_as_the_schema_has_it(shop: Caller) -> None:
    query = "mutation M($input: RefundOrderInput!) { refundOrder(input: $input) { __typename } }"
    for wrong in ({"amount": 5}, {"paymentId": "1", "amount": "5"}, {"paymentId": "1", "amount": 5.5}):
        (error,) = shop.errors(query, input=wrong)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(("seconds", "told"), [(3, "3"), (0, None)])
def test_a_proxy_limits_the_rate(shop: Caller, seconds: int, told: str | None) -> None:
    shop.fault("rate_limit", seconds=seconds)
    answer = shop.post({"query": COUNT})
    assert (answer.status_code, answer.headers.get("Retry-After")) == (429, told)


def test_faults_take_effect(shop: Caller) -> None:
    shop.fault("expired_session", match="orders")
    assert code_of(shop.post({"query": COUNT})) == "FORBIDDEN"
    shop.fault("outage")
    assert shop.post({"query": COUNT}).status_code == 503
    shop.fault("broken_page")
    assert shop.post({"query": COUNT}).get_json(silent=True) is None


def test_a_twin_started_again_goes_on(tmp_path: Path) -> None:
    twin = VendureTwin(TwinOptions(tmp_path))
    shop = Caller(twin)
    headers = bearer(shop)
    (number,) = shop.buy()
    twin.close()
    again = VendureTwin(TwinOptions(tmp_path))
    shop = Caller(again)
    assert shop.order(number)["id"] == number
    assert shop.post({"query": COUNT}, headers).get_json()["data"]["orders"]["totalItems"] == 1
    assert shop.buy() != [number]
    again.close()


def test_the_description_holds_what_an_account_needs() -> None:
    told = describe("http://127.0.0.1:1", 3)
    assert told["admin_api"] == "http://127.0.0.1:1/admin-api"
    assert {"username", "password", "api_key", "channel_token", "relay_secret"} <= set(told)
    assert told != describe("http://127.0.0.1:1", 4)
