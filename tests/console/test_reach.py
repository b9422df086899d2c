"""Who is limited to some shops changes nothing of another shop by its number, and nothing that all shops share."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.console.permissions import PERMISSIONS
from oms.db.money import Remittance, RemittanceLine
from tests.console import factories
from tests.console.browsing import page_of, send

#: What would be different had anything been done.
KEPT = text("""
select (select count(*) from interception where acknowledged_by <> '' or owner_id is not null),
  (select count(*) from remittance_line where result = 'accepted'), (select count(*) from remittance),
  (select count(*) from hold where cleared_at is null), (select count(*) from account),
  (select count(*) from event), (select tracking_account_id from carrier where id = :carrier)""")


@pytest.fixture(scope="module")
def theirs(hub: Hub, world: factories.World) -> dict[str, Any]:
    """Documents of the second shop, by kind; `mixed` is a line of a parcel that holds orders of both shops."""
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "shipped", review="passed", shop_id=world.shops[1])
        own = factories.an_order(connection, world, "shipped", review="passed", shop_id=world.shops[0])
        work, both, ours = (
            factories.a_fulfilment(connection, world, orders, "shipped") for orders in ([order], [own, order], [own])
        )
        stop = factories.an_interception(connection, world, order, work, "failed")
        made = factories.add(connection, Remittance, carrier_id=world.carrier, reference="R-1", paid_on=world.now.date())
        lines = {}
        for name, fulfilment in (("line", work), ("mixed", both), ("own", ours)):
            parcel = factories.a_parcel(connection, world, fulfilment, "delivered")
            connection.execute(text("update parcel set collect_amount = 100 where id = :id"), {"id": parcel})
            no = connection.scalar(text("select waybill_no from parcel where id = :id"), {"id": parcel})
            lines[f"{name}_no"], lines[f"{name}_parcel"] = no, parcel
            if name != "own":
                lines[name] = factories.add(connection, RemittanceLine, remittance_id=made, waybill_no=no, amount=1,
                                            parcel_id=parcel, result="differs")  # fmt: skip
        lines["nobody"] = factories.add(connection, RemittanceLine, remittance_id=made, waybill_no="NOBODY", amount=1,
                                        result="unknown")  # fmt: skip
        hold = factories.a_hold(connection, world, order, "manual")
        sent = factories.an_outbound(connection, world, order, shop_id=world.shops[1])
    return {"order": order, "parcel": parcel, "stop": stop, "hold": hold, "sent": sent,
            "shop": world.shops[1], "carrier": world.carrier, "point": world.point, "sku": world.skus[0],
            **lines}  # fmt: skip


#: Address, fields, and what the answer is.
CLICKS: list[tuple[str, dict[str, Any], int]] = [
    ("/operations/interceptions/{stop}/acknowledge", {"reason": "we called them"}, 404),
    ("/operations/interceptions/{stop}/take", {}, 404),
    ("/operations/interceptions/{stop}/call-back/{parcel}", {"reason": "we called them"}, 404),
    ("/finance/cod/lines/{line}/accept", {"reason": "1.00 is fine"}, 404),
    ("/finance/cod/lines/{mixed}/accept", {"reason": "1.00 is fine"}, 404),
    ("/finance/cod/lines/{nobody}/accept", {"reason": "1.00 is fine"}, 404),
    ("/settings/labels", {"point": "{point}", "carrier": "{carrier}"}, 403),
    ("/settings/labels/accounts", {"vendor": "sf", "name": "theirs"}, 403),
    ("/settings/labels/tracking/{carrier}", {"account": ""}, 403),
    ("/orders/{order}/hold", {"reason": "wait"}, 404),
    ("/orders/{order}/holds/{hold}/lift", {"reason": "go on"}, 404),
    ("/orders/{order}/label", {"name": "other"}, 404),
    ("/orders/{order}/receiver", {"reason": "curious"}, 404),
    ("/orders/{order}/merge", {}, 404),
    ("/operations/outbound/{sent}/ours", {}, 403),
    ("/operations/parcels/{line_parcel}/end", {"state": "lost"}, 404),
    ("/operations/parcels/{mixed_parcel}/end", {"state": "lost"}, 404),
    ("/operations/sync/{shop}/orders/pull", {}, 404),
    ("/settings/status-pages/{shop}", {"is_on": "1"}, 403),
    ("/stores/unplaced/{order}", {"store": "{point}"}, 404),
    ("/stock/{point}/{sku}/safety", {"safety": "5"}, 403),
]


@pytest.fixture
def limited(somebody: Any, world: factories.World) -> None:
    """Somebody who may do everything, in the first shop."""
    somebody(permissions=frozenset(PERMISSIONS), shop_ids=[world.shops[0]])


@pytest.mark.parametrize(("address", "fields", "status"), CLICKS, ids=[click[0] for click in CLICKS])
def test_a_document_of_another_shop_is_refused_by_its_number(
    client: FlaskClient, app: Flask, hub: Hub, theirs: dict[str, Any], limited: None,
    address: str, fields: dict[str, str], status: int,
) -> None:  # fmt: skip
    def kept() -> tuple[Any, ...]:
        with hub.engine.connect() as connection:
            return tuple(connection.execute(KEPT, {"carrier": theirs["carrier"]}).one())

    before, path = kept(), address.format_map(theirs)
    assert app.url_map.bind("").match(path, "POST")
    answer = send(client, path, **{name: value.format_map(theirs) for name, value in fields.items()})
    assert (answer.status_code, kept()) == (status, before)


def test_a_statement_is_booked_as_far_as_it_is_of_ones_shops(
    client: FlaskClient, hub: Hub, theirs: dict[str, Any], limited: None
) -> None:
    def booked(*numbers: str) -> Any:
        rows = "".join(f"{no},1.00\n" for no in numbers)
        return send(
            client, "/finance/cod", file=(io.BytesIO(f"waybill,amount\n{rows}".encode()), "r.csv"), reference="R-2",
            carrier_id=str(theirs["carrier"]), paid_on="2026-11-20",
        )  # fmt: skip

    page = page_of(client, "/finance/cod")
    assert all(words not in page for words in ("/accept", theirs["line_no"], "NOBODY", "R-1"))
    refused = booked(theirs["own_no"], theirs["line_no"], theirs["mixed_no"], "NOBODY")
    assert refused.status_code == 422
    assert f"3 行不是你店铺的包裹：{theirs['line_no']}, {theirs['mixed_no']}, NOBODY" in refused.text
    assert booked(theirs["own_no"]).status_code == 303
    assert "R-2" in page_of(client, "/finance/cod")
