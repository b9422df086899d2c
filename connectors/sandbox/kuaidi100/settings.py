"""What a kuaidi100 twin is told at its start, with defaults that need no file."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.kuaidi100.journey import OUTCOMES

DEFAULT_CUSTOMER = "CUST"
DEFAULT_SHARES: Mapping[str, float] = {
    "refused": 0.03,
    "troubled": 0.04,
    "stuck": 0.02,
    "lost": 0.01,
    "no_record": 0.0,
    "duplicate_push": 0.0,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Hours and minutes are twin time; parcels of no share are delivered; names equal the keys of the config file."""

    key: str
    customer: str = DEFAULT_CUSTOMER
    expired_keys: frozenset[str] = frozenset()
    refused_companies: frozenset[str] = frozenset()
    shares: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_SHARES))
    parcel_hours: float = 48.0
    push_retries: int = 3
    retry_minutes: float = 35.0
    monthly_subscriptions: int = 4
    senders: int = 4


def default_key(seed: int) -> str:
    """The key that a twin of this seed accepts unless it is told another."""
    return hashlib.sha256(f"kuaidi100-twin:{seed}".encode()).hexdigest()[:16]


def read_settings(given: Mapping[str, Any], seed: int) -> Settings:
    """Settings from the config file; unknown keys are left to others, a wrong share raises ValueError."""
    known = {name: given[name] for name in Settings.__dataclass_fields__ if name in given}
    known["shares"] = merged_shares(DEFAULT_SHARES, given.get("shares", {}))
    for name in ("expired_keys", "refused_companies"):
        known[name] = frozenset(given.get(name, ()))
    known.setdefault("key", default_key(seed))
    return Settings(**known)


def merged_shares(old: Mapping[str, float], new: Mapping[str, Any]) -> dict[str, float]:
    """`old` with the shares of `new`; ValueError names an unknown one, or outcomes of more than all parcels."""
    for name, share in new.items():
        if name not in DEFAULT_SHARES:
            raise ValueError(f"unknown share {name!r}; use one of {', '.join(DEFAULT_SHARES)}")
        if not 0 <= float(share) <= 1:
            raise ValueError(f"share {name} must lie between 0 and 1")
    merged = {**old, **{name: float(share) for name, share in new.items()}}
    if sum(merged.get(outcome, 0.0) for outcome in OUTCOMES) > 1:
        raise ValueError("the shares of outcomes add up to more than 1; lower one of them")
    return merged
