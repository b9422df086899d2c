"""代销分销: a partner is added with its shops, its prices are brought, what it owes is stated and exported."""

from __future__ import annotations

import re
from datetime import date

from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.finance.partner_ledger import book_all
from oms.app.kernel.hub import Hub
from tests.console import factories
from tests.console.browsing import page_of, send

PATH = "/finance/partners"
FORM = {"code": "DX-1", "name": "东西贸易", "kind": "distributor", "currency": "CNY", "ships": "us",
        "deducts": "refunded", "needs_price": "1"}  # fmt: skip


def test_a_partner_is_added_priced_stated_and_exported(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    assert "还没有合作方" in page_of(client, PATH)
    assert "它的店铺" in page_of(client, f"{PATH}/new")
    assert send(client, f"{PATH}/save", **(FORM | {"sender_name": "东西"})).status_code == 422
    assert send(client, f"{PATH}/save", **FORM, shop=str(world.shops[0])).status_code == 303
    assert send(client, f"{PATH}/save", **FORM).status_code == 409
    with hub.begin() as connection:
        partner = connection.execute(text("select id from partner where code = 'DX-1'")).scalar_one()
        order = factories.an_order(connection, world, "shipped", review="passed")
        line = connection.execute(
            text("select id from order_line where order_id = :id limit 1"), {"id": order}
        ).scalar_one()
        for statement in (
            "update orders set owner = 'distributor' where id = :order",
            "insert into order_partner (order_id, partner_id, via, reference) values (:order, :partner, 'shop', '=R1')",
            "insert into line_settlement (order_line_id, order_id, basis, units) values (:line, :order, 'person', 2)",
            "update order_line set ordered = 2, shipped = 2, cancelled = 0, planned = 0, settlement_amount = 1999 "
            "where id = :line",
        ):
            values = {"order": order, "partner": partner, "line": line}
            asked = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), asked)
    shown = page_of(client, f"/orders/{order}")
    assert "19.99" in shown
    number = re.search(r'name="line" value="([^"]+)"', shown)
    assert number is not None
    changed = {"line": number[1], "amount": "18.88", "reason": "谈好的"}
    assert send(client, f"{PATH}/orders/{order}", **(changed | {"amount": "abc"})).status_code == 303
    refused = page_of(client, f"/orders/{order}")
    assert 'data-refused="amount"' in refused
    assert "要写成 12.30 这样的金额" in refused
    assert send(client, f"{PATH}/orders/{order}", **changed).status_code == 303
    assert "结算金额变了" in page_of(client, f"/orders/{order}")
    with hub.begin() as connection:
        connection.execute(text("update orders set currency = 'JPY' where id = :id"), {"id": order})
    assert 'placeholder="金额 CNY"' in page_of(client, f"/orders/{order}")
    assert send(client, f"{PATH}/orders/{order}", **changed).status_code == 303
    assert book_all(hub) == 1
    yesterday = date.fromordinal(world.now.date().toordinal() - 2)
    assert send(client, f"{PATH}/{partner}/statements", until=yesterday.isoformat()).status_code in (303, 409)
    assert send(client, f"{PATH}/{partner}/statements", until="2099-01-01").status_code == 422
    page = page_of(client, f"{PATH}/{partner}?first=2020-01-01&last=2099-01-01")
    assert "东西贸易" in page
    assert "18.88" in page
    sheet = client.get(f"{PATH}/{partner}/entries.csv?first=2020-01-01&last=2099-01-01").data.decode("utf-8-sig")
    assert "18.88" in sheet
    assert ",=R1" not in sheet
    assert send(client, f"{PATH}/{partner}/price").status_code == 303
    page_of(client, f"{PATH}/{partner}/edit")


def test_prices_come_by_file_and_what_cannot_be_read_comes_back(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    assert send(client, f"{PATH}/save", **(FORM | {"code": "PX"})).status_code == 303
    with hub.begin() as connection:
        sku = connection.execute(text("select code from sku order by id limit 1")).scalar_one()
    rows = [{"partner": "px", "sku": sku, "price": "7.50"}, {"partner": "PX", "rate": "80", "of": "标价"}]
    for row in rows:
        assert send(client, "/settings/masters/settlement/add", **row).status_code == 303
    bad = [{"partner": "nobody", "sku": sku, "price": "1"}, {"partner": "PX", "price": "1"},
           {"partner": "PX", "sku": sku, "price": "1", "rate": "5"}, {"partner": "PX", "sku": sku}]  # fmt: skip
    assert [send(client, "/settings/masters/settlement/add", **row).status_code for row in bad] == [422] * 4
    page = page_of(client, "/settings/masters/settlement")
    assert "7.50" in page
    assert "标价的 80%" in page
    assert send(client, "/settings/masters/partner_goods/add", partner="PX", sku=sku).status_code == 303
    assert "没有按货品分" in page_of(client, "/settings/masters/partner_goods")
