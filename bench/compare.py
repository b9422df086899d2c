"""`oms bench compare`: two runs side by side, figure by figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

#: Name, before, after, after ÷ before; None where there is no figure or nothing to divide by.
Row = tuple[str, float | None, float | None, float | None]


def figures_in(run: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """(name, number) of everything in a run's file that is a number, nested names joined by dots."""
    for name, value in run.items():
        if isinstance(value, Mapping):
            yield from figures_in(value, f"{prefix}{name}.")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield f"{prefix}{name}", float(value)


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Row]:
    """Every figure of either run."""
    old, new = dict(figures_in(before)), dict(figures_in(after))
    rows = []
    for name in [*old, *(name for name in new if name not in old)]:
        first, second = old.get(name), new.get(name)
        ratio = second / first if first and second is not None else None
        rows.append((name, first, second, ratio))
    return rows


def table(rows: list[Row]) -> str:
    """The comparison as text; ratios away from 1 by 3 % and more are marked."""
    width = max((len(name) for name, *_ in rows), default=0)
    lines = [f"{'figure':{width}} {'before':>14} {'after':>14} {'ratio':>8}"]
    for name, first, second, ratio in rows:
        mark = " *" if ratio is not None and abs(ratio - 1) >= 0.03 else ""
        shown = "" if ratio is None else f"{ratio:.3f}"
        lines.append(f"{name:{width}} {_number(first):>14} {_number(second):>14} {shown:>8}{mark}")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:,.4f}".rstrip("0").rstrip(".")
