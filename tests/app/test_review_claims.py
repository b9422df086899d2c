"""Claims: twenty at a time, by team and shift, handed over and given back; what is claimed by others is left alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from oms.app.kernel.queries.claims import claims_of
from oms.app.kernel.queries.duty import duty_turns
from oms.app.kernel.queries.review import ReviewFilters, Whose, count_queue, review_queue
from oms.app.kernel.review_settings import add_shift, make_team, remove_shift
from oms.app.pipeline.reviewing.claiming import claim_next, give_back, hand_over
from oms.app.pipeline.reviewing.passing import pass_orders, send_back
from oms.domain.duty import Shift
from oms.domain.errors import Invalid, NotFound
from tests.app.reviewing import LEAD, PLAIN, a_limit, a_person, a_role, a_team, may_only, queued
from tests.factories import World, a_line

ALL_DAYS = range(1, 8)


@pytest.fixture
def staff(world: World) -> dict[str, int]:
    """Two reviewers, and a viewer who may not pass."""
    role, viewer = a_role(world, "reviewer"), a_role(world, "viewer", ["order.view"])
    return {
        "mian": a_person(world, "mian", role),
        "bailu": a_person(world, "bailu", role),
        "ayou": a_person(world, "ayou", viewer),
    }


def claim(world: World, who: int, count: int = 20) -> list[int]:
    return claim_next(world.hub, 1, f"user:{who}", [1], count, may=PLAIN)


def holders(world: World, ids: list[int]) -> list[str]:
    with world.hub.engine.connect() as connection:
        found = claims_of(connection, ids, 1, world.clock())
    return [found[id_].name if id_ in found else "" for id_ in ids]


def queue(world: World, kind: str, who: int = 0, teams: tuple[int, ...] = ()) -> list[int]:
    filters = ReviewFilters(1, whose=Whose(kind, who, teams))
    with world.hub.engine.connect() as connection:
        rows = review_queue(connection, [1], filters, "", world.clock()).rows
        assert count_queue(connection, [1], filters, world.clock()) == len(rows)
    return [row.id for row in rows]


def test_the_most_urgent_are_taken_and_nobody_takes_them_twice(world: World, staff: dict[str, int]) -> None:
    ids = queued(world, count=5)
    for minutes, id_ in zip((50, 10, 40, 20, 30), ids, strict=True):
        world.run("update orders set ship_by = :at where id = :id", at=world.clock() + timedelta(minutes=minutes), id=id_)
    assert claim(world, staff["mian"], 2) == [ids[1], ids[3]]
    assert claim(world, staff["bailu"], 20) == [ids[4], ids[2], ids[0]]
    assert claim(world, staff["mian"]) == []
    assert queue(world, "mine", staff["mian"]) == [ids[1], ids[3]]
    assert queue(world, "free") == []
    assert len(queue(world, "")) == 5
    assert world.events(ids[1])[-1] == "claim_review"


def test_two_who_take_at_once_take_different_orders(world: World, staff: dict[str, int]) -> None:
    ids = queued(world, count=12)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(claim, world, staff["mian"], 6)
        second = pool.submit(claim, world, staff["bailu"], 6)
        taken = [*first.result(), *second.result()]
    assert len(taken) == len(set(taken))
    assert set(taken) <= set(ids)


def test_only_what_one_may_pass_is_taken(world: World, staff: dict[str, int]) -> None:
    a_limit(world, 1, int(world.one("select id from role where name = 'reviewer'")), 1000)
    large, small = queued(world, lines=[a_line("1", "A", 1, 1001)]), queued(world, lines=[a_line("1", "A", 1, 1000)])
    assert claim(world, staff["mian"]) == small
    assert holders(world, [*large, *small]) == ["", "mian"]


def test_what_somebody_has_taken_is_passed_by_nobody_else_without_the_permission(
    world: World, staff: dict[str, int]
) -> None:
    ids = queued(world, count=3)
    claim(world, staff["mian"])
    (refused,) = pass_orders(world.hub, ids[:1], 1, f"user:{staff['bailu']}", may=PLAIN)
    assert refused.words == (
        "claimed by mian since 2026-11-21 10:00; have it handed over, or ask somebody who may assign reviews"
    )
    (refused,) = send_back(world.hub, ids[:1], 1, f"user:{staff['bailu']}", "odd", may=PLAIN)
    assert refused.words.startswith("claimed by mian")
    assert not pass_orders(world.hub, ids[:1], 1, "api:1", may=PLAIN)[0].is_done
    assert pass_orders(world.hub, ids[:1], 1, f"user:{staff['mian']}", may=PLAIN)[0].is_done
    assert pass_orders(world.hub, ids[1:2], 1, f"user:{staff['bailu']}", may=may_only(*LEAD))[0].is_done
    assert world.one("select count(*) from review_claim") == 1


def test_who_comes_second_is_told_by_whom_and_when_and_nothing_is_half_done(world: World, staff: dict[str, int]) -> None:
    (id_,) = queued(world)
    actors = [f"user:{staff[name]}" for name in ("mian", "bailu")]
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(pass_orders, world.hub, [id_], 1, actor, may=PLAIN) for actor in actors]
        outcomes = [one.result()[0] for one in done]
    won = outcomes.index(next(one for one in outcomes if one.is_done))
    name = ("mian", "bailu")[won]
    assert outcomes[1 - won].words == f"not waiting at this tier any more: passed by {name} at 2026-11-21 10:00"
    assert world.one("select count(*) from review_decision") == 1
    assert world.events(id_).count("pass_review") == 1


def test_orders_are_handed_to_a_colleague_or_a_team(world: World, staff: dict[str, int]) -> None:
    team = a_team(world, "white", staff["bailu"])
    ids = queued(world, count=2)
    claim(world, staff["mian"])
    mian, bailu = f"user:{staff['mian']}", f"user:{staff['bailu']}"
    given = hand_over(world.hub, ids, 1, mian, user_id=staff["bailu"], reason="lunch", may=PLAIN)
    assert [one.is_done for one in given] == [True, True]
    assert holders(world, ids) == ["bailu", "bailu"]
    assert not hand_over(world.hub, ids, 1, mian, team_id=team, may=PLAIN)[0].is_done
    assert hand_over(world.hub, ids, 1, bailu, team_id=team, may=PLAIN)[0].is_done
    assert holders(world, ids) == ["white", "white"]
    assert queue(world, "team", staff["bailu"], (team,)) == ids
    assert queue(world, "free") == []
    assert not pass_orders(world.hub, ids, 1, mian, may=PLAIN)[0].is_done
    assert claim(world, staff["mian"]) == []
    assert claim(world, staff["bailu"]) == ids
    told = world.one("select detail from event where kind = 'hand_over_review' and order_id = :id limit 1", id=ids[0])
    assert (told["to"], told["reason"]) == ("bailu", "lunch")


def test_nobody_is_handed_what_they_may_not_pass(world: World, staff: dict[str, int]) -> None:
    ids = queued(world)
    (refused,) = hand_over(world.hub, ids, 1, "user:1", user_id=staff["ayou"])
    assert refused.words == "ayou may not pass it at this tier; choose somebody who may"
    with pytest.raises(NotFound):
        hand_over(world.hub, ids, 1, "user:1", user_id=12345)
    with pytest.raises(Invalid):
        hand_over(world.hub, ids, 1, "user:1", user_id=staff["mian"], team_id=1)
    assert holders(world, ids) == [""]


def test_what_is_given_back_is_anybody_s(world: World, staff: dict[str, int]) -> None:
    ids = queued(world, count=2)
    claim(world, staff["mian"])
    assert not give_back(world.hub, ids, 1, f"user:{staff['bailu']}", may=PLAIN)[0].is_done
    assert [one.is_done for one in give_back(world.hub, ids, 1, f"user:{staff['mian']}", may=PLAIN)] == [True, True]
    assert claim(world, staff["bailu"]) == ids
    assert give_back(world.hub, queued(world), 1, f"user:{staff['mian']}", may=PLAIN)[0].words == "nobody has taken it"


def test_at_the_end_of_a_shift_what_was_not_done_is_the_team_s_again(world: World, staff: dict[str, int]) -> None:
    team = a_team(world, "white", staff["bailu"])
    add_shift(world.hub, team, staff["mian"], ALL_DAYS, 8 * 60, 18 * 60, "Asia/Shanghai", "user:1")  # It is 10:00 there.
    ids = queued(world, count=2)
    assert claim(world, staff["mian"]) == ids
    pass_orders(world.hub, ids[:1], 1, f"user:{staff['mian']}", may=PLAIN)
    world.clock.forward(8 * 3600 - 1)
    assert holders(world, ids) == ["", "mian"]
    world.clock.forward(1)
    assert holders(world, ids) == ["", "white"]
    assert queue(world, "mine", staff["mian"]) == []
    assert queue(world, "team", staff["bailu"], (team,)) == ids[1:]
    assert claim(world, staff["bailu"]) == ids[1:]


def test_who_is_on_duty_comes_from_the_shifts(world: World, staff: dict[str, int]) -> None:
    team = make_team(world.hub, "nights", "user:1")
    assert make_team(world.hub, " nights ", "user:1") == team
    day = add_shift(world.hub, team, staff["mian"], ALL_DAYS, 600, 1080, "Asia/Shanghai", "user:1")
    add_shift(world.hub, team, staff["bailu"], ALL_DAYS, 1320, 360, "Asia/Shanghai", "user:1")
    assert on_duty(world) == ["mian"]
    world.clock.forward(13 * 3600)
    assert on_duty(world) == ["bailu"]
    remove_shift(world.hub, day, "user:1")
    with pytest.raises(NotFound):
        remove_shift(world.hub, day, "user:1")
    assert world.one("select count(*) from user_group_member") == 2


def on_duty(world: World) -> list[str]:
    with world.hub.engine.connect() as connection:
        return [one.person for one in duty_turns(connection, world.clock()) if one.is_on]


@pytest.mark.parametrize(
    ("days", "starts", "ends", "zone"),
    [((), 0, 60, "UTC"), ((8,), 0, 60, "UTC"), ((1,), 60, 60, "UTC"), ((1,), 0, 1441, "UTC"), ((1,), 0, 9, "Mars")],
)
def test_a_shift_that_makes_no_sense_is_refused(
    world: World, staff: dict[str, int], days: tuple[int, ...], starts: int, ends: int, zone: str
) -> None:
    team = a_team(world, "white")
    with pytest.raises(Invalid):
        add_shift(world.hub, team, staff["mian"], days, starts, ends, zone, "user:1")
    assert world.one("select count(*) from duty_shift") == 0


def test_a_night_shift_ends_on_the_next_day_and_clocks_that_change_are_followed() -> None:
    night = Shift({5}, 22 * 60, 6 * 60, "Europe/Berlin")  # From a Friday on.
    friday = datetime(2026, 10, 23, 20, 30, tzinfo=UTC)  # 22:30 there.
    turn = night.turn(friday)
    assert turn is not None
    assert (turn.starts_at, turn.ends_at) == (
        datetime(2026, 10, 23, 20, tzinfo=UTC),
        datetime(2026, 10, 24, 4, tzinfo=UTC),
    )
    saturday_noon = night.turn(datetime(2026, 10, 24, 10, tzinfo=UTC))
    assert saturday_noon is not None
    assert saturday_noon.starts_at == datetime(2026, 10, 30, 21, tzinfo=UTC)  # Winter time has come.
    assert Shift((), 0, 60, "UTC").turn(friday) is None


def test_only_people_take_orders(world: World) -> None:
    queued(world)
    with pytest.raises(Invalid):
        claim_next(world.hub, 1, "api:1", [1])
    with pytest.raises(Invalid):
        claim_next(world.hub, 1, "user:1", [1], 0)
