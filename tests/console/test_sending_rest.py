"""The order page: the lines that somebody else shipped are ticked, and the rest is sent."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Select, select

from oms.app.kernel.hub import Hub
from oms.console.security import Person
from oms.db.orders import Hold, OrderLine
from tests.console import factories
from tests.console.browsing import page_of, send


@pytest.fixture
def order(hub: Hub, world: factories.World) -> int:
    """An order of three lines, two of which the platform shows as shipped."""
    with hub.begin() as connection:
        made = factories.an_order(connection, world, "held", lines=3)
        lines = list(connection.execute(lines_of(made)).scalars())
        factories.a_hold(connection, world, made, "already_shipped", seen={"platform": "shipped", "lines": lines[:2]})
        return made


def lines_of(order_id: int) -> Select[tuple[int]]:
    return select(OrderLine.id).where(OrderLine.order_id == order_id).order_by(OrderLine.line_no)


def line_ids(hub: Hub, order_id: int) -> list[int]:
    with hub.begin() as connection:
        return list(connection.execute(lines_of(order_id)).scalars())


def open_units(hub: Hub, order_id: int) -> list[int]:
    with hub.begin() as connection:
        found = connection.execute(select(OrderLine.ordered - OrderLine.cancelled).where(OrderLine.order_id == order_id))
        return list(found.scalars())


def test_the_lines_shown_as_shipped_can_be_ticked_and_the_rest_is_sent(client: FlaskClient, hub: Hub, order: int) -> None:
    first, second, third = line_ids(hub, order)
    page = page_of(client, f"/orders/{order}")
    assert "别处已发，发其余" in page
    assert f'name="id" value="{first}"' in page
    assert f'name="id" value="{second}"' in page
    assert f'name="id" value="{third}"' not in page
    assert send(client, f"/orders/{order}/rest", id=str(first), reason="老系统发的").status_code == 303
    page = page_of(client, f"/orders/{order}")
    assert "已记下别处发的" in page
    assert "原因 老系统发的" in page
    assert open_units(hub, order)[0] == 0
    assert all(open_units(hub, order)[1:])
    with hub.begin() as connection:
        assert connection.scalar(select(Hold.cleared_at).where(Hold.order_id == order)) is not None
    late = send(client, f"/orders/{order}/rest", id=str(second), reason="又一行")
    assert late.status_code == 409
    assert "这一单没有因为「已经发出过」挂起" in late.text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"reason": "老系统发的"}, "没有勾选明细"),
        ({"id": "third", "reason": "老系统发的"}, "平台没有显示这些明细已发货"),
        ({"id": "first", "reason": "x"}, "要写 2 到 200 个字的原因"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    client: FlaskClient, hub: Hub, order: int, form: dict[str, str], words: str
) -> None:
    named = dict(zip(("first", "second", "third"), map(str, line_ids(hub, order)), strict=True))
    before = open_units(hub, order)
    answer = send(client, f"/orders/{order}/rest", **{key: named.get(value, value) for key, value in form.items()})
    assert (answer.status_code, words in answer.text) == (422, True)
    assert open_units(hub, order) == before


def test_who_may_not_lift_holds_may_not_send_the_rest(app: Flask, client: FlaskClient, order: int) -> None:
    everything = app.config["CONSOLE_PERSON"]
    app.config["CONSOLE_PERSON"] = Person(everything.id, "阿柚", permissions=frozenset({"order.view"}))
    try:
        assert "别处已发，发其余" not in page_of(client, f"/orders/{order}")
        assert send(client, f"/orders/{order}/rest", id="1", reason="老系统发的").status_code == 403
    finally:
        app.config["CONSOLE_PERSON"] = everything
