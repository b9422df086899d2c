"""Benches: how fast the hub's main job is, and where the time goes. Nothing of the hub imports this package."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Run `oms bench …`; answers the exit code. What a bench needs is only loaded when it runs."""
    from bench.commands import run

    return run(argv)
