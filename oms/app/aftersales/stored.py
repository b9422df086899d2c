"""A case as it is decided: locked, with what its platform said last that it lets us do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from oms.app.kernel.load import fetch, lock_with_siblings
from oms.domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class StoredCase:
    """The columns that decisions look at; amounts are minor units of `currency`."""

    id: int
    shop_id: int
    order_id: int | None
    external_no: str
    order_no: str
    kind: str
    review: str
    money: str
    remedy: str
    outcome: str
    state: str
    platform_version: str
    phase: str
    amount: int
    currency: str
    changed_at: datetime
    version: int
    origin: str = "platform"


def lock_case(connection: Connection, case_id: int) -> StoredCase:
    """The case, locked; NotFound when there is none that a platform or a store told."""
    rows = fetch(
        connection,
        """select id, shop_id, order_id, external_no, order_no, kind, review, money, remedy, outcome, platform_state,
             platform_version, phase, asked_amount, currency, changed_at, version, origin
           from cases where id = %s and origin in ('platform', 'store') for update""",
        (case_id,),
    )
    if not rows:
        raise NotFound("there is no such case", "look for it in the list of cases")
    return StoredCase(*rows[0])


def lock_order_of(connection: Connection, case_id: int) -> None:
    """Lock a case's order, if it has come in: orders are locked before their cases, as everywhere."""
    rows = fetch(connection, "select order_id from cases where id = %s and order_id is not null", (case_id,))
    if rows:
        lock_with_siblings(connection, [rows[0][0]])


def allowed(connection: Connection, case_id: int) -> Sequence[str]:
    """What the platform said last that it lets us do; nothing when it never says."""
    rows = fetch(
        connection,
        """select evidence -> 'allows' from case_step where case_id = %s and evidence ? 'allows'
           order by at desc, id desc limit 1""",
        (case_id,),
    )
    return tuple(rows[0][0] or ()) if rows else ()
