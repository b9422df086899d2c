"""Platforms that limit, expire, cut short, repeat and move while we read: told as what they are, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.contract.errors import AuthFailed, BadRecord, OutcomeUnknown, RateLimited, Retryable
from tests.journeys.stage import Stage, renewed, rows_of

Reading = Callable[[Stage, str], object]


def counted(stage: Stage) -> object:
    """The count of orders, or one more look at the connection where nothing is counted."""
    if "count_orders" in stage.able:
        return stage.shop.count_orders(stage.began, stage.clock())
    return list(stage.pages())


READINGS: dict[str, Reading] = {
    "orders": lambda stage, number: list(stage.documents()),
    "order": lambda stage, number: stage.order(number),
    "cases": lambda stage, number: stage.cases(number),
    "created": lambda stage, number: stage.shop.list_created(stage.began, stage.clock(), ""),
    "count": lambda stage, number: counted(stage),
    "shipment": lambda stage, number: stage.shop.find_shipment(number),
}


@pytest.mark.parametrize("name", READINGS)
def test_a_page_cut_in_half_is_told_and_read_again(stage: Stage, name: str) -> None:
    (number,) = stage.buy("plain")
    stage.fault("broken_page", max_times=1)
    with pytest.raises((Retryable, BadRecord)):
        READINGS[name](stage, number)
    READINGS[name](stage, number)


@pytest.mark.parametrize("name", READINGS)
def test_a_failing_platform_is_asked_again_later(stage: Stage, name: str) -> None:
    (number,) = stage.buy("plain")
    stage.fault("http_5xx", max_times=1)
    with pytest.raises(Retryable) as caught:
        READINGS[name](stage, number)
    assert not isinstance(caught.value, OutcomeUnknown)
    READINGS[name](stage, number)


@pytest.mark.parametrize("name", READINGS)
def test_too_many_calls_are_told_as_that(stage: Stage, name: str) -> None:
    (number,) = stage.buy("plain")
    stage.fault("rate_limit", max_times=1, seconds=2)
    with pytest.raises(RateLimited) as caught:
        READINGS[name](stage, number)
    assert caught.value.retry_after is None or caught.value.retry_after > 0
    READINGS[name](stage, number)


def test_a_limited_parcel_was_not_shipped_and_ships_later(stage: Stage) -> None:
    (number,) = stage.buy("plain")
    stage.fault("rate_limit", match=stage.traveller.ship_call, max_times=1)
    with pytest.raises(RateLimited):
        stage.shop.push_shipment(stage.parcel(number, "ZT900000000061"))
    assert stage.shop.find_shipment(number).waybills == {}
    stage.shop.push_shipment(stage.parcel(number, "ZT900000000061"))
    assert set(stage.shop.find_shipment(number).waybills.values()) == {"ZT900000000061"}


#: What platforms call the token that a refresh brings.
TOKENS = {"access_token", "session"}


def test_a_token_that_ends_while_paging_is_renewed_and_paging_goes_on(stage: Stage) -> None:
    bought = set(stage.buy("plain", 130))
    first = stage.shop.pull_orders("")
    assert first.more
    stage.fault("expired_session", max_times=1)
    with pytest.raises(AuthFailed) as caught:
        stage.shop.pull_orders(first.cursor)
    assert caught.value.expired is ("refresh" in stage.able)
    if caught.value.expired:
        found = stage.shop.refresh()
        assert found.secrets.keys() & TOKENS
        assert found.expires_at is None or found.expires_at > stage.clock()
        stage.shop = stage.connector(renewed(stage.account, found.secrets))
    rows = rows_of(first)
    rows += [row for page in stage.pages(first.cursor) for row in rows_of(page)]
    assert bought <= {row.external_no for row in rows}


def test_the_new_token_is_the_one_that_works(stage: Stage) -> None:
    if "refresh" not in stage.able:
        return
    (number,) = stage.buy("plain")
    found = stage.shop.refresh()
    renewing = stage.connector(renewed(stage.account, found.secrets))
    assert renewing.check().ok
    assert renewing.get_order(number).external_no == number
    assert renewing.refresh().secrets.keys() & TOKENS


@pytest.mark.parametrize("kind", ["duplicate_rows", "moving_rows"])
def test_rows_that_repeat_or_move_lose_no_order(stage: Stage, kind: str) -> None:
    bought = set(stage.buy("plain", 60))
    stage.fault(kind, rate=0.5)
    pages = list(stage.pages())
    stage.no_faults()
    pages += list(stage.pages(pages[-1].cursor))
    assert bought <= {row.external_no for page in pages for row in rows_of(page)}


def test_a_damaged_order_is_parked_with_its_field_and_the_others_come_in(stage: Stage) -> None:
    damaged = [number for numbers in stage.damage(8).values() for number in numbers]
    bought = set(stage.buy("plain", 3))
    came: set[str] = set()
    parked: dict[str, BadRecord] = {}
    for page in stage.pages():
        for row in rows_of(page):
            try:
                stage.order(row.external_no)
                came.add(row.external_no)
            except BadRecord as bad:
                parked[row.external_no] = bad
    assert bought <= came
    assert set(parked) <= set(damaged)
    assert parked
    assert all(bad.field for bad in parked.values())


def test_errors_tell_no_secrets(stage: Stage) -> None:
    for kind in ("http_5xx", "rate_limit", "expired_session", "broken_page"):
        stage.fault(kind, max_times=1)
        with pytest.raises((Retryable, AuthFailed, BadRecord)) as caught:
            stage.shop.pull_orders("")
        told = f"{caught.value} {caught.value.__cause__}"
        assert [secret for secret in stage.account.secrets.values() if secret in told] == []


@pytest.mark.full
def test_a_thousand_orders_come_in_while_everything_goes_wrong(stage: Stage) -> None:
    bought = set(stage.buy("plain", 1000))
    kinds = ("http_5xx", "rate_limit", "broken_page", "duplicate_rows", "moving_rows")
    stage.call("faults", {"faults": [{"kind": kind, "rate": 0.15} for kind in kinds]})
    found: set[str] = set()
    cursor, more, calls = "", True, 0
    while more and calls < 2000:
        calls += 1
        try:
            page = stage.shop.pull_orders(cursor)
        except Retryable:
            continue
        found |= {row.external_no for row in rows_of(page)}
        cursor, more = page.cursor, page.more
    stage.no_faults()
    # A row that a repeated one pushed off its page is not told on this walk; the next one reads it by the overlap.
    found |= {row.external_no for page in stage.pages(cursor) for row in rows_of(page)}
    assert bought <= found
