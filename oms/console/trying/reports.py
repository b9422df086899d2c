"""规则 · 一致率 and 覆盖: where people wave through what rules send them, and rules that never act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from flask import render_template

from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook.changing import find_version
from oms.app.rulebook.trying import agreement as agreed
from oms.app.rulebook.trying import coverage as covered
from oms.app.rulebook.trying.reading import numbers_of, sets_by_id
from oms.app.rulebook.trying.versions import names_of
from oms.console.context import connection
from oms.console.forms import chosen_id
from oms.console.rendering import now, span
from oms.console.rules.access import EDIT, VIEW, reaches
from oms.console.rules.places import Places
from oms.console.rules.words import stage_word
from oms.console.security import requires
from oms.console.trying.asked import tried_shops
from oms.console.trying.export import pages as pages  # those of a backtest, with the pages below

#: Days that can be chosen.
SPANS: Final = (7, 14, 30, 60, 90)
USUAL: Final = 30


@pages.get("/agreement")
@requires(VIEW)
def agreement() -> str:
    """Rules of review by how people agreed with them, those to loosen or tighten first."""
    since, until, days = _period()
    found = agreed.agreement(connection(), tried_shops().ids, since, until)
    listed: list[agreed.Sent | agreed.LetGo] = [*found.sent, *found.let_go]
    sets = sets_by_id(connection(), {rule.rule_set_id for rule in listed})
    sent = sorted(found.sent, key=lambda rule: (not rule.may_be_loosened, -rule.share, -rule.sent))
    let_go = sorted(found.let_go, key=lambda rule: (not rule.may_be_tightened, -rule.share, -rule.passed))
    numbers = numbers_of(connection(), [id_ for rule in listed for id_ in rule.orders])
    return render_template(
        "trying/agreement.html", sent=sent, let_go=let_go, days=days, spans=SPANS, names=_names(list(sets.values())),
        numbers=numbers, may_draft={id_: reaches(EDIT, row.scope, row.scope_id) for id_, row in sets.items()},
        limits=agreed, span_s=span_s,
    )  # fmt: skip


@pages.get("/coverage")
@requires(VIEW)
def coverage() -> str:
    """Sets in force with rules that never matched, and orders that no rule had a say about."""
    since, until, days = _period()
    found = covered.coverage(connection(), tried_shops().ids, since, until)
    found.sort(key=lambda each: (not each.silent, each.rule_set_id))
    return render_template(
        "trying/coverage.html", sets=found, days=days, spans=SPANS, places=Places(), stage_word=stage_word,
    )  # fmt: skip


def _period() -> tuple[datetime, datetime, int]:
    days = chosen_id("days") or USUAL
    days = days if days in SPANS else USUAL
    return now() - timedelta(days=days), now(), days


def span_s(seconds: int | None) -> str:
    """So many seconds in words."""
    return span(None if seconds is None else timedelta(seconds=seconds))


def _names(sets: Sequence[AnyRow]) -> dict[tuple[int, str], str]:
    """The names of rules by set and id, as the version in force has them."""
    return {
        (row.id, rule_id): name
        for row in sets
        if row.version_id
        for rule_id, name in names_of(find_version(connection(), row.version_id).body).items()
    }
