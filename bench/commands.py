"""The command line of `oms bench`: one subcommand a bench."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def bench() -> None:
    """Measure the hub on this machine, in a fresh database that is thrown away at the end."""


@bench.command()
@click.option("--orders", default=20_000, show_default=True, help="Orders to measure.")
@click.option("--preload", default=100_000, show_default=True, help="Orders brought through before, not measured.")
@click.option("--workers", default=2, show_default=True, help="Worker processes.")
@click.option("--shops", default=4, show_default=True, help="Shops, each with a feed of its own.")
@click.option("--seed", default=1, show_default=True, help="Another seed draws other documents of the same mix.")
@click.option("--json", "place", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def pipeline(orders: int, preload: int, workers: int, shops: int, seed: int, place: Path | None) -> int:
    """From platform documents to committed outbound rows for the warehouse."""
    from bench.pipeline import Wanted, run_pipeline

    figures = run_pipeline(Wanted(orders, preload, workers, shops, seed), say)
    report(figures, place)
    return 1 if figures["invariant_violations"] else 0


def report(figures: dict[str, Any], place: Path | None) -> None:
    """Print the figures, and write them where that is asked for."""
    text = json.dumps(figures, indent=2, ensure_ascii=False)
    click.echo(text)
    if place is not None:
        place.write_text(text + "\n", "utf-8")


def say(sentence: str) -> None:
    """Tell what goes on, beside the figures on standard output."""
    click.echo(f"{datetime.now().astimezone():%H:%M:%S} {sentence}", err=True)


def run(argv: Sequence[str]) -> int:
    """Run the command line; answers the exit code."""
    return bench.main(args=list(argv), prog_name="oms bench", standalone_mode=False) or 0
