"""What a Qimen twin is told at its start, with defaults that need no file."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_SHARES: Mapping[str, float] = {
    "partial": 0.0,  # two confirmations, intermediate then final
    "duplicate_confirm": 0.0,  # a confirmation that was answered is sent once more
    "out_of_order": 0.0,  # the intermediate confirmation arrives after the final one
    "multi_package": 0.0,  # one shipment in two parcels
    "batches": 0.0,  # a line taken from two batches
    "lack": 0.0,  # a short pick
    "refuse": 0.0,  # create is answered with a business failure
    "reject": 0.0,  # accepted, then rejected by the warehouse
    "answer_lost": 0.0,  # a batch is worked off and its answer never sent
    "intercept": 0.8,  # a courier interception succeeds
    "return_defect": 0.0,  # one returned piece is found defective
    "return_short": 0.0,  # one returned piece is missing
}

DEFAULT_WAREHOUSES = (
    {"code": "WH-HZ-01", "customer_id": "c1"},
    {"code": "WH-GZ-01", "customer_id": "c1"},
)
DEFAULT_APP_KEY = "erp-app"


@dataclass(frozen=True, slots=True)
class Warehouse:
    """One building of one customer; no `stock`: every item in plenty; no `owners`: everybody may use it."""

    code: str
    customer_id: str
    owners: frozenset[str] = frozenset()
    stock: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Minutes and days are twin time except `retry_days`, which is real; names equal the keys of the config file.

    `tracker_url` is the address of a kuaidi100 twin, which is then told which parcels were intercepted.
    """

    app_key: str
    secret: str
    warehouses: Mapping[str, Warehouse]
    callback_url: str = ""
    tracker_url: str = ""
    shares: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_SHARES))
    sign_method: str = "md5"
    timestamp_tolerance: int = 600
    gateway_envelope: str = "scene"
    strict_items: bool = False
    strict_item_ids: bool = False
    duplicate_answer: str = "same"
    process_reports: bool = True
    exception_reports: bool = False
    auto_returns: bool = True
    batch_minutes: float = 1.0
    order_minutes: float = 20.0
    partial_minutes: float = 30.0
    return_minutes: float = 60.0
    retry_days: float = 3.0
    default_stock: int = 1_000_000
    senders: int = 4

    @property
    def customers(self) -> frozenset[str]:
        """Every customerId that the gateway routes."""
        return frozenset(warehouse.customer_id for warehouse in self.warehouses.values())


def default_secret(seed: int) -> str:
    """The application secret that a twin of this seed uses unless it is told another."""
    return hashlib.sha256(f"qimen-twin:{seed}".encode()).hexdigest()[:32]


def read_settings(given: Mapping[str, Any], seed: int) -> Settings:
    """Settings from the config file; unknown keys are left to others, a wrong one raises ValueError."""
    known = {name: given[name] for name in Settings.__dataclass_fields__ if name in given}
    known["warehouses"] = _warehouses(given.get("warehouses", DEFAULT_WAREHOUSES))
    known["shares"] = merged_shares(DEFAULT_SHARES, given.get("shares", {}))
    known.setdefault("app_key", DEFAULT_APP_KEY)
    known.setdefault("secret", default_secret(seed))
    return Settings(**known)


def merged_shares(old: Mapping[str, float], new: Mapping[str, Any]) -> dict[str, float]:
    """`old` with the shares of `new`; ValueError names an unknown share or one outside 0..1."""
    for name, share in new.items():
        if name not in DEFAULT_SHARES:
            raise ValueError(f"unknown share {name!r}; use one of {', '.join(DEFAULT_SHARES)}")
        if not 0 <= float(share) <= 1:
            raise ValueError(f"share {name} must lie between 0 and 1")
    return {**old, **{name: float(share) for name, share in new.items()}}


def _warehouses(rows: Any) -> dict[str, Warehouse]:
    found = {}
    for row in rows:
        owners = frozenset(row.get("owners", ()))
        found[row["code"]] = Warehouse(row["code"], row["customer_id"], owners, row.get("stock"))
    if not found:
        raise ValueError("a Qimen twin needs at least one warehouse: {code, customer_id}")
    return found
