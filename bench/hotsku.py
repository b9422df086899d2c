"""`oms bench hotsku`: everybody wants one SKU, a little more than there is, and the hub's own workers hand it out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from bench.harness import BenchFailed, Rig
from bench.invariants import violations
from bench.mix import chunk, sizes_of
from bench.pipeline import Wanted, prepare, start_generator
from bench.preload import take_page
from bench.readings import processor
from bench.world import SKUS, WAREHOUSES, build_world
from oms.app.kernel.hub import no_poke
from oms.jobs.poke import Poker

#: Of what is wanted so much is there: the last units are fought for.
THERE: Final = 0.9
LONGEST_S: Final = 120.0
POLL_S: Final = 0.01
#: Every goods line of every order asks for the first SKU, in units drawn by the line's id.
ONE_SKU: Final = """
update order_line l set seller_code = k.code, ordered = 1 + (hashint8(l.id + %(seed)s) & 2147483647) %% %(most)s
from sku k where k.id = %(sku)s and l.kind = 'goods'"""
#: More units for the same money must not make orders that sell at a loss.
COST: Final = "update cost_price set amount = 1 where sku_id = %(sku)s"
LEVELS: Final = """
with wanted as (select sum(ordered) as units from order_line where kind = 'goods')
update stock_level s set on_hand = ceil(w.units * %(there)s / %(points)s) from wanted w where s.sku_id = %(sku)s"""
MOVEMENTS: Final = """
update stock_movement m set on_hand = s.on_hand from stock_level s
where s.sku_id = m.sku_id and s.stock_point_id = m.stock_point_id and m.sku_id = %(sku)s"""
RESERVED: Final = """
select sum(reserved)::bigint, sum(on_hand)::bigint, sum(greatest(reserved - on_hand, 0))::bigint from stock_level
where sku_id = %(sku)s"""
OUTCOMES: Final = """
select (select count(*) from orders), (select count(distinct lead_order_id) from fulfilment),
  (select count(*) from hold where kind = 'short_of_stock' and cleared_at is null)"""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rush:
    """How many orders, of how many units at most a line, worked on by how many processes."""

    orders: int
    most_units: int
    workers: int = 2
    seed: int = 1
    shops: int = 4


def run_hotsku(rush: Rush, say: Say) -> dict[str, Any]:
    """Orders are stored and wait; then all are ready at once. Answers the figures by name."""
    asked = {"sku": SKUS, "seed": rush.seed, "most": rush.most_units, "there": THERE, "points": WAREHOUSES}
    with Rig(workers=rush.workers) as rig:
        _process, gateway = start_generator(rig, Wanted(0, 0, rush.workers, rush.shops, rush.seed))
        hub = rig.make_hub()
        hub.poke = no_poke
        build_world(hub, gateway, rush.shops)
        for number, size in enumerate(sizes_of(rush.orders)):
            take_page(hub, number % rush.shops + 1, chunk(rush.seed, number, size))
        hub.engine.dispose()
        for statement in (ONE_SKU, COST, LEVELS, MOVEMENTS, "update orders set ready_at = null"):
            rig.look.execute(statement, asked)
        rig.start_hub()
        prepare(rig)
        say(f"{rush.orders} orders want one SKU")
        before = rig.read()
        seconds = _measure(rig)
        used = rig.read().since(before)
        rig.stop_hub()
        reserved, there, oversold = rig.look.execute(RESERVED, asked).fetchone() or (0, 0, 0)
        orders, planned, short = rig.look.execute(OUTCOMES).fetchone() or (0, 0, 0)
        found = violations(rig.look)
    return {
        "units_per_s": round(reserved / seconds),
        "oversold": int(oversold),
        "units_reserved": int(reserved),
        "units_there": int(there),
        "orders": orders,
        "orders_planned": planned,
        "orders_short": short,
        "orders_per_s": round(orders / seconds),
        "seconds": round(seconds, 2),
        "python_cpu_ms_per_order": round(used.python_s * 1000 / orders, 3),
        "postgres_cpu_ms_per_order": round(used.postgres_s * 1000 / orders, 3),
        "others_cores": round(used.others_cores, 2),
        "workers": rush.workers,
        "processor": processor(),
        "violations": [asdict(item) for item in found],
    }


def _measure(rig: Rig) -> float:
    """Seconds from the moment all orders are ready until none is."""
    poker = Poker(rig.url)
    began = time.monotonic()
    rig.look.execute("update orders set ready_at = now() where status = 'open'")
    poker("advance")
    while rig.look.execute("select exists (select from orders where ready_at <= now())").fetchone() != (False,):
        rig.check_alive()
        if time.monotonic() - began > LONGEST_S:
            raise BenchFailed(f"orders are still ready after {LONGEST_S:.0f} s", "read the workers' logs")
        time.sleep(POLL_S)
    seconds = time.monotonic() - began
    poker.close()
    return seconds
