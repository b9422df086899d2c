"""Orders through stores that people bring: the columns of the file become the way, and what is due at the store."""

from __future__ import annotations

import pytest

from tests.app.entered.kit import a_row, as_csv, bring, problems
from tests.app.stores.kit import NEAR, with_stores
from tests.factories import World, settle


def test_a_row_with_a_store_is_planned_there_and_paid_there(world: World) -> None:
    with_stores(world)
    row = a_row("N1", delivery="门店自提", store="S11", pickup_name="李雷", pickup_phone="13900000002", cod="到店付款",
                paid_at="")  # fmt: skip
    assert bring(world, as_csv([row])).taken == 1
    settle(world)
    id_ = world.one("select id from orders where external_no = 'N1'")
    assert [(work.mode, work.stock_point_id) for work in world.fulfilments(id_)] == [("store_pickup", NEAR)]
    assert world.rows("select kind, state, amount from payment") == [("store", "due", 1000)]
    kept = bytes(world.one("select sealed from order_delivery where order_id = :id", id=id_))
    assert b"13900000002" not in kept


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"delivery": "飞鸽"}, "delivery", "write one of"),
        ({"store": "S11"}, "delivery", "only orders through a store"),
        ({"delivery": "门店自提", "pickup_phone": "12"}, "pickup_phone", "11 digits"),
        ({"cod": "到店付款", "paid_at": ""}, "delivery", "who pays at a store"),
        ({"cod": "到店付款", "delivery": "门店自提"}, "paid_at", "not paid yet"),
    ],
)
def test_what_does_not_go_together_is_told_at_its_column(
    world: World, changes: dict[str, str], column: str, words: str
) -> None:
    with_stores(world)
    imported = bring(world, as_csv([a_row("N1", **changes)]))
    assert [at for at, said in problems(world, imported)[0] if words in said] == [column]
