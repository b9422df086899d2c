"""Writes the table of detectors into docs/detectors.md: `python -m oms.app.pipeline.detecting.page`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from oms.app.pipeline.detecting.detectors import ALL_DETECTORS, Detector
from oms.domain.hold_kind import Block
from oms.domain.holds import KINDS

PAGE: Final = Path(__file__).resolve().parents[4] / "docs" / "detectors.md"
BEGIN: Final = "<!-- written by `python -m oms.app.pipeline.detecting.page`, do not edit by hand -->"
END: Final = "<!-- end of what is written -->"
HEAD: Final = (
    "| detector | 中文 | blocks | clears | unless set otherwise | what to do | thresholds |",
    "|---|---|---|---|---|---|---|",
)
CLEARS: Final = {"auto": "by itself", "person": "by a person", "either": "by itself or by a person"}


def written() -> str:
    """The part of the page that is made from the list."""
    return "\n".join([BEGIN, "", *HEAD, *map(_row, ALL_DETECTORS), "", END])


def page(before: str) -> str:
    """The whole page with that part renewed."""
    start, end = before.index(BEGIN), before.index(END) + len(END)
    return before[:start] + written() + before[end:]


def _row(detector: Detector) -> str:
    kind = KINDS[detector.kind]
    blocks = ", ".join(str(step.name).lower() for step in Block if kind.blocks & step) or "nothing"
    default = "always on" if detector.is_fixed else "on" if detector.is_on else "off"
    stands = f"{default}: {detector.why_en}" if detector.why_en else default
    limits = "; ".join(f"`{limit.name}` {limit.default}: {limit.en}" for limit in detector.thresholds)
    cells = (f"`{kind.code}`", kind.zh, blocks, CLEARS[kind.clears], stands, kind.remedy_en, limits)
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
