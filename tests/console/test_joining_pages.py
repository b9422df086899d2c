"""The pages of merging and splitting: groups that wait, an order's companions with reasons, parcels, the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from oms.console import register_console
from oms.console.permissions import PERMISSIONS
from oms.console.security import Person
from tests.app.joining import live, waiting
from tests.console.browsing import page_of, send
from tests.factories import RECEIVER, World, a_line, a_world


@pytest.fixture(scope="module")
def planned(database_url: str) -> Iterator[World]:
    """A shop with a window of ten minutes and orders of one buyer in it."""
    world = a_world(database_url, window=600)
    yield world
    world.hub.engine.dispose()


@pytest.fixture(scope="module")
def pages(planned: World) -> Flask:
    """The console over it."""
    made = Flask(__name__)
    made.config.update(SECRET_KEY="test", TESTING=True)
    register_console(made, planned.hub)
    planned.run("insert into users (id, email, display_name, fs_uniquifier) values (77, 'q@example.com', '青禾', 'q')")
    made.config["CONSOLE_PERSON"] = Person(77, "青禾", permissions=frozenset(PERMISSIONS))
    return made


@pytest.fixture
def browser(pages: Flask) -> FlaskClient:
    """A person who may do everything."""
    return pages.test_client()


def test_groups_that_wait_are_listed_with_their_end_and_leave_at_a_click(browser: FlaskClient, planned: World) -> None:
    ids = [waiting(planned, buyer={"external_id": "group"}) for _ in range(2)]
    alone = waiting(planned, buyer={"external_id": "alone"})
    page = page_of(browser, "/shipping/merging")
    assert all(f"/orders/{id_}/merge" in page for id_ in ids)
    assert f"/orders/{alone}/merge" not in page
    assert f"/orders/{alone}/merge" in page_of(browser, "/shipping/merging?all=1")
    (group,) = set(re.findall(r'name="group" value="([0-9a-f]+)"', page))
    assert send(browser, "/shipping/merging/now", group=group).status_code == 303
    due = planned.one("select due_at from merge_group where merge_key = :key", key=bytes.fromhex(group))
    assert due == planned.clock()
    assert send(browser, "/shipping/merging/now", group="zz").status_code == 404
    assert page_of(browser, "/shipping/merging?at=nonsense")


def test_an_order_is_merged_on_its_page_and_that_is_taken_back(browser: FlaskClient, planned: World) -> None:
    buyer = {"external_id": "by hand"}
    first, second = waiting(planned, buyer=buyer), waiting(planned, buyer=buyer)
    cod = waiting(planned, buyer=buyer, is_cod=True)
    elsewhere = waiting(planned, buyer=buyer, receiver={**RECEIVER, "address": "别处 9 号"})
    page = page_of(browser, f"/orders/{first}/merge")
    for words in ("能合", "会一起发", "一个已付款，一个货到付款", "地址或电话不同", "先改地址，或者各发各的"):
        assert words in page
    assert f'name="id" value="{second}"' in page
    assert not any(f'name="id" value="{id_}"' in page for id_ in (cod, elsewhere))
    looked = send(browser, f"/orders/{first}/merge", id=str(second), look="1").get_data(as_text=True)
    assert "2 单 2 件合成一张发货单" in looked
    assert send(browser, f"/orders/{first}/merge", id=str(cod)).status_code == 409
    assert send(browser, f"/orders/{first}/merge", id=str(second), reason="同一家").status_code == 303
    page = page_of(browser, f"/orders/{second}")
    assert "2 单合发" in page
    assert "没取过面单号：马上撤回" in page
    (work,) = live(planned, second)
    split = page_of(browser, f"/orders/{second}/split/{work.id}")
    assert "每张单的货款和代收跟着自己的货走" in split
    assert len(re.findall(r'name="p2_\d+"', split)) == 2
    (address,) = re.findall(r"/orders/\d+/joined/\d+/undo", page)
    assert send(browser, address, reason="").status_code == 422
    assert send(browser, address, reason="点错").status_code == 303
    assert [len(live(planned, id_)) for id_ in (first, second)] == [1, 1]
    assert "有人拆开过，规则不再合" in page_of(browser, f"/orders/{first}/merge")


def test_a_fulfilment_is_split_into_parcels_seen_before(browser: FlaskClient, planned: World) -> None:
    id_ = waiting(planned, a_line("1", "A", 3, 1000), a_line("2", "B", 1, 500), buyer={"external_id": "split"})
    (work,) = live(planned, id_)
    page = page_of(browser, f"/orders/{id_}")
    assert f"/orders/{id_}/split/{work.id}" in page
    path = f"/orders/{id_}/split/{work.id}"
    fields = re.findall(r'name="(p2_\d+)"', page_of(browser, path))
    assert len(fields) == 2
    looked = send(browser, path, look="1", **{fields[0]: "2"}).get_data(as_text=True)
    assert "8.33" in looked
    assert send(browser, path, **{fields[0]: "two"}).status_code == 422
    assert send(browser, path, **{fields[0]: "9", "seen": "4"}).status_code == 422
    assert send(browser, path, **{fields[0]: "2", "seen": "4"}).status_code == 303
    assert send(browser, path, **{fields[0]: "1", "seen": "4"}).status_code == 409, "sent again from the page of before"
    assert len(live(planned, id_)) == 2
    page = page_of(browser, f"/orders/{id_}")
    assert "拆成 2 张" in page
    (address,) = re.findall(r"/orders/\d+/joined/\d+/undo", page)
    assert send(browser, address, reason="一个够了").status_code == 303
    assert len(live(planned, id_)) == 1


def test_settings_are_saved_for_a_place_and_shown_with_their_source(browser: FlaskClient, planned: World) -> None:
    saved = send(browser, "/settings/merging", place="channel:1", reach="", merges_cod="no", window_s="90", cap="",
                 parts="own", part=["buyer", "phone"])  # fmt: skip
    assert saved.status_code == 303
    page = page_of(browser, "/settings/merging?place=shop:1")
    assert "现在：90，来自渠道" in page
    assert "现在：不合，来自渠道" in page
    assert send(browser, "/settings/merging", place="shop:1", cap="999").status_code == 422
    assert send(browser, "/settings/merging", place="shop:1", parts="own", part="carrier").status_code == 422
    assert send(browser, "/settings/merging", place="channel:1").status_code == 303
    assert planned.rows("select 1 from merge_setting") == []


def test_who_may_not_merge_sees_why_and_is_refused(pages: Flask, browser: FlaskClient, planned: World) -> None:
    id_ = waiting(planned, a_line("1", "A", 2, 10), buyer={"external_id": "looker"})
    waiting(planned, buyer={"external_id": "looker"})
    before = pages.config["CONSOLE_PERSON"]
    may = frozenset(PERMISSIONS) - {"fulfilment.merge", "fulfilment.split", "rule.activate"}
    pages.config["CONSOLE_PERSON"] = Person(77, "阿柚", permissions=may)
    try:
        assert "要手工合单、拆单的权限，找管理员" in page_of(browser, f"/orders/{id_}/merge")
        (work,) = live(planned, id_)
        assert send(browser, f"/orders/{id_}/merge", id="1").status_code == 403
        assert send(browser, f"/orders/{id_}/split/{work.id}").status_code == 403
        assert send(browser, "/settings/merging", place="shop:1").status_code == 403
        assert "aria-disabled" in page_of(browser, "/settings/merging")
    finally:
        pages.config["CONSOLE_PERSON"] = before
