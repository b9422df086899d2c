"""退件: what comes back is listed with what was sent, and received from the page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from oms.app.kernel.hub import Hub
from oms.console.permissions import BUILT_IN_ROLES
from oms.db.aftersales import ReturnReceipt, ReturnReceiptLine
from tests.console import factories
from tests.console.browsing import page_of, send


@pytest.fixture
def receipt(hub: Hub, world: factories.World) -> int:
    """A parcel with two units on its way back."""
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "shipped", review="passed")
        work = factories.a_fulfilment(connection, world, [order], "shipped")
        made = factories.add(connection, ReturnReceipt, status="expected", fulfilment_id=work,
                             stock_point_id=world.point, waybill_no=f"YT{work}")  # fmt: skip
        factories.add(connection, ReturnReceiptLine, return_receipt_id=made, sku_id=world.skus[0], requested=2)
    return made


def test_a_parcel_is_received_from_the_page(client: FlaskClient, receipt: int) -> None:
    page = page_of(client, "/returns")
    found = re.search(rf'action="/returns/{receipt}/receive".*?name="line" value="(\d+)"', page, re.S)
    assert found is not None
    line = found[1]
    for typed in ("two", "9" * 18):
        wrong = send(client, f"/returns/{receipt}/receive", line=line, **{f"good_{line}": typed})
        assert (wrong.status_code, "件数要写整数" in wrong.text) == (422, True)
        assert f'data-refused="good_{line}"' in wrong.text
    done = send(client, f"/returns/{receipt}/receive", line=line, **{f"good_{line}": "1", f"defective_{line}": "1"})
    assert done.status_code == 303
    assert "有次品" in page_of(client, "/returns?done=1")
    assert send(client, f"/returns/{receipt}/lose").status_code == 404


def test_a_parcel_that_never_came_is_taken_as_lost(client: FlaskClient, receipt: int) -> None:
    assert send(client, f"/returns/{receipt}/lose").status_code == 303
    assert f"/returns/{receipt}/receive" not in page_of(client, "/returns")


def test_who_only_looks_sees_what_comes_back_and_who_works_at_no_point_does_not(
    client: FlaskClient, receipt: int, somebody: Any
) -> None:
    for role, sees in (("customer_service", True), ("ops_lead", True), ("warehouse", False)):
        somebody(permissions=BUILT_IN_ROLES[role].permissions)
        page = page_of(client, "/returns")
        assert ('aria-label="YT' in page) == sees, role
        assert ("收到，入库" in page) == (role == "ops_lead"), role


def test_every_open_receipt_is_on_a_page_found_by_its_waybill_and_received(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "shipped", review="passed")
        work = factories.a_fulfilment(connection, world, [order], "shipped")
        made = [factories.add(connection, ReturnReceipt, status="expected", fulfilment_id=work, waybill_no=f"AGE{n}",
                              stock_point_id=world.point) for n in range(250)]  # fmt: skip
    seen: list[str] = []
    address: str | None = "/returns"
    while address:
        page = page_of(client, address)
        seen += re.findall(r'aria-label="(AGE\d+)"', page)
        found = re.search(r'href="(/returns\?at=\d+)" rel="next"', page)
        address = found[1] if found else None
    assert seen == [f"AGE{n}" for n in range(250)]
    assert re.findall(r'aria-label="(AGE\d+)"', page_of(client, "/returns?q=AGE7")) == ["AGE7"]
    for one in (made[0], made[-1]):
        assert send(client, f"/returns/{one}/lose").status_code == 303
    assert re.findall(r'aria-label="(AGE\d+)"', page_of(client, "/returns?q=AGE0")) == ["AGE0"]
    assert "收到，入库" not in page_of(client, "/returns?q=AGE0")
