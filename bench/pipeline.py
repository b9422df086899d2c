"""`oms bench pipeline`: from Taobao's trade documents to committed outbound rows, with the hub as in production."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from psycopg import Connection

from bench.floor import first_xid, measure_floor, rows_since
from bench.harness import BenchFailed, Rig
from bench.invariants import lost_orders, violations
from bench.journal import position, read_journal
from bench.mix import sizes_of, totals_of
from bench.prober import Probes, percentile
from bench.readings import Reading, Waits, fdatasync_per_s, processor, resident_bytes
from bench.world import RULES, build_world, open_feeds
from oms.db.base import ID_SEQUENCE
from oms.jobs.poke import Poker

POLL_S = 0.02
LOOK_EVERY = 10
#: No order for so long while some wait is a failure of the hub, not slowness.
LONGEST_STANDSTILL_S = 60.0
PRELOADERS = 2
#: Streams count what was taken in; what cannot be read is parked.
SETTLED = """select coalesce(sum(documents), 0)::bigint + (select count(*) from parked_record where id >= %(first)s),
    exists (select from orders where ready_at is not null) or exists (select from merge_group) from stream_cursor"""
OUTCOMES = """select
    (select count(*) from orders where id >= %(first)s),
    (select count(*) from parked_record where id >= %(first)s),
    (select count(*) from orders where id >= %(first)s and review = 'waiting'),
    (select count(*) from hold where id >= %(first)s and kind = 'refund_asked'),
    (select count(*) from fulfilment where id >= %(first)s and status = 'merged'),
    (select count(*) from outbound where id >= %(first)s and kind = 'create_fulfilment')"""
OUTCOME_NAMES = ("captured", "parked", "to_people", "refund_held", "merged", "outbound")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to run: orders measured after so many preloaded ones, from a seed."""

    orders: int
    preload: int
    workers: int = 2
    shops: int = 4
    seed: int = 1
    rules: int = RULES
    #: Told what the run wrote to the write-ahead log, when wanted.
    journal: Say | None = None


@dataclass(slots=True)
class Watch:
    """What was seen while the feeds were open."""

    used: Reading
    peak_bytes: int
    waits: Waits
    probes: Probes


def run_pipeline(wanted: Wanted, say: Say) -> dict[str, Any]:
    """One whole run in a fresh hub; answers the figures by name (docs/performance.md explains each)."""
    with Rig(workers=wanted.workers) as rig:
        syncs = fdatasync_per_s(rig.server.log_path.parent)
        generator, gateway = start_generator(rig, wanted)
        hub = rig.make_hub()
        build_world(hub, gateway, wanted.shops, wanted.rules)
        preload_orders(rig, wanted, say)
        settle(rig, hub)
        hub.engine.dispose()
        _expect(generator, "ready")
        rig.start_hub()
        prepare(rig)
        first_id, xid = next_id(rig.look), first_xid(rig.look)
        start = position(rig.look)
        say(f"{wanted.orders} orders wait in {wanted.shops} feeds; the clock starts")
        watch = measure(rig, wanted.orders, first_id)
        rig.stop_hub()
        pumps = rig.pump_counts()
        say(f"{wanted.orders / watch.used.at:.0f} orders/s; now the floor")
        if wanted.journal is not None:
            wanted.journal(read_journal(rig, start).tables(wanted.orders))
        left = rows_since(rig.look, xid)
        rows = {part.table: len(part.lines) for part in left}
        floor = measure_floor(rig.look, left, wanted.orders)
        found = violations(rig.look) + lost_orders(rig.look, wanted.orders + wanted.preload)
        outcomes = _outcomes(rig.look, first_id)
    figures = _figures(wanted, watch, floor, rows, syncs)
    figures |= {"pumps": pumps, "outcomes": outcomes, "violations": [asdict(item) for item in found]}
    return figures | {"invariant_violations": sum(item.count for item in found), "expected": _expected(wanted)}


def start_generator(rig: Rig, wanted: Wanted) -> tuple[subprocess.Popen[str], str]:
    """Start the platform's side; it answers calls at once and has its feeds filled when it says ready."""
    first = len(sizes_of(wanted.preload))
    process = rig.start(
        "bench.generator", "--seed", str(wanted.seed), "--first", str(first), "--orders", str(wanted.orders),
        "--shops", str(wanted.shops),
    )  # fmt: skip
    assert process.stdout is not None
    return process, f"http://127.0.0.1:{int(process.stdout.readline())}"


def preload_orders(rig: Rig, wanted: Wanted, say: Say) -> None:
    """Bring the orders of the preload through, in two processes."""
    if not wanted.preload:
        return
    began = time.monotonic()
    common = ("--seed", str(wanted.seed), "--orders", str(wanted.preload), "--shops", str(wanted.shops))
    parts = [
        rig.start("bench.preload", *common, "--part", str(part), "--parts", str(PRELOADERS)) for part in range(PRELOADERS)
    ]
    for process in parts:
        if process.wait() != 0:
            raise BenchFailed("preloading failed", "read what was printed above")
    say(f"{wanted.preload} orders preloaded in {time.monotonic() - began:.0f} s")


def settle(rig: Rig, hub: Any) -> None:
    """Finish what the preloading processes left to each other's locks."""
    from bench.preload import settle as settle_rest
    from oms.app.kernel.hub import no_poke

    hub.poke = no_poke
    settle_rest(hub)


def prepare(rig: Rig) -> None:
    """Bring statistics and maps up to date, as they are in a database that runs for long, and the disk to rest."""
    rig.look.execute("vacuum (analyze)")
    rig.settle_disk()


def next_id(connection: Connection[Any]) -> int:
    """Ids from here on belong to the run: processes take blocks from the one sequence."""
    row = connection.execute(f"select nextval('{ID_SEQUENCE}')").fetchone()
    assert row is not None
    return int(row[0])


def measure(rig: Rig, orders: int, first_id: int) -> Watch:
    """Open the feeds, wait until every order is settled, read everything before and after."""
    prober = rig.start("bench.prober")
    _expect(prober, "ready")
    poker = Poker(rig.url)
    before = rig.read()
    with rig.look.transaction():
        open_feeds(rig.look)
    poker("sync")
    poker("clock")
    _tell(prober, f"{first_id}\n")
    peak, waits = _wait_until_settled(rig, orders, first_id)
    after = rig.read()
    assert prober.stdin is not None
    prober.stdin.close()
    probes = Probes(**json.loads(_line(prober)))
    poker.close()
    clicks = Reading(0.0, 0.0, 0.0, probes.xids, 0)
    return Watch(after.since(before).since(clicks), peak, waits, probes)


def _wait_until_settled(rig: Rig, orders: int, first_id: int) -> tuple[int, Waits]:
    """Answers the most memory that a worker held, and what was waited for; a run without progress is given up."""
    waits = Waits()
    peak, rounds, seen, moved_at = 0, 0, -1, time.monotonic()
    while True:
        row = rig.look.execute(SETTLED, {"first": first_id}).fetchone()
        assert row is not None
        documents, busy = row
        if documents >= orders and not busy:
            return max(peak, _memory(rig)), waits
        if rounds % LOOK_EVERY == 0:
            rig.check_alive()
            waits.look(rig.look)
            peak = max(peak, _memory(rig))
            progress = documents + int(_settled_outcomes(rig.look))
            if progress != seen:
                seen, moved_at = progress, time.monotonic()
            elif time.monotonic() - moved_at > LONGEST_STANDSTILL_S:
                raise BenchFailed(f"nothing moves at {documents} of {orders} documents", "read the workers' logs")
        rounds += 1
        time.sleep(POLL_S)


def _settled_outcomes(connection: Connection[Any]) -> int:
    """A cheap measure of progress besides documents: rows written so far, from the server's own statistics."""
    row = connection.execute("select sum(n_tup_ins + n_tup_upd) from pg_stat_user_tables").fetchone()
    return int(row[0] or 0) if row else 0


def _memory(rig: Rig) -> int:
    return max((resident_bytes(worker.pid) for worker in rig.workers), default=0)


def _outcomes(connection: Connection[Any], first_id: int) -> dict[str, int]:
    row = connection.execute(OUTCOMES, {"first": first_id}).fetchone()
    assert row is not None
    return dict(zip(OUTCOME_NAMES, row, strict=True))


def _expected(wanted: Wanted) -> dict[str, int]:
    """What the mix must lead to; how many pairs merge depends on which reach the same batch."""
    counts = totals_of(wanted.orders)
    return {
        "captured": counts.captured,
        "parked": counts.bad,
        "to_people": counts.reviewed,
        "refund_held": counts.refunding,
        "merged": counts.paired // 2,
    }


def _figures(wanted: Wanted, watch: Watch, floor: float, rows: dict[str, int], syncs: float) -> dict[str, Any]:
    used, orders = watch.used, wanted.orders
    speed = orders / used.at
    waits = watch.probes.waits_ms
    return {
        "orders": orders,
        "preload": wanted.preload,
        "workers": wanted.workers,
        "shops": wanted.shops,
        "seed": wanted.seed,
        "cores": os.cpu_count(),
        "processor": processor(),
        "beside_cores": round(used.beside_s / used.at, 2),
        "others_cores": round(used.others_cores, 2),
        "seconds": round(used.at, 3),
        "orders_per_s": round(speed, 1),
        "floor_orders_per_s": round(floor, 1),
        "ratio": round(speed / floor, 4),
        "rows_per_order": {table: round(count / orders, 4) for table, count in sorted(rows.items())},
        "rows_per_order_total": round(sum(rows.values()) / orders, 3),
        "python_cpu_ms_per_order": round(used.python_s / orders * 1000, 4),
        "postgres_cpu_ms_per_order": round(used.postgres_s / orders * 1000, 4),
        "commits_per_order": round(used.xids / orders, 5),
        "wal_bytes_per_order": round(used.wal_bytes / orders),
        "peak_rss_mb": round(watch.peak_bytes / 1_000_000, 1),
        "fdatasync_per_s": round(syncs),
        "lock_wait_p50_ms": round(percentile(waits, 0.5), 2),
        "lock_wait_p95_ms": round(percentile(waits, 0.95), 2),
        "lock_wait_max_ms": round(max(waits, default=0.0), 2),
        "busy_connections": watch.waits.shares(),
        "clicks": len(waits),
        "clicks_given_up": watch.probes.given_up,
    }


def _expect(process: subprocess.Popen[str], word: str) -> None:
    line = _line(process)
    if line.strip() != word:
        raise BenchFailed(f"a process of the bench said {line.strip()!r:.80} instead of {word!r}", "see its output above")


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _tell(process: subprocess.Popen[str], words: str) -> None:
    assert process.stdin is not None
    process.stdin.write(words)
    process.stdin.flush()
