"""Variants of sourcing tried over real orders: what comes out beside what is in force, and that nothing changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oms.app.pipeline.variants import judging, running
from oms.app.pipeline.variants.asking import (
    add_variant,
    ask_trial,
    change_variant,
    drop_variant,
    find_trial,
    list_changes,
    list_trials,
    list_variants,
    stop_trial,
)
from oms.app.pipeline.variants.changes import read_changes
from oms.app.pipeline.variants.running import trial_next
from oms.app.rulebook.drafts import Content, create_draft, edit_draft
from oms.domain.errors import Forbidden, Invalid, NotFound
from tests.app.routes import a_rule, route_by, taken
from tests.app.rule_sets import set_id
from tests.app.shipping import ship_all
from tests.app.test_trying_dry_runs import dump
from tests.factories import START, World, a_line, drain, settle

HOUR = 3600


@pytest.fixture
def waiting(make_world: Any) -> World:
    """Plans wait an hour, so that all orders are open and nothing was sent; the west is dearer by freight."""
    world: World = make_world(stock=10, window=HOUR)
    world.run(
        "insert into carrier_tariff (carrier_id, stock_point_id, first_amount, step_amount) values (1, 2, 800, 200)"
    )
    return world


def tried(world: World, *variants: dict[str, Any], **asked: Any) -> Any:
    """A trial of variants that has run to its end."""
    names = [f"v{len(list_of(world)) + number}" for number in range(len(variants))]
    ids = [add_variant(world.hub, name, one, "user:1") for name, one in zip(names, variants, strict=True)]
    trial_id = ask_trial(world.hub, ids, [1], "user:1", **asked)
    drain(trial_next, world)
    return found(world, trial_id)


def found(world: World, trial_id: int, shops: tuple[int, ...] = (1,)) -> Any:
    with world.hub.engine.connect() as connection:
        return find_trial(connection, trial_id, shops)


def list_of(world: World) -> list[Any]:
    with world.hub.engine.connect() as connection:
        return list_variants(connection)


def changed(world: World, trial_id: int) -> list[Any]:
    with world.hub.engine.connect() as connection:
        return list_changes(connection, trial_id)


def test_a_trial_tells_cost_parcels_and_places_and_leaves_every_other_table_as_it_was(waiting: World) -> None:
    ids = [taken(waiting, a_line("1", "A", 2), a_line("2", "B", 1)) for _ in range(4)]
    before = dump(waiting)
    trial = tried(waiting, {"points_out": [1]}, {"tariffs": {"1": 150}}, {"main_points": {"1": 2}})
    after = dump(waiting)
    mine = {"variant_trial", "variant_trial_change", "routing_variant"}
    assert {name: rows for name, rows in before.items() if name not in mine} == {
        name: rows for name, rows in after.items() if name not in mine
    }
    assert (trial.state, trial.done, trial.total, trial.error) == ("done", 4, 4, "")
    force, out, dear, main = trial.figures
    assert force == {
        "orders": 4, "units": 12, "served": 4, "units_served": 12, "parcels": 4, "by_parcels": {"1": 4}, "late": 0,
        "freight": 4 * 700, "handling": 400, "points": {"1": 4}, "carriers": {"1": 4},
    }  # fmt: skip
    assert (out["points"], out["freight"] > force["freight"], out["changed"]) == ({"2": 4}, True, 4)
    assert dear["carriers"] == {"2": 4}  # The first carrier is dearer than the second by now.
    assert main["points"] == {"2": 4}  # Whole from the main point, though it is dearer.
    rows = [row for row in changed(waiting, trial.id) if row.side == 1]
    assert [row.order_id for row in rows] == ids
    assert [one["point"] for one in (rows[0].before["parcels"][0], rows[0].after["parcels"][0])] == ["WH1", "WH2"]
    assert (rows[0].amount, rows[0].parcels) == (100, 0)  # By another carrier from there.


def test_orders_take_stock_from_one_another_and_give_theirs_back_first(waiting: World) -> None:
    for _ in range(3):
        taken(waiting, a_line("1", "A", 5))
    assert waiting.one("select sum(reserved) from stock_level") == 15
    force, out = tried(waiting, {"points_out": [1]}).figures
    assert (force["served"], force["points"]) == (3, {"1": 2, "2": 1})
    assert (out["served"], out["unserved"], out["units_served"], out["units"]) == (2, {"short_of_stock": 1}, 10, 15)


def test_a_draft_of_rules_decides_instead_of_what_is_in_force(waiting: World) -> None:
    version = route_by(waiting, ("forbid_point", {"point": "WH2"}))
    taken(waiting, a_line("1", "A", 1))
    draft = create_draft(waiting.hub, set_id(waiting, version), "user:1", is_empty=True, comment="")
    edit_draft(waiting.hub, draft, Content([a_rule("r9", ("only_point", {"point": "WH2"}))], [], ""), 1, "user:1")
    force, tried_one = tried(waiting, {"route_version": draft}).figures
    assert (force["points"], tried_one["points"]) == ({"1": 1}, {"2": 1})
    assert waiting.one("select count(*) from decision where rule_set_version_id = :id", id=draft) == 0
    named = {"fact": "receiver.name", "op": "eq", "value": "周明"}
    edit_draft(
        waiting.hub, draft, Content([a_rule("r9", ("only_point", {"point": "WH2"}), when=named)], [], ""), 2, "user:1"
    )
    with pytest.raises(Forbidden, match=r"receiver\.name"):
        ask_trial(waiting.hub, [list_of(waiting)[0].id], [1], "user:1")


def test_a_limit_of_parcels_leaves_orders_unserved_and_lateness_follows_the_cut_off(waiting: World) -> None:
    waiting.run("update stock_level set safety = on_hand where (stock_point_id, sku_id) in ((1, 101), (2, 100))")
    taken(waiting, a_line("1", "A", 1), a_line("2", "B", 1), ship_by=(START + timedelta(hours=6)).isoformat())
    taken(waiting, a_line("1", "C", 1), ship_by=(START + timedelta(hours=6)).isoformat())
    waiting.run("update stock_point set cut_off = '09:00', timezone = 'Asia/Shanghai' where id = 2")  # It is ten there.
    force, one = tried(waiting, {"most_parcels": 1}).figures
    assert (force["by_parcels"], force["late"]) == ({"1": 1, "2": 1}, 1)
    assert (one["served"], one["unserved"]) == (1, {"too_many_parcels": 1})


@pytest.mark.parametrize(("measure", "most", "parcels"), [("units", 3, {"2": 1}), ("volume", 10, {"1": 1})])
def test_what_a_rule_allows_in_one_parcel_holds_in_trials_too(
    waiting: World, measure: str, most: int, parcels: dict[str, int]
) -> None:
    taken(waiting, a_line("1", "A", 5))
    route_by(waiting, ("limit_parcel", {"measure": measure, "most": most}))
    force, out = tried(waiting, {"points_out": [1]}).figures
    assert (force["by_parcels"], out["by_parcels"], force["units_served"]) == (parcels, parcels, 5)


def test_a_trial_that_a_defect_ends_is_not_begun_anew(waiting: World, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(waiting, a_line("1", "A", 1))
    trial_id = ask_trial(waiting.hub, [add_variant(waiting.hub, "v", {"points_out": [1]}, "user:1")], [1], "user:1")

    def breaks(*_given: Any, **_more: Any) -> Any:
        raise KeyError("secret")

    monkeypatch.setattr(running, "judge_page", breaks)
    with pytest.raises(KeyError):
        trial_next(waiting.hub)
    assert (found(waiting, trial_id).state, found(waiting, trial_id).error) == ("failed", running.DEFECT)
    assert trial_next(waiting.hub) == 0


def test_parcels_whose_carrier_has_no_tariff_are_counted_and_money_is_yuan(waiting: World) -> None:
    waiting.run("delete from carrier_tariff where stock_point_id = 0 and carrier_id = 1")
    waiting.run("update carrier set is_suspended = true where id <> 1")
    taken(waiting, a_line("1", "A", 1))
    waiting.run("update orders set currency = 'JPY'")
    trial = tried(waiting, {"points_out": [2]})
    force, out = trial.figures
    assert (force["freight"], force.get("unpriced", 0), force["points"]) == (800, 0, {"2": 1})
    assert (out["freight"], out["unpriced"], out["points"]) == (0, 1, {"1": 1})
    assert [row.currency for row in changed(waiting, trial.id)] == ["CNY"]


def test_past_orders_are_tried_with_the_stock_that_they_took(waiting: World) -> None:
    ids = [taken(waiting, a_line("1", "A", 10)), taken(waiting, a_line("1", "A", 10))]
    waiting.clock.forward(HOUR)
    settle(waiting)
    for id_ in ids:
        ship_all(waiting, id_)
    assert tried(waiting, {"points_out": [2]}).total == 0  # None of them is open any more.
    period = {"since": START - timedelta(days=1), "until": START + timedelta(days=1)}
    waiting.clock.forward(10)
    force, out = tried(waiting, {"points_out": [2]}, **period).figures
    assert (force["served"], force["points"]) == (2, {"1": 1, "2": 1})
    assert (out["served"], out["unserved"]) == (1, {"short_of_stock": 1})


def test_what_was_sent_is_held_or_is_not_ours_is_no_open_order(waiting: World) -> None:
    sent, held, theirs, stays = (taken(waiting, a_line("1", "A", 1)) for _ in range(4))
    waiting.run("update fulfilment set status = 'sent' where lead_order_id = :id", id=sent)
    waiting.run("insert into hold (order_id, kind, blocks, clears) values (:id, 'manual', 14, 'person')", id=held)
    waiting.run("update orders set fulfiller = 'distributor' where id = :id", id=theirs)
    trial = tried(waiting, {"points_out": [1]})
    assert [row.order_id for row in changed(waiting, trial.id)] == [stays]
    waiting.run("update fulfilment set status = 'planned' where lead_order_id = :id", id=sent)


def test_a_worker_that_dies_leaves_a_trial_that_another_begins_anew(
    waiting: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(waiting, a_line("1", "A", 1))
    trial_id = ask_trial(waiting.hub, [add_variant(waiting.hub, "v", {"points_out": [1]}, "user:1")], [1], "user:1")
    judge = judging.judge_page

    def dies(*_given: Any, **_more: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "judge_page", dies)
    with pytest.raises(KeyboardInterrupt):
        trial_next(waiting.hub)
    assert trial_next(waiting.hub) == 0  # Its claim still stands.
    monkeypatch.setattr(running, "judge_page", judge)
    waiting.clock.forward(121)
    drain(trial_next, waiting)
    assert (found(waiting, trial_id).state, found(waiting, trial_id).attempts) == ("done", 2)
    with pytest.raises(NotFound):
        stop_trial(waiting.hub, trial_id)


def test_a_stopped_trial_writes_nothing_more(waiting: World, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(waiting, a_line("1", "A", 1))
    trial_id = ask_trial(waiting.hub, [add_variant(waiting.hub, "v", {"points_out": [1]}, "user:1")], [1], "user:1")
    judge = judging.judge_page

    def stops(*given: Any, **more: Any) -> Any:
        if found(waiting, trial_id).state == "running":
            stop_trial(waiting.hub, trial_id)
        return judge(*given, **more)

    monkeypatch.setattr(running, "judge_page", stops)
    drain(trial_next, waiting)
    assert (found(waiting, trial_id).state, found(waiting, trial_id).figures) == ("stopped", None)
    assert changed(waiting, trial_id) == []


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "changes"), ([], "changes"), ({"nothing": 1}, "changes.nothing"),
        ({"points_out": "1"}, "changes.points_out"),
        ({"policies": {"1": "best"}}, "changes.policies"), ({"policies": {"77": "fastest"}}, "changes.policies"),
        ({"tariffs": {"1": 0}}, "changes.tariffs"), ({"tariffs": {"x": 5}}, "changes.tariffs"),
        ({"most_parcels": 99}, "changes.most_parcels"), ({"route_version": True}, "changes.route_version"),
        ({"points_out": [77]}, "changes.points_out"), ({"main_points": {"1": 77}}, "changes.main_points"),
        ({"carriers_out": [77]}, "changes.carriers_out"), ({"route_version": 77}, "changes.route_version"),
    ],
)  # fmt: skip
def test_changes_that_say_nothing_or_name_what_is_not_there_are_refused(world: World, document: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        add_variant(world.hub, "v", document, "user:1")
    assert refused.value.field == field


def test_variants_are_kept_changed_and_dropped_and_trials_keep_what_they_tried(world: World) -> None:
    one = add_variant(world.hub, "half", {"tariffs": {"1": 50}}, "user:1")
    with pytest.raises(Invalid, match="another variant"):
        add_variant(world.hub, "half", {"points_out": [1]}, "user:1")
    trial_id = ask_trial(world.hub, [one, one], [1], "user:1")
    change_variant(world.hub, one, "double", {"tariffs": {"1": 200}, "most_parcels": None})
    assert [(row.name, row.changes) for row in list_of(world)] == [("double", {"tariffs": {"1": 200}})]
    assert [each["changes"] for each in found(world, trial_id).variants] == [{"tariffs": {"1": 50}}]
    drop_variant(world.hub, one)
    for refused in (
        lambda: drop_variant(world.hub, one),
        lambda: change_variant(world.hub, one, "x", {"points_out": [1]}),
        lambda: ask_trial(world.hub, [one], [1], "user:1"),
        lambda: found(world, trial_id, (2,)),
    ):
        with pytest.raises(NotFound):
            refused()
    two = add_variant(world.hub, "two", {"points_out": [1]}, "user:1")
    asked: Any
    for asked in ({"since": START}, {"since": START, "until": START - timedelta(days=2)},
                  {"since": datetime(2020, 1, 1, tzinfo=UTC), "until": START}):  # fmt: skip
        with pytest.raises(Invalid):
            ask_trial(world.hub, [two], [1], "user:1", **asked)
    with world.hub.engine.connect() as connection:
        assert [row.id for row in list_trials(connection, [1])] == [trial_id]
        assert list_trials(connection, [2]) == []
    assert read_changes({"points_out": [2, 1, 2]}).written() == {"points_out": [1, 2]}
