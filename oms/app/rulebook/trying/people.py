"""What people, and the world, then really made of past orders: the mirror that a draft is held up to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.db.bulk import array_of

#: The strongest word first.
WORDS: Final = ("intercepted", "refunded", "cancelled", "sent_back", "forced", "passed", "lifted", "waiting")
#: Words that say that letting an order go was wrong.
REGRETTED: Final = frozenset({"intercepted", "refunded", "cancelled", "sent_back"})

_THEN: Final = """
select t.id,
  exists (select from interception i where i.order_id = t.id),
  exists (select from cases k where k.order_id = t.id and k.kind in ('refund', 'return') and k.outcome <> 'withdrawn'),
  o.status = 'cancelled',
  r.sent_back, r.forced, r.passed_s, h.lifted_s, o.review = 'waiting' or h.is_held
from unnest(%s::bigint[], %s::timestamptz[]) as t(id, at) join orders o on o.id = t.id
cross join lateral (select coalesce(bool_or(d.verdict = 'sent_back'), false) as sent_back,
    coalesce(bool_or(d.verdict = 'forced'), false) as forced,
    extract(epoch from max(d.at) filter (where d.verdict in ('passed', 'forced')) - t.at)::bigint as passed_s
  from review_decision d where d.order_id = t.id and d.at >= t.at) r
cross join lateral (select extract(epoch from max(x.cleared_at) filter (
      where x.cleared_at is not null and x.cleared_by not in ('system', 'platform', '')) - t.at)::bigint as lifted_s,
    coalesce(bool_or(x.cleared_at is null), false) as is_held
  from hold x where x.order_id = t.id and x.placed_at >= t.at) h"""


def then_of(connection: Connection, orders: Sequence[tuple[int, datetime]]) -> dict[int, str]:
    """For orders with the moment of their decision: one of WORDS, with the seconds it took where somebody let it go.

    Written as `passed:45`; empty where nobody said anything.
    """
    if not orders:
        return {}
    asked = array_of([id_ for id_, _ in orders]), array_of([at for _, at in orders])
    return {row[0]: _word(*row[1:]) for row in fetch(connection, _THEN, asked)}


def split_word(kept: str) -> tuple[str, int | None]:
    """(word, seconds) of what was kept."""
    word, _colon, seconds = kept.partition(":")
    return word, int(seconds) if seconds else None


def _word(
    intercepted: bool, refunded: bool, cancelled: bool, sent_back: bool, forced: bool, passed: int | None,
    lifted: int | None, waiting: bool,
) -> str:  # fmt: skip
    flags = {"intercepted": intercepted, "refunded": refunded, "cancelled": cancelled, "sent_back": sent_back}
    for word, is_so in flags.items():
        if is_so:
            return word
    if passed is not None:
        return f"{'forced' if forced else 'passed'}:{max(0, passed)}"
    if lifted is not None:
        return f"lifted:{max(0, lifted)}"
    return "waiting" if waiting else ""
