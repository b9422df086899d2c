"""Codes that rules name must be known when rules are written, copied or put in force."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.rulebook.copying import copy_place
from oms.app.rulebook.drafts import Content, copy_version, create_draft, create_set, edit_draft
from oms.app.rulebook.versions import activate, roll_back
from oms.domain.errors import Invalid
from tests.app.routes import Asked, a_rule
from tests.app.rule_sets import ANY_ORDER, set_id
from tests.factories import World

FINE = a_rule("r0", ("forbid_point", {"point": "WH2"}))


def a_draft(world: World, stage: str, *rules: dict[str, Any], scope: str = "global", scope_id: int = 0) -> int:
    return create_set(world.hub, stage, scope, scope_id, "", Content(list(rules), [], "first"), "user:1")


@pytest.mark.parametrize(
    ("stage", "asked", "place", "words", "remedy"),
    [
        ("route", ("only_point", {"point": "WH9"}), "point", "there is no stock point WH9", "known: WH1, WH2"),
        ("carrier", ("only_carrier", {"carrier": "sf"}), "carrier", "there is no carrier sf", "known: SF, YTO, ZTO"),
        ("route", ("notify", {"team": "x", "words": "y"}), "team", "there is no team x",
         "none is known yet; add it first"),
    ],
)  # fmt: skip
def test_a_code_that_nothing_has_is_refused_with_its_place(
    world: World, stage: str, asked: Asked, place: str, words: str, remedy: str
) -> None:
    first = a_rule("r1", asked) | {"when": ANY_ORDER}
    with pytest.raises(Invalid) as refused:
        a_draft(world, stage, first)
    assert refused.value.field == f"/rules/0/actions/0/params/{place}"
    assert refused.value.words.endswith(words)
    assert refused.value.remedy == remedy
    assert world.rows("select id from rule_set") == []


def test_an_edit_with_an_unknown_code_changes_nothing(world: World) -> None:
    draft = a_draft(world, "route", FINE)
    wrong = a_rule("r1", ("keep_together", {}), ("prefer_point", {"point": "WH9"}))
    with pytest.raises(Invalid, match="WH9") as refused:
        edit_draft(world.hub, draft, Content([FINE, wrong], [], "first"), 1, "user:1")
    assert refused.value.field == "/rules/1/actions/1/params/point"
    assert world.one("select revision from rule_set_version where id = :id", id=draft) == 1


def test_what_has_gone_since_is_told_at_activation_and_copying_and_keeps_nobody_from_going_back(world: World) -> None:
    first = a_draft(world, "route", FINE)
    activate(world.hub, first, "user:1")
    second = create_draft(world.hub, set_id(world, first), "user:1", comment="second")
    edit_draft(world.hub, second, Content([a_rule("r1", ("keep_together", {}))], [], "second"), 1, "user:1")
    third = create_draft(world.hub, set_id(world, first), "user:2", comment="third")
    activate(world.hub, second, "user:1")
    world.run("update stock_point set code = 'NEW' where id = 2")
    for refused in (
        lambda: activate(world.hub, third, "user:2"),
        lambda: copy_version(world.hub, first, "shop", 1, "user:1"),
    ):
        with pytest.raises(Invalid, match="there is no stock point WH2"):
            refused()
    assert world.one("select id from rule_set_version where state = 'active'") == second
    assert world.one("select count(*) from rule_set") == 1
    copy_version(world.hub, first, "global", 0, "user:1")
    roll_back(world.hub, first, "user:1")
    assert world.one("select id from rule_set_version where state = 'active'") == first


def test_of_a_place_all_is_copied_or_nothing(world: World) -> None:
    activate(world.hub, a_draft(world, "merge", a_rule("r1", ("never_merge", {}))), "user:1")
    activate(world.hub, a_draft(world, "route", FINE), "user:1")
    world.run("update stock_point set code = 'NEW' where id = 2")
    with pytest.raises(Invalid, match="there is no stock point WH2"):
        copy_place(world.hub, ("global", 0), ("shop", 1), "user:1")
    assert world.one("select count(*) from rule_set where scope = 'shop'") == 0
