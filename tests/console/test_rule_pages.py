"""Rules · rule sets at the console: made, activated, tried on a share, rolled back, retired, read in two languages."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from oms.app.kernel.hub import Hub
from oms.app.rulebook.drafts import Content, edit_draft
from tests.app.rule_sets import a_rule
from tests.console import factories
from tests.console.browsing import page_of, send


def make(client: FlaskClient, place: str, stage: str = "review", **typed: Any) -> str:
    """A rule set by its form; answers the path of its first draft."""
    answer = send(client, "/rules/new", stage=stage, place=place, **typed)
    assert answer.status_code == 303, answer.text[:400]
    return str(answer.headers["Location"])


def fill(hub: Hub, path: str, *rules: dict[str, Any], limits: Any = (), comment: str = "试一版") -> None:
    """What a draft says, as the editor would write it."""
    edit_draft(hub, version_of(path), Content(list(rules), list(limits), comment), 1, "user:1")


def version_of(path: str) -> int:
    return int(path.rsplit("/", 1)[1])


def set_of(path: str) -> str:
    return path.split("/versions/")[0]


def revision_in(page: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return found[1]


def activate(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Click 启用, with what the page holds."""
    typed = {"revision": revision_in(page_of(client, path)), "for": "all", "comment": "试一版"} | fields
    return send(client, f"{path}/activate", **typed)


def in_force(client: FlaskClient, hub: Hub, place: str, *rules: dict[str, Any], **changes: Any) -> str:
    """A rule set in force; answers the path of its version."""
    path = make(client, place, **changes)
    fill(hub, path, *rules)
    assert activate(client, path).status_code == 303
    return path


def test_a_set_is_made_listed_and_activated(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    path = make(client, f"shop:{world.shops[0]}", name="货到付款先看")
    fill(hub, path, a_rule("r1", "finance"))
    page = page_of(client, path)
    assert "如果" not in page
    assert "转人工审核（级别：财审）" in page
    assert "没有互相矛盾" in page
    assert activate(client, path).status_code == 303
    assert "v1 在管全部订单" in page_of(client, set_of(path))
    assert "货到付款先看" in page_of(client, "/rules")
    for other in ("/rules/standing", "/rules/inheritance", "/rules/copy", "/rules/troubles", "/rules/new"):
        page_of(client, other)
