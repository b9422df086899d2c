"""Amazon counts each operation by itself: all are declared, named by their calls, and kept to the rate Amazon tells."""

from __future__ import annotations

import pytest

from connectors.contract.errors import RateLimited, Retryable
from connectors.marketplaces.amazon import Amazon
from tests.connectors.marketplaces.amazon.operations import CALLS
from tests.connectors.marketplaces.amazon.papers import NO, an_order, error_body
from tests.connectors.marketplaces.amazon.stage import Stage

ORDER = f"GET /orders/2026-01-01/orders/{NO}"
RATE = "x-amzn-RateLimit-Limit"


def test_every_operation_that_may_be_called_is_declared_and_no_other():
    assert set(Amazon.manifest.operations) == set(CALLS.values())


def test_the_slowest_operations_are_those_that_amazon_documents():
    declared = Amazon.manifest.operations
    slow = {name: (limit.per_second, limit.burst) for name, limit in declared.items() if limit.per_second < 0.1}
    assert slow == {
        "searchOrders": (0.0056, 20),
        "createReport": (0.0167, 15),
        "getReportDocument": (0.0167, 15),
        "createFeed": (0.0083, 15),
        "getFeeds": (0.0222, 10),
        "getFeedDocument": (0.0222, 10),
    }


def test_the_rate_of_an_answer_is_told_on():
    with Stage() as stage:
        stage.answers[ORDER] = (200, {"order": an_order()})
        stage.headers = {RATE: "2.5"}
        stage.amazon.get_order(NO)
    assert stage.gate.rates == [("getOrder", 2.5)]


@pytest.mark.parametrize("told", ["", "fast", "0", "-1", "nan", "inf", "1e-9"])
def test_what_is_no_rate_is_not_told_on(told: str):
    with Stage() as stage:
        stage.answers[ORDER] = (200, {"order": an_order()})
        stage.headers = {RATE: told}
        stage.amazon.get_order(NO)
    assert stage.gate.rates == []


def test_a_refusal_without_a_rate_rests_the_operation_by_its_documented_one():
    with Stage() as stage:
        stage.answers[ORDER] = (429, error_body("QuotaExceeded"))
        with pytest.raises(RateLimited):
            stage.amazon.get_order(NO)
    assert stage.gate.rested == [(2.0, "getOrder")]


def test_a_refusal_without_a_rate_goes_by_the_one_that_was_told_before():
    with Stage() as stage:
        stage.answers[ORDER], stage.headers = (200, {"order": an_order()}), {RATE: "0.25"}
        stage.amazon.get_order(NO)
        stage.answers[ORDER], stage.headers = (429, error_body("QuotaExceeded")), {}
        with pytest.raises(RateLimited) as caught:
            stage.amazon.get_order(NO)
    assert caught.value.retry_after == 4.0
    assert stage.gate.rested == [(4.0, "getOrder")]


def test_a_platform_that_fails_rests_nothing():
    with Stage() as stage:
        stage.answers[ORDER] = (503, error_body("InternalFailure"))
        with pytest.raises(Retryable):
            stage.amazon.get_order(NO)
    assert stage.gate.rested == []


def test_a_limited_call_s_words_hold_no_secret():
    with Stage() as stage:
        token = stage.amazon.account.secrets["access_token"]
        stage.answers[ORDER] = (429, error_body("QuotaExceeded", f"too many with {token}"))
        with pytest.raises(RateLimited) as caught:
            stage.amazon.get_order(NO)
    assert token not in str(caught.value)
    assert caught.value.retry_after == 2.0
