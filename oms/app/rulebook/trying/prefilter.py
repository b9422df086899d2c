"""Narrows orders of which no fact was kept by SQL, so that only those that may match are told in full."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.rulebook.facts.binding import stored_orders
from oms.app.rulebook.trying.past import YOUNGER, PastOrder, is_told
from oms.app.rulebook.trying.versions import Pair
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.db.bulk import array_of, psycopg_connection
from rules.model import Vocabulary, rules_in_order
from rules.sql import where

#: Fewer orders are told in full sooner than they are narrowed.
WORTH_IT: Final = 50
_FROM: Final = f"unnest(%(ids)s::bigint[], %(ats)s::timestamptz[]) as t(id, at), {stored_orders('t.at')}"


def without_hopeless(connection: Connection, open_: Sequence[tuple[PastOrder, Pair]]) -> list[tuple[PastOrder, Pair]]:
    """The orders without those on which none of the rules that differ can match.

    Only orders whose decisions kept none of the facts in question are asked about: of others the kept value counts,
    which the stored order may not have any more.
    """
    bare: dict[int, list[PastOrder]] = defaultdict(list)
    pairs: dict[int, Pair] = {}
    for order, pair in open_:
        if pair.differing.facts_read <= set(order.lacking) and not pair.looks_at_all:
            bare[id(pair)].append(order)
            pairs[id(pair)] = pair
    hopeless: set[int] = set()
    for key, orders in bare.items():
        if len(orders) >= WORTH_IT:
            hopeless |= {order.id for order in orders} - _may_match(connection, pairs[key], orders)
    return [(order, pair) for order, pair in open_ if order.id not in hopeless]


def _may_match(connection: Connection, pair: Pair, orders: Sequence[PastOrder]) -> set[int]:
    """Ids of orders on which one of the rules may match, or cannot be judged by SQL."""
    values: dict[str, Any] = {
        "ids": array_of([order.id for order in orders]),
        "ats": array_of([each.at for each in orders]),
    }
    fragments = []
    for number, rule in enumerate(rules_in_order(pair.differing.rule_set)):
        fragment = where(rule.when, _of_then(), "m.at", prefix=f"r{number}_")
        fragments.append(f"({fragment.text})")
        values |= fragment.params
    question = f"select o.id from {_FROM} where o.id = t.id and ({' or '.join(fragments) or 'false'})"
    with psycopg_connection(connection).cursor() as cursor:
        return {row[0] for row in cursor.execute(question.encode(), values)}


@cache
def _of_then() -> Vocabulary:
    """The vocabulary with SQL only for what a stored order tells of a past moment; all else keeps its rows."""
    specs = tuple(
        spec if is_told(name) and name not in YOUNGER else replace(spec, sql=None, python_only_reason="not of then")
        for name, spec in VOCABULARY.facts.items()
    )
    return Vocabulary.of(specs, tuple(VOCABULARY.actions.values()))
