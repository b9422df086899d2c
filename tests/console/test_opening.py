"""The page of opening stock: template, upload, refused rows to correct, who may."""

from __future__ import annotations

import io

from flask.testing import FlaskClient
from sqlalchemy import select

from oms.app.kernel.hub import Hub
from oms.console.security import Person
from oms.db.completeness import ImportBatch
from oms.db.goods import Sku
from oms.db.stock import StockLevel, StockPoint
from tests.console import factories
from tests.console.browsing import page_of, send

PATH = "/settings/opening"


def upload(client: FlaskClient, text: str, name: str = "stock.csv") -> int:
    answer = send(client, PATH, file=(io.BytesIO(text.encode()), name))
    return answer.status_code


def a_sku(hub: Hub, code: str) -> int:
    """Goods that lie nowhere yet."""
    with hub.begin() as connection:
        return factories.add(connection, Sku, code=code, name=code)


def on_hand(hub: Hub, sku: int) -> int | None:
    with hub.begin() as connection:
        return connection.scalar(select(StockLevel.on_hand).where(StockLevel.sku_id == sku))


def point_code(hub: Hub, world: factories.World) -> str:
    with hub.begin() as connection:
        return str(connection.scalar(select(StockPoint.code).where(StockPoint.id == world.point)))


def test_the_template_filled_in_is_taken(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    sku = a_sku(hub, "OPEN-1")
    heading = client.get(f"{PATH}/template.csv").data.decode("utf-8-sig")
    assert upload(client, f"{heading}{point_code(hub, world)},OPEN-1,40\n") == 303
    assert on_hand(hub, sku) == 40
    assert "记上 1 行" in page_of(client, PATH)


def test_refused_rows_come_back_with_column_and_remedy_and_are_taken_once_mended(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    sku = a_sku(hub, "OPEN-2")
    text = f"库存点编码,货品编码,件数\n{point_code(hub, world)},OPEN-2,四十\n"
    assert upload(client, text) == 303
    assert on_hand(hub, sku) is None
    with hub.begin() as connection:
        batch_id = connection.scalar(
            select(ImportBatch.id).order_by(ImportBatch.created_at.desc(), ImportBatch.id.desc())
        )
    back = client.get(f"{PATH}/{batch_id}/refused.csv").data.decode("utf-8-sig")
    assert back.splitlines()[0] == "库存点编码,货品编码,件数,问题"
    assert "件数：要 0 到 100,000,000 之间的整数" in back
    assert upload(client, back.replace("四十", "40")) == 303
    assert on_hand(hub, sku) == 40


def test_no_file_and_a_wrong_file_are_refused_in_words(client: FlaskClient) -> None:
    assert "要选一个文件" in send(client, PATH).text
    answer = send(client, PATH, file=(io.BytesIO(b"a,b\n1,2\n"), "x.csv"))
    assert answer.status_code == 422
    assert "第一行要写模板里的列名" in answer.text


def test_rows_of_an_upload_that_is_not_there_are_not_found(client: FlaskClient) -> None:
    page_of(client, f"{PATH}/987654321/refused.csv", 404)


def test_who_may_not_open_stock_in_every_shop_is_refused(client: FlaskClient, world: factories.World) -> None:
    before = client.application.config["CONSOLE_PERSON"]
    client.application.config["CONSOLE_PERSON"] = Person(
        before.id, "阿柚", permissions=before.permissions - {"stock.open"}
    )
    try:
        page_of(client, PATH, 403)
    finally:
        client.application.config["CONSOLE_PERSON"] = before
