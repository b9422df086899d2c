"""One line of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is well, and what to do if not; never holds a secret."""

    name: str
    ok: bool
    words: str
    remedy: str = ""


def good(name: str, words: str) -> Finding:
    return Finding(name, True, words)


def bad(name: str, words: str, remedy: str) -> Finding:
    return Finding(name, False, words, remedy)
