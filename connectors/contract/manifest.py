"""What a connector says of itself, and the account the hub gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Field:
    """A setting or secret of an account; the console draws its form from it."""

    name: str
    label_zh: str
    label_en: str
    secret: bool = False
    required: bool = True
    default: str = ""
    hint_zh: str = ""
    hint_en: str = ""


@dataclass(frozen=True, slots=True)
class OperationRate:
    """How often the platform takes one operation of an account: in the long run, and at once after a rest."""

    per_second: float
    burst: float = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """Name, limits and wanted settings of a connector.

    `widest_window` bounds one pull, `overlap` is read again before the cursor, `lag` keeps the end of a
    window away from now, `calls_per_second` is per account, over all its calls. `operations` are those that the
    platform limits by themselves, too, by the names that the connector gives its calls. `levels_a_push` is how many
    levels `push_stock` is given at once: few where each is a call of its own, so that what is done is kept when a
    call fails.
    """

    vendor: str
    family: str  # marketplace | warehouse | carrier | …
    label_zh: str
    label_en: str
    mark: str  # one character for lists
    gateway: str
    fields: tuple[Field, ...] = ()
    page_size: int = 50
    widest_window: timedelta = timedelta(minutes=30)
    overlap: timedelta = timedelta(minutes=5)
    lag: timedelta = timedelta(0)
    calls_per_second: float = 10.0
    operations: Mapping[str, OperationRate] = field(default_factory=dict)
    levels_a_push: int = 20
    platform_code: str = "OTHER"  # the name warehouses know this marketplace by
    created_list_zh: str = ""  # which list `list_created` reads, for the completeness certificate
    created_list_en: str = ""
    merges_cod: bool = True  # whether the platform lets orders with cash on delivery leave as one


@dataclass(frozen=True, slots=True)
class Account:
    """One set of credentials; `gateway` and `relay` override where calls go."""

    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    gateway: str = ""
    relay: str = ""
    timezone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a shop owner's authorisation or a refresh brought; the hub seals the secrets and keeps the rest.

    `expires_at` is when the access token runs out (None: never), `ends_at` when it cannot be refreshed any more
    and the owner must authorise again.
    """

    secrets: Mapping[str, str] = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)
    expires_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The outcome of trying an account; `words` tell a person what to do when it is not ok."""

    ok: bool
    words: str
