"""Small parts of the benches: comparing runs, percentiles, readings, statement times, the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click import ClickException
from sqlalchemy import text

import bench
from bench.compare import compare, table
from bench.journal import Journal
from bench.prober import percentile
from bench.readings import Reading, cpu_seconds, fdatasync_per_s, resident_bytes
from bench.statements import plain_text, time_statements
from oms.db.bulk import copy_rows
from oms.db.session import make_engine


def test_two_runs_are_compared_figure_by_figure() -> None:
    before = {"orders_per_s": 1000.0, "rows": {"event": 4.0}, "gone": 1, "name": "x", "ok": True}
    after = {"orders_per_s": 1500.0, "rows": {"event": 4.0}, "new": 2}
    assert compare(before, after) == [
        ("orders_per_s", 1000.0, 1500.0, 1.5),
        ("rows.event", 4.0, 4.0, 1.0),
        ("gone", 1.0, None, None),
        ("new", None, 2.0, None),
    ]


def test_what_changed_is_marked() -> None:
    lines = table([("a", 100.0, 104.0, 1.04), ("b", 100.0, 101.0, 1.01)]).splitlines()
    assert [line.endswith("*") for line in lines] == [False, True, False]


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 11.0), (0.95, 20.0), (1.0, 20.0)])
def test_percentiles_are_values_that_were_seen(share: float, value: float) -> None:
    assert percentile([float(number) for number in range(20, 0, -1)], share) == value


def test_no_values_have_no_percentile() -> None:
    assert percentile([], 0.95) == 0.0


def test_readings_are_subtracted() -> None:
    assert Reading(9.0, 4.0, 3.0, 50, 900).since(Reading(1.0, 1.0, 1.0, 20, 100)) == Reading(8.0, 3.0, 2.0, 30, 800)


def test_a_process_that_has_ended_uses_nothing() -> None:
    assert cpu_seconds(2**22 + 1) == 0.0
    assert resident_bytes(2**22 + 1) == 0
    assert resident_bytes(os.getpid()) > 1_000_000


def test_the_disk_is_asked_and_the_probe_file_goes(tmp_path: Path) -> None:
    assert fdatasync_per_s(tmp_path, seconds=0.05) > 0
    assert list(tmp_path.iterdir()) == []


def test_statements_are_put_on_one_line() -> None:
    assert plain_text(b"select\n   1") == "select 1"


def test_statements_copies_and_commits_are_timed(own_database_url: str) -> None:
    engine = make_engine(own_database_url)
    times = time_statements(engine)
    with engine.begin() as connection:
        connection.execute(text("select 1 from generate_series(1, 3)"))
        copy_rows(connection, "stock_pool", ("code", "name"), [("a", "b"), ("c", "d")])
    engine.dispose()
    assert times.by_text["select 1 from generate_series(1, 3)"].rows == 3
    assert next(spent.rows for text, spent in times.by_text.items() if text.startswith("copy stock_pool")) == 2
    assert times.by_text["commit"].calls >= 1
    assert times.seconds > 0


def test_the_command_line_compares_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = [tmp_path / "a.json", tmp_path / "b.json"]
    for place, speed in zip(places, (100, 200), strict=True):
        place.write_text(json.dumps({"orders_per_s": speed}), "utf-8")
    assert bench.main(["compare", *map(str, places)]) == 0
    assert "2.000 *" in capsys.readouterr().out


def test_an_unknown_bench_is_refused() -> None:
    with pytest.raises(ClickException):
        bench.main(["nothing"])


def test_the_log_is_counted_by_table_and_by_what_transactions_do() -> None:
    journal = Journal()
    for line in (
        "rmgr: Heap        len (rec/tot):     54/   200, tx:        801, lsn: 0/1, prev 0/1, desc: INSERT off: 1, "
        "blkref #0: rel 1663/5/77 blk 3",
        "rmgr: Btree       len (rec/tot):     54/    90, tx:        801, lsn: 0/1, prev 0/1, desc: INSERT_LEAF off: 1, "
        "blkref #0: rel 1663/5/78 blk 3 FPW",
        "rmgr: Transaction len (rec/tot):     34/    34, tx:        801, lsn: 0/2, prev 0/1, desc: COMMIT 2026-11-21",
        "not a record",
    ):
        journal.add(line, {"77": "orders"})
    assert journal.bytes_by == {"Heap orders": 200, "Btree 78 full page": 90, "Transaction": 34}
    assert journal.transactions == {"801": ["INSERT orders", "COMMIT"]}
    assert "        200  Heap orders" in journal.tables(orders=1)


def test_what_others_take_of_the_machine_is_told_apart() -> None:
    used = Reading(at=10.0, python_s=8.0, postgres_s=4.0, xids=0, wal_bytes=0, beside_s=1.0, machine_s=18.0)
    assert used.others_cores == 0.5
