"""The pages that bring orders: the form with errors at its fields, the upload with rows to correct, who may."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from connectors.marketplaces.standard import Standard
from oms.app.capture.entered import uploads
from oms.app.capture.sheets import read_table
from oms.app.kernel.hub import Hub
from oms.console.security import Person
from oms.db.orders import Order
from tests.console import factories
from tests.console.browsing import page_of, send

FILLED = {
    "shop": "tm1", "key": "k" * 32, "ordered_at": "2026-11-21T10:00", "pay": "paid", "name": "李四",
    "phone": "13812345678", "state": "浙江省", "city": "杭州市", "street": "文三路 1 号", "sku.0": "LY-KET-15",
    "units.0": "2", "unit_price.0": "99.50", "discount.0": "9", "freight": "6",
}  # fmt: skip
HEAD = "店铺,订单号,下单时间,付款时间,货品编码,数量,单价,收货人,电话,省,市,详细地址\n"
LINE = "tm1,{no},2026-11-21 10:00,2026-11-21 10:01,LY-KET-15,1,99,李四,{phone},浙江省,杭州市,文三路 1 号\n"


@pytest.fixture(autouse=True)
def knows_the_form(hub: Hub, world: factories.World) -> None:
    hub.vendors["standard"] = Standard


def upload(client: FlaskClient, body: bytes, name: str = "orders.csv") -> TestResponse:
    return send(client, "/orders/import", file=(io.BytesIO(body), name))


def count(hub: Hub) -> int:
    with hub.begin() as connection:
        return int(connection.scalar(select(func.count()).select_from(Order)) or 0)


def test_a_form_sent_twice_makes_one_order(client: FlaskClient, hub: Hub) -> None:
    before = count(hub)
    first, second = send(client, "/orders/new", **FILLED), send(client, "/orders/new", **FILLED)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert count(hub) == before + 1
    page = page_of(client, first.location)
    assert "手工录入" in page
    assert "196.00" in page


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(client: FlaskClient, hub: Hub) -> None:
    before = count(hub)
    wrong = FILLED | {"phone": "1381234567890", "unit_price.0": "-1", "sku.2": "A", "units.2": "", "memo": "轻放"}
    answer = send(client, "/orders/new", **wrong)
    assert answer.status_code == 422
    marked = re.findall(r'id="e-([^"]+)"', answer.text)
    assert marked == ["unit_price.0", "units.2", "unit_price.2", "phone"]
    assert 'value="轻放"' in answer.text
    assert 'value="' + "k" * 32 in answer.text
    assert count(hub) == before


def test_more_lines_are_given_without_losing_any(client: FlaskClient) -> None:
    page = send(client, "/orders/new", **(FILLED | {"more": "1", "lines": "3"})).text
    assert 'name="sku.7"' in page
    assert 'value="LY-KET-15"' in page


def test_a_form_without_goods_asks_for_them(client: FlaskClient) -> None:
    bare = {name: value for name, value in FILLED.items() if not name.endswith(".0")}
    assert 'id="e-sku.0"' in send(client, "/orders/new", **bare).text


def test_goods_are_found_by_what_is_typed(client: FlaskClient) -> None:
    page = page_of(client, "/orders/new/goods?sku.0=KET")
    assert "LY-KET-15" in page
    assert "LY-BED" not in page


def test_refused_rows_come_back_as_a_workbook_and_as_csv(client: FlaskClient, hub: Hub) -> None:
    before = count(hub)
    body = HEAD + LINE.format(no="C-1", phone="13812345678") + LINE.format(no="=C-2", phone="138123456789")
    assert upload(client, body.encode("gb18030")).status_code == 303
    assert count(hub) == before + 1
    page = page_of(client, "/orders/import")
    links = re.findall(r"/orders/import/\d+/refused\.\w+", page)
    assert len(links) == 2
    for link in links:
        rows = read_table(client.get(link).data)
        assert rows[0][29] == "问题"
        assert rows[1][1] == "=C-2"
        assert rows[1][29].startswith("电话：不是电话")
    assert b"'=C-2" in client.get(links[1]).data
    mended = client.get(links[1]).data.replace(b"138123456789", b"13812345678")
    assert upload(client, mended).status_code == 303
    assert count(hub) == before + 2


def test_a_large_file_shows_its_progress(client: FlaskClient, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "BATCH", 2)
    body = HEAD + "".join(LINE.format(no=f"L-{n}", phone="13812345678") for n in range(4))
    upload(client, body.encode())
    assert uploads.import_next(hub) == 2
    page = page_of(client, "/orders/import/uploads")
    assert 'value="50"' in page
    assert "every 2s" in page
    assert uploads.import_next(hub) == 2
    assert "every 2s" not in page_of(client, "/orders/import/uploads")


def test_templates_carry_every_column(client: FlaskClient) -> None:
    for kind in ("xlsx", "csv"):
        (heading,) = read_table(client.get(f"/orders/import/template.{kind}").data)
        assert sum(map(bool, heading)) == 29
    page_of(client, "/orders/import/template.exe", 404)


def test_a_wrong_heading_is_told_by_name(client: FlaskClient) -> None:
    answer = upload(client, "店铺,订单号\nx,y\n".encode())
    assert answer.status_code == 422
    assert "第一行缺这些列：下单时间、数量" in answer.text
    assert "要选一个文件" in send(client, "/orders/import").text


def test_a_request_that_is_too_large_is_told_in_words(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(client.application.config, "MAX_CONTENT_LENGTH", 1000)
    answer = send(client, "/orders/import", file=(io.BytesIO(b"x" * 5000), "orders.csv"))
    assert answer.status_code == 413
    assert "文件太大" in answer.text


def test_who_may_bring_orders_in_one_shop_brings_none_to_another(
    client: FlaskClient, hub: Hub, world: factories.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = client.application.config["CONSOLE_PERSON"]
    person = Person(everything.id + 1, "阿柚", permissions=everything.permissions, shop_ids={world.shops[1]})
    monkeypatch.setitem(client.application.config, "CONSOLE_PERSON", person)
    assert 'id="e-shop"' in send(client, "/orders/new", **FILLED).text
    assert "orders.csv" not in page_of(client, "/orders/import")
    with hub.begin() as connection:
        batch = connection.scalar(text("select id from import_batch where failed > 0 order by id limit 1"))
    page_of(client, f"/orders/import/{batch}/refused.csv", 404)
    nobody = Person(everything.id, "阿柚", permissions=everything.permissions - {"order.enter", "order.import"})
    monkeypatch.setitem(client.application.config, "CONSOLE_PERSON", nobody)
    page_of(client, "/orders/new", 403)
    page_of(client, "/orders/import", 403)


def test_an_unpaid_typed_order_is_marked_paid_on_its_page(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        order = factories.an_order(
            connection, world, "unpaid", origin="manual", status="unpaid", paid_total=19900, paid_at=None
        )
        told = factories.an_order(connection, world, "unpaid", status="unpaid", paid_at=None)
    page = page_of(client, f"/orders/{order}")
    assert 'name="reference"' in page
    assert 'value="199.00"' in page
    assert 'name="reference"' not in page_of(client, f"/orders/{told}")
    day = f"{factories.NOW:%Y-%m-%dT%H:%M}"
    wrong = send(client, f"/orders/{order}/paid", amount="1.00", paid_at=day, reference="TR-9")
    assert wrong.status_code == 422
    assert "和订单应付的金额不一样" in wrong.text
    assert send(client, f"/orders/{order}/paid", amount="199.00", paid_at="", reference="TR-9").status_code == 422
    assert send(client, f"/orders/{order}/paid", amount="199.00", paid_at=day, reference="TR-9").status_code == 303
    assert "已标记付款" in page_of(client, f"/orders/{order}")
    assert send(client, f"/orders/{told}/paid", amount="199.00", paid_at=day, reference="TR-9").status_code == 409
