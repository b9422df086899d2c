"""Which past orders a backtest looks at: shops, channels, amounts, verdicts; as it is asked, kept and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.rulebook.trying.outcomes import STOPS
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.errors import Invalid
from oms.domain.review import BY_CODE

WIDEST: Final = timedelta(days=400)
#: What the stored decision said: anything, let go, stopped; at review also one tier.
VERDICTS: Final = ("", "passed", "stopped", *BY_CODE)
#: Words of stored verdicts that keep an order from going on.
STOPPING: Final = STOPS | BY_CODE.keys()

_WHERE: Final = """
from orders o join shop s on s.id = o.shop_id
where o.ordered_at >= %(since)s and o.ordered_at < %(until)s and o.shop_id = any(%(shops)s)
  and (%(channel)s = 0 or s.channel_id = %(channel)s) and (%(least)s::bigint is null or o.paid_total >= %(least)s)
  and (%(most)s::bigint is null or o.paid_total <= %(most)s) and (%(currency)s = '' or o.currency = %(currency)s)
  and (%(term)s = '' or o.is_cod = (%(term)s = 'cod'))"""
_COUNT: Final = f"select count(*) {_WHERE}"
_IDS: Final = f"select o.id {_WHERE} and o.id > %(after)s order by o.id limit %(size)s"


@dataclass(frozen=True, slots=True)
class Filter:
    """Narrows the orders of a period; amounts are minor units, `term` is cod, prepaid or empty."""

    channel_id: int = 0
    least: int | None = None
    most: int | None = None
    currency: str = ""
    term: str = ""
    verdict: str = ""

    def written(self) -> dict[str, Any]:
        """As JSON types."""
        return asdict(self)

    def lets(self, stored: str | None) -> bool:
        """Whether an order with this stored verdict is asked for."""
        if not self.verdict:
            return True
        codes = set((stored or "").split(","))
        if self.verdict in BY_CODE:
            return self.verdict in codes
        is_stopped = not codes.isdisjoint(STOPPING)
        return is_stopped is (self.verdict == "stopped")


ALL: Final = Filter()


def read_filter(kept: Mapping[str, Any]) -> Filter:
    """The filter of a backtest that was kept."""
    known = Filter.__dataclass_fields__
    return Filter(**{name: value for name, value in kept.items() if name in known})


def check_question(since: datetime, until: datetime, asked: Filter) -> None:
    """Invalid when nothing could be found, or too much."""
    if not since < until:
        raise Invalid("until", "the period ends before it begins", "choose an end after the beginning")
    if until - since > WIDEST:
        raise Invalid("since", f"a period of more than {WIDEST.days} days", "split it")
    if asked.least is not None and asked.most is not None and asked.least > asked.most:
        raise Invalid("most", "the smallest amount is above the largest", "exchange the two")
    if asked.verdict not in VERDICTS:
        raise Invalid("verdict", "there is no such verdict", f"use one of {', '.join(VERDICTS[1:])}")
    if asked.term not in ("", "cod", "prepaid"):
        raise Invalid("term", "there is no such payment term", "use cod or prepaid")


def count_orders(connection: Connection, shops: list[int], since: datetime, until: datetime, asked: Filter) -> int:
    """How many orders that are."""
    with psycopg_connection(connection).cursor() as cursor:
        row = cursor.execute(_COUNT.encode(), _values(shops, since, until, asked)).fetchone()
    return int(row[0]) if row else 0


def next_ids(
    connection: Connection, shops: list[int], since: datetime, until: datetime, asked: Filter, after: int, size: int
) -> list[int]:
    """Their ids behind one, in order."""
    values = _values(shops, since, until, asked) | {"after": after, "size": size}
    with psycopg_connection(connection).cursor() as cursor:
        return [row[0] for row in cursor.execute(_IDS.encode(), values)]


def _values(shops: list[int], since: datetime, until: datetime, asked: Filter) -> dict[str, Any]:
    return {
        "since": since, "until": until, "shops": array_of(shops), "channel": asked.channel_id, "least": asked.least,
        "most": asked.most, "currency": asked.currency, "term": asked.term,
    }  # fmt: skip
