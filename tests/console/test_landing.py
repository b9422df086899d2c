"""Where people begin: who only works at a store starts with its tasks, everybody else at the workbench."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from oms.console.permissions import BUILT_IN_ROLES


@pytest.mark.parametrize(
    ("role", "more", "path", "leads_to"),
    [
        ("store_clerk", (), "/", "/stores"),
        ("store_clerk", ("store.assign",), "/", "/stores"),
        ("store_clerk", (), "/?desk=1", "/stores"),
        ("store_clerk", ("order.view",), "/?desk=1", ""),
        ("store_lead", (), "/", "/stores"),
        ("store_clerk", ("case.decide", "order.view"), "/", ""),
        ("logistics", (), "/", ""),
        ("admin", (), "/", ""),
    ],
)
def test_who_only_works_at_a_store_starts_there(
    client: FlaskClient, somebody: Any, role: str, more: tuple[str, ...], path: str, leads_to: str
) -> None:
    somebody(permissions=BUILT_IN_ROLES[role].permissions | set(more))
    answer = client.get(path)
    assert (answer.status_code, answer.headers.get("Location", "")) == (302 if leads_to else 200, leads_to)


def test_the_way_back_from_the_store_does_not_lead_to_it_again(client: FlaskClient) -> None:
    assert 'href="/?desk=1"' in client.get("/stores").text
