"""The facts a decision is made on: missing, unknown and lazily computed ones, and the hash of what was seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Final, NoReturn, TypeAlias

import orjson

Getter: TypeAlias = Callable[[str], object]


class FactUnknown(LookupError):
    """A condition asked for a fact whose value at that time is not known: the rule cannot be judged.

    Do not guess; show the document as not comparable.
    """


class _Unknown:
    """Stands for a value that exists but is not known; any look at it raises FactUnknown."""

    __slots__ = ()

    def _look(self, *_: object) -> NoReturn:
        raise FactUnknown("this fact was not recorded then; the document is not comparable")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _look
    __hash__ = __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = _look

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):  # Python itself asks whether such names exist.
            raise AttributeError(name)
        self._look()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


class Facts(dict[str, object]):
    """Facts by name that compute what is asked for the first time; a name nobody knows is None (missing).

    `compute` is called with the name at most once unless it raises.
    """

    __slots__ = ("_compute",)

    def __init__(self, known: Mapping[str, object] | None = None, compute: Getter | None = None) -> None:
        super().__init__(known or {})
        self._compute = compute

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to compute, so that looking at a fact costs nothing."""
        return self._compute is None

    def __missing__(self, name: str) -> object:
        if self._compute is None:
            return None
        value = self[name] = self._compute(name)
        return value


FactSource: TypeAlias = Mapping[str, object] | Getter


def bind_facts(source: FactSource, needed: frozenset[str]) -> dict[str, object]:
    """A dict in which every needed name can be looked up; a plain dict that holds them all is used as it is."""
    if isinstance(source, Facts):
        return source
    if isinstance(source, dict):
        return source if needed <= source.keys() else Facts(source)
    return Facts(source) if isinstance(source, Mapping) else Facts(None, source)


def input_hash(facts: Mapping[str, object]) -> str:
    """32 hex digits of the facts; the same whatever the order of keys, of sets and the zone of times.

    Missing facts given as None count as given; pass the same selection (such as `facts_read`) both times.
    """
    options = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
    try:
        written = orjson.dumps(dict(facts), _hashable, options)
    except TypeError as error:
        raise TypeError("a fact cannot be hashed: use the Python types of ValueType") from error
    return blake2b(written, digest_size=16).hexdigest()


def _hashable(value: object) -> object:
    if isinstance(value, datetime):
        return {"time": value.astimezone(UTC).isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": format(value.normalize(), "f")}
    if isinstance(value, set | frozenset):
        return {"set": sorted(value)}
    if value is UNKNOWN:
        return {"unknown": True}
    raise TypeError(f"{type(value).__name__} is no type of fact")
