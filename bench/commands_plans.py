"""Further commands of `oms bench`: plans that are looked at again, and many orders for one SKU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bench.saying import report, say


@click.command()
@click.option("--orders", default=20_000, show_default=True, help="Orders of the stream.")
@click.option("--points", default=5, show_default=True, help="Stock points, and regions that order.")
@click.option("--skus", default=2_000, show_default=True, help="SKUs, drawn by Zipf.")
@click.option("--single", default=0.6, show_default=True, help="Share of orders for a single unit.")
@click.option("--carried", default=0.75, show_default=True, help="How likely a point carries a SKU.")
@click.option("--hold", "hold_hours", default=12, show_default=True, help="Hours that an order is held.")
@click.option("--seed", default=1, show_default=True, help="Another seed draws another stream.")
@click.option("--quick", is_flag=True, help="8,000 orders and fewer SKUs: a first look.")
@click.option("--json", "place", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def replanning(quick: bool, place: Path | None, **shape: Any) -> None:
    """Orders held for twelve hours: how many of their extra parcels go away when plans are looked at again."""
    from bench.hold_stream import Stream
    from bench.replanning import run_replanning

    say("the stream is planned as it comes, and once more with plans looked at again")
    if quick:
        shape |= {"orders": min(8_000, shape["orders"]), "skus": min(800, shape["skus"])}
    report(run_replanning(Stream(**shape)), place)


@click.command()
@click.option("--orders", default=12_000, show_default=True, help="Orders for the one SKU.")
@click.option("--units", default=5, show_default=True, help="Most units of an order; one to so many, drawn at random.")
@click.option("--workers", default=2, show_default=True, help="Worker processes.")
@click.option("--seed", default=1, show_default=True, help="Another seed draws other orders.")
@click.option("--json", "place", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def hotsku(orders: int, units: int, workers: int, seed: int, place: Path | None) -> int:
    """Everybody wants the same SKU, more than there is: units reserved a second by the way every order goes."""
    from bench.hotsku import Rush, run_hotsku

    figures = run_hotsku(Rush(orders, units, workers, seed), say)
    report(figures, place)
    return 1 if figures["oversold"] or figures["violations"] else 0
