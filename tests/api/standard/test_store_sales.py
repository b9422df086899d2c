"""Store sales over the API: booked once however often they are posted, with the store's stock, and never dispatched."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.api.standard.kit import STORE, Partner
from tests.app.invariants import check_invariants
from tests.connectors.marketplaces.standard.papers import a_line, an_order
from tests.factories import World, settle


def a_sale(no: str, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return an_order(no, *lines, **{"state": "completed", "stock_point": "STORE", "receiver": {}, **changes})


def on_hand(world: World, code: str) -> int:
    rows = world.rows(
        "select on_hand from stock_level where stock_point_id = :p and sku_id = :s", p=STORE, s=world.skus[code]
    )
    return int(rows[0][0]) if rows else 0


def test_a_sale_moves_store_stock_once_however_often_it_is_posted(world: World, partner: Partner) -> None:
    before = on_hand(world, "A")
    sale = a_sale("S-1", a_line("1", "A", 2, 3000))
    outcomes = [partner.put("/sales/S-1", json=sale).json["outcome"] for _ in range(3)]
    outcomes += [row["outcome"] for row in partner.post("/sales", json={"sales": [sale, sale]}).json["outcomes"]]
    assert outcomes == ["new", "unchanged", "unchanged", "unchanged", "unchanged"]
    assert before - on_hand(world, "A") == 2
    moves = world.rows("select on_hand, stock_point_id from stock_movement where reason = 'sale'")
    assert [tuple(move) for move in moves] == [(-2, STORE)]


def test_eight_callers_at_once_book_one_sale(world: World, partner: Partner) -> None:
    before = on_hand(world, "A")
    sale = a_sale("S-2", a_line("1", "A", 1, 500))

    def post(_: int) -> str:
        client = Partner(partner.browser.application.test_client(), partner.key)
        answer = client.put("/sales/S-2", json=sale)
        assert answer.status_code == 200, answer.text
        return str(answer.json["outcome"])

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(post, range(8)))
    assert sorted(outcomes) == ["new"] + ["unchanged"] * 7
    assert before - on_hand(world, "A") == 1
    assert world.one("select count(*) from orders where external_no = 'S-2'") == 1


def test_a_sale_is_an_order_that_is_over_and_is_never_dispatched(world: World, partner: Partner) -> None:
    partner.put("/sales/S-3", json=a_sale("S-3", a_line("1", "A", 1, 700)))
    settle(world)
    order = world.rows("select id, origin, status, phase, ready_at from orders where external_no = 'S-3'")[0]
    assert (order.origin, order.status, order.phase, order.ready_at) == ("pos", "completed", "completed", None)
    assert world.fulfilments(order.id) == []
    assert world.one("select shipped from order_line where order_id = :id", id=order.id) == 1
    assert "sold_in_store" in world.events(order.id)
    check_invariants(world)


def test_a_bundle_takes_its_parts_off(world: World, partner: Partner) -> None:
    partner.post("/stock", json={"stock_point": "STORE", "counted_at": world.clock().isoformat(),
                                 "levels": [{"sku": "B", "units": 4}]})  # fmt: skip
    before = on_hand(world, "A")
    answer = partner.put("/sales/S-4", json=a_sale("S-4", a_line("1", "SET", 1, 900)))
    assert answer.json["outcome"] == "new"
    assert (before - on_hand(world, "A"), on_hand(world, "B")) == (1, 2)


def test_what_the_ledger_lacks_is_booked_as_far_as_it_goes_and_told(world: World, partner: Partner) -> None:
    answer = partner.put("/sales/S-5", json=a_sale("S-5", a_line("1", "D", 3, 900)))
    assert answer.json["outcome"] == "new"
    assert on_hand(world, "D") == 0
    assert "D" in world.one("select words from alert where kind = 'count_differs'")
    check_invariants(world)


def test_the_same_number_with_other_content_is_refused(partner: Partner) -> None:
    partner.put("/sales/S-6", json=a_sale("S-6", a_line("1", "A", 1, 500)))
    other = partner.put("/sales/S-6", json=a_sale("S-6", a_line("1", "A", 2, 500)))
    assert other.status_code == 409
    assert "case" in other.json["remedy"]


def test_refused_sales_name_field_and_remedy_and_book_nothing(world: World, partner: Partner) -> None:
    batch = [
        a_sale("S-7", a_line("1", "nobody's", 1, 500)),
        a_sale("S-8", stock_point="FAR"),
        a_sale("S-9", stock_point="WH1"),
        a_sale("S-10", state="open"),
        a_sale("S-11", a_line("1", "A", 1, 500)),
    ]
    told = partner.post("/sales", json={"sales": batch}).json["outcomes"]
    assert [(row["external_no"], row["outcome"], row["field"]) for row in told] == [
        ("S-7", "refused", "lines[0].seller_code"),
        ("S-8", "refused", "stock_point"),
        ("S-9", "refused", "stock_point"),
        ("S-10", "refused", "state"),
        ("S-11", "new", ""),
    ]
    assert all(row["remedy"] for row in told[:4])
    assert world.rows("select 1 from orders where external_no in ('S-7', 'S-8', 'S-9', 'S-10')") == []
    alone = partner.put("/sales/S-7", json=batch[0])
    assert (alone.status_code, alone.json["field"]) == (422, "lines[0].seller_code")
