"""Versions of the console's own static files, so that browsers may keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"


@cache
def address_of(name: str) -> str:
    """The address of a static file, another one whenever its content is another."""
    path = FOLDER / name
    mark = hashlib.blake2b(path.read_bytes(), digest_size=4).hexdigest() if path.is_file() else "none"
    return f"/static/console/{name}?v={mark}"
