"""What every marketplace twin shares: sales on demand, verbs, shipments, cases, pushes and the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.kit.market import MarketTwin, NotAllowed, decide, goods_are_back, pay_back, ship


class Bazaar(MarketTwin):
    name = "bazaar"
    spoils = ("amount_text",)


@pytest.fixture
def bazaar(tmp_path: Path) -> Iterator[Bazaar]:
    twin = Bazaar(TwinOptions(tmp_path))
    yield twin
    twin.close()


def trade(twin: Bazaar, number: str) -> dict[str, Any]:
    return next(found for found in twin.ledger()["trades"] if found["tid"] == number)


def verb(twin: Bazaar, number: str, name: str, **body: Any) -> Any:
    return Client(twin).post(f"/_twin/trades/{number}/{name}", json=body)


def test_sales_of_asked_kinds_are_made_and_their_money_adds_up(bazaar: Bazaar) -> None:
    made = Client(bazaar).post("/_twin/trades", json={"count": 5, "kinds": {"merge_pairs": 1, "bad": 1}}).get_json()
    assert (len(made["tids"]["plain"]), len(made["tids"]["merge_pairs"][0])) == (3, 2)
    for sale in bazaar.market.shelves.sales():
        doc = sale.doc
        assert doc["payment"] == sum(line["total"] - line["share"] for line in doc["lines"]) + doc["post_fee"]
    assert [found["spoiled"] for found in bazaar.ledger()["trades"]].count("amount_text") == 1
    assert Client(bazaar).post("/_twin/trades", json={"kinds": {"cod": 1}}).status_code == 400


def test_a_sale_ships_in_parts_and_only_once(bazaar: Bazaar) -> None:
    number = bazaar.create({"split": 1})["split"][0]
    first, second = (line["oid"] for line in trade(bazaar, number)["lines"])
    ship(bazaar.market, number, "ZTO", "Z1", oids=[first])
    assert trade(bazaar, number)["status"] == "part_shipped"
    with pytest.raises(NotAllowed, match="nothing open"):
        ship(bazaar.market, number, "ZTO", "Z1", oids=[first])
    ship(bazaar.market, number, "YTO", "Y1")
    found = trade(bazaar, number)
    assert (found["status"], [s["oids"] for s in found["shipments"]]) == ("shipped", [[first], [second]])
    assert len(bazaar.ledger()["refused_shipments"]) == 1


def test_a_refund_agreed_before_shipment_takes_the_line_off(bazaar: Bazaar) -> None:
    number = bazaar.create({"split": 1})["split"][0]
    line = trade(bazaar, number)["lines"][0]["oid"]
    case = verb(bazaar, number, "refund", line=line).get_json()["cases"][0]
    assert not trade(bazaar, number)["lines"][0]["live"]
    decide(bazaar.market, case, True, "")
    found = trade(bazaar, number)
    assert (found["lines"][0]["status"], found["refunds"][0]["status"]) == ("cancelled", "succeeded")
    assert not found["refunds"][0]["line_shipped_when_asked"]


def test_a_return_is_agreed_sent_back_and_paid_once(bazaar: Bazaar) -> None:
    number = bazaar.create({"plain": 1})["plain"][0]
    ship(bazaar.market, number, "ZTO", "Z1")
    case = verb(bazaar, number, "refund", **{"return": True}).get_json()["cases"][0]
    decide(bazaar.market, case, True, "")
    verb(bazaar, number, "return_goods")
    goods_are_back(bazaar.market, case, pays=False)
    amount = bazaar.market.find_case(case).doc["amount"]
    pay_back(bazaar.market, case, amount, "key-1")
    pay_back(bazaar.market, case, amount, "key-1")
    found = trade(bazaar, number)["refunds"][0]
    assert (found["status"], found["paid_back"], found["received"]) == ("succeeded", amount, True)


def test_edits_move_the_stamp_unless_a_fault_forbids_it(bazaar: Bazaar) -> None:
    number = bazaar.create({"split": 1})["split"][0]
    before = trade(bazaar, number)["changed_ms"]
    verb(bazaar, number, "edit_quantity", num=4)
    after = trade(bazaar, number)
    assert after["changed_ms"] > before
    bazaar.faults.replace([{"kind": "unmoved_stamp"}])
    verb(bazaar, number, "remove_line")
    assert trade(bazaar, number)["changed_ms"] == after["changed_ms"]
    assert len(trade(bazaar, number)["lines"]) == 1
    assert verb(bazaar, number, "remove_line").status_code == 409
    assert verb(bazaar, "nothing", "touch").status_code == 404


def test_a_line_that_was_asked_back_is_edited_no_more(bazaar: Bazaar) -> None:
    (number,) = bazaar.create({"split": 1})["split"]
    line = trade(bazaar, number)["lines"][-1]["oid"]
    verb(bazaar, number, "refund", line=line)
    assert verb(bazaar, number, "remove_line", line=line).status_code == 409
    assert verb(bazaar, number, "edit_quantity", line=line, num=9).status_code == 409
    verb(bazaar, number, "withdraw_refund")
    assert verb(bazaar, number, "remove_line", line=line).status_code == 409


def test_nothing_is_asked_back_of_a_cancelled_order(bazaar: Bazaar) -> None:
    (number,) = bazaar.create({"unpaid": 1})["unpaid"]
    verb(bazaar, number, "cancel")
    line = trade(bazaar, number)["lines"][0]["oid"]
    assert verb(bazaar, number, "refund", line=line).status_code == 409


def test_an_order_whose_last_open_line_is_taken_off_has_shipped(bazaar: Bazaar) -> None:
    (number,) = bazaar.create({"split": 1})["split"]
    lines = [line["oid"] for line in trade(bazaar, number)["lines"]]
    ship(bazaar.market, number, "ZTO", "W1", oids=lines[:-1])
    assert trade(bazaar, number)["status"] == "part_shipped"
    verb(bazaar, number, "remove_line", line=lines[-1])
    assert trade(bazaar, number)["status"] == "shipped"


def test_changes_within_one_millisecond_keep_their_order(bazaar: Bazaar) -> None:
    made = bazaar.create({"plain": 4})["plain"]
    shelves = bazaar.market.shelves
    newest = max(sale.doc["changed_ms"] for sale in shelves.sales())
    shelves.clock = lambda: newest
    for number in (made[2], made[0]):
        shelves.save(bazaar.market.find_sale(number))
    listed = shelves.list_sales("changed_ms", 0, newest + 10, 0, 2, newest_first=True)
    assert [sale.number for sale in listed.found] == [made[0], made[2]]


def test_lost_pushes_never_arrive_and_refused_ones_are_tried_again(bazaar: Bazaar) -> None:
    bazaar.faults.replace([{"kind": "lost_push", "match": "created"}])
    address = "http://127.0.0.1:9/hook"  # Nobody listens there.
    bazaar.pushes.send(address, "created", "1", b"{}", {})
    bazaar.pushes.send(address, "paid", "1", b"{}", {})
    bazaar.scheduler.run_due()
    states = {found["topic"]: (found["state"], found["tries"]) for found in bazaar.pushes.ledger()}
    assert states == {"created": ("lost", 0), "paid": ("waiting", 1)}


def test_an_outage_ends_by_itself(bazaar: Bazaar) -> None:
    bazaar.faults.replace([{"kind": "outage", "seconds": 3600}])
    assert bazaar.faults.draw("outage", "list") is not None
    bazaar.faults.replace([{"kind": "outage", "seconds": 0}])
    assert bazaar.faults.draw("outage", "list") is not None
    assert bazaar.faults.draw("outage", "list") is None
