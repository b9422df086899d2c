"""The command behind `script/test --long`: runs a proof for a while, or tells what all of them have shown."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tests.long.code import ROOT, code_version
from tests.long.ledger import Ledger, LedgerSpoilt
from tests.long.proofs import PROOFS, Proof
from tests.long.working import AlreadyRunning, alone_with, work

LEDGERS = ROOT / "var" / "long"


def main(words: Sequence[str] | None = None) -> int:
    """0 when nothing is known to fail, 1 when a seed failed and has not passed since, 2 with a sentence."""
    asked = _parser().parse_args(words)
    try:
        if asked.name is None:
            return tell(asked.ledger or LEDGERS)
        if asked.seed is not None:
            return once(PROOFS[asked.name], asked.seed)
        path = asked.ledger or LEDGERS / f"{asked.name}.json"
        return go_on(PROOFS[asked.name], path, asked.minutes * 60)
    except (LedgerSpoilt, AlreadyRunning) as error:
        print(f"test: {error}", file=sys.stderr)
        return 2


def tell(folder: Path) -> int:
    """Print a line for each proof, and its open failures."""
    open_failures = 0
    print(f"{'proof':<10}{'seeds':>12}{'by this code':>14}{'hours':>8}{'open':>6}{'mended':>8}  says")
    for proof in PROOFS.values():
        ledger = Ledger.read(folder / f"{proof.name}.json", proof.name)
        unmended = ledger.open_failures
        open_failures += len(unmended)
        mended = len(ledger.failures) - len(unmended)
        print(f"{proof.name:<10}{ledger.seeds():>12}{ledger.seeds(code_version(proof.files)):>14}"
              f"{ledger.seconds / 3600:>8.2f}{len(unmended):>6}{mended:>8}  {proof.says}")  # fmt: skip
        for failure in unmended:
            print(f"  seed {failure.seed} under {failure.code}: {failure.words}")
    return 1 if open_failures else 0


def go_on(proof: Proof, path: Path, seconds: float) -> int:
    """Work on a proof and say what its ledger holds now."""
    with alone_with(path):
        ledger = Ledger.read(path, proof.name)
        code = code_version(proof.files)
        print(f"test: {proof.name} goes on at seed {ledger.next_seed} under {code} for {seconds / 60:g} min", flush=True)
        try:
            with proof.opened() as run:
                worked = work(run, ledger, code, seconds)
        except KeyboardInterrupt:
            print(f"test: stopped; {path} is written")
            return 130
    left = len(ledger.open_failures)
    print(f"test: {worked.seeds} seeds now, {ledger.seeds()} in all, {ledger.seeds(code)} by this code, "
          f"{left} open failures, {ledger.seconds / 3600:.2f} h; kept in {path}")  # fmt: skip
    return 1 if left else 0


def once(proof: Proof, seed: int) -> int:
    """Run one seed with its full traceback; no ledger is touched."""
    with proof.opened() as run:
        run(seed)
    print(f"test: seed {seed} of {proof.name} passes")
    return 0


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/test --long", description=main.__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(PROOFS), help="the proof; without it all totals are listed")
    parser.add_argument("--minutes", type=float, default=10, help="how long to work (10)")
    parser.add_argument("--ledger", type=Path, help="the ledger's file (var/long/NAME.json); without a name its folder")
    parser.add_argument("--seed", type=int, help="run this one seed alone and show how it ends")
    return parser


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    raise SystemExit(main())
