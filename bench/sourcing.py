"""`oms bench sourcing`: the production call of sourcing against the least that hindsight could have paid."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_all_start_methods, get_context
from statistics import fmean, stdev
from typing import Any, Final

from bench.sourcing_network import Shape, draw_network

#: How the orders of a sequence are played.
PLAYS: Final = ("greedy", "planned", "learned")
#: Plans made in a sequence, and orders that a mix is first told from.
PLANS: Final = 200
FIRST_SEEN: Final = 50
#: The 97.5th percentile of Student's distribution by degrees of freedom.
STUDENT: Final = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much is played: so many instances with so many sequences each; a new plan `every` so many arrivals.

    Nothing for `every` makes so many plans a sequence as were made for the paper's, however long it is: what is left of
    stock and of time must not change much from one plan to the next.
    """

    instances: int = 30
    sequences: int = 10
    every: int = 0
    workers: int = 2
    seed: int = 1
    shape: Shape = field(default_factory=Shape)

    @property
    def pace(self) -> int:
        """Arrivals from one plan to the next."""
        return self.every or max(1, self.shape.arrivals // PLANS)

    @property
    def learns_from(self) -> int:
        """The arrival at which a mix that has to be learned is first told from those before it."""
        return min(FIRST_SEEN, self.shape.arrivals // 10)


@dataclass(slots=True)
class Instance:
    """What one instance came to: by play, the ratio of every sequence, decisions by ticks, who guided."""

    number: int
    ratios: dict[str, list[float]]
    ticks: dict[str, list[int]]
    guided: dict[str, dict[str, int]]


def run_sourcing(wanted: Wanted, say: Callable[[str], None]) -> dict[str, Any]:
    """Play all instances and sequences; answers the figures."""
    played = []
    for instance in _played(wanted):
        played.append(instance)
        ratios = ", ".join(f"{name} {fmean(instance.ratios[name]):.4f}" for name in PLAYS)
        say(f"instance {instance.number} ({len(played)} of {wanted.instances}): {ratios}")
    return figures_of(played, wanted)


def _played(wanted: Wanted) -> Iterator[Instance]:
    if wanted.workers == 1:
        yield from (play_instance(number, wanted) for number in range(wanted.instances))
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # The solver is loaded in the children alone; they share nothing.
    kind = "fork" if "fork" in get_all_start_methods() else "spawn"
    with ProcessPoolExecutor(wanted.workers, mp_context=get_context(kind)) as pool:
        jobs = [pool.submit(play_instance, number, wanted) for number in range(wanted.instances)]
        for job in as_completed(jobs):
            yield job.result()


def play_instance(number: int, wanted: Wanted) -> Instance:
    """Draw one network and play its sequences in every way."""
    from bench.sourcing_play import Player
    from oms.app.stock.planning.menu import Menu
    from oms.app.stock.planning.solving import Programme

    network = draw_network(wanted.seed * 1_000 + number, wanted.shape)
    player = Player(network, Programme(Menu(network.ways())))
    rates = {
        "greedy": (None, 0, 0),
        "planned": (network.expected(), wanted.pace, 0),
        "learned": (None, wanted.pace, wanted.learns_from),
    }
    found = Instance(number, {name: [] for name in PLAYS}, {}, {name: {} for name in PLAYS})
    for sequence in range(wanted.sequences):
        orders = network.arrivals((wanted.seed * 1_000 + number) * 1_000 + sequence)
        least = player.clairvoyant(orders)
        for name, (known, every, learns_from) in rates.items():
            played = player.play(orders, known, every, learns_from)
            found.ratios[name].append(played.cost / least)
            found.ticks[name] = _added(found.ticks.get(name), played.ticks)
            for guide, count in played.guided.items():
                found.guided[name][guide] = found.guided[name].get(guide, 0) + count
    return found


def figures_of(played: Sequence[Instance], wanted: Wanted) -> dict[str, Any]:
    """The mean of each play over the instances, with the 95 % confidence interval of instances drawn anew."""
    figures: dict[str, Any] = {"instances": len(played), "sequences": wanted.sequences}
    ticks: list[int] | None = None
    for name in PLAYS:
        means = [fmean(instance.ratios[name]) for instance in played]
        figures[f"{name}_over_clairvoyant"] = round(fmean(means), 5)
        figures[f"{name}_ci95"] = [round(fmean(means) + side * half_width(means), 5) for side in (-1, 1)]
        own: list[int] | None = None
        for instance in played:
            own = _added(own, instance.ticks[name])
        figures[f"{name}_p99_ms"] = percentile_ms(own or [], 0.99)
        ticks = _added(ticks, own or [])
    figures["p99_ms"] = percentile_ms(ticks or [], 0.99)
    for name in ("planned", "learned"):
        counts = [instance.guided[name] for instance in played]
        total = sum(sum(one.values()) for one in counts)
        figures[f"{name}_by_share"] = round(sum(one.get("planned", 0) for one in counts) / max(1, total), 4)
    return figures


def half_width(means: Sequence[float]) -> float:
    """Half of the confidence interval of a mean; endless of a single one."""
    if len(means) < 2:
        return math.inf
    student = STUDENT[len(means) - 2] if len(means) - 2 < len(STUDENT) else 1.96
    return student * stdev(means) / math.sqrt(len(means))


def percentile_ms(ticks: Sequence[int], part: float) -> float:
    """The time below which this part of all decisions were taken, from counts by ticks."""
    from bench.sourcing_play import TICK_NS

    wanted, passed = part * sum(ticks), 0
    for number, count in enumerate(ticks):
        passed += count
        if count and passed >= wanted:
            return (number + 1) * TICK_NS / 1_000_000
    return 0.0


def _added(one: Sequence[int] | None, other: Sequence[int]) -> list[int]:
    return [a + b for a, b in zip(one, other, strict=True)] if one else list(other)
