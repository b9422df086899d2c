"""Orders of every platform converge, however their changes reach the hub; what would keep them from it is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from oms.app.capture import intake
from tests.journeys.travellers import TRAVELLERS
from tests.long.convergence import ORDERS_A_SEED, staged
from tests.long.proofs import Run

SEQUENCES = 2_000


@pytest.fixture(scope="module")
def converging(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One hub and every platform for all tests; what the database promises is checked at the end."""
    with staged(make_database(), tmp_path_factory.mktemp("twins")) as run:
        yield run


@pytest.mark.parametrize("seed", range(len(TRAVELLERS)), ids=[each.vendor for each in TRAVELLERS])
def test_a_few_lives_of_orders_converge(converging: Run, seed: int) -> None:
    converging(seed)


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
