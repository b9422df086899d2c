"""Which planned fulfilments may leave as one: the merge key, and cutting groups to a cap."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

NOTHING: Final[Mapping[int, Collection[int]]] = {}


def merge_key(*parts: object) -> bytes:
    """16 bytes that are equal exactly when all parts of the rule are equal."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def cut(members: Sequence[int], cap: int, apart: Mapping[int, Collection[int]] = NOTHING) -> list[list[int]]:
    """Members in order, in sets of at most `cap`; `apart` names the sets a member was put into to be apart.

    Each goes into the first set that has room and none it was put apart from, so that the sets follow from the order
    of the members alone.
    """
    if not apart:
        return [list(members[start : start + cap]) for start in range(0, len(members), cap)]
    sets: list[list[int]] = []
    inside: list[set[int]] = []
    for member in members:
        mine = set(apart.get(member, ()))
        place = next((i for i, held in enumerate(sets) if len(held) < cap and not mine & inside[i]), len(sets))
        if place == len(sets):
            sets.append([])
            inside.append(set())
        sets[place].append(member)
        inside[place] |= mine
    return sets


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
