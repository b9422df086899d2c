"""How a Vendure account signs in: API key, token in a header, cookie, sessions that run out, channels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.contract.errors import AuthFailed, Refused
from tests.connectors.marketplaces.vendure.papers import ORDER, an_order, complaint, error_body
from tests.connectors.marketplaces.vendure.stage import Stage

IN = {"login": {"__typename": "CurrentUser", "id": "1"}}
SHOWN = {"order": an_order()}
FORBIDDEN = error_body("FORBIDDEN", "You are not currently authorized")


@pytest.fixture
def person() -> Iterator[Stage]:
    """A store whose account has a user and a password."""
    with Stage({"password": "hush-hush"}, username="oms") as stage:
        yield stage


def names(stage: Stage) -> list[str]:
    return [name for name, _ in stage.sent]


def test_a_key_needs_no_session(stage: Stage):
    stage.answers(SHOWN)
    stage.vendure.get_order(ORDER)
    assert names(stage) == ["OrderDetail"]
    assert stage.headers[0]["vendure-api-key"] == "stage-key"
    assert "vendure-token" not in stage.headers[0]


def test_a_session_is_opened_once_and_its_token_follows_the_answers(person: Stage):
    person.told = {"vendure-auth-token": "first"}
    person.answers(IN, SHOWN, SHOWN)
    person.vendure.get_order(ORDER)
    person.told = {}
    person.vendure.get_order(ORDER)
    assert names(person) == ["Login", "OrderDetail", "OrderDetail"]
    assert person.sent[0][1] == {"username": "oms", "password": "hush-hush"}
    assert "Authorization" not in person.headers[0]
    assert [headers["Authorization"] for headers in person.headers[1:]] == ["Bearer first"] * 2


def test_a_server_with_cookies_gets_them_back(person: Stage):
    person.told = {"Set-Cookie": "session=abc; Path=/"}
    person.answers(IN, SHOWN)
    person.vendure.get_order(ORDER)
    assert person.headers[1]["Cookie"] == "session=abc"
    assert "Authorization" not in person.headers[1]


def test_a_session_that_ran_out_is_opened_anew_once(person: Stage):
    person.answers(IN, SHOWN, FORBIDDEN, IN, SHOWN)
    person.vendure.get_order(ORDER)
    person.vendure.get_order(ORDER)
    assert names(person) == ["Login", "OrderDetail", "OrderDetail", "Login", "OrderDetail"]


def test_a_permission_that_lacks_is_told_as_such(person: Stage):
    person.answers(IN, FORBIDDEN)
    with pytest.raises(Refused, match="permission it lacks"):
        person.vendure.get_order(ORDER)


def test_a_permission_taken_away_meanwhile_is_told_as_such(person: Stage):
    person.answers(IN, SHOWN, FORBIDDEN, IN, FORBIDDEN)
    person.vendure.get_order(ORDER)
    with pytest.raises(Refused, match="permission it lacks"):
        person.vendure.get_order(ORDER)


def test_a_wrong_password_pauses_the_account_and_is_not_told(person: Stage):
    person.answers(complaint("login", "hush-hush is wrong", "INVALID_CREDENTIALS_ERROR"))
    with pytest.raises(AuthFailed) as caught:
        person.vendure.get_order(ORDER)
    assert "hush-hush" not in str(caught.value)


def test_no_credentials_at_all_say_what_to_enter():
    with Stage({"api_key": ""}) as stage, pytest.raises(AuthFailed, match="enter an API key"):
        stage.vendure.get_order(ORDER)


def test_a_channel_is_named_in_every_call():
    with Stage(channel_token="eu-1") as stage:
        stage.answers(SHOWN)
        stage.vendure.get_order(ORDER)
        assert stage.headers[0]["vendure-token"] == "eu-1"
