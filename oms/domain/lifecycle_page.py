"""Writes docs/lifecycle.md from the transition tables: `python -m oms.domain.lifecycle_page`."""

from __future__ import annotations

from pathlib import Path

from oms.domain.lifecycle import MACHINES, Machine
from oms.domain.lifecycle_stock import STOCK_MACHINES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"
HEAD = """# Lifecycles

Every status and the only ways it may change. This page is written from `oms/domain/lifecycle*.py` by
`python -m oms.domain.lifecycle_page`; do not edit it by hand. An action is at once a permission, a button and the
kind of an event. A status changes nowhere but in `oms/app/kernel/transition.py`.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(machine) for machine in (*MACHINES, *STOCK_MACHINES))])


def _section(machine: Machine) -> str:
    ends = [state for state in machine.states if not machine.actions(state)]
    terms = ", ".join(f"`{state}` {term}" for state, term in machine.terms.items())
    rows = [
        f"| `{t.action}` | {', '.join(f'`{source}`' for source in t.sources)} | `{t.target}` |"
        for t in machine.transitions
    ]
    end_words = ", ".join(f"`{state}`" for state in ends) or "none"
    return "\n".join(
        [
            f"## {machine.name.capitalize()}",
            "",
            f"Starts as `{machine.states[0]}`; final: {end_words}. {terms}.",
            "",
            "| action | from | to |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
