"""A code that nothing has is told at its row of the editor, while it is typed and when it is saved."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from oms.app.kernel.hub import Hub
from tests.console import factories
from tests.console.rule_drafts import TYPED, a_draft, faults_of, poster, stored


def notifying(team: str) -> dict[str, Any]:
    """A typed rule that tells a team."""
    return TYPED | {"id": "tell", "actions": [{"action": "notify", "params": {"team": team, "words": "看一下"}}]}


def test_an_unknown_code_is_a_fault_of_its_row(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    draft = a_draft(hub, world)
    post = poster(client, draft)
    place = "/rules/1/actions/0/params/team"
    for answer in (
        post("/check", {"at": 1, "rule": notifying("nobody")}),
        post("", {"revision": 1, "comment": "改了", "rules": [TYPED, notifying("nobody")]}),
    ):
        assert list(faults_of(answer)) == [place]
        assert faults_of(answer)[place].startswith("没有用户组 nobody")
    assert stored(hub, draft).revision == 1
