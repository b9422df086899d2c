"""Rules that run wild: limits, bands, pauses; rules that raise or cannot be read. Their orders go to people."""

from __future__ import annotations

import threading
from typing import Any

import orjson
import pytest
from sqlalchemy.exc import IntegrityError

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fill, lock_orders
from oms.app.pipeline.advance import advance_batch
from oms.app.rulebook import decide as deciding
from oms.app.rulebook.book import book_of
from oms.app.rulebook.drafts import Content, create_draft, create_set, edit_draft
from oms.app.rulebook.troubles import list_troubles, resume
from oms.app.rulebook.versions import activate, findings_of, roll_back
from oms.domain.errors import Invalid, NotFound
from tests.app.rule_sets import a_rule, another_process, decided, in_force, set_id, tiers_of
from tests.factories import World, advance, an_order

SERVICE, FINANCE = 1, 2
TWO_AN_HOUR = [{"rule": "r1", "action": "pass", "per_hour": 2}]


def troubles(world: World) -> list[tuple[str, str, str, int]]:
    with world.hub.engine.connect() as connection:
        return [(row.rule_id, row.kind, row.reason, row.times) for row in list_troubles(connection, [1])]


def reason_of(world: World, order_id: int) -> str:
    question = "select detail->>'reason' from event where order_id = :id and kind = 'rule_unhealthy'"
    return str(world.one(question, id=order_id))


def alerts(world: World) -> list[tuple[str, str]]:
    return [tuple(row) for row in world.rows("select kind, words from alert where state = 'open' order by id")]


def test_past_its_limit_a_rule_is_paused_and_orders_go_to_people(world: World) -> None:
    in_force(world, a_rule("r1"), limits=TWO_AN_HOUR, name="day")
    assert [tiers_of(world, decided(world)) for _ in range(4)] == [0, 0, SERVICE, SERVICE]
    assert troubles(world) == [("r1", "paused", "limit of pass", 1)]
    assert world.rows("select actor, detail->>'rule' from event where kind = 'rule_paused'") == [("system", "r1")]
    words = "the rule r1 of day is paused: limit of pass; its orders go to people until somebody resumes it"
    assert alerts(world) == [("rule_paused", words)]
    assert world.one("select count(*) from rule_use") == 2


def test_a_batch_passes_as_many_as_the_limit_lets_it(world: World) -> None:
    in_force(world, a_rule("r1"), limits=TWO_AN_HOUR)
    orders = [an_order(world) for _ in range(6)]
    advance(world)
    assert sorted(tiers_of(world, order) for order in orders) == [0, 0, SERVICE, SERVICE, SERVICE, SERVICE]
    stopped = [order for order in orders if tiers_of(world, order)]
    assert {reason_of(world, order) for order in stopped} == {"r1: limit", "r1: paused"}


def test_a_paused_rule_stays_paused_when_the_hour_is_over_until_a_person_resumes_it(world: World) -> None:
    in_force(world, a_rule("r1"), limits=TWO_AN_HOUR)
    for _ in range(3):
        decided(world)
    world.clock.forward(7200)
    assert tiers_of(world, decided(world)) == SERVICE
    trouble = int(world.one("select id from rule_trouble"))
    with pytest.raises(Invalid):
        resume(world.hub, trouble, "user:1", " ")
    assert len(alerts(world)) == 1
    for _ in range(2):
        resume(world.hub, trouble, "user:1", "looked at all three")
        assert alerts(world) == []
    world.clock.forward(3)
    assert [tiers_of(world, decided(world)) for _ in range(3)] == [0, 0, SERVICE]
    assert world.one("select count(*) from event where kind = 'rule_resumed'") == 1
    with pytest.raises(NotFound):
        resume(world.hub, 1, "user:1", "nothing there")


def test_the_limit_counts_the_last_sixty_minutes(world: World) -> None:
    in_force(world, a_rule("r1"), limits=TWO_AN_HOUR)
    passed = []
    for _ in range(5):
        passed.append(tiers_of(world, decided(world)))
        world.clock.forward(1900)
    assert passed == [0, 0, 0, 0, 0]


def test_a_pause_holds_in_every_process_within_two_seconds(world: World) -> None:
    in_force(world, a_rule("r1"), limits=TWO_AN_HOUR)
    other = another_process(world)
    assert tiers_of(world, decided(other)) == 0
    for _ in range(2):
        decided(world)
    world.clock.forward(3601)
    order = decided(other)
    assert (tiers_of(world, order), reason_of(world, order)) == (SERVICE, "r1: paused")
    other.hub.engine.dispose()


def verdict_on(world: World, order_id: int, amount: int) -> Any:
    """Decide for an order to which the action would give so much; all is written."""
    with world.hub.begin() as connection:
        batch = Batch(world.hub, connection, world.hub.masters.get(connection, world.clock()), world.clock())
        (order,) = lock_orders(connection, [order_id])
        fill(batch, [order])
        return deciding.decide(batch, order, batch.masters.shops[1], "review", {"pass": amount})[2]


@pytest.mark.parametrize(
    ("bounds", "amounts", "kept_back"),
    [
        ({"most": 500}, [500, 501], [(), (("r1", "band"),)]),
        ({"least": 1}, [1, 0], [(), (("r1", "band"),)]),
        ({"amount_per_hour": 900}, [400, 500, 1], [(), (), (("r1", "limit"),)]),
    ],
)
def test_an_amount_past_its_bounds_pauses_the_rule(
    world: World, bounds: dict[str, int], amounts: list[int], kept_back: list[Any]
) -> None:
    orders = [an_order(world) for _ in amounts]
    in_force(world, a_rule("r1"), limits=[{"rule": "r1", "action": "pass"} | bounds])
    verdicts = [verdict_on(world, order, amount) for order, amount in zip(orders, amounts, strict=True)]
    assert [verdict.unhealthy for verdict in verdicts] == kept_back
    assert [len(verdict.actions) for verdict in verdicts] == [0 if kept else 1 for kept in kept_back]
    assert [row[1] for row in troubles(world)] == ["paused"]


def test_an_order_decided_again_counts_once(world: World) -> None:
    order = an_order(world)
    in_force(world, a_rule("r1"), limits=TWO_AN_HOUR)
    assert [verdict_on(world, order, 0).unhealthy for _ in range(5)] == [()] * 5
    assert world.one("select count(*) from rule_use") == 1


def test_processes_that_race_pass_no_more_than_the_limit(world: World) -> None:
    in_force(world, a_rule("r1"), limits=[{"rule": "r1", "action": "pass", "per_hour": 5}])
    orders = [an_order(world) for _ in range(40)]
    worlds = [world, another_process(world), another_process(world)]

    def work(mine: World) -> None:
        while advance_batch(mine.hub, 4):
            pass

    threads = [threading.Thread(target=work, args=(mine,)) for mine in worlds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.one("select count(*) from rule_use") == 5
    assert sorted(tiers_of(world, order) for order in orders) == [0] * 5 + [SERVICE] * 35
    assert [row[1] for row in troubles(world)] == ["paused"]
    for mine in worlds[1:]:
        mine.hub.engine.dispose()


def test_other_rules_of_the_set_still_decide_while_one_is_paused(world: World) -> None:
    in_force(world, a_rule("r1"), a_rule("r2", "finance"), limits=[{"rule": "r1", "action": "pass", "per_hour": 0}])
    assert tiers_of(world, decided(world)) == SERVICE | FINANCE


def test_a_pause_outlives_the_version_and_what_was_unhealthy_does_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = in_force(world, a_rule("r1"), limits=[{"rule": "r1", "action": "pass", "per_hour": 0}])
    decided(world)
    break_facts(monkeypatch)
    decided(world)
    assert [row[:2] for row in sorted(troubles(world))] == [("r1", "paused"), ("r1", "unhealthy")]
    monkeypatch.undo()
    second = create_draft(world.hub, set_id(world, first), "user:1", is_empty=True, comment="nothing")
    activate(world.hub, second, "user:1")
    assert [row[:2] for row in troubles(world)] == [("r1", "paused")]
    assert [kind for kind, _ in alerts(world)] == ["rule_paused"]
    roll_back(world.hub, first, "user:1")
    assert tiers_of(world, decided(world)) == SERVICE


def break_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a number of lines is a word, which no rule can compare."""
    monkeypatch.setattr(deciding, "facts_of", lambda *_: {"order.lines": "two", "order.is_cod": True})


COD = {"fact": "order.is_cod", "op": "eq", "value": True}


def test_a_rule_that_raises_is_skipped_and_kept_and_its_order_goes_to_people(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = in_force(world, a_rule("odd", "logistics"), a_rule("cod", "finance", when=COD))
    break_facts(monkeypatch)
    order = decided(world)
    assert tiers_of(world, order) == SERVICE | FINANCE
    assert reason_of(world, order) == "odd: TypeError"
    assert troubles(world) == [("odd", "unhealthy", "TypeError", 1)]
    for _ in range(4):
        decided(world)
    world.clock.forward(3)
    decided(world)
    assert troubles(world) == [("odd", "unhealthy", "TypeError", 6)]
    assert [kind for kind, _ in alerts(world)] == ["rule_unhealthy"]
    assert world.one("select version_id from rule_trouble") == version


def test_a_rule_that_cannot_be_read_any_more_stops_no_other(world: World) -> None:
    gone = a_rule("gone", "finance", when={"fact": "order.gone", "op": "eq", "value": 1})
    rules = [gone, a_rule("r1", "logistics"), a_rule("r1", "finance")]
    body = {"format": 1, "stage": "review", "rules": rules}
    world.run("insert into rule_set (id, stage, name) values (1, 'review', 'old')")
    world.run(
        "insert into rule_set_version (rule_set_id, body, state) values (1, cast(:body as jsonb), 'active')",
        body=orjson.dumps(body).decode(),
    )
    order = decided(world)
    assert tiers_of(world, order) == SERVICE | 4
    assert reason_of(world, order).startswith("gone: unreadable")
    assert [row[:2] for row in sorted(troubles(world))] == [("gone", "unhealthy"), ("r1", "unhealthy")]
    archived = int(world.one("select id from rule_set_version"))
    fresh = create_draft(world.hub, 1, "user:1", is_empty=True, comment="new")
    activate(world.hub, fresh, "user:1")
    with pytest.raises(Invalid):
        roll_back(world.hub, archived, "user:1")


def test_workers_do_not_queue_up_behind_the_row_of_a_broken_rule(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    version = in_force(world, a_rule("odd", "finance"))
    noticed = book_of(world.hub).noticed
    key = (set_id(world, version), version, "odd", "TypeError")
    with world.hub.begin() as elsewhere:
        elsewhere.exec_driver_sql("select pg_advisory_xact_lock(7146008)")
        noticed.note(key)
        with world.hub.begin() as connection:
            noticed.write(connection, world.clock())
    assert (noticed.counts, troubles(world)) == ({key: 1}, [])
    with world.hub.begin() as connection:
        noticed.write(connection, world.clock())
    assert (noticed.counts, len(troubles(world))) == ({}, 1)


def test_a_batch_that_notes_a_trouble_keeps_nobody_from_rolling_back(world: World) -> None:
    first = in_force(world, a_rule("r1", "finance"))
    second = create_draft(world.hub, set_id(world, first), "user:1", is_empty=True, comment="nothing")
    activate(world.hub, second, "user:1")
    noticed = book_of(world.hub).noticed
    noticed.note((set_id(world, first), second, "r1", "KeyError"))
    with world.hub.begin() as batch:
        noticed.write(batch, world.clock())
        roll_back(world.hub, first, "user:1")
    assert len(troubles(world)) == 1


def test_a_share_of_orders_is_never_more_than_all(world: World) -> None:
    version = in_force(world, a_rule("r1"))
    for share in (0, 101):
        with pytest.raises(IntegrityError):
            world.run("update rule_set_version set canary = :share where id = :id", share=share, id=version)


def test_what_costs_money_without_a_limit_is_told_and_keeps_nobody_from_activating(world: World) -> None:
    when = {"all": [{"fact": "order.paid", "op": "gt", "value": 10_000}]}
    rule = {"id": "off", "name": "off", "when": when, "actions": [{"action": "cancel", "params": {"reason": "late"}}]}
    content = Content([rule], [], "first")
    draft = create_set(world.hub, "preprocess", "global", 0, "", content, "user:1")
    (finding,) = findings_of(world.hub, draft)
    assert (finding["kind"], finding["rule"], finding["is_proved"]) == ("unlimited", "off", False)
    limited = Content([rule], [{"rule": "off", "action": "cancel", "per_hour": 20}], "limited")
    edit_draft(world.hub, draft, limited, 1, "user:1")
    assert findings_of(world.hub, draft) == []
    edit_draft(world.hub, draft, content, 2, "user:1")
    activate(world.hub, draft, "user:1")
    assert world.one("select state from rule_set_version where id = :id", id=draft) == "active"
