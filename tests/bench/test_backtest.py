"""The bench of backtests: rules of the hub's own vocabulary, a draft that differs from them, and orders to try it on."""

from __future__ import annotations

from datetime import timedelta

from bench.feed import VENDOR, TaobaoFeed
from bench.mix import chunk
from bench.past_rules import NOT_KEPT, draft_rules, rules_in_force
from bench.preload import drain, take_page
from bench.world import build_world
from connectors.warehouses.qimen import CONNECTOR as QIMEN
from oms.app.kernel.hub import Hub, no_poke
from oms.app.pipeline.advance import advance_batch
from oms.app.rulebook.documents import read_document
from oms.app.rulebook.drafts import Content, create_draft, edit_draft
from oms.app.rulebook.trying.backtests import Period, ask_backtest, find_backtest
from oms.app.rulebook.trying.running import backtest_next
from oms.app.rulebook.versions import activate
from oms.db.sealed import KeyRing
from oms.db.session import make_engine


def test_the_draft_changes_drops_and_adds_rules_that_the_hub_accepts() -> None:
    rules = rules_in_force(100, 1)
    draft = draft_rules(rules, 1)
    for each in (rules, draft):
        read_document("review", each, [])
    assert len(draft) == 98 + len(NOT_KEPT)
    assert sum(rule not in rules for rule in draft) == 10 + len(NOT_KEPT)
    assert rules == rules_in_force(100, 1) != rules_in_force(100, 2)


def test_orders_of_the_mix_are_compared_by_the_pump(database_url: str) -> None:
    engine = make_engine(database_url)
    hub = Hub(engine, KeyRing("k1", {"k1": bytes(32)}), {VENDOR: TaobaoFeed, "qimen": QIMEN}, poke=no_poke)
    build_world(hub, "http://127.0.0.1:9", 4)
    rules = rules_in_force(12, 1)
    activate(hub, _draft(hub, rules), "user:1", despite_findings=True)
    take_page(hub, 1, chunk(1, 0, 100))
    drain(advance_batch, hub)
    with engine.connect() as connection:
        first = connection.exec_driver_sql("select min(ordered_at) from orders").scalar_one()
        period = Period(first, first + timedelta(days=2))
    started = ask_backtest(hub, _draft(hub, draft_rules(rules, 1)), period, [1, 2, 3, 4], "user:1")
    drain(backtest_next, hub)
    with engine.connect() as connection:
        found = find_backtest(connection, started, [1, 2, 3, 4])
    engine.dispose()
    assert (found.state, found.done) == ("done", 99)
    assert found.counts["kinds"]["not_comparable"] == 5, "cash on delivery, and a member's level that nobody kept"
    assert found.counts["stored"] == {"same": sum(found.counts["kinds"].values()) - found.counts["kinds"]["not_reached"]}


def _draft(hub: Hub, rules: list[dict[str, object]]) -> int:
    draft = create_draft(hub, 1, "user:1", is_empty=True, comment="bench")
    edit_draft(hub, draft, Content(rules, [], "bench"), 1, "user:1")
    return draft
