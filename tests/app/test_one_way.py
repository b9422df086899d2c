"""One order's way from a document to a delivered parcel, without anything in its way."""

from __future__ import annotations

import random

import orjson
import pytest

from connectors.contract import notices as n
from connectors.contract.records import RawDocument
from connectors.sandbox.traffic import catalogue, plan_trade, trade_document
from oms.domain.numbers import document_no
from tests.app.shipping import deliver, ship_all
from tests.factories import START, World, a_line, add_sku, advance, an_order, settle, take


def test_an_order_goes_from_capture_to_the_signature(world: World) -> None:
    id_ = an_order(world, [a_line("1", "A", 2, 2000), a_line("2", "B", 1, 500)])
    assert world.phase(id_) == "captured"
    advance(world)
    assert world.phase(id_) == "dispatching"
    settle(world)
    assert world.phase(id_) == "at_warehouse"
    (notice,) = world.script.asked("create")
    assert notice.goods_amount - notice.discount_amount == 2500
    assert [(line.sku_code, line.units) for line in notice.lines] == [("A", 2), ("B", 1)]
    ship_all(world, id_)
    settle(world)
    assert world.phase(id_) == "shipped"
    (told,) = world.script.asked("push_shipment")
    assert (told.whole, told.carrier_code, told.line_nos) == (True, "ZTO", ())
    assert len(world.script.asked("subscribe")) == 1
    deliver(world, id_)
    assert world.phase(id_) == "delivered"


@pytest.mark.parametrize("seed", range(3))
def test_the_platforms_real_documents_go_the_same_way(world: World, seed: int) -> None:
    world.run("update shop set channel_id = 2")
    with world.hub.begin() as connection:
        for index, item in enumerate(item for item in catalogue(1) if not item.get("parts")):
            add_sku(connection, item["code"], 1000, weight_g=300, id_=2000 + index)
    rng = random.Random(seed)
    documents = []
    for index in range(40):
        body = orjson.dumps({"trade_fullinfo_get_response": {"trade": trade_document(plan_trade(rng))}})
        documents.append(RawDocument("order", str(index), body, START, START))
    taken = take(world, *documents)
    assert (taken.new, taken.parked) == (40, 0)
    settle(world)
    phases = dict(tuple(row) for row in world.rows("select phase, count(*) from orders group by 1"))
    assert phases.get("at_warehouse", 0) > 10
    assert set(phases) <= {"at_warehouse", "unpaid", "held", "blocked", "merging", "elsewhere", "review"}


def test_the_document_number_names_the_fulfilment_at_the_warehouse(world: World) -> None:
    id_ = an_order(world)
    settle(world)
    (work,) = world.fulfilments(id_)
    assert isinstance(world.script.asked("create")[0], n.FulfilmentNotice)
    assert world.script.asked("create")[0].number == document_no("fulfilment", work.id)
    assert work.warehouse_ref == f"W{document_no('fulfilment', work.id)}"
