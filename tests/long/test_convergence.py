"""Orders of every platform converge, however their changes reach the hub; what would keep them from it is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random

import pytest

from oms.app.capture import intake
from tests.journeys.travellers import TRAVELLERS
from tests.long import convergence
from tests.long.convergence import ORDERS_A_SEED, Batch, staged
from tests.long.lives import Life
from tests.long.platforms import Platform
from tests.long.proofs import Run

SEQUENCES = 2_000
VENDORS = [each.vendor for each in TRAVELLERS]
#: Pulls that surely end with a report that was read.
READ_UP = 3


@pytest.fixture(scope="module")
def converging(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One hub and every platform for all tests; what the database promises is checked at the end."""
    with staged(make_database(), tmp_path_factory.mktemp("twins")) as run:
        yield run


class ShippedLife(Life):
    """An order that leaves at once, by the seller's hand."""

    def __init__(self, platform: Platform, chance: Random) -> None:
        super().__init__(platform, chance)
        self.steps = [_buy_and_ship]


def _buy_and_ship(life: Life) -> None:
    (life.number,) = life.platform.buy("plain")
    life.platform.shop.push_shipment(life.platform.parcel(life.number, "ZT120000000001"))


@pytest.mark.parametrize("seed", range(len(TRAVELLERS)), ids=VENDORS)
def test_a_few_lives_of_orders_converge(converging: Run, seed: int) -> None:
    converging(seed)


@pytest.mark.parametrize(("vendor", "seconds"), [("amazon", 0), ("amazon", 2), ("vendure", 0)])
def test_what_is_sent_back_last_converges(
    converging: Run, monkeypatch: pytest.MonkeyPatch, vendor: str, seconds: int
) -> None:
    """All was read and the next report is due: one that is ordered now misses what follows in its second, or later."""

    def meanwhile(batch: Batch) -> None:
        (life,) = batch.lives
        for _ in range(READ_UP):
            batch.pull_cases()
        batch._pass(timedelta(minutes=6))
        assert life.act("refund", **{"return": True})
        batch._pass(timedelta(seconds=seconds))
        life.act("return_goods")
        batch._pass(timedelta())

    monkeypatch.setattr(convergence, "ORDERS_A_SEED", 1)
    monkeypatch.setattr(convergence, "MEANWHILE", (meanwhile,))
    monkeypatch.setattr(convergence, "Life", ShippedLife)
    converging(VENDORS.index(vendor))


@pytest.mark.full
def test_two_thousand_lives_of_orders_converge(converging: Run) -> None:
    failed: dict[int, str] = {}
    for seed in range(SEQUENCES // ORDERS_A_SEED):
        try:
            converging(seed)
        except AssertionError as error:
            failed[seed] = str(error)[:900]
    assert not failed, "\n".join(f"{seed}: {words}" for seed, words in failed.items())


def test_a_hub_that_forgets_newer_versions_is_noticed(converging: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "_take_newer", lambda batch, shop, outcome: None)
    with pytest.raises(AssertionError, match="taobao: "):
        converging(0)
