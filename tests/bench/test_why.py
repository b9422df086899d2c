"""The bench of "why": rules over every fact, orders through the pipeline, and whole answers to the question."""

from __future__ import annotations

from pathlib import Path

from bench.feed import VENDOR, TaobaoFeed
from bench.hub_rules import CONDITIONS, REVIEW, hub_rules
from bench.why_speed import measure
from bench.world import build_world
from connectors.warehouses.qimen import CONNECTOR as QIMEN
from oms.app.kernel.hub import Hub, no_poke
from oms.app.rulebook.documents import read_document
from oms.db.sealed import KeyRing
from oms.db.session import make_engine
from tests.web_kit import an_app


def test_a_hundred_rules_ask_for_every_fact_that_review_knows() -> None:
    body, _ = read_document("review", hub_rules(100), [])
    assert len(body["rules"]) * CONDITIONS >= len(REVIEW)
    written = str(body["rules"])
    assert [spec.name for spec in REVIEW if f"'{spec.name}'" not in written] == []


def test_the_same_seed_draws_the_same_rules() -> None:
    assert hub_rules(8, 3) == hub_rules(8, 3) != hub_rules(8, 4)


def test_what_is_kept_and_how_long_an_answer_takes_is_measured(database_url: str, tmp_path: Path) -> None:
    engine = make_engine(database_url)
    hub = Hub(engine, KeyRing("k1", {"k1": bytes(32)}), {VENDOR: TaobaoFeed, "qimen": QIMEN}, poke=no_poke)
    build_world(hub, "http://127.0.0.1:9", 4)
    figures = measure(hub, an_app(hub, tmp_path), rules=12, orders=30, seed=2, asked=5)
    engine.dispose()
    assert 20 <= figures["kept_orders"] <= 30
    assert 300 < figures["kept_bytes_median"] <= figures["kept_bytes_p99"] <= 4000
    assert figures["kept_facts_bytes_median"] < figures["kept_bytes_median"]
    assert (figures["why_rules"], figures["why_ms_p95"] > 0, figures["why_page_ms_p95"] > 0) == (12, True, True)
