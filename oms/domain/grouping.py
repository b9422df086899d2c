"""Which planned fulfilments may leave as one: the merge key, and cutting groups to a cap."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence


def merge_key(*parts: object) -> bytes:
    """16 bytes that are equal exactly when all parts of the rule are equal."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def cut(members: Sequence[int], cap: int) -> list[list[int]]:
    """Members in order, in sets of at most `cap`."""
    return [list(members[start : start + cap]) for start in range(0, len(members), cap)]


def allowed_sets(members: Iterable[tuple[int, str]], groups: Iterable[Collection[str]]) -> list[list[int]]:
    """Split members (id, order number) by a platform's answer: sets of order numbers that may ship as one.

    A member in no set stays alone: what the platform did not allow is not merged.
    """
    listed = list(members)
    sets: list[list[int]] = []
    used: set[int] = set()
    for group in groups:
        chosen = [id_ for id_, number in listed if number in group and id_ not in used]
        if chosen:
            used.update(chosen)
            sets.append(chosen)
    sets.extend([id_] for id_, _ in listed if id_ not in used)
    return sets
