"""规则 · 谁说了算 and 继承: which rule set decides for a shop and why the others do not; how copies have drifted."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, render_template, request

from oms.app.rulebook import diff, scopes, sets
from oms.app.rulebook.diff import Drift
from oms.app.rulebook.sets import Inherited
from oms.console.context import connection, shops
from oms.console.forms import chosen_id
from oms.console.rules.access import VIEW
from oms.console.rules.places import kind_of
from oms.console.rules.words import stage_words
from oms.console.security import requires
from oms.db.rulebook import STAGES

pages = Blueprint("rule_standing", __name__, url_prefix="/rules")
#: How the reason of a place reads at a glance.
TONES: Final = {"in_force": "ok", "more_exact": "off", "not_active": "warn"}


@pages.get("/standing")
@requires(VIEW)
def standing() -> str:
    """For one shop: each stage, who decides, and why the others lose."""
    seen = shops(VIEW)
    shop = seen.get(chosen_id("shop")) or next(iter(seen), None)
    found = scopes.list_standings(connection(), [shop.id]) if shop else []
    return render_template(
        "rules/standing.html", shop=shop, shops=seen, standings=found, stages=stage_words(), reasons=scopes.REASONS,
        kinds={scope: kind_of(scope) for scope in scopes.PRECEDENCE}, tones=TONES,
        held=[each.stage for each in found if any(one.rule_set_id for one in each.contenders)],
    )  # fmt: skip


@pages.get("/inheritance")
@requires(VIEW)
def inheritance() -> str:
    """For every shop and stage: what decides, and the drift of a copy; fifty shops a page."""
    stage = request.args.get("stage", "")
    asked = (stage,) if stage in STAGES else STAGES
    after = chosen_id("after") or 0
    found = sets.list_inherited(connection(), shops(VIEW).ids, stages=asked, after=after)
    rows: dict[int, dict[str, Inherited]] = {}
    for each in found:
        rows.setdefault(each.standing.shop_id, {})[each.standing.stage] = each
    decided = {each.standing.stage for each in found if each.standing.winner}
    sources = {row.id for row in _sources(found)}
    return render_template(
        "rules/inheritance.html", rows=rows, stage=stage if stage in STAGES else "", stages=stage_words(),
        shown=[each for each in asked if each in decided], kinds={scope: kind_of(scope) for scope in scopes.PRECEDENCE},
        shops=shops(VIEW), drifts=diff.DRIFTS, sources=sources,
        after=max(rows) if len(rows) == sets.SIZE else 0,
    )  # fmt: skip


def _sources(found: list[Inherited]) -> list[scopes.AnyRow]:
    """The sets that copies come from, as far as the person may see them."""
    ids = {each.drift.source_set_id for each in found if isinstance(each.drift, Drift)}
    seen = shops(VIEW).ids
    return [row for id_ in ids for row in _seen(id_, seen)]


def _seen(rule_set_id: int, seen: list[int]) -> list[scopes.AnyRow]:
    scope, scope_id = sets.place_of(connection(), rule_set_id)
    rows = sets.list_sets(connection(), seen, scope=scope, scope_id=scope_id)
    return [row for row in rows if row.id == rule_set_id]
