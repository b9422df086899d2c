"""Leases on a real database: one holder at a time, and an old holder's write is refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from oms.app.kernel import leases
from oms.app.kernel.hub import Hub
from oms.domain.errors import LostLease
from tests.jobs.toy import ask, eventually

NOW = datetime(2030, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=31)
WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into lease%'"


def test_a_held_lease_is_refused_to_all_others_until_it_expires(hub: Hub) -> None:
    with hub.begin() as connection:
        assert leases.acquire(connection, "pull", "a", 30, NOW) == 1
        assert leases.acquire(connection, "pull", "b", 30, NOW) is None
        assert leases.acquire(connection, "pull", "a", 30, NOW) is None
        assert leases.acquire(connection, "pull", "b", 30, LATER) == 2


def test_the_write_of_an_old_holder_is_refused(hub: Hub) -> None:
    with hub.begin() as connection:
        old = leases.acquire(connection, "pull", "a", 30, NOW) or 0
        new = leases.acquire(connection, "pull", "b", 30, LATER) or 0
        leases.check(connection, "pull", new)
        with pytest.raises(LostLease):
            leases.check(connection, "pull", old)
        with pytest.raises(LostLease):
            leases.renew(connection, "pull", old, 30, LATER)
        assert not leases.release(connection, "pull", old)
        leases.check(connection, "pull", new)


def test_a_renewed_lease_stays_with_its_holder(hub: Hub) -> None:
    with hub.begin() as connection:
        fence = leases.acquire(connection, "pull", "a", 30, NOW) or 0
        leases.renew(connection, "pull", fence, 30, NOW + timedelta(seconds=20))
        assert leases.acquire(connection, "pull", "b", 30, LATER) is None
        leases.check(connection, "pull", fence)


def test_a_released_lease_is_free_and_its_fence_opens_nothing(hub: Hub) -> None:
    with hub.begin() as connection:
        fence = leases.acquire(connection, "pull", "a", 30, NOW) or 0
        assert leases.release(connection, "pull", fence)
        with pytest.raises(LostLease):
            leases.check(connection, "pull", fence)
        assert (leases.acquire(connection, "pull", "b", 30, NOW) or 0) > fence


def test_nobody_can_take_an_expired_lease_in_the_middle_of_a_checked_write(url: str, hub: Hub) -> None:
    with hub.begin() as connection:
        old = leases.acquire(connection, "pull", "a", 30, NOW) or 0
    taken: list[int | None] = []

    def take() -> None:
        with hub.begin() as connection:
            taken.append(leases.acquire(connection, "pull", "b", 30, LATER))

    with hub.begin() as writer:
        leases.check(writer, "pull", old)
        successor = threading.Thread(target=take)
        successor.start()
        eventually(lambda: ask(url, WAITING), "the successor waits")
        assert taken == []
    successor.join()
    assert taken == [old + 1]


def test_a_refusal_costs_no_transaction_id(hub: Hub) -> None:
    with hub.begin() as connection:
        leases.acquire(connection, "pull", "a", 30, NOW)
    with hub.begin() as connection:
        assert leases.acquire(connection, "pull", "b", 30, NOW) is None
        assert connection.exec_driver_sql("select pg_current_xact_id_if_assigned()").scalar() is None
