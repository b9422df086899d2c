"""Which rule set wins a shop and why, what changes from version to version, and how copies drift."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import pytest

from oms.app.rulebook.book import book_of, falls_into
from oms.app.rulebook.changing import find_version
from oms.app.rulebook.diff import Diff, Drift, diff_versions, drift_of, word_version
from oms.app.rulebook.drafts import Content, copy_version, create_draft, create_set, edit_draft
from oms.app.rulebook.scopes import PRECEDENCE, Standing, find_standing
from oms.app.rulebook.sets import list_inherited
from oms.app.rulebook.versions import activate, retire
from oms.db.rulebook import STAGES
from oms.domain.errors import Invalid, NotFound
from tests.app.rule_sets import a_draft, a_rule, decided, decided_by, in_force, set_id
from tests.factories import World

PLACES = {"shop": 1, "user_group": 1, "shop_group": 1, "channel": 1, "global": 0}


@pytest.fixture
def grouped(world: World) -> World:
    """Shop 1 belongs to a user group and a shop group; shop 2 to none."""
    world.run("insert into user_group (id, code, name) values (1, 'u', 'Night')")
    world.run("insert into shop_group (id, code, name) values (1, 's', 'Shoes')")
    world.run("update shop set user_group_id = 1, shop_group_id = 1 where id = 1")
    world.run("insert into shop (id, code, name, channel_id) values (2, 's2', 'Two', 2)")
    return world


def standing(world: World, shop_id: int = 1) -> Standing:
    with world.hub.engine.connect() as connection:
        return find_standing(connection, shop_id, "review")


def whys(world: World, shop_id: int = 1) -> dict[str, str]:
    return {contender.scope: contender.why for contender in standing(world, shop_id).contenders}


def test_the_most_exact_scope_wins_and_the_page_agrees_with_the_decision(grouped: World) -> None:
    for count, scope in enumerate(reversed(PRECEDENCE)):
        version = in_force(grouped, a_rule("r1", "finance"), scope=scope, scope_id=PLACES[scope])
        grouped.clock.forward(3)
        winner = standing(grouped).winner
        assert winner is not None
        assert (winner.scope, winner.version_id) == (scope, version)
        assert decided_by(grouped, decided(grouped)) == version
        assert list(whys(grouped).values()).count("more_exact") == count
    assert list(whys(grouped)) == list(PRECEDENCE)


def test_every_loser_has_its_reason(grouped: World) -> None:
    a_draft(grouped, a_rule("r1"), scope="user_group", scope_id=1)
    in_force(grouped, a_rule("r1"), scope="channel", scope_id=1)
    wide = in_force(grouped, a_rule("r1"))
    assert whys(grouped) == {
        "shop": "no_set", "user_group": "not_active", "shop_group": "no_set", "channel": "in_force",
        "global": "more_exact",
    }  # fmt: skip
    assert whys(grouped, 2) == {
        "shop": "no_set", "user_group": "no_group", "shop_group": "no_group", "channel": "no_set", "global": "in_force",
    }  # fmt: skip
    retire(grouped.hub, set_id(grouped, wide), "user:1")
    assert standing(grouped, 2).winner is None


def test_there_is_no_standing_of_what_is_not_there(world: World) -> None:
    with world.hub.engine.connect() as connection:
        with pytest.raises(NotFound):
            find_standing(connection, 99, "review")
        with pytest.raises(Invalid):
            find_standing(connection, 1, "lunch")


def test_a_canarys_share_is_that_share_and_a_larger_one_holds_the_same_orders() -> None:
    orders = range(10_000)
    shares = {share: {order for order in orders if falls_into(7, order, share)} for share in (1, 10, 50, 99, 100)}
    assert all(abs(len(held) / 100 - share) < 2 for share, held in shares.items())
    assert shares[1] < shares[10] < shares[50] < shares[99] < shares[100]
    assert shares[10] != {order for order in orders if falls_into(8, order, 10)}, "not the same orders for every set"


def test_a_process_keeps_no_version_that_decides_nothing(world: World) -> None:
    first = in_force(world, a_rule("r1", "finance"))
    decided(world)
    second = edited(world, first, a_rule("r2", "finance"))
    activate(world.hub, second, "user:1")
    decided(world)
    assert list(book_of(world.hub)._versions) == [second]


def differences(world: World, before: int, after: int) -> Diff:
    with world.hub.engine.connect() as connection:
        return diff_versions(connection, before, after)


def edited(world: World, first: int, *rules: dict[str, Any], limits: Any = ()) -> int:
    draft = create_draft(world.hub, set_id(world, first), "user:1", comment="edit")
    edit_draft(world.hub, draft, Content(list(rules), list(limits), "edited"), 1, "user:1")
    return draft


def test_the_difference_names_rules_and_fields_with_the_words_of_both(world: World) -> None:
    first = in_force(world, a_rule("a", "finance"), a_rule("b", "finance"), a_rule("c", "finance"))
    second = edited(world, first, a_rule("a", "service"), a_rule("c", "finance"), a_rule("d", name="new"))
    found = differences(world, first, second)
    assert [change.rule_id for change in found.added] == ["d"]
    assert [change.rule_id for change in found.removed] == ["b"]
    (change,) = found.changed
    assert (change.rule_id, change.fields) == ("a", ("actions",))
    assert change.before
    assert change.after
    assert change.before.zh != change.after.zh
    assert change.before.en != change.after.en
    assert (found.removed[0].after, found.added[0].before, found.reordered) == (None, None, False)
    back = differences(world, second, first)
    assert ([c.rule_id for c in back.added], [c.rule_id for c in back.removed]) == (["b"], ["d"])


def test_a_version_does_not_differ_from_itself(world: World) -> None:
    first = in_force(world, a_rule("a", "finance"), a_rule("b"))
    assert differences(world, first, first).is_empty


def test_another_order_of_evaluation_and_other_limits_are_differences(world: World) -> None:
    first = in_force(world, a_rule("a", "finance"), a_rule("b"))
    assert differences(world, first, edited(world, first, a_rule("b"), a_rule("a", "finance"))).reordered
    limited = [{"rule": "b", "action": "pass", "per_hour": 3}]
    found = differences(world, first, edited(world, first, a_rule("a", "finance"), a_rule("b"), limits=limited))
    assert [(change.rule_id, change.fields) for change in found.changed] == [("b", ("limits",))]


def test_versions_of_two_stages_cannot_be_compared(world: World) -> None:
    first = in_force(world, a_rule("a"))
    other = create_set(world.hub, "merge", "global", 0, "", Content(), "user:1")
    with pytest.raises(Invalid):
        differences(world, first, other)


def test_a_version_reads_in_words_in_the_order_of_evaluation(world: World) -> None:
    first = in_force(world, a_rule("late", "finance", priority=200), a_rule("early", priority=1))
    with world.hub.engine.connect() as connection:
        words = word_version("review", find_version(connection, first))
    assert list(words) == ["early", "late"]
    assert words["late"].zh.startswith("如果")
    assert words["late"].en.startswith("If ")


def drift(world: World, version_id: int) -> Drift:
    with world.hub.engine.connect() as connection:
        found = drift_of(connection, find_version(connection, version_id))
    assert found is not None
    return found


def test_a_copy_drifts_by_its_own_changes_and_by_those_of_its_source(grouped: World) -> None:
    source = in_force(grouped, a_rule("a", "finance"), scope="shop", scope_id=1, name="origin")
    copy = copy_version(grouped.hub, source, "shop", 2, "user:1")
    activate(grouped.hub, copy, "user:1")
    assert drift(grouped, copy).state == "same"
    changed = edited(grouped, copy, a_rule("a", "service"))
    activate(grouped.hub, changed, "user:1")
    found = drift(grouped, changed)
    assert (found.state, found.source_name, found.copied_version_id) == ("here", "origin", source)
    newer = edited(grouped, source, a_rule("a", "finance"), a_rule("b"))
    activate(grouped.hub, newer, "user:1")
    found = drift(grouped, changed)
    assert (found.state, found.source_version_id) == ("both", newer)
    assert ([c.rule_id for c in found.here.changed], [c.rule_id for c in found.there.added]) == (["a"], ["b"])
    fresh = copy_version(grouped.hub, newer, "shop", 2, "user:1")
    assert drift(grouped, fresh).state == "same"


def test_only_the_source_moved(grouped: World) -> None:
    source = in_force(grouped, a_rule("a", "finance"), scope="shop", scope_id=1)
    copy = copy_version(grouped.hub, source, "shop", 2, "user:1")
    activate(grouped.hub, edited(grouped, source, a_rule("a")), "user:1")
    assert drift(grouped, copy).state == "there"


def test_the_inheritance_shows_every_shop_and_stage(grouped: World) -> None:
    wide = in_force(grouped, a_rule("a", "finance"))
    copy = copy_version(grouped.hub, wide, "shop", 2, "user:1")
    activate(grouped.hub, copy, "user:1")
    with grouped.hub.engine.connect() as connection:
        found = list_inherited(connection, [1, 2])
        assert [(row.standing.shop_id, row.standing.stage) for row in found] == [(s, t) for s in (1, 2) for t in STAGES]
        review = [row for row in found if row.standing.stage == "review"]
        winners = [row.standing.winner for row in review]
        assert [winner and (winner.scope, winner.version_id) for winner in winners] == [("global", wide), ("shop", copy)]
        assert [row.drift and row.drift.state for row in review] == [None, "same"]
        assert all(row.standing.winner is None for row in found if row.standing.stage != "review")
        page = list_inherited(connection, [1, 2], stages=["review"], after=1)
        assert [row.standing.shop_id for row in page] == [2]
        assert astuple(page[0].standing) == astuple(review[1].standing)
