"""The command line of `oms make-connector`: what it is called, and what to do when it is written."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import click

import connectors
from oms.making import Wanted, families, make_connector

PAGE = "docs/adding-a-connector.md"


def main(argv: Sequence[str] | None = None) -> int:
    """Write a connector's folders and say how to go on."""
    options = _options(argv)
    root = (options.into or Path(connectors.__file__).parents[1]).absolute()
    wanted = Wanted(options.vendor, options.family, options.label_zh, options.label_en, options.mark)
    written = make_connector(wanted, root)
    for path in written:
        click.echo(f"Written: {path.relative_to(root)}")
    tests = written[-1].parent.relative_to(root)
    click.echo(f"It works against a made-up protocol. Prove it with `pytest {tests}`, then go on with {PAGE}.")
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="oms make-connector", description="Write the folders of a new connector.")
    parser.add_argument("vendor", help="the folder's name, like red_shop")
    parser.add_argument("--family", default="marketplace", help=f"one of: {', '.join(families())}")
    parser.add_argument("--label-zh", required=True, help="the name people read in Chinese")
    parser.add_argument("--label-en", required=True, help="the name people read in English")
    parser.add_argument("--mark", required=True, help="one character that stands for it in lists")
    parser.add_argument("--into", type=Path, help="another copy of the project to write into")
    return parser.parse_args(argv)
