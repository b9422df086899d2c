"""`oms bench backtest`: a draft of a hundred rules beside the hundred in force, over past orders, result written."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from bench.harness import BenchFailed, Rig
from bench.past_rules import draft_rules, rules_in_force
from bench.pipeline import Wanted, preload_orders, prepare, settle, start_generator
from bench.readings import Reading, processor, resident_bytes
from bench.world import build_world
from oms.app.kernel.hub import Hub
from oms.app.rulebook.drafts import Content, create_draft, edit_draft
from oms.app.rulebook.trying.backtests import Period, ask_backtest, find_backtest
from oms.app.rulebook.trying.results import explain_change
from oms.app.rulebook.versions import activate
from oms.jobs.poke import Poker

#: No progress for so long is a failure, not slowness.
LONGEST_STANDSTILL_S: Final = 60.0
POLL_S: Final = 0.05
EXPLAINED: Final = 100
ACTOR: Final = "user:1"
#: The rule set that the world brings along.
RULE_SET: Final = 1
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """How many past orders and rules, and the seed that draws both."""

    orders: int
    rules: int
    workers: int = 2
    shops: int = 4
    seed: int = 1


def run_backtest(asked: Asked, say: Say) -> dict[str, Any]:
    """One backtest from the click to the last written change, by the hub's own workers; answers the figures by name."""
    with Rig(workers=asked.workers) as rig:
        wanted = Wanted(0, asked.orders, asked.workers, asked.shops, asked.seed)
        _generator, gateway = start_generator(rig, wanted)  # Orders of one buyer are asked about before they are merged.
        hub = rig.make_hub()
        build_world(hub, gateway, asked.shops)
        rules = rules_in_force(asked.rules, asked.seed)
        activate(hub, _draft(hub, rules), ACTOR, despite_findings=True)
        preload_orders(rig, wanted, say)
        settle(rig, hub)
        draft = _draft(hub, draft_rules(rules, asked.seed))
        rig.start_hub()
        prepare(rig)
        used, backtest_id, peak = _measure(rig, hub, draft, asked)
        explained = _explanation_ms(hub, rig, backtest_id, asked)
        row = _row(hub, backtest_id, asked)
        rig.stop_hub()
        hub.engine.dispose()
    say(f"{row.done / used.at:.0f} orders/s")
    return _figures(asked, used, row, peak) | explained


def _draft(hub: Hub, rules: list[dict[str, Any]]) -> int:
    draft = create_draft(hub, RULE_SET, ACTOR, is_empty=True, comment="bench")
    edit_draft(hub, draft, Content(rules, [], "bench"), 1, ACTOR)
    return draft


def _measure(rig: Rig, hub: Hub, draft: int, asked: Asked) -> tuple[Reading, int, int]:
    """(what was used, the backtest, the most memory a worker held) from asking to the end."""
    first, last = rig.look.execute("select min(ordered_at), max(ordered_at) from orders").fetchone() or (None, None)
    if first is None or last is None:
        raise BenchFailed("there are no past orders", "ask for more with --orders")
    poker = Poker(rig.url)
    hub.poke = poker
    before = rig.read()
    shops = list(range(1, asked.shops + 1))
    backtest_id = ask_backtest(hub, draft, Period(first, last + timedelta(seconds=1)), shops, ACTOR)
    peak = _wait(rig, backtest_id)
    used = rig.read().since(before)
    poker.close()
    return used, backtest_id, peak


def _wait(rig: Rig, backtest_id: int) -> int:
    peak, seen, moved_at = 0, -1, time.monotonic()
    while True:
        row = rig.look.execute("select state, done, error from backtest where id = %s", (backtest_id,)).fetchone()
        state, done, error = row or ("failed", 0, "it is gone")
        if state == "done":
            return peak
        if state not in ("waiting", "running"):
            raise BenchFailed(f"the backtest is {state}: {error}", "read the workers' logs")
        if done != seen:
            seen, moved_at = done, time.monotonic()
            rig.check_alive()
            peak = max(peak, *(resident_bytes(worker.pid) for worker in rig.workers))
        elif time.monotonic() - moved_at > LONGEST_STANDSTILL_S:
            raise BenchFailed(f"nothing moves at {done} orders", "read the workers' logs")
        time.sleep(POLL_S)


def _row(hub: Hub, backtest_id: int, asked: Asked) -> Any:
    with hub.engine.connect() as connection:
        return find_backtest(connection, backtest_id, list(range(1, asked.shops + 1)))


def _explanation_ms(hub: Hub, rig: Rig, backtest_id: int, asked: Asked) -> dict[str, float]:
    """Milliseconds for one listed order with both explanations, by the clock and of processor, the 95th percentiles."""
    row = _row(hub, backtest_id, asked)
    listed = rig.look.execute(
        "select order_id from backtest_change where backtest_id = %s order by order_id limit %s", (backtest_id, EXPLAINED)
    ).fetchall()
    waited, used = [], []
    for (order_id,) in listed:
        with hub.engine.connect() as connection:
            began, began_cpu = time.perf_counter(), time.process_time()
            explain_change(hub, connection, row, order_id)
            waited.append((time.perf_counter() - began) * 1000)
            used.append((time.process_time() - began_cpu) * 1000)
    return {"explanation_ms_p95": _p95(waited), "explanation_cpu_ms_p95": _p95(used)}


def _p95(times: list[float]) -> float:
    return round(sorted(times)[len(times) * 95 // 100], 1) if times else 0.0


def _figures(asked: Asked, used: Reading, row: Any, peak: int) -> dict[str, Any]:
    kinds = row.counts.get("kinds", {})
    return {
        "orders": row.done,
        "rules": asked.rules,
        "workers": asked.workers,
        "processor": processor(),
        "seconds": round(used.at, 2),
        "orders_per_s": round(row.done / used.at),
        "python_cpu_ms_per_order": round(used.python_s * 1000 / row.done, 3),
        "postgres_cpu_ms_per_order": round(used.postgres_s * 1000 / row.done, 3),
        "others_cores": round(used.others_cores, 2),
        "peak_rss_mb": round(peak / 2**20),
        "changed": sum(kinds.get(kind, 0) for kind in ("newly_held", "newly_passed", "other_tier", "other_action")),
        "not_comparable": kinds.get("not_comparable", 0),
        "kinds": kinds,
        "stored": row.counts.get("stored", {}),
    }
