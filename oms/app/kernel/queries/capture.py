"""How capture does beyond its streams: calls an account has left, documents known by number and not fetched yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from oms.app.kernel.load import fetch
from oms.app.kernel.queries.pages import AnyRow
from oms.db.channels import Account, CallBudget, Shop

#: Beyond so many the tile says "more than"; counting on would only be slow.
MOST_COUNTED = 10_000
WAITING = f"""
select s.id, w.count, o.external_no, o.noted_at from unnest(%s::bigint[]) as s(id)
cross join lateral (select count(*) as count from
  (select from pending_reference p where p.shop_id = s.id limit {MOST_COUNTED}) few) w
cross join lateral (select p.external_no, p.noted_at from pending_reference p where p.shop_id = s.id
  order by p.noted_at, p.external_no limit 1) o"""


def budgets(connection: Connection, shop_ids: Sequence[int]) -> dict[int, AnyRow]:
    """The call budget of each shop's account; shops that were never called for have none."""
    statement = (
        select(
            Shop.id.label("shop_id"),
            Account.vendor,
            Account.calls_per_second,
            CallBudget.tokens,
            CallBudget.refilled_at,
            CallBudget.blocked_until,
        )
        .join(Account, Account.id == Shop.account_id)
        .join(CallBudget, CallBudget.account_id == Account.id)
        .where(Shop.id.in_(shop_ids))
    )
    return {row.shop_id: row for row in connection.execute(statement)}


@dataclass(frozen=True, slots=True)
class Backlog:
    """References of a shop that wait to be fetched: how many, and the oldest with the moment it was noted."""

    count: int
    oldest_no: str
    noted_at: datetime


def backlogs(connection: Connection, shop_ids: Sequence[int]) -> dict[int, Backlog]:
    """What waits in each shop; shops where nothing does are left out."""
    return {row[0]: Backlog(*row[1:]) for row in fetch(connection, WAITING, (list(shop_ids),))}
