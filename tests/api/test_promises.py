"""Promises of stock through the API: long lists are read to their end, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Caller, MakeCaller
from tests.factories import START, World, a_world

ALL = ("stock.view", "stock.promise", "stock.reserve")


@pytest.fixture(scope="module")
def world(database_url: str) -> Iterator[World]:
    world = a_world(database_url)
    world.run(
        """insert into shop (id, code, name, channel_id, account_id, stock_pool_id)
           select n, 'q' || n, 'q' || n, 1, 1, 1 from generate_series(1001, 1230) n"""
    )
    yield world
    world.hub.engine.dispose()


def read_all(caller: Caller, path: str, name: str) -> list[dict[str, Any]]:
    """Every row of a list, page by page."""
    rows, cursor = [], ""
    while True:
        page = caller.get(path, query_string={"cursor": cursor} if cursor else {}).get_json()
        rows += page[name]
        cursor = page["next"]
        if not cursor:
            return rows


def test_quotas_beyond_a_page_are_listed_and_set(ask: MakeCaller, world: World) -> None:
    caller = ask(*ALL)
    body = {"scope": "shop", "scope_id": 1230, "sku": "", "ratio_bp": 4000}
    world.run(
        """insert into stock_quota (scope, scope_id, sku_id, ratio_bp, changed_by)
           select 'shop', n, sku, 5000, 'ann' from generate_series(1001, 1230) n, unnest(array[0, 100]) sku"""
    )
    world.run("insert into stock_quota (scope, scope_id, sku_id, ratio_bp, changed_by) values ('global', 0, 0, 1, 'ann')")
    told = caller.ask("PUT", "/stock-quotas", json=body)
    assert (told.status_code, told.get_json()["ratio_bp"]) == (200, 4000)
    listed = [(row["sku"], row["scope_id"]) for row in read_all(caller, "/stock-quotas", "quotas")]
    assert listed == [("", 0), *[(sku, shop) for sku in ("", "A") for shop in range(1001, 1231)]]


@pytest.mark.parametrize("cursor", ["x", "MC4w", "OS4wLg", "MC4wLgA"])
def test_what_is_no_cursor_is_refused(ask: MakeCaller, cursor: str) -> None:
    assert ask(*ALL).get("/stock-quotas", query_string={"cursor": cursor}).status_code == 422


def test_what_is_kept_under_one_reference_is_never_parted(ask: MakeCaller, world: World) -> None:
    world.run(
        """insert into demand_reservation (pool_id, shop_id, holder, reference, sku_id, units, since, created_at,
             expires_at, kept)
           select 1, 1, 's1', 'R' || lpad(n::text, 3, '0'), sku, 1, :at, :at, :until, 1
           from generate_series(1, 70) n, unnest(array[100, 101, 102]) sku""",
        at=START, until=START + timedelta(days=1),
    )  # fmt: skip
    kept = read_all(ask(*ALL), "/shops/1/reservations", "reservations")
    assert [(row["reference"], row["sku"]) for row in kept] == [
        (f"R{number:03}", sku) for number in range(1, 71) for sku in "ABC"
    ]
