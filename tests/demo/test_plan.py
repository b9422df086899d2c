"""A scripted run has the parts it must have, whatever its size and seed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from oms.demo.plan import MOMENTS, REVIEWED, TooFew, cast, kinds_for, review_limit, tids_of

LEAST = {"cod": 20, "presale_unpaid": 5, "split": 10, "bundle": 10, "bad": 5}


def plain_trades(count: int) -> list[dict[str, Any]]:
    lines = {n: [{"oid": f"T{n}.{i}"} for i in range(1 + n % 3)] for n in range(count)}
    return [{"tid": f"T{n}", "kind": "plain", "payment": f"{n * 10}.05", "lines": lines[n]} for n in range(count)]


def test_two_hundred_orders_hold_every_kind() -> None:
    kinds = kinds_for(200)
    assert sum(kinds.values()) + kinds["merge_pairs"] == 200
    assert {kind: kinds[kind] for kind in LEAST if kinds[kind] < LEAST[kind]} == {}
    assert kinds["presale_paid"] + kinds["presale_unpaid"] >= 15
    assert kinds["merge_pairs"] * 2 >= 20


@pytest.mark.parametrize("orders", [20, 50, 199, 500, 1000])
def test_other_sizes_are_in_proportion(orders: int) -> None:
    kinds = kinds_for(orders)
    assert sum(kinds.values()) + kinds["merge_pairs"] == orders
    assert min(kinds.values()) >= 1


def test_too_few_orders_are_refused_with_the_least_number() -> None:
    with pytest.raises(TooFew, match=r"take at least \d+$") as refusal:
        kinds_for(10)
    least = int(str(refusal.value).split()[-1])
    assert kinds_for(least)["plain"] > 0


def test_the_parts_are_four_refunds_at_each_moment_and_ten_edits() -> None:
    trades = plain_trades(kinds_for(200)["plain"])
    limit = review_limit(trades, 200, 100_000)
    parts = cast(trades, 200, limit, seed=3)
    refunds = [part for part in parts if part.act == "refund"]
    assert Counter(part.moment for part in refunds) == dict.fromkeys(MOMENTS, 4)
    assert len(parts) - len(refunds) == 10
    assert len({part.tid for part in parts}) == len(parts)
    amounts = {trade["tid"]: round(float(trade["payment"]) * 100) for trade in trades}
    assert all((amounts[part.tid] >= limit) == (part.moment in REVIEWED) for part in parts)
    assert any(part.oid for part in refunds)


def test_the_same_seed_gives_the_same_parts() -> None:
    trades = plain_trades(120)
    assert cast(trades, 200, 50_000, seed=5) == cast(trades, 200, 50_000, seed=5)
    assert cast(trades, 200, 50_000, seed=5) != cast(trades, 200, 50_000, seed=6)


def test_the_limit_falls_when_too_few_orders_reach_it() -> None:
    trades = plain_trades(30)
    assert review_limit(trades, 30, 10_000) == 10_000
    assert review_limit(trades, 30, 10_000_000) == 28_005


def test_order_numbers_are_found_in_every_shape() -> None:
    assert tids_of({"plain": ["1"], "merge_pairs": [["2", "3"]], "bad": {"time_text": ["4"]}}) == ["1", "2", "3", "4"]
