"""How benches tell what goes on, and their figures."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click


def report(figures: dict[str, Any], place: Path | None) -> None:
    """Print the figures, and write them where that is asked for."""
    text = json.dumps(figures, indent=2, ensure_ascii=False)
    click.echo(text)
    if place is not None:
        place.write_text(text + "\n", "utf-8")


def say(sentence: str) -> None:
    """Tell what goes on, beside the figures on standard output."""
    click.echo(f"{datetime.now().astimezone():%H:%M:%S} {sentence}", err=True)
