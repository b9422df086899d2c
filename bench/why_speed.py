"""How long the whole answer to "why" takes, database and web application included, and what it costs to keep."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from flask import Flask

from bench.harness import Rig
from bench.hub_rules import hub_rules
from bench.mix import chunk, sizes_of
from bench.preload import drain, take_page
from bench.prober import percentile
from bench.world import build_world
from oms.app.kernel.api_keys import make_key
from oms.app.kernel.hub import Hub, no_poke
from oms.app.kernel.load import fetch
from oms.app.pipeline.advance import advance_batch
from oms.app.rulebook.drafts import Content, create_draft, edit_draft
from oms.app.rulebook.versions import activate
from oms.bootstrap import assemble
from oms.console.permissions import PERMISSIONS
from oms.console.security import Person, find_people_with

RULES_KEPT: Final = 100
ASKED: Final = 200
SHOPS: Final = 4
_SIZES: Final = """select sum(pg_column_size(d.*))::int, sum(length(d.facts))::int, count(*)::int
from decision d where d.order_id > %s group by d.order_id"""


def run_why(rules: int, orders: int, seed: int) -> dict[str, Any]:
    """Figures of a fresh hub: bytes kept an order with a hundred rules active, answers to "why" with `rules`."""
    with Rig(workers=0) as rig:
        hub = rig.make_hub()
        hub.poke = no_poke
        build_world(hub, "http://127.0.0.1:9", SHOPS)
        figures = measure(hub, assemble(rig.settings, hub, "a key for this bench alone, long enough"),
                          rules, orders, seed)  # fmt: skip
        hub.engine.dispose()
    return figures


def measure(hub: Hub, app: Flask, rules: int, orders: int, seed: int, asked: int = ASKED) -> dict[str, Any]:
    """The same in a world that is built already."""
    put_in_force(hub, hub_rules(RULES_KEPT, seed))
    bring_through(hub, seed, 0, orders)
    figures = _kept(_ask(hub, _SIZES, 0))
    last = _ask(hub, "select coalesce(max(id), 0) from orders")[0][0]
    put_in_force(hub, hub_rules(rules, seed))
    bring_through(hub, seed, orders, asked)
    ids = [row[0] for row in _ask(hub, "select id from orders where id > %s order by id limit %s", last, asked)]
    ask = _caller(hub, app)
    ask(f"/api/v1/orders/{ids[0]}/why")  # The first answer of a process reads the rules, as a page seldom has to.
    answers = timed(ids, "why", lambda id_: ask(f"/api/v1/orders/{id_}/why"))
    return figures | {"why_rules": rules} | answers | timed(ids, "why_page", lambda id_: ask(f"/orders/{id_}/why"))


def put_in_force(hub: Hub, rules: list[dict[str, Any]]) -> None:
    """Another version of the bench's rule set for review."""
    draft = create_draft(hub, 1, "bench", is_empty=True, comment="bench")
    edit_draft(hub, draft, Content(rules, [], "bench"), 1, "bench")
    activate(hub, draft, "bench", despite_findings=True)


def bring_through(hub: Hub, seed: int, done: int, orders: int) -> None:
    """Take orders in and let them go as far as they go."""
    first = len(sizes_of(done))
    for number, size in enumerate(sizes_of(orders)):
        take_page(hub, number % SHOPS + 1, chunk(seed, first + number, size))
    drain(advance_batch, hub)


def timed(ids: Sequence[int], name: str, ask: Callable[[int], None]) -> dict[str, float]:
    """Milliseconds of one answer by the wall clock, and of this process's processor time."""
    walls, used = [], []
    for id_ in ids:
        started, own = time.perf_counter(), time.process_time()
        ask(id_)
        walls.append((time.perf_counter() - started) * 1000)
        used.append((time.process_time() - own) * 1000)
    return {
        f"{name}_ms_median": round(percentile(walls, 0.5), 1),
        f"{name}_ms_p95": round(percentile(walls, 0.95), 1),
        f"{name}_cpu_ms_p95": round(percentile(used, 0.95), 1),
    }


def _caller(hub: Hub, app: Flask) -> Callable[[str], None]:
    with hub.begin() as connection:
        _, key = make_key(connection, "bench", ["order.view", "rule.view"], None)
    person = Person(0, "bench", permissions=frozenset(PERMISSIONS))
    find_people_with(app, lambda: person)
    browser = app.test_client()

    def ask(path: str) -> None:
        answer = browser.get(path, headers={"Authorization": f"Bearer {key}"} if path.startswith("/api/") else {})
        assert answer.status_code == 200, answer.text[:200]

    return ask


def _kept(rows: Sequence[Any]) -> dict[str, Any]:
    """Bytes of the decisions of an order, and of the facts among them."""
    sizes, facts = ([float(row[at] or 0) for row in rows] for at in (0, 1))
    return {
        "kept_orders": len(rows),
        "kept_rules": RULES_KEPT,
        "kept_bytes_median": round(percentile(sizes, 0.5)),
        "kept_bytes_p99": round(percentile(sizes, 0.99)),
        "kept_facts_bytes_median": round(percentile(facts, 0.5)),
        "kept_decisions_mean": round(sum(row[2] for row in rows) / len(rows), 2) if rows else 0,
    }


def _ask(hub: Hub, question: str, *values: object) -> list[Any]:
    with hub.engine.connect() as connection:
        return list(fetch(connection, question, values))
