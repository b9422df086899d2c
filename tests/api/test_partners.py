"""Agents and distributors through the API: saved by code, priced, settled, stated; only for who reaches every shop."""

from __future__ import annotations

from datetime import timedelta

from oms.app.finance.partner_ledger import book_all
from tests.api.conftest import MakeCaller
from tests.app.partners import amounts, said
from tests.app.shipping import ship_all
from tests.factories import World, a_line, an_order, settle

ALL = ("partner.view", "partner.edit", "partner.state", "master.edit")


def test_a_partner_is_saved_priced_settled_and_stated(world: World, ask: MakeCaller) -> None:
    caller = ask(*ALL)
    saved = caller.ask("PUT", "/partners/DX", json={"name": "东西", "kind": "distributor", "needs_price": True})
    assert (saved.status_code, saved.get_json()["ships"]) == (200, "us")
    assert caller.ask("PUT", "/partners/dx", json={"name": "东西", "kind": "agent"}).get_json()["code"] == "DX"
    assert caller.ask("PUT", "/partners/X", json={"name": "x", "kind": "friend"}).status_code == 422
    rows = [{"partner": "DX", "sku": "A", "price": "3.33"}, {"partner": "DX", "sku": "A"}]
    written = caller.post("/masters/settlement", json={"rows": rows}).get_json()
    assert (written["changed"], [row["index"] for row in written["refused"]]) == (1, [1])
    order = an_order(world, [a_line("1", "A", 3, 3000), a_line("2", "B", 1, 900)], partner=said("DX", n2=500))
    settle(world)
    assert amounts(world, order) == {"1": 999, "2": 500}
    changed = {"line_no": "2", "amount": 444, "reason": "agreed"}
    assert caller.post(f"/orders/{order}/settlement", json=changed).status_code == 204
    assert caller.post(f"/orders/{order}/settlement", json=changed | {"line_no": "9"}).status_code == 404
    ship_all(world, order)
    book_all(world.hub)
    world.clock.forward(86400)
    day = (world.clock() - timedelta(days=1)).date().isoformat()
    stated = caller.post("/partners/dx/statements", json={"until": day})
    assert (stated.status_code, stated.get_json()["total"], stated.get_json()["number"]) == (200, 1443, 1)
    assert caller.post("/partners/dx/statements", json={"until": day}).status_code == 409
    page = caller.get("/partners/DX/entries?statement=1").get_json()
    assert [(row["line_no"], row["amount"], row["reference"]) for row in page["entries"]] == [
        ("1", 999, "R-DX"), ("2", 444, "R-DX")]  # fmt: skip
    assert [row["total"] for row in caller.get("/partners/DX/statements").get_json()["statements"]] == [1443]


def test_one_shop_s_key_sees_no_partner(ask: MakeCaller) -> None:
    assert ask(*ALL, shop_ids=[1]).get("/partners").status_code == 403
    assert ask("order.view").get("/partners").status_code == 403
    assert ask(*ALL).get("/partners/nobody/statements").status_code == 404
