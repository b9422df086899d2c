"""What a backtest found: the orders it would change, one of them with both explanations, and all of them as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select, text

from oms.app.kernel.hub import Hub
from oms.app.rulebook.changing import AnyRow
from oms.app.rulebook.rules_told import RuleTold
from oms.app.rulebook.telling import Manner
from oms.app.rulebook.trying.backtests import body_of
from oms.app.rulebook.trying.comparing import Compared, compare_orders
from oms.app.rulebook.trying.later import later_stages, tell_later
from oms.app.rulebook.trying.outcomes import Asked, Kind, read_outcome, written
from oms.app.rulebook.trying.past import read_past
from oms.app.rulebook.trying.people import split_word
from oms.app.rulebook.trying.telling import manner_of, tell_facts, tell_rules
from oms.app.rulebook.trying.versions import Pair, Side, pair_of, side_of, sides_of
from oms.db.channels import Shop
from oms.domain.errors import NotFound
from oms.domain.months import months_between

SIZE: Final = 50
#: A table of more rows is not made: nobody reads it, and the filters are there.
MOST_ROWS: Final = 100_000
#: Compiled pairs that a process keeps, by backtest and version compared with; a database's ids mean nothing in another.
MOST_PAIRS: Final = 8
_PAIRS: WeakKeyDictionary[Engine, dict[tuple[int, int], Pair]] = WeakKeyDictionary()
_CHANGES = text("""
select c.order_id, c.kind, c.before, c.after, c.rules_before, c.rules_after, c.person, c.amount, c.currency,
  o.external_no, o.shop_id, o.ordered_at, s.code as shop_code, s.name as shop_name
from backtest_change c join orders o on o.id = c.order_id join shop s on s.id = o.shop_id
where c.backtest_id = :id and (:kind = '' or c.kind = :kind) and c.order_id > :after
  and (:person = '' or split_part(c.person, ':', 1) = :person)
  and (:rule = '' or :rule = any(c.rules_after) or :rule = any(c.rules_before))
order by c.order_id limit :size""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders of a backtest: a kind of change, what people did, a rule of either side; empty means any."""

    kind: str = ""
    person: str = ""
    rule: str = ""


EVERY: Final = Wanted()


@dataclass(frozen=True, slots=True)
class Change:
    """A changed order: what each side asks for, by which rules, and what people then did, after how many seconds."""

    order_id: int
    external_no: str
    shop_id: int
    shop_code: str
    shop_name: str
    ordered_at: Any
    kind: str
    before: list[Asked]
    after: list[Asked]
    rules_before: Sequence[str]
    rules_after: Sequence[str]
    lacks: Sequence[str]
    person: str
    person_s: int | None
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A past order as both sides see it, with the explanation of each, and of later stages what can be told."""

    order_id: int
    kind: str
    stored: str
    stored_verdict: str | None
    decided_at: Any
    before: list[Asked]
    after: list[Asked]
    lacks: Sequence[str]
    facts: dict[str, Any]
    rules_before: tuple[RuleTold, ...]
    rules_after: tuple[RuleTold, ...]
    version_before: int
    version_after: int
    later: dict[str, str]


def list_changes(
    connection: Connection, backtest_id: int, asked: Wanted = EVERY, *, after: int = 0, size: int = SIZE
) -> list[Change]:
    """Orders of a backtest that are not the same, behind the order id `after`."""
    values = {"id": backtest_id, "after": after, "size": size}
    return [_change(row) for row in connection.execute(_CHANGES, values | asdict(asked))]


def find_change(connection: Connection, backtest_id: int, order_id: int) -> Change:
    """One of them; NotFound when the backtest does not list it."""
    found = list_changes(connection, backtest_id, after=order_id - 1, size=1)
    if not found or found[0].order_id != order_id:
        raise NotFound("this backtest lists no such order")
    return found[0]


def every_change(connection: Connection, backtest_id: int) -> Iterator[Change]:
    """All of them, page by page, up to a hundred thousand."""
    after, left = 0, MOST_ROWS
    while left > 0:
        page = list_changes(connection, backtest_id, after=after, size=min(2000, left))
        yield from page
        if not page:
            return
        after, left = page[-1].order_id, left - len(page)


def explain_change(hub: Hub, connection: Connection, backtest: AnyRow, order_id: int) -> Explained:
    """One listed order decided again by both sides, with every rule; NotFound when the backtest does not list it."""
    find_change(connection, backtest.id, order_id)
    months = months_between(backtest.from_at, hub.clock())
    (past,) = read_past(connection, backtest.stage, [order_id], months)
    before_id = int(backtest.question["sides"].get(str(past.shop_id), 0))
    pair = _pair(hub, connection, backtest, before_id)
    (compared,) = compare_orders(hub, connection, backtest.stage, [(past, pair)])
    later = later_stages(connection, backtest.stage, [past.shop_id])
    told = tell_later(connection, backtest.stage, [compared], later, months)
    zone = connection.execute(select(Shop.timezone).where(Shop.id == past.shop_id)).scalar_one()
    return _explained(compared, (pair.before, pair.after), manner_of(past.currency, zone), told.get(order_id, {}))


def _pair(hub: Hub, connection: Connection, backtest: AnyRow, before_id: int) -> Pair:
    """The two versions, compiled once for all orders that somebody looks at."""
    kept = _PAIRS.setdefault(hub.engine, {})
    key = backtest.id, before_id
    found = kept.get(key)
    if found is None:
        before = sides_of(connection, backtest.stage, [before_id]).get(before_id)
        if before is None:
            raise NotFound("the version that was compared with is gone", "start the backtest again")
        after = side_of(backtest.version_id, backtest.stage, body_of(connection, backtest.id))
        if len(kept) >= MOST_PAIRS:
            kept.clear()
        kept[key] = found = pair_of(before, after)
    return found


def _explained(compared: Compared, sides: tuple[Side, Side], manner: Manner, later: dict[str, str]) -> Explained:
    past = compared.order
    before, after = sides
    rules = [tell_rules(side, past.facts, past.at, manner, past.gone) for side in sides]
    return Explained(
        past.id, compared.kind.value, compared.stored.value, past.verdict, past.decided_at,
        read_outcome(written(compared.before)), read_outcome(written(compared.after)), compared.lacks,
        tell_facts(past.facts), rules[0], rules[1], before.version_id, after.version_id, later,
    )  # fmt: skip


def _change(row: AnyRow) -> Change:
    word, seconds = split_word(row.person)
    is_open = row.kind in (Kind.NOT_COMPARABLE, Kind.UNKNOWN)
    return Change(
        row.order_id, row.external_no, row.shop_id, row.shop_code, row.shop_name, row.ordered_at, row.kind,
        [] if is_open else read_outcome(row.before), [] if is_open else read_outcome(row.after),
        row.rules_before, row.rules_after, row.after.split(",") if is_open else [], word, seconds, row.amount,
        row.currency,
    )  # fmt: skip
