"""Who has claimed which orders at a tier, as of a moment: a person's claim ends with the shift and is then the team's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

#: Who holds a claim c at a moment: the person until it ends, then the team.
HOLDER: Final = "case when c.expires_at is null or c.expires_at > :now then c.user_id end"

_CLAIMS = text(f"""
select c.order_id, {HOLDER} as user_id, c.user_group_id, c.claimed_at, c.expires_at,
       coalesce(nullif(u.display_name, ''), u.email), g.name,
       array(select m.user_id from user_group_member m where m.user_group_id = c.user_group_id)
from review_claim c left join users u on u.id = {HOLDER} left join user_group g on g.id = c.user_group_id
where c.order_id = any(:ids) and c.tier = :tier
  and (c.user_group_id is not null or {HOLDER} is not null)""")


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim in force: of a person (`user_id`), else of a team with its `members`."""

    order_id: int
    user_id: int | None
    user_group_id: int | None
    at: datetime
    expires_at: datetime | None
    name: str
    members: frozenset[int] = frozenset()

    def is_of(self, user_id: int | None) -> bool:
        """Whether somebody may work on it: the person who holds it, or a member of the team that does."""
        if self.user_id is not None:
            return user_id == self.user_id
        return user_id in self.members


def claims_of(connection: Connection, order_ids: Sequence[int], tier: int, now: datetime) -> dict[int, Claim]:
    """Order id → its claim in force at a tier."""
    if not order_ids:
        return {}
    found = {}
    for order_id, user_id, group_id, at, expires_at, person, team, members in connection.execute(
        _CLAIMS, {"ids": list(order_ids), "tier": tier, "now": now}
    ):
        name = person if user_id is not None else team
        found[order_id] = Claim(order_id, user_id, group_id, at, expires_at, name, frozenset(members))
    return found
