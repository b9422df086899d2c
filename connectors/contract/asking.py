"""How many candidates go into one question of a platform that compares so many in a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from connectors.contract.notices import MergeCandidate


def whole_groups(
    candidates: Iterable[MergeCandidate], most: int, group_of: Callable[[MergeCandidate], str]
) -> list[list[MergeCandidate]]:
    """Calls of at most `most` candidates, those of one group in the same call; only a group larger than that is cut.

    A platform compares what it is asked in one call, so of a group in two calls a part would never be found.
    """
    groups: dict[str, list[MergeCandidate]] = {}
    for candidate in candidates:
        groups.setdefault(group_of(candidate), []).append(candidate)
    calls: list[list[MergeCandidate]] = []
    for members in groups.values():
        for start in range(0, len(members), most):
            part = members[start : start + most]
            if calls and len(calls[-1]) + len(part) <= most:
                calls[-1].extend(part)
            else:
                calls.append(part)
    return calls
