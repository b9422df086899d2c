"""The pages of master rows: add, bring a file, correct what is refused, find, take away; and who may."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from oms.app.capture.masters_import_kinds import KINDS
from oms.app.capture.sheets import read_table
from oms.app.kernel.hub import Hub
from oms.console.masters.words import HINTS, SHOWN
from oms.db.goods import CostPrice
from oms.db.parties import BlacklistEntry
from tests.console import factories
from tests.console.browsing import page_of, send

PATH = "/settings/masters"
PACKED = re.compile(r'name="rows" value="([^"]+)"')


def upload(client: FlaskClient, code: str, body: str) -> Any:
    return send(client, f"{PATH}/{code}/import", file=(io.BytesIO(body.encode()), "rows.csv"))


def rows_of(hub: Hub, table: Any) -> int:
    with hub.begin() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


@pytest.mark.parametrize("code", KINDS)
def test_every_table_has_its_page_and_its_template(client: FlaskClient, world: factories.World, code: str) -> None:
    page = page_of(client, f"{PATH}/{code}")
    assert KINDS[code].zh in page
    assert all(f'name="{column.key}"' in page for column in KINDS[code].columns)
    for ending in ("xlsx", "csv"):
        heading = read_table(client.get(f"{PATH}/{code}/template.{ending}").data)[0]
        assert [cell for cell in heading if cell] == [column.zh for column in KINDS[code].columns]
    assert client.get(f"{PATH}/{code}/template.exe").status_code == 404


def test_there_is_a_hint_only_where_there_is_a_column() -> None:
    assert set(SHOWN) == set(KINDS)
    assert {key for key in HINTS} <= {f"{kind.code}.{column.key}" for kind in KINDS.values() for column in kind.columns}


def test_one_row_is_added_found_and_taken_away(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    answer = send(client, f"{PATH}/cost/add", sku="LY-KET-15", cost="12.50", currency="", valid_from="2026-01-01")
    assert answer.status_code == 303
    page = page_of(client, f"{PATH}/cost?q=LY-KET")
    assert "12.50" in page
    assert "现在算这个" in page
    assert "LY-KET-15" not in page_of(client, f"{PATH}/cost?q=nothing")
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    assert send(client, f"{PATH}/cost/remove", key=key[1]).status_code == 303
    assert rows_of(hub, CostPrice) == 0
    assert send(client, f"{PATH}/cost/remove", key=key[1]).status_code == 404


def test_what_is_wrong_with_a_row_is_said_and_what_was_typed_stays(client: FlaskClient, hub: Hub) -> None:
    answer = send(client, f"{PATH}/cost/add", sku="NOPE", cost="12.50")
    assert answer.status_code == 422
    assert "没有这个货品编码" in answer.text
    assert 'value="NOPE"' in answer.text
    assert rows_of(hub, CostPrice) == 0


def test_refused_rows_come_back_as_a_file_to_correct(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    answer = upload(client, "blacklist", "类型,内容,原因\n电话,13800000001,拒收\n狗,13800000002,拒收\n")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "改了 1 行" in answer.text
    assert rows_of(hub, BlacklistEntry) == 1
    packed = PACKED.search(answer.text)
    assert packed is not None
    for ending in ("xlsx", "csv"):
        back = read_table(send(client, f"{PATH}/blacklist/refused.{ending}", rows=packed[1]).data)
        assert [cell for cell in back[0] if cell] == ["类型", "内容", "原因", "来源", "到期时间", "问题"]
        assert back[1][:3] == ["狗", "13800000002", "拒收"]
        assert "电话、地址或买家" in back[1][5]


@pytest.mark.parametrize("rows", ["", "no base64", "aGVsbG8=", "eJwDAAAAAAE="])
def test_a_file_to_correct_is_made_only_of_what_the_page_gave(client: FlaskClient, rows: str) -> None:
    assert send(client, f"{PATH}/blacklist/refused.csv", rows=rows).status_code == 400


def test_the_same_file_twice_says_that_nothing_changed(client: FlaskClient, world: factories.World) -> None:
    body = "类型,内容,原因\n买家,tb-1,欺诈\n"
    assert upload(client, "blacklist", body).status_code == 303
    assert upload(client, "blacklist", body).status_code == 303
    assert "1 行和已有的一样" in page_of(client, f"{PATH}/blacklist")


def test_a_blacklisted_phone_is_found_by_its_number_and_shown_to_nobody(
    client: FlaskClient, world: factories.World
) -> None:
    upload(client, "blacklist", "类型,内容,原因\n电话,13900000009,拒收三次\n")
    found = send(client, f"{PATH}/blacklist/find", q="139 0000 0009").text
    assert "拒收三次" in found
    assert "拒收三次" not in send(client, f"{PATH}/blacklist/find", q="13900000008").text
    assert "13900000009" not in page_of(client, f"{PATH}/blacklist")
    assert 'method="post" action="/settings/masters/blacklist/find"' in found  # No phone belongs in an address.


def test_a_file_without_a_needed_column_is_refused_by_name(client: FlaskClient) -> None:
    answer = upload(client, "cost", "货品编码\nA\n")
    assert answer.status_code == 422
    assert "成本价" in answer.text


def test_who_may_not_edit_sees_the_rows_without_buttons(
    client: FlaskClient, somebody: Any, world: factories.World
) -> None:
    somebody(permissions=frozenset({"master.view", "order.view"}))
    page = page_of(client, f"{PATH}/cost")
    assert "改基础资料" in page
    assert 'type="file"' not in page
    assert send(client, f"{PATH}/cost/add", sku="LY-KET-15", cost="1").status_code == 403
    somebody(permissions=frozenset({"order.view"}))
    assert client.get(f"{PATH}/cost").status_code == 403


def test_whoever_may_edit_in_one_shop_only_does_not_change_what_all_share(
    client: FlaskClient, somebody: Any, world: factories.World
) -> None:
    somebody(permissions=frozenset({"master.view", "master.edit", "order.view"}), shop_ids=frozenset({world.shops[0]}))
    assert send(client, f"{PATH}/cost/add", sku="LY-KET-15", cost="1").status_code == 403
    assert client.get(f"{PATH}/weather").status_code == 404
