"""A bundle's money among its parts: adds up to what was paid, for every price and weight, also when a part has left."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oms.app.kernel.work import DemandWork, LineWork
from oms.app.pipeline.goods import Goods
from oms.app.pipeline.preprocess import _demands_of, _still_needed

Parts = list[tuple[int, int, int]]
parts = st.lists(
    st.tuples(st.integers(1, 99), st.integers(1, 9), st.integers(0, 10**4)), min_size=1, max_size=6,
    unique_by=lambda part: part[0],
)  # fmt: skip


@dataclass
class Ids:
    """A batch that only gives ids."""

    numbers: Any = field(default_factory=lambda: count(1))

    def new_id(self) -> int:
        return int(next(self.numbers))


def demands(paid: int, units: int, given_parts: Parts) -> list[DemandWork]:
    line = LineWork(
        1, 1, "1", "goods", "", "", "", "", "", None, 9, units, 0, 0, 0, paid, 0, paid, "open", "none", "", False, "us",
        "", False,
    )  # fmt: skip
    return _demands_of(Ids(), line, Goods(bundles={9: given_parts}))  # type: ignore[arg-type]


@given(st.integers(0, 10**9), st.integers(1, 50), parts)
def test_shares_add_up_to_what_was_paid(paid: int, units: int, given_parts: Parts) -> None:
    made = demands(paid, units, given_parts)
    assert sum(demand.share_amount for demand in made) == paid
    assert [(d.sku_id, d.units, d.per_unit) for d in made] == [(sku, units * n, n) for sku, n, _ in given_parts]


@given(st.integers(0, 10**9), st.integers(1, 50), parts, st.data())
def test_what_is_left_of_a_bundle_carries_what_no_parcel_took(
    paid: int, units: int, given_parts: Parts, data: st.DataObject
) -> None:
    before = demands(paid, units, given_parts)
    for demand in before:
        demand.shipped = data.draw(st.integers(0, demand.units))
    gone = {demand.sku_id: demand.share_amount * demand.shipped // demand.units for demand in before}
    rest = _still_needed(demands(paid, units, given_parts), before)
    whole = {demand.sku_id: demand for demand in before}
    assert {demand.sku_id for demand in rest} == {sku for sku, one in whole.items() if one.shipped < one.units}
    for demand in rest:
        assert demand.share_amount + gone[demand.sku_id] == whole[demand.sku_id].share_amount
        assert demand.units + whole[demand.sku_id].shipped == whole[demand.sku_id].units
