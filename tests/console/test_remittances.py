"""代收货款: a statement is uploaded, what does not fit is settled with words."""

from __future__ import annotations

import io
import re

from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from tests.console import factories
from tests.console.browsing import page_of, send


def test_a_statement_is_matched_and_the_rest_settled(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "delivered", review="passed")
        work = factories.a_fulfilment(connection, world, [order], "shipped")
        parcel = factories.a_parcel(connection, world, work, "delivered")
        given = {"id": parcel, "at": world.now}
        connection.execute(text("update parcel set collect_amount = 8800, delivered_at = :at where id = :id"), given)
        waybill = connection.scalar(text("select waybill_no from parcel where id = :id"), given)
    page = page_of(client, "/finance/cod")
    assert waybill in page
    assert "88.00" in page
    lines = f"运单号,代收金额\n{waybill},88\nNOBODY,5\n".encode()
    form = {"carrier_id": str(world.carrier), "reference": "R-9", "paid_on": "2026-11-20"}
    sent = send(client, "/finance/cod", file=(io.BytesIO(lines), "r.csv"), **form)
    assert sent.status_code == 303
    page = page_of(client, "/finance/cod")
    assert "没有这个运单" in page
    assert "签收的都回款了" in page
    line = re.search(r"/finance/cod/lines/(\d+)/accept", page)
    assert line is not None
    assert send(client, line[0], reason="别家的").status_code == 303
    assert "没有这个运单" not in page_of(client, "/finance/cod")
    again = send(client, "/finance/cod", file=(io.BytesIO(lines), "r.csv"), **form)
    assert again.status_code == 409
    other = {**form, "reference": "R-10", "currency": "jpy"}
    assert send(client, "/finance/cod", file=(io.BytesIO(lines), "r.csv"), **other).status_code == 303
    assert send(client, "/finance/cod", file=(io.BytesIO(lines), "r.csv"), **other | {"currency": "1"}).status_code == 422
    missing = send(
        client, "/finance/cod", file=(io.BytesIO(lines), "r.csv"), carrier_id=str(world.carrier), reference="x"
    )
    assert missing.status_code == 422
