"""One tiny run of the whole: real server, workers, clock, generator, a person clicking, the floor."""

from __future__ import annotations

from typing import Any

import pytest

from bench.pipeline import Wanted, run_pipeline

PROMISED = {
    "orders", "preload", "workers", "seconds", "orders_per_s", "floor_orders_per_s", "ratio", "rows_per_order",
    "python_cpu_ms_per_order", "postgres_cpu_ms_per_order", "commits_per_order", "wal_bytes_per_order", "peak_rss_mb",
    "fdatasync_per_s", "lock_wait_p95_ms", "invariant_violations",
}  # fmt: skip


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return run_pipeline(Wanted(orders=200, preload=200, shops=2), say=lambda _sentence: None)


def test_every_promised_figure_is_there_and_sensible(figures: dict[str, Any]) -> None:
    assert set(figures) >= PROMISED
    may_be_nothing = {"rows_per_order", "invariant_violations", "lock_wait_p95_ms"}
    assert [name for name in PROMISED - may_be_nothing if not figures[name] > 0] == []
    assert figures["ratio"] == pytest.approx(figures["orders_per_s"] / figures["floor_orders_per_s"], rel=0.01)


def test_nothing_is_broken_after_the_run(figures: dict[str, Any]) -> None:
    assert figures["violations"] == []
    assert figures["invariant_violations"] == 0


def test_the_mix_ends_as_it_must(figures: dict[str, Any]) -> None:
    outcomes, expected = figures["outcomes"], figures["expected"]
    assert {name: outcomes[name] for name in expected if name != "merged"} == {
        name: count for name, count in expected.items() if name != "merged"
    }
    assert outcomes["outbound"] >= figures["orders"] - expected["parked"] - expected["to_people"] - (
        expected["refund_held"] + expected["merged"]
    )


def test_the_floor_writes_the_rows_of_the_measured_orders_alone(figures: dict[str, Any]) -> None:
    rows, captured = figures["rows_per_order"], figures["outcomes"]["captured"]
    for name in ("orders", "raw_document", "receiver"):
        assert rows[name] * figures["orders"] == pytest.approx(captured)
    assert rows["data_key"] * figures["orders"] == pytest.approx(figures["orders"])
    assert {"event", "change_feed", "stock_movement", "decision", "outbound", "fulfilment_line"} <= set(rows)
