"""Rule sets: drafts that people edit, versions that never change, and what is in force where."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from oms.app.rulebook.changing import changing, find_version
from oms.app.rulebook.drafts import Content, copy_version, create_draft, create_set, discard_draft, edit_draft
from oms.app.rulebook.versions import activate, end_canary, findings_of, promote_canary, retire, roll_back
from oms.domain.errors import Busy, Invalid, NotFound, NotPossible, Stale, WrongState
from tests.app.rule_sets import a_draft, a_rule, another_process, decided, decided_by, in_force, set_id, tiers_of
from tests.factories import World

FINANCE, SERVICE = 2, 1


def state(world: World, version_id: int) -> str:
    return str(world.one("select state from rule_set_version where id = :id", id=version_id))


def version(world: World, version_id: int) -> Any:
    with world.hub.engine.connect() as connection:
        return find_version(connection, version_id)


def trail(world: World) -> list[str]:
    return [row[0] for row in world.rows("select kind from event where order_id = 0 order by id")]


def test_a_draft_decides_nothing_until_it_is_activated(world: World) -> None:
    draft = a_draft(world, a_rule("r1", "finance"))
    assert decided_by(world, decided(world)) is None
    activate(world.hub, draft, "user:2")
    order = decided(world)
    assert (decided_by(world, order), tiers_of(world, order)) == (draft, FINANCE)
    kept = version(world, draft)
    assert (kept.author, kept.activated_by, kept.number, kept.comment) == ("user:1", "user:2", 1, "first")
    assert trail(world) == ["rule_set_made", "rule_draft_made", "rule_version_activated"]


def test_the_next_version_archives_the_one_before(world: World) -> None:
    first = in_force(world, a_rule("r1", "finance"))
    second = create_draft(world.hub, set_id(world, first), "user:1", comment="to service")
    assert version(world, second).body["rules"] == version(world, first).body["rules"]
    edit_draft(world.hub, second, Content([a_rule("r1", "service")], [], "to service"), 1, "user:1")
    activate(world.hub, second, "user:1", revision=2)
    assert (state(world, first), state(world, second)) == ("archived", "active")
    assert tiers_of(world, decided(world)) == SERVICE


def test_a_place_has_one_rule_set_a_stage(world: World) -> None:
    in_force(world, a_rule("r1", "finance"))
    with pytest.raises(NotPossible, match="has a rule set"):
        a_draft(world, a_rule("r2", "service"))


def test_the_same_request_twice_makes_one_draft(world: World) -> None:
    first = a_draft(world, a_rule("r1", "finance"))
    assert a_draft(world, a_rule("r1", "finance")) == first
    rule_set = set_id(world, first)
    empty = create_draft(world.hub, rule_set, "user:1", is_empty=True)
    assert create_draft(world.hub, rule_set, "user:1", is_empty=True) == empty
    assert create_draft(world.hub, rule_set, "user:2", is_empty=True) != empty


@pytest.mark.parametrize(
    ("rules", "limits", "field"),
    [
        ([a_rule("r1", "nobody")], [], r"rules.0.*actions.0.*tier"),
        ([a_rule("r1"), a_rule("r1")], [], r"rules.1.*id"),
        ("no list", [], "rules"),
        ([a_rule("r1")], [{"rule": "r2", "action": "pass", "per_hour": 1}], r"limits\[0\]"),
        ([a_rule("r1")], [{"rule": "r1", "action": "pass"}], r"limits\[0\]"),
        ([a_rule("r1")], [{"rule": "r1", "action": "pass", "per_hour": -1}], r"limits\[0\].per_hour"),
        ([a_rule("r1")], [{"rule": "r1", "action": "pass", "per_day": 1}], r"limits\[0\]"),
    ],
)
def test_a_broken_document_is_refused_with_its_place(world: World, rules: Any, limits: Any, field: str) -> None:
    with pytest.raises(Invalid, match=field):
        create_set(world.hub, "review", "global", 0, "", Content(rules, limits), "user:1")
    assert world.rows("select id from rule_set_version") == []


@pytest.mark.parametrize(("scope", "scope_id"), [("shop", 999), ("channel", 999), ("global", 5), ("moon", 1)])
def test_a_place_that_is_not_there_is_refused(world: World, scope: str, scope_id: int) -> None:
    with pytest.raises(Invalid):
        a_draft(world, scope=scope, scope_id=scope_id)


def test_the_second_of_two_people_is_told_who_was_first(world: World) -> None:
    draft = a_draft(world, a_rule("r1", "finance"))
    assert edit_draft(world.hub, draft, Content([a_rule("r1", "service")], [], "a"), 1, "user:1") == 2
    with pytest.raises(Stale, match="user:1"):
        edit_draft(world.hub, draft, Content([a_rule("r2")], [], "b"), 1, "user:2")
    with pytest.raises(Stale):
        activate(world.hub, draft, "user:2", revision=1)
    with pytest.raises(Stale):
        discard_draft(world.hub, draft, 1, "user:2")
    assert [rule["id"] for rule in version(world, draft).body["rules"]] == ["r1"]


def test_the_same_edit_twice_is_done_once(world: World) -> None:
    draft = a_draft(world, a_rule("r1", "finance"))
    wanted = Content([a_rule("r1", "service")], [], "a")
    assert [edit_draft(world.hub, draft, wanted, 1, "user:1") for _ in range(2)] == [2, 2]
    with pytest.raises(Stale):
        edit_draft(world.hub, draft, wanted, 1, "user:2")


def test_who_comes_while_another_changes_the_set_hears_that_it_is_busy(world: World) -> None:
    draft = a_draft(world, a_rule("r1", "finance"))
    with changing(world.hub, set_id(world, draft), "user:1"), pytest.raises(Busy):
        activate(world.hub, draft, "user:2")
    assert state(world, draft) == "draft"


def test_of_two_who_activate_at_once_one_wins(world: World) -> None:
    first = in_force(world, a_rule("r1", "finance"))
    rule_set = set_id(world, first)
    drafts = [create_draft(world.hub, rule_set, f"user:{n}", comment=f"try {n}") for n in range(6)]
    refused: list[Exception] = []

    def try_it(draft: int) -> None:
        try:
            activate(world.hub, draft, "user:1")
        except Busy as error:
            refused.append(error)

    threads = [threading.Thread(target=try_it, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = [state(world, draft) for draft in drafts]
    assert states.count("active") == 1
    assert states.count("draft") == len(refused)


def test_a_version_that_was_active_is_never_changed(world: World) -> None:
    first = in_force(world, a_rule("r1", "finance"))
    for action in (
        lambda: edit_draft(world.hub, first, Content([], [], "x"), 1, "user:1"),
        lambda: discard_draft(world.hub, first, None, "user:1"),
    ):
        with pytest.raises(WrongState):
            action()


@pytest.mark.parametrize(
    "change",
    [
        "update rule_set_version set body = '{}' where id = :id",
        "update rule_set_version set limits = '[1]' where id = :id",
        "update rule_set_version set comment = 'other' where id = :id",
        "update rule_set_version set state = 'draft' where id = :id",
        "update rule_set_version set number = 7 where id = :id",
        "delete from rule_set_version where id = :id",
    ],
)
@pytest.mark.parametrize("ended", [False, True])
def test_the_database_itself_refuses_to_change_a_version_that_was_active(
    world: World, change: str, *, ended: bool
) -> None:
    first = in_force(world, a_rule("r1", "finance"))
    if ended:
        retire(world.hub, set_id(world, first), "user:1")
    with pytest.raises(IntegrityError, match="never changed"), world.hub.begin() as connection:
        connection.execute(text(change), {"id": first})


def test_a_version_without_a_comment_is_not_activated(world: World) -> None:
    draft = a_draft(world, a_rule("r1", "finance"), comment="")
    with pytest.raises(Invalid, match="comment"):
        activate(world.hub, draft, "user:1")


def test_activating_twice_changes_nothing_more(world: World) -> None:
    first = in_force(world, a_rule("r1", "finance"))
    before = version(world, first)
    world.clock.forward(60)
    activate(world.hub, first, "user:2")
    assert version(world, first) == before


def paid(op: str, amount: int) -> dict[str, Any]:
    return {"fact": "order.paid", "op": op, "value": amount}


NEVER = a_rule("never", "finance", when={"all": [paid("gt", 10), paid("lt", 5)]})


@pytest.mark.parametrize(
    ("rules", "kind"),
    [([NEVER], "never"), ([a_rule("all", "service", stop=True), a_rule("late", "finance")], "shadowed")],
)
def test_rules_that_can_never_act_are_found_before_they_are_put_in_force(
    world: World, rules: list[dict[str, Any]], kind: str
) -> None:
    draft = a_draft(world, *rules)
    (finding,) = findings_of(world.hub, draft)
    assert (finding["kind"], finding["is_proved"], finding["rule"]) == (kind, True, rules[-1]["id"])
    with pytest.raises(NotPossible, match="never match, match everything or contradict"):
        activate(world.hub, draft, "user:1")
    assert state(world, draft) == "draft"
    activate(world.hub, draft, "user:1", despite_findings=True)
    activate(world.hub, draft, "user:1")
    assert state(world, draft) == "active"


def test_a_rollback_asks_no_questions_about_rules_that_were_active(world: World) -> None:
    first = a_draft(world, NEVER)
    activate(world.hub, first, "user:1", despite_findings=True)
    second = create_draft(world.hub, set_id(world, first), "user:1", is_empty=True, comment="nothing")
    activate(world.hub, second, "user:1")
    roll_back(world.hub, first, "user:1")
    assert state(world, first) == "active"


def test_a_discarded_draft_is_gone(world: World) -> None:
    draft = a_draft(world, a_rule("r1", "finance"))
    discard_draft(world.hub, draft, 1, "user:1")
    with pytest.raises(NotFound):
        discard_draft(world.hub, draft, 1, "user:1")
    assert trail(world)[-1] == "rule_draft_discarded"


def test_a_rollback_is_in_force_in_every_process_within_ten_seconds(world: World) -> None:
    first = in_force(world, a_rule("r1", "finance"))
    second = create_draft(world.hub, set_id(world, first), "user:1", is_empty=True, comment="nothing")
    activate(world.hub, second, "user:1")
    other = another_process(world)
    assert decided_by(other, decided(other)) == second
    roll_back(world.hub, first, "user:3", "orders went out unseen")
    assert decided_by(world, decided(world)) == first, "at once where it was clicked"
    assert decided_by(other, decided(other)) == second, "the other process has not looked again yet"
    world.clock.forward(2.5)
    order = decided(other)
    assert (decided_by(other, order), tiers_of(other, order)) == (first, FINANCE)
    assert (state(world, first), state(world, second)) == ("active", "archived")
    roll_back(world.hub, first, "user:3")
    assert trail(world).count("rule_set_rolled_back") == 1
    other.hub.engine.dispose()


def test_a_draft_is_nothing_to_roll_back_to(world: World) -> None:
    first = in_force(world, a_rule("r1", "finance"))
    draft = create_draft(world.hub, set_id(world, first), "user:1", comment="x")
    with pytest.raises(WrongState):
        roll_back(world.hub, draft, "user:1")


def test_a_retired_set_leaves_the_word_to_the_wider_scope(world: World) -> None:
    wide = in_force(world, a_rule("r1", "finance"))
    exact = in_force(world, a_rule("r2", "service"), scope="shop", scope_id=1)
    assert decided_by(world, decided(world)) == exact
    retire(world.hub, set_id(world, exact), "user:1", "back to the default")
    retire(world.hub, set_id(world, exact), "user:1", "back to the default")
    assert decided_by(world, decided(world)) == wide
    assert trail(world).count("rule_set_retired") == 1


def test_a_canary_decides_for_its_share_and_the_same_orders_every_time(world: World) -> None:
    main = in_force(world, a_rule("r1", "finance"))
    rule_set = set_id(world, main)
    canary = create_draft(world.hub, rule_set, "user:1", is_empty=True, comment="let all pass")
    activate(world.hub, canary, "user:1", share=30)
    orders = [decided(world) for _ in range(60)]
    by = {order: decided_by(world, order) for order in orders}
    served = [order for order in orders if by[order] == canary]
    assert 6 <= len(served) <= 32
    assert {by[order] for order in orders} == {main, canary}
    assert all(tiers_of(world, order) == (0 if order in served else FINANCE) for order in orders)
    world.run("update orders set review = 'none', tiers_waiting = 0, ready_at = :now", now=world.clock())
    promote_canary(world.hub, rule_set, "user:1")
    assert (state(world, main), state(world, canary)) == ("archived", "active")
    assert decided_by(world, decided(world)) == canary


def test_an_ended_canary_leaves_all_orders_to_the_main_version(world: World) -> None:
    main = in_force(world, a_rule("r1", "finance"))
    rule_set = set_id(world, main)
    canary = create_draft(world.hub, rule_set, "user:1", is_empty=True, comment="let all pass")
    activate(world.hub, canary, "user:1", share=99)
    end_canary(world.hub, rule_set, "user:1")
    end_canary(world.hub, rule_set, "user:1")
    assert {decided_by(world, decided(world)) for _ in range(5)} == {main}
    assert state(world, canary) == "archived"
    with pytest.raises(NotPossible):
        promote_canary(world.hub, rule_set, "user:1")


def test_a_rollback_ends_a_canary_too(world: World) -> None:
    main = in_force(world, a_rule("r1", "finance"))
    canary = create_draft(world.hub, set_id(world, main), "user:1", is_empty=True, comment="let all pass")
    activate(world.hub, canary, "user:1", share=99)
    roll_back(world.hub, main, "user:1")
    assert (state(world, main), state(world, canary)) == ("active", "archived")


def test_a_canary_stands_beside_one_version_and_alone(world: World) -> None:
    draft = a_draft(world, a_rule("r1", "finance"))
    with pytest.raises(NotPossible, match="other orders"):
        activate(world.hub, draft, "user:1", share=10)
    activate(world.hub, draft, "user:1")
    rule_set = set_id(world, draft)
    canary = create_draft(world.hub, rule_set, "user:1", comment="one")
    activate(world.hub, canary, "user:1", share=10)
    third = create_draft(world.hub, rule_set, "user:1", comment="two")
    for share in (10, 100):
        with pytest.raises(NotPossible, match="canary"):
            activate(world.hub, third, "user:1", share=share)
    with pytest.raises(Invalid):
        activate(world.hub, third, "user:1", share=0)


def test_rules_are_copied_to_any_place(world: World) -> None:
    world.run("insert into shop (id, code, name, channel_id) values (2, 's2', 'Two', 1)")
    world.run("insert into user_group (id, code, name) values (1, 'g1', 'Night'), (2, 'g2', 'Day')")
    limits = [{"rule": "r1", "action": "send_to_tier", "per_hour": 9}]
    source = in_force(world, a_rule("r1", "finance"), scope="shop", scope_id=1, limits=limits)
    for scope, scope_id in (("shop", 2), ("user_group", 1), ("channel", 1), ("global", 0)):
        copy = version(world, copy_version(world.hub, source, scope, scope_id, "user:1"))
        assert (copy.state, copy.body["rules"], copy.limits) == ("draft", version(world, source).body["rules"], limits)
        assert (copy.copied_from_id, copy.number) == (source, 1)
    group = world.one("select id from rule_set where scope = 'user_group'")
    on = version(world, copy_version(world.hub, source, "user_group", 2, "user:1"))
    assert on.rule_set_id != group
    again = version(world, copy_version(world.hub, source, "shop", 1, "user:1", comment="from an old one"))
    assert (again.rule_set_id, again.number, again.copied_from_id) == (set_id(world, source), 2, None)
