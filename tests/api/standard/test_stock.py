"""Stock over the standard interface: what may be sold, and counts that keep what moved since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.api.standard.kit import STORE, Partner
from tests.api.standard.test_store_sales import a_sale, on_hand
from tests.app.invariants import check_invariants
from tests.connectors.marketplaces.standard.papers import a_line
from tests.factories import World


def count(partner: Partner, world: World, units: int, *, ago: int = 0, sku: str = "A", **changes: Any) -> Any:
    at = world.clock() - timedelta(seconds=ago)
    body = {"stock_point": "STORE", "counted_at": at.isoformat(), "levels": [{"sku": sku, "units": units}]}
    return partner.post("/stock", json=body | changes)


def outcome(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json["outcomes"][0]["outcome"])


def test_a_count_sets_the_ledger_and_repeats_change_nothing(world: World, partner: Partner) -> None:
    assert outcome(count(partner, world, 7)) == "set"
    assert outcome(count(partner, world, 7)) == "unchanged"
    assert on_hand(world, "A") == 7
    check_invariants(world)


def test_what_was_sold_after_the_count_is_not_brought_back(world: World, partner: Partner) -> None:
    world.clock.forward(600)
    partner.put("/sales/K-1", json=a_sale("K-1", a_line("1", "A", 2, 500)))
    counted = {"ago": 300}
    assert outcome(count(partner, world, 20, **counted)) == "set"
    assert on_hand(world, "A") == 18
    assert outcome(count(partner, world, 20, **counted)) == "unchanged"
    assert on_hand(world, "A") == 18


def test_an_older_count_and_unknown_goods_change_nothing(world: World, partner: Partner) -> None:
    world.clock.forward(600)
    assert outcome(count(partner, world, 9)) == "set"
    assert outcome(count(partner, world, 50, ago=60)) == "older"
    assert outcome(count(partner, world, 50, sku="nobody's")) == "unknown"
    assert on_hand(world, "A") == 9


def test_counts_that_cannot_be_are_refused_by_field(world: World, partner: Partner) -> None:
    twice = [{"sku": "A", "units": 1}, {"sku": "A", "units": 2}]
    cases = [
        (count(partner, world, 1, ago=-3600), "counted_at"),
        (count(partner, world, 1, ago=86400 * 32), "counted_at"),
        (count(partner, world, -1), "levels.0.units"),
        (count(partner, world, 1, stock_point="WH1"), "stock_point"),
        (count(partner, world, 1, stock_point="FAR"), "stock_point"),
        (count(partner, world, 1, levels=twice), "levels"),
    ]
    for answer, field in cases:
        assert (answer.status_code, answer.json["field"]) == (422, field)
        assert answer.json["remedy"]


def test_a_warehouse_without_a_system_is_counted_by_its_shop_only_while_no_other_sells_from_it(
    world: World, partner: Partner
) -> None:
    world.run("update stock_point set account_id = null where id = 1")
    shared = count(partner, world, 7, stock_point="WH1")
    assert (shared.status_code, shared.json["field"]) == (422, "stock_point")
    assert "other shops sell from it" in shared.json["detail"].replace("this warehouse", "it")
    world.run("update shop set mode = 'closed' where id = 1")
    assert count(partner, world, 7, stock_point="WH1").status_code == 200


def test_sellable_units_are_those_of_all_open_points_less_what_is_promised(world: World, partner: Partner) -> None:
    def sellable(sku: str) -> int:
        return int(partner.get("/stock", query_string={"sku": sku}).json["levels"][0]["sellable"])

    before = sellable("C")
    world.run(
        "update stock_level set reserved = 5, safety = 1 where stock_point_id = 1 and sku_id = :s", s=world.skus["C"]
    )
    assert before - sellable("C") == 6
    world.run(
        "update stock_level set reserved = 0, safety = 0 where stock_point_id = 1 and sku_id = :s", s=world.skus["C"]
    )
    world.run("update stock_point set state = 'outage' where id = 2")
    assert before - sellable("C") == 100
    world.run("update stock_point set state = 'open' where id = 2")
    assert partner.get("/stock", query_string={"sku": "none"}).json == {"levels": [], "next": ""}


def test_pages_of_sellable_stock_go_on_where_the_one_before_ended(world: World, partner: Partner) -> None:
    for n in range(205):
        world.run("insert into sku (id, code, name) values (:id, :code, 'x')", id=5000 + n, code=f"Z{n:03}")
        world.run("insert into stock_level (stock_point_id, sku_id) values (:p, :s)", p=STORE, s=5000 + n)
    first = partner.get("/stock").json
    second = partner.get("/stock", query_string={"cursor": first["next"]}).json
    codes = [level["sku"] for level in first["levels"] + second["levels"]]
    assert (len(first["levels"]), second["next"]) == (200, "")
    assert codes == sorted(set(codes))
    assert len(codes) == 210
