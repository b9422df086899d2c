"""The command line of `oms bench`: one subcommand a bench."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bench.commands_plans import hotsku, replanning
from bench.saying import report, say


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def bench() -> None:
    """Measure the hub on this machine, in a fresh database that is thrown away at the end."""


bench.add_command(replanning)
bench.add_command(hotsku)


@bench.command()
@click.option("--orders", default=20_000, show_default=True, help="Orders to measure.")
@click.option("--preload", default=100_000, show_default=True, help="Orders brought through before, not measured.")
@click.option("--workers", default=2, show_default=True, help="Worker processes.")
@click.option("--shops", default=4, show_default=True, help="Shops, each with a feed of its own.")
@click.option("--seed", default=1, show_default=True, help="Another seed draws other documents of the same mix.")
@click.option("--rules", default=40, show_default=True, help="Rules of review in force, each asked of every order.")
@click.option("--journal", is_flag=True, help="Print what was written to the write-ahead log, by table.")
@click.option("--json", "place", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def pipeline(
    orders: int, preload: int, workers: int, shops: int, seed: int, rules: int, journal: bool, place: Path | None
) -> int:
    """From platform documents to committed outbound rows for the warehouse."""
    from bench.pipeline import Wanted, run_pipeline

    figures = run_pipeline(Wanted(orders, preload, workers, shops, seed, rules, click.echo if journal else None), say)
    report(figures, place)
    return 1 if figures["invariant_violations"] else 0


def _stage(name: str, orders: int, preload: int, is_profiled: bool, place: Path | None) -> int:
    from bench.profiling import Stage, run_stage

    figures, tables = run_stage(Stage(name, orders, preload, is_profiled), say)
    click.echo(tables)
    report(figures, place)
    return 1 if figures["violations"] else 0


def _stage_command(name: str, summary: str) -> None:
    @bench.command(name, help=summary)
    @click.option("--orders", default=4_000, show_default=True, help="Orders to measure.")
    @click.option("--preload", default=4_000, show_default=True, help="Orders brought through before, not measured.")
    @click.option("--profile", "is_profiled", is_flag=True, help="Show the dearest functions, too (twice as slow).")
    @click.option("--json", "place", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
    def stage(orders: int, preload: int, is_profiled: bool, place: Path | None) -> int:
        return _stage(name, orders, preload, is_profiled, place)


@bench.command()
@click.option("--documents", default=600, show_default=True, help="Documents of each vendor, for five shops each.")
@click.option("--vendor", "vendors", multiple=True, help="Only this vendor; may be given again. Default: all.")
@click.option("--workers", default=2, show_default=True, help="Processes that land documents.")
@click.option("--seed", default=1, show_default=True, help="Another seed draws other orders.")
@click.option("--profile", "is_profiled", is_flag=True, help="Taobao's alone in one process: where the time goes.")
@click.option("--json", "place", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def intake(
    documents: int, vendors: tuple[str, ...], workers: int, seed: int, is_profiled: bool, place: Path | None
) -> int:
    """Taking documents in: how many a second of each vendor, and of all mixed."""
    if is_profiled:
        return _stage("intake", 4_000, 4_000, is_profiled, place)
    from bench.intake import Landing, run_intake
    from bench.twin_shops import VENDORS

    unknown = sorted(set(vendors) - set(VENDORS))
    if unknown:
        raise click.BadParameter(f"no documents of {', '.join(unknown)}; choose from {', '.join(VENDORS)}")
    figures = run_intake(Landing(documents, vendors or VENDORS, workers, seed), say)
    report(figures, place)
    return 1 if figures["violations"] else 0


_stage_command("advance", "The steps up to dispatch, in one process: where the time goes.")


@bench.command()
@click.option("--rules", default=200, show_default=True, help="Rules of the set.")
@click.option("--orders", default=3_000, show_default=True, help="Orders to decide.")
@click.option("--seed", default=1, show_default=True, help="Another seed draws other rules and orders.")
@click.option("--in-memory", is_flag=True, help="Leave out what needs a database: why_… and kept_….")
@click.option("--json", "place", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def rules(rules: int, orders: int, seed: int, in_memory: bool, place: Path | None) -> None:
    """Rules on one core: orders decided a second and explained; whole answers to "why", and what they cost to keep."""
    from bench.rules_speed import run_rules

    figures: dict[str, Any] = run_rules(rules, orders, seed)
    if not in_memory:
        from bench.why_speed import run_why

        figures |= run_why(rules, orders, seed)
    report(figures, place)


@bench.command()
@click.option("--orders", default=100_000, show_default=True, help="Past orders.")
@click.option("--rules", default=100, show_default=True, help="Rules in force; the draft changes some of them.")
@click.option("--workers", default=2, show_default=True, help="Worker processes.")
@click.option("--seed", default=1, show_default=True, help="Another seed draws other rules and orders.")
@click.option("--quick", is_flag=True, help="8,000 orders: a first look.")
@click.option("--json", "place", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def backtest(orders: int, rules: int, workers: int, seed: int, quick: bool, place: Path | None) -> None:
    """A draft beside the rules in force over past orders, from the click to the written result."""
    from bench.backtest import Asked, run_backtest

    report(run_backtest(Asked(min(orders, 8_000) if quick else orders, rules, workers, seed=seed), say), place)


@bench.command()
@click.option("--quick", is_flag=True, help="6 instances of 4 sequences: a first look with its confidence interval.")
@click.option("--instances", default=30, show_default=True, help="Networks to draw.")
@click.option("--sequences", default=10, show_default=True, help="Sequences of orders for each network.")
@click.option("--arrivals", default=10_000, show_default=True, help="Arrivals of a sequence.")
@click.option("--every", default=0, help="Arrivals from one plan to the next; 200 plans a sequence unless set.")
@click.option("--items", default=20, show_default=True, help="Items.")
@click.option("--centres", default=5, show_default=True, help="Fulfilment centres; beyond five they are drawn.")
@click.option("--regions", default=10, show_default=True, help="Regions that order; beyond ten they are drawn.")
@click.option("--largest", default=5, show_default=True, help="Items of the largest orders.")
@click.option("--alike", default=5, show_default=True, help="Order types of each size.")
@click.option("--units", default=1, show_default=True, help="Units of an item in an order, at most.")
@click.option("--carried", default=0.75, show_default=True, help="How likely a centre carries an item.")
@click.option("--safety", default=0.5, show_default=True, help="Standard deviations that are added to the mean demand.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--seed", default=1, show_default=True, help="Another seed draws other networks and orders.")
@click.option("--json", "place", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def sourcing(
    quick: bool, instances: int, sequences: int, every: int, workers: int, seed: int, place: Path | None, **shape: Any
) -> None:
    """Sourcing against hindsight: cost over the clairvoyant programme, greedy, with a plan, learning its mix."""
    from bench.sourcing import Wanted, run_sourcing
    from bench.sourcing_network import Shape

    if quick:
        instances, sequences = min(instances, 6), min(sequences, 4)
    report(run_sourcing(Wanted(instances, sequences, every, workers, seed, Shape(**shape)), say), place)


@bench.command()
@click.argument("before", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("after", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def compare(before: Path, after: Path) -> None:
    """Two runs side by side."""
    from bench.compare import compare as compare_runs
    from bench.compare import table

    old, new = (json.loads(place.read_text("utf-8")) for place in (before, after))
    click.echo(table(compare_runs(old, new)))


def run(argv: Sequence[str]) -> int:
    """Run the command line; answers the exit code."""
    return bench.main(args=list(argv), prog_name="oms bench", standalone_mode=False) or 0
