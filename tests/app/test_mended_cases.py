"""A case that comes before its order belongs to it as soon as the order is there."""

from __future__ import annotations

from datetime import timedelta

import orjson

from connectors.contract.records import RawDocument
from oms.app.capture.cases import take_cases
from oms.app.capture.intake import parser_of
from tests.factories import START, World, an_order


def a_case(no: str, order_no: str) -> RawDocument:
    body = {
        "external_no": no, "order_no": order_no, "line_no": "1", "kind": "refund", "state": "closed",
        "platform_status": "closed", "currency": "CNY", "amount": 1000, "created_at": START.isoformat(),
        "changed_at": (START + timedelta(seconds=5)).isoformat(),
    }  # fmt: skip
    return RawDocument("case", no, orjson.dumps(body), START, START)


def test_a_case_told_of_before_its_order_is_linked_to_it(world: World) -> None:
    card = world.hub.masters.get(world.hub.engine, world.clock()).shops[1]
    with world.hub.begin() as connection:
        documents = [a_case("C1", "T1"), a_case("C2", "T2")]
        assert take_cases(world.hub, connection, card, parser_of(world.hub, card), documents) == 2
    id_ = an_order(world, no="T1")
    assert world.rows("select external_no, order_id from cases order by 1") == [("C1", id_), ("C2", None)]
