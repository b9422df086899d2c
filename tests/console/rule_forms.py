"""Rule sets made through the console's forms, for tests of its pages."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from oms.app.kernel.hub import Hub
from oms.app.rulebook.drafts import Content, edit_draft
from oms.db.channels import Shop
from tests.console import factories
from tests.console.browsing import page_of, send

COMMENT = "试一版"
NAME = "罗雅分店"


def a_place(hub: Hub, world: factories.World, **changes: Any) -> str:
    """A shop without rules, as forms name it: sets stay once made, so a test takes a shop of its own."""
    with hub.begin() as connection:
        number = factories.new_id(connection)
        values = {"code": f"b{number}", "name": NAME, "channel_id": world.channel, "account_id": world.account}
        return f"shop:{factories.add(connection, Shop, id=number, **(values | changes))}"


def make(client: FlaskClient, place: str, stage: str = "review", **typed: Any) -> str:
    """A rule set by its form; answers the path of its first draft."""
    answer = send(client, "/rules/new", stage=stage, place=place, **typed)
    assert answer.status_code == 303, answer.text[:400]
    return str(answer.headers["Location"])


def make_draft(client: FlaskClient, set_path: str, **typed: Any) -> str:
    """A draft of what is in force by the button; answers its path."""
    answer = send(client, f"{set_path}/drafts", **({"begin": "active"} | typed))
    assert answer.status_code == 303, answer.text[:400]
    return str(answer.headers["Location"])


def fill(hub: Hub, path: str, *rules: dict[str, Any], limits: Any = (), actor: str = "user:1", revision: int = 1) -> None:
    """What a draft says, as an editor would write it."""
    edit_draft(hub, version_of(path), Content(list(rules), list(limits), COMMENT), revision, actor)


def version_of(path: str) -> int:
    """The version's id in its path."""
    return int(path.rsplit("/", 1)[1])


def set_path(path: str) -> str:
    """The path of a version's rule set."""
    return path.split("/versions/")[0]


def revision_in(page: str) -> str:
    """The revision that a page's forms name."""
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return found[1]


def activate(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Click 启用, with what the page holds."""
    typed = {"revision": revision_in(page_of(client, path)), "for": "all", "comment": COMMENT}
    return send(client, f"{path}/activate", **(typed | fields))


def in_force(client: FlaskClient, hub: Hub, place: str, *rules: dict[str, Any], **typed: Any) -> str:
    """A rule set in force; answers the path of its version."""
    path = make(client, place, **typed)
    fill(hub, path, *rules)
    answer = activate(client, path)
    assert answer.status_code == 303, answer.text[:400]
    return path


def next_in_force(client: FlaskClient, hub: Hub, path: str, *rules: dict[str, Any], **fields: Any) -> str:
    """Another version of the same set in force, or as a canary; answers its path."""
    draft = make_draft(client, set_path(path), comment=COMMENT)
    fill(hub, draft, *rules)
    answer = activate(client, draft, **fields)
    assert answer.status_code == 303, answer.text[:400]
    return draft
