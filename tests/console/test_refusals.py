"""What a person reads when something cannot be done: their language, what helps, and the right status."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.console.home import page as home
from oms.console.notes import note_of, status_of
from oms.console.security import Person
from oms.domain.errors import Busy, Forbidden, HubError, Invalid, NotFound, Stale, WrongState
from tests.console import factories
from tests.console.browsing import page_of, send


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (WrongState("order", "completed", "cancel"), 409),
        (Stale("changed"), 409),
        (Busy("locked"), 409),
        (Invalid("amount", "too much"), 422),
        (Forbidden("no"), 403),
        (NotFound("gone"), 404),
        (HubError("anything"), 422),
    ],
)
def test_each_refusal_has_its_status(error: HubError, status: int) -> None:
    assert status_of(error) == status


def test_a_refusal_is_told_in_chinese_and_in_english(app: Flask) -> None:
    error = NotFound("this hold is not open any more", "reload the page")
    with app.test_request_context():
        note = note_of(error)
        assert (note.title, note.remedy) == ("没找到这张单据（这个挂起已经解除）", "刷新页面")
        assert note_of(WrongState("order", "completed", "cancel")).title.endswith("（现在是「已完成」）")
    with app.test_request_context(headers={"Accept-Language": "en"}):
        before, app.config["CONSOLE_PERSON"] = app.config["CONSOLE_PERSON"], None
        note = note_of(error)
        app.config["CONSOLE_PERSON"] = before
        assert (note.title, note.remedy) == (
            "There is no such document (this hold is not open any more)",
            "reload the page",
        )


def test_a_document_in_work_is_refused_soon_and_politely(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world)
    with hub.begin() as other:
        other.execute(text("select 1 from orders where id = :id for update"), {"id": order})
        refused = send(client, f"/orders/{order}/cancel", reason="买家不要了")
    assert refused.status_code == 409
    assert "系统正在处理这一单" in refused.text
    assert send(client, f"/orders/{order}/cancel", reason="买家不要了").status_code == 303


def test_a_defect_shows_a_number_and_no_details(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(home, "phase_counts", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    page = page_of(client, "/", 500)
    assert re.search(r"编号 [0-9a-f]{8}", page)
    assert "secret detail" not in page


def test_a_stop_that_touches_every_shop_asks_for_every_shop(
    app: Flask, client: FlaskClient, world: factories.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = app.config["CONSOLE_PERSON"]
    one_shop = Person(everything.id, "阿柚", permissions=everything.permissions, shop_ids={world.shops[0]})
    monkeypatch.setitem(app.config, "CONSOLE_PERSON", one_shop)
    for where in ("all", f"stock_point:{world.point}", f"carrier:{world.carrier}", f"shop:{world.shops[1]}"):
        assert send(client, "/operations/stop", where=where, reason="演练").status_code == 403, where
    assert send(client, "/operations/stop", where=f"shop:{world.shops[0]}", reason="演练").status_code == 303
    assert client.get(f"/settings/accounts/{world.warehouse_account}").status_code == 403


def test_an_order_is_held_by_hand_once(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world)
    assert send(client, f"/orders/{order}/hold", reason="等买家补拍").status_code == 303
    page = page_of(client, f"/orders/{order}")
    assert "原因 等买家补拍" in page
    assert "已经人工挂起" in page
