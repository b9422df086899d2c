"""`oms bench intake` and `oms bench advance`: one stage in one process, to see where its time goes."""

from __future__ import annotations

import cProfile
import io
import pstats
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from bench.harness import Rig
from bench.invariants import violations
from bench.mix import Document, chunk, sizes_of
from bench.pipeline import Say, Wanted, preload_orders, prepare, start_generator
from bench.preload import drain, settle, take_page
from bench.statements import StatementTimes, time_statements
from bench.world import build_world
from oms.app.kernel.hub import Hub, no_poke
from oms.app.pipeline.advance import advance_batch
from oms.jobs.worker import calm_collector

TOP = 30


@dataclass(frozen=True, slots=True)
class Stage:
    """What is measured of which stage; `is_profiled` runs it under cProfile, which makes Python about twice as slow."""

    name: str
    orders: int
    preload: int
    is_profiled: bool
    seed: int = 1
    shops: int = 4


def run_stage(stage: Stage, say: Say) -> tuple[dict[str, Any], str]:
    """Run one stage in this process; answers its figures and the tables of what cost most."""
    wanted = Wanted(stage.orders, stage.preload, shops=stage.shops, seed=stage.seed)
    with Rig(workers=0) as rig:
        _, gateway = start_generator(rig, Wanted(0, stage.preload, shops=stage.shops, seed=stage.seed))
        hub = rig.make_hub()
        hub.poke = no_poke
        build_world(hub, gateway, stage.shops)
        preload_orders(rig, wanted, say)
        settle(hub)
        first = len(sizes_of(stage.preload))
        pages = [
            ((first + number) % stage.shops + 1, chunk(stage.seed, first + number, size))
            for number, size in enumerate(sizes_of(stage.orders))
        ]
        work = _work(stage.name, hub, pages)
        prepare(rig)
        calm_collector()
        times = time_statements(hub.engine)
        say(f"{stage.name} of {stage.orders} orders begins")
        figures, report = _measure(stage, work, times, rig)
        settle(hub)
        figures["violations"] = [asdict(item) for item in violations(rig.look)]
        hub.engine.dispose()
    return figures, report


def _work(name: str, hub: Hub, pages: list[tuple[int, list[Document]]]) -> Callable[[], None]:
    def take_all() -> None:
        for shop_id, documents in pages:
            take_page(hub, shop_id, documents)

    if name == "intake":
        return take_all
    take_all()

    def advance_all() -> None:
        drain(advance_batch, hub)

    return advance_all


def _measure(stage: Stage, work: Callable[[], None], times: StatementTimes, rig: Rig) -> tuple[dict[str, Any], str]:
    profile = cProfile.Profile(builtins=True) if stage.is_profiled else None
    before, own = rig.read(), time.process_time()
    if profile is not None:
        profile.runcall(work)
    else:
        work()
    python, used = time.process_time() - own, rig.read().since(before)
    per_order = 1_000_000 / stage.orders
    figures = {
        "stage": stage.name,
        "orders": stage.orders,
        "preload": stage.preload,
        "profiled": stage.is_profiled,
        "seconds": round(used.at, 3),
        "orders_per_s": round(stage.orders / used.at, 1),
        "python_cpu_us_per_order": round(python * per_order),
        "postgres_cpu_us_per_order": round(used.postgres_s * per_order),
        "waiting_for_server_us_per_order": round(times.seconds * per_order),
        "statements_per_order": round(sum(spent.calls for spent in times.by_text.values()) / stage.orders, 4),
        "wal_bytes_per_order": round(used.wal_bytes / stage.orders),
    }
    return figures, statement_table(times, stage.orders) + (function_table(profile) if profile else "")


def statement_table(times: StatementTimes, orders: int) -> str:
    """The dearest statements: microseconds an order, calls, rows, the text's beginning."""
    lines = ["", "µs/order   calls     rows  statement"]
    for text, spent in times.dearest(TOP):
        lines.append(f"{spent.seconds / orders * 1e6:8.1f} {spent.calls:7d} {spent.rows:8d}  {text[:120]}")
    return "\n".join(lines) + "\n"


def function_table(profile: cProfile.Profile) -> str:
    """The dearest functions by their own time, then by time with all they call."""
    parts = []
    for order in ("tottime", "cumulative"):
        out = io.StringIO()
        pstats.Stats(profile, stream=out).strip_dirs().sort_stats(order).print_stats(TOP)
        parts.append(out.getvalue())
    return "\n".join(parts)
