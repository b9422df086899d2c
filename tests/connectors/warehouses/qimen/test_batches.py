"""deliveryorder.batchcreate: one call for many, what is wrong at once, what is only taken; and exceptions reported."""

from __future__ import annotations

from dataclasses import replace

import pytest
import responses

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import Receipt, WarehouseState
from connectors.warehouses.qimen import reports, xml
from tests.connectors.warehouses.qimen.factories import a_notice, a_warehouse, answers, body_of, methods, success

FAILED = success(
    "<orders><order><deliveryOrderCode>F2</deliveryOrderCode><message>超出配送范围</message></order></orders>"
)
TAKEN = success("<orders></orders>")


def test_each_order_of_a_batch_is_the_document_it_would_be_alone(wms: responses.RequestsMock) -> None:
    answers(wms, TAKEN)
    alone, second = replace(a_notice(), number="F1"), replace(a_notice(), number="F2")
    ended = a_warehouse().create_fulfilments([alone, second])
    assert methods(wms) == ["deliveryorder.batchcreate"]
    found = xml.parse(body_of(wms)).findall("orders/order")
    assert [xml.text(order, "deliveryOrder/deliveryOrderCode") for order in found] == ["F1", "F2"]
    assert all(order.find("orderLines/orderLine/planQty") is not None for order in found)
    assert {number: isinstance(end, Receipt) and end.is_pending for number, end in ended.items()} == {
        "F1": True, "F2": True
    }  # fmt: skip


def test_what_is_wrong_is_said_of_its_order_alone(wms: responses.RequestsMock) -> None:
    answers(wms, FAILED)
    broken = replace(a_notice(), number="F3", lines=())
    ended = a_warehouse().create_fulfilments([replace(a_notice(), number=no) for no in ("F1", "F2")] + [broken])
    assert isinstance(ended["F1"], Receipt)
    refused = {number: end.words for number, end in ended.items() if isinstance(end, Refused)}
    assert (refused["F2"], bool(refused["F3"])) == ("超出配送范围", True)
    assert b"F3" not in body_of(wms)


def test_a_batch_in_which_nothing_is_whole_is_not_sent(wms: responses.RequestsMock) -> None:
    ended = a_warehouse().create_fulfilments([replace(a_notice(), number="F3", lines=())])
    assert (list(ended), len(wms.calls)) == (["F3"], 0)


def test_a_lost_answer_says_nothing_about_any_of_them(wms: responses.RequestsMock) -> None:
    answers(wms, b"<html>")
    with pytest.raises(OutcomeUnknown):
        a_warehouse().create_fulfilments([a_notice()])


@pytest.mark.parametrize(
    "body",
    [
        "<order><orderCode>F1</orderCode><exceptionDesc>实物缺货</exceptionDesc></order>",
        "<deliveryOrderCode>F1</deliveryOrderCode><remark>实物缺货</remark>",
    ],
)
def test_an_exception_is_told_with_its_words_wherever_they_stand(body: str) -> None:
    told = reports.read_exception(xml.parse(f"<request>{body}</request>".encode()), a_notice().created_at)
    assert (told.number, told.state, told.step, told.words) == ("F1", WarehouseState.FAILED, "EXCEPTION", "实物缺货")
