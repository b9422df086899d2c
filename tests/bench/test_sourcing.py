"""The bench of sourcing: the network is the paper's, nobody beats hindsight, and a plan beats greed."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from statistics import fmean

import pytest

from bench.sourcing import Instance, Wanted, figures_of, half_width, run_sourcing
from bench.sourcing_bound import best_policy
from bench.sourcing_network import CENTRES, PLENTY, Network, Shape, draw_network, miles_between
from bench.sourcing_play import Player
from oms.app.stock.planning import solving
from oms.app.stock.planning.menu import Menu
from oms.app.stock.planning.solving import Programme
from oms.domain.sourcing import Point

SMALL = Shape(arrivals=1_500, items=8, regions=4, largest=3, alike=4)


@pytest.fixture(scope="module")
def network() -> Network:
    return draw_network(7, Shape())


def test_the_network_is_drawn_as_the_paper_says(network: Network) -> None:
    assert Counter(len(goods) for goods in network.types) == {0: 1, 1: 5, 2: 5, 3: 5, 4: 5, 5: 5}
    assert (len(network.points), sum(network.mix), sum(network.places)) == (10, pytest.approx(1), pytest.approx(1))
    assert network.places[0] == pytest.approx(18_680_025 / 77_734_284)
    carried = [level for level, units in network.stock.items() if units != PLENTY]
    assert 60 <= len(carried) <= 90
    assert draw_network(7, Shape()).stock == network.stock != draw_network(8, Shape()).stock


def test_a_parcel_and_its_units_cost_what_they_should(network: Network) -> None:
    oak, afar = network.points["01"][0], network.points["01"][5]
    far = max(miles_between((34.0522, -118.2437), centre) for centre in CENTRES)
    carried = oak.best_carrier(3)
    assert carried is not None
    assert carried[1] / 10_000 == pytest.approx(
        8.759 + 3 * (0.423 + 0.000541 * miles_between((34.0522, -118.2437), CENTRES[0])), abs=0.001
    )
    unfilled = afar.best_carrier(3)
    assert unfilled is not None
    assert unfilled[1] / 10_000 == pytest.approx(2 * 8.759 + 6 * (0.423 + 0.000541 * far), abs=0.001)
    assert miles_between((0.0, 0.0), (0.0, 180.0)) == pytest.approx(3_958.8 * math.pi)


def test_stock_is_the_nearest_demand_and_some_of_its_deviation(network: Network) -> None:
    shape = network.shape
    for item in range(1, shape.items + 1):
        there = sum(units for (_, sku), units in network.stock.items() if sku == item and units != PLENTY)
        mean = shape.arrivals * sum(
            share for goods, share in zip(network.types, network.mix, strict=True) if item in dict(goods)
        )
        assert there == 0 or mean - 5 <= there <= mean + 0.5 * math.sqrt(5 * mean) + 5


def test_a_plan_beats_greed_and_nobody_beats_hindsight() -> None:
    figures = run_sourcing(Wanted(1, 2, every=25, workers=1, seed=3, shape=SMALL), lambda sentence: None)
    assert 1.0 <= figures["planned_over_clairvoyant"] < figures["greedy_over_clairvoyant"]
    assert 1.0 <= figures["learned_over_clairvoyant"] < figures["greedy_over_clairvoyant"]
    assert (figures["instances"], figures["sequences"]) == (1, 2)
    assert figures["planned_by_share"] > 0.9
    assert figures["p99_ms"] > 0


def test_units_of_an_item_are_shared_out_too() -> None:
    shape = Shape(arrivals=300, items=5, centres=6, regions=12, largest=2, alike=3, units=3, carried=0.6)
    figures = run_sourcing(Wanted(1, 1, every=50, workers=1, seed=5, shape=shape), lambda sentence: None)
    assert all(figures[f"{name}_over_clairvoyant"] >= 0.9999 for name in ("greedy", "planned", "learned"))


def test_the_interval_is_that_of_the_instances() -> None:
    ticks = {"greedy": [0, 99, 1], "planned": [100, 0, 0], "learned": [100, 0, 0]}
    guided: dict[str, dict[str, int]] = {name: {} for name in ticks}
    played = [Instance(n, {name: [1.0 + n / 10, 1.2 + n / 10] for name in ticks}, ticks, guided) for n in range(2)]
    figures = figures_of(played, Wanted(2, 2))
    assert figures["greedy_over_clairvoyant"] == pytest.approx(1.15)
    assert figures["greedy_ci95"] == pytest.approx([1.15 - 0.6353, 1.15 + 0.6353])
    assert (figures["greedy_p99_ms"], figures["p99_ms"]) == (0.004, 0.004)
    assert half_width([1.0]) == math.inf


def test_plans_of_few_units_are_as_good_as_the_best_policy_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = Shape(arrivals=40, items=2, centres=2, regions=3, largest=2, alike=2)
    network = draw_network(5_000, shape)
    best, player = best_policy(network), Player(network, Programme(Menu(network.ways())))
    sequences = [network.arrivals(seed) for seed in range(12)]
    served = fmean([best.play(orders) for orders in sequences])
    assert fmean([player.clairvoyant(orders) for orders in sequences]) < served
    assert served == pytest.approx(best.expected, rel=0.05)
    planned = fmean([player.play(orders, network.expected(), 1).cost for orders in sequences])
    monkeypatch.setattr(solving, "FEW", 0)
    expecting = fmean([player.play(orders, network.expected(), 1).cost for orders in sequences])
    assert planned == pytest.approx(served, rel=0.002)
    assert planned < expecting


def test_the_best_policy_keeps_the_last_unit_for_the_order_that_saves_most_by_it() -> None:
    """Two arrivals, one unit near: who saves little by it leaves it to the other with even odds of coming, not else."""
    near = [Point(1, 0, 0, lambda grams: (1, 100)), Point(2, 0, 0, lambda grams: (1, 150))]
    dear = [Point(1, 0, 0, lambda grams: (1, 100)), Point(2, 0, 0, lambda grams: (1, 400))]
    goods = ((1, 1),)
    network = Network(
        Shape(arrivals=2), [goods], [1.0], [0.5, 0.5], {"a": near, "b": dear}, {(1, 1): 1, (2, 1): PLENTY}, {1: 1}
    )
    best = best_policy(network)
    assert best.play([("a", goods), ("b", goods)]) == 150 + 100
    assert best.play([("b", goods), ("b", goods)]) == 100 + 400
    assert best.expected == 0.5 * (150 + 0.5 * 100 + 0.5 * 100) + 0.5 * (100 + 0.5 * 150 + 0.5 * 400)
    rare = replace(network, places=[0.99, 0.01])
    assert best_policy(rare).play([("a", goods), ("a", goods)]) == 100 + 150
    with pytest.raises(ValueError, match="fewer arrivals"):
        best_policy(draw_network(1, Shape()))


def test_as_many_plans_are_made_however_long_a_sequence_is() -> None:
    wanted = [Wanted(shape=Shape(arrivals=count)) for count in (10_000, 1_000, 100)]
    assert [(one.pace, one.learns_from) for one in wanted] == [(50, 50), (5, 50), (1, 10)]
    assert Wanted(every=7).pace == 7
