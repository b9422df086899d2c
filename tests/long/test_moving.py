"""No connector misses what moves between pages while it walks; one that walks carelessly is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.contract.records import Page
from connectors.marketplaces.taobao import Taobao
from tests.journeys.travellers import TRAVELLERS
from tests.long.moving import opened
from tests.long.proofs import Run

SEEDS = 1_000


@pytest.fixture(scope="module")
def walking() -> Iterator[Run]:
    with opened() as run:
        yield run


@pytest.mark.parametrize("seed", range(len(TRAVELLERS)), ids=[each.vendor for each in TRAVELLERS])
def test_nothing_is_missed_while_rows_move(walking: Run, seed: int) -> None:
    walking(seed)


@pytest.mark.full
def test_nothing_is_missed_in_a_thousand_runs(walking: Run) -> None:
    failed: dict[int, str] = {}
    for seed in range(SEEDS):
        try:
            walking(seed)
        except AssertionError as error:
            failed[seed] = str(error)[:300]
    assert not failed, "\n".join(f"{seed}: {words}" for seed, words in failed.items())


def test_a_connector_that_loses_the_last_row_of_a_page_is_noticed(walking: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Taobao.pull_orders

    def careless(self: Taobao, cursor: str) -> Page:
        page = whole(self, cursor)
        return replace(page, references=page.references[:-1])

    monkeypatch.setattr(Taobao, "pull_orders", careless)
    with pytest.raises(AssertionError, match="taobao: "):
        walking(0)
