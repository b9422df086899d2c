"""Who may pass how much, by role and permission; refusals name who may. Forced passes stand in a report."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oms.app.kernel.queries.forced import fate_of, forced_passes
from oms.app.kernel.queries.reviewers import Desk, load_desk
from oms.app.kernel.review_settings import change_limits
from oms.app.pipeline.previewing import preview_pass
from oms.app.pipeline.reviewing.passing import pass_orders
from oms.app.pipeline.reviewing.taking_back import take_pass_back
from oms.domain.errors import Invalid
from tests.app.reviewing import LEAD, PLAIN, a_limit, a_person, a_role, may_only, queued, waits
from tests.factories import World, a_line, settle


def worth(amount: int) -> list[dict[str, object]]:
    return [a_line("1", "A", 1, amount)]


def words(world: World, order_id: int, actor: str, tier: int = 1) -> str:
    (outcome,) = pass_orders(world.hub, [order_id], tier, actor, may=PLAIN)
    assert outcome.is_done == (not outcome.words)
    return outcome.words


@pytest.fixture
def staff(world: World) -> dict[str, int]:
    """A clerk who passes up to 50.00, an accountant who passes up to 5,000.00, somebody without a limit."""
    clerk, accountant, other = (a_role(world, name) for name in ("clerk", "accountant", "other"))
    a_limit(world, 1, clerk, 5000)
    a_limit(world, 1, accountant, 500000)
    return {
        "mian": a_person(world, "mian", clerk),
        "bailu": a_person(world, "bailu", clerk, accountant),
        "ayou": a_person(world, "ayou", other),
    }


def test_a_limit_is_kept_and_the_sentence_names_who_may(world: World, staff: dict[str, int]) -> None:
    small, large = *queued(world, lines=worth(5000)), *queued(world, lines=worth(5001))
    assert words(world, large, f"user:{staff['mian']}") == "¥50.01 is over your limit of ¥50.00; bailu may pass it"
    assert words(world, large, f"user:{staff['ayou']}") == (
        "you have no limit at this tier that covers ¥50.01; bailu may pass it"
    )
    assert words(world, small, f"user:{staff['mian']}") == ""
    assert words(world, large, f"user:{staff['bailu']}") == ""
    assert waits(world, large)[0] == "passed"


def test_a_tier_without_limits_asks_for_the_permission_alone(world: World, staff: dict[str, int]) -> None:
    (id_,) = queued(world, "finance", lines=worth(900000))
    assert words(world, id_, f"user:{staff['ayou']}", 2) == ""


def test_nobody_may_be_able(world: World, staff: dict[str, int]) -> None:
    (id_,) = queued(world, lines=worth(500001))
    assert words(world, id_, f"user:{staff['bailu']}") == (
        "¥5,000.01 is over your limit of ¥5,000.00, and over everybody's: raise one"
    )
    assert (
        words(world, id_, f"user:{staff['ayou']}") == "nobody has a limit at this tier that covers ¥5,000.01: raise one"
    )


def test_a_role_for_one_shop_gives_no_limit_in_another(world: World, staff: dict[str, int]) -> None:
    world.run("update user_role set shop_ids = '{77}' where user_id = :id", id=staff["mian"])
    (id_,) = queued(world, lines=worth(100))
    assert "no limit" in words(world, id_, f"user:{staff['mian']}")
    desk = load_desk_at(world)
    assert {person.name for person, _ in desk.able(1, "CNY", 100)} == {"bailu"}
    assert {person.name for person, _ in desk.able(77, "CNY", 100)} == {"bailu", "mian"}


def test_a_limit_is_one_of_its_currency(world: World, staff: dict[str, int]) -> None:
    with world.hub.engine.connect() as connection:
        assert load_desk(connection, 1).most(staff["mian"], 1, "USD") is None
    (id_,) = queued(world, lines=worth(100))
    world.run("update orders set currency = 'USD'")
    assert "no limit" in words(world, id_, f"user:{staff['mian']}") or "nobody" in words(world, id_, "user:1")


def test_a_key_without_the_permission_for_any_amount_is_bound_too(world: World, staff: dict[str, int]) -> None:
    ids = queued(world, lines=worth(100))
    assert not pass_orders(world.hub, ids, 1, "api:5", may=PLAIN)[0].is_done
    assert pass_orders(world.hub, ids, 1, "api:5", may=may_only(*LEAD))[0].is_done


def test_the_permission_is_asked_for_in_the_order_s_own_shop(world: World) -> None:
    ids = queued(world)
    (refused,) = pass_orders(world.hub, ids, 1, "user:1", may=may_only(*LEAD, shops=(2,)))
    assert refused.words == "the permission order.pass_review is missing for this shop"
    (forced,) = pass_orders(world.hub, ids, 1, "user:1", "urgent", forced=True, may=PLAIN)
    assert forced.words == "the permission order.force_review is missing for this shop"
    assert waits(world, ids[0])[0] == "waiting"


def test_of_many_only_those_within_the_limit_pass_and_the_preview_said_so(world: World, staff: dict[str, int]) -> None:
    ids = queued(world, lines=worth(4000)) + queued(world, lines=worth(6000)) + queued(world, lines=worth(5000))
    actor = f"user:{staff['mian']}"
    with world.hub.engine.connect() as connection:
        seen = preview_pass(world.hub, connection, [1], ids, 1, actor, PLAIN)
    assert (seen.count, seen.amounts) == (2, {"CNY": 9000})
    assert [(row.id, why.code) for row, why in seen.staying] == [(ids[1], "limit")]
    outcomes = pass_orders(world.hub, ids, 1, actor, may=PLAIN)
    assert [one.is_done for one in outcomes] == [True, False, True]
    assert outcomes[1].words == seen.staying[0][1].words


def test_limits_are_set_by_tier_role_and_currency(world: World, staff: dict[str, int]) -> None:
    role = world.one("select id from role where name = 'other'")
    change_limits(world.hub, 1, [(role, "CNY", None), (role, "USD", 100)], "user:1")
    desk = load_desk_at(world)
    assert desk.most(staff["mian"], 1, "CNY") is None
    assert desk.most(staff["ayou"], 1, "USD") == 100
    (id_,) = queued(world, lines=worth(900000))
    assert words(world, id_, f"user:{staff['ayou']}") == ""
    change_limits(world.hub, 1, [], "user:1")
    assert load_desk_at(world).limits == {}
    for wrong in ([(role, "CNY", 1), (role, "CNY", 2)], [(999, "CNY", 1)], [(role, "yuan", 1)], [(role, "CNY", -1)]):
        with pytest.raises(Invalid):
            change_limits(world.hub, 1, wrong, "user:1")


def load_desk_at(world: World, tier: int = 1) -> Desk:
    with world.hub.engine.connect() as connection:
        return load_desk(connection, tier)


def test_a_forced_pass_needs_a_reason_overrules_limits_and_stands_in_the_report(
    world: World, staff: dict[str, int]
) -> None:
    ids = queued(world, lines=worth(900000), count=2)
    with pytest.raises(Invalid, match="reason"):
        pass_orders(world.hub, ids, 1, "user:1", " ", forced=True)
    actor = f"user:{staff['mian']}"
    outcomes = pass_orders(world.hub, ids, 1, actor, "a festival", forced=True, may=may_only(*LEAD))
    assert [one.is_done for one in outcomes] == [True, True]
    settle(world)
    assert take_pass_back(world.hub, ids[:1], 1, actor, "too soon")[0].is_done
    day = world.clock() - timedelta(hours=1)
    with world.hub.engine.connect() as connection:
        rows = forced_passes(connection, [1], day, day + timedelta(days=1))
        assert forced_passes(connection, [2], day, day + timedelta(days=1)) == []
        assert forced_passes(connection, [1], day - timedelta(days=1), day) == []
    assert [(row.order_id, row.amount, row.reason, row.actor) for row in rows] == [
        (id_, 900000, "a festival", actor) for id_ in ids
    ]
    assert [fate_of(row) for row in rows] == ["taken_back", "at_warehouse"]


def test_forcing_one_of_two_tiers_leaves_the_other(world: World) -> None:
    ids = queued(world)
    world.run("update orders set tiers_waiting = 3")
    pass_orders(world.hub, ids, 1, "user:1", "urgent", forced=True)
    assert waits(world, ids[0]) == ("waiting", 2, "", 1)
    assert "tier_forced" in world.events(ids[0])
