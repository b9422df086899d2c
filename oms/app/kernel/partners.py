"""Partners as a batch sees them, whose orders are theirs, and the rows that say so; what is decided is in pipeline.

Nothing is asked of the database where there is no partner: the snapshot of the masters says whether there are any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from oms.app.kernel.work import LineWork
from oms.domain.settling import Agreed


class PartnerCard(NamedTuple):
    """A partner with what its orders are handled by; see oms.db.settling.Partner."""

    id: int
    code: str
    name: str
    kind: str
    currency: str
    ships: str
    needs_price: bool
    settles_own: bool
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class Partners:
    """All partners, and the shops that are one's."""

    by_id: Mapping[int, PartnerCard] = field(default_factory=dict)
    by_code: Mapping[str, PartnerCard] = field(default_factory=dict)
    of_shop: Mapping[int, PartnerCard] = field(default_factory=dict)


NOBODY: Final = Partners()
PARTNERS: Final = text("""
select id, code, name, kind, currency, ships, needs_price, settles_own, is_stopped from partner""")
SHOPS: Final = text("select shop_id, partner_id from partner_shop")


def read_partners(connection: Connection) -> Partners:
    """All partners as of this transaction."""
    by_id = {row[0]: PartnerCard(*row) for row in connection.execute(PARTNERS)}
    if not by_id:
        return NOBODY
    shops = {shop_id: by_id[partner_id] for shop_id, partner_id in connection.execute(SHOPS)}
    return Partners(by_id, {card.code.casefold(): card for card in by_id.values()}, shops)


@dataclass(slots=True)
class Settled:
    """What is known of a line's settlement: what was agreed for these units of these goods."""

    agreed: Agreed
    units: int
    goods: tuple[int, int]  # SKU or 0, bundle or 0


@dataclass(slots=True)
class Partnered:
    """Whose an order is: `code`, `reference` and `stated` (amounts by line number) are its document's words.

    `ships` and `left` were decided when it became the partner's and stay, whatever becomes of the partner's settings.
    """

    partner_id: int | None
    via: str  # shop | document
    ships: str = "us"
    code: str = ""
    reference: str = ""
    stated: dict[str, int] = field(default_factory=dict)
    left: set[int] = field(default_factory=set)
    lines: dict[int, Settled] = field(default_factory=dict)


@dataclass(slots=True)
class Partnering:
    """Of a batch: orders that are partners', those of them to write, and lines to write."""

    orders: dict[int, Partnered] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    priced: dict[int, tuple[LineWork, Settled]] = field(default_factory=dict)
    fulfillers: dict[int, str] = field(default_factory=dict)
