"""The command line of `oms demo`: a running hub to look at, or one scripted run with its comparison."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console

from oms.demo import faults
from oms.demo.house import open_house
from oms.demo.live import show_live
from oms.demo.once import Run, Wish
from oms.demo.plan import TooFew, kinds_for
from oms.demo.processes import alone_in
from oms.demo.tampering import TAMPER
from oms.domain.errors import ConfigError

ONCE_WINDOW_SECONDS = 12
LIVE_WINDOW_SECONDS = 12


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; the exit code is 1 when a scripted run found a difference."""
    options = _options(argv)
    with alone_in(_home(options)):
        return _once(options) if options.once else _live(options)


def _home(options: argparse.Namespace) -> Path:
    usual = "var/demo-once" if options.once else os.environ.get("OMS_HOME") or "var/demo"
    return Path(options.dir or usual).absolute()


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="oms demo", description="Run the whole hub with simulated platforms.")
    parser.add_argument("--dir", type=Path, help="folder of all files (default var/demo, or var/demo-once)")
    parser.add_argument("--seed", type=int, default=1, help="seed of all chance (default 1)")
    parser.add_argument("--per-minute", type=float, default=20.0, metavar="N", help="orders a minute (default 20)")
    parser.add_argument("--once", type=int, metavar="N", help="do the main job for N orders, compare, and end")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result of --once there")
    parser.add_argument("--faults", choices=("all", "none"), default="all", help="what the platforms do wrong")
    parser.add_argument("--kill", action="store_true", help="kill -9 every process of the hub meanwhile")
    parser.add_argument("--tamper", choices=TAMPER, default="", help="falsify one shipment before comparing")
    parser.add_argument("--limit", type=float, metavar="SECONDS", help="give up waiting after so long")
    parser.add_argument("--keep", action="store_true", help="keep the folder of a run without differences")
    return parser.parse_args(argv)


def _once(options: argparse.Namespace) -> int:
    home = _home(options)
    try:
        kinds_for(options.once)
    except TooFew as error:
        raise ConfigError(str(error), "Set another --once.") from None
    _clear(home)
    shares = faults.SHARES if options.faults == "all" else faults.CALM
    wish = Wish(
        options.once,
        seed=options.seed,
        with_faults=options.faults == "all",
        with_kills=options.kill,
        tamper=options.tamper,
        limit=options.limit or 300 + 1.5 * options.once + 200 * options.kill,
    )
    wishes = {"qimen": {"shares": shares}}
    with open_house(home, seed=options.seed, wishes=wishes, merge_window_s=ONCE_WINDOW_SECONDS, say=_say) as house:
        report = Run(house, wish, _say).play()
    report.show(Console())
    if options.json:
        report.write(options.json)
    if not options.keep and not report.exit_code:
        shutil.rmtree(home, ignore_errors=True)
    return report.exit_code


def _clear(home: Path) -> None:
    """A scripted run starts from nothing; only a folder that an earlier one has marked is removed."""
    mark = home / ".demo-once"
    if any(home.iterdir()) and not mark.exists():
        raise ConfigError(f"{home} holds files that no scripted run has made.", "Name an empty folder with --dir.")
    for entry in home.iterdir():  # The folder itself stays: it is what the lock is on.
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    mark.touch()


def _live(options: argparse.Namespace) -> int:
    home = _home(options)
    window = LIVE_WINDOW_SECONDS
    with open_house(home, seed=options.seed, wishes={}, merge_window_s=window, say=_say, has_shortage=True) as house:
        return show_live(house, per_minute=options.per_minute, say=_say, console=Console())


def _say(sentence: str) -> None:
    print(f"{datetime.now().astimezone():%H:%M:%S} {sentence}", flush=True, file=sys.stdout)
