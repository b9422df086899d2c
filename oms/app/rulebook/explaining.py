"""Why an order went the way it went: every decision, hold and word of a person in the order in which they happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries import why
from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook.candidates import points_in, tell_candidates
from oms.app.rulebook.carriers_out import carriers_out
from oms.app.rulebook.path import (
    DecisionTold,
    HoldTold,
    LostFact,
    NoteTold,
    Others,
    Path,
    SetNamed,
    Step,
    hold_told,
    review_told,
)
from oms.app.rulebook.readings import Reading, read_versions
from oms.app.rulebook.retelling import retell
from oms.app.rulebook.rules_told import tell_rules
from oms.app.rulebook.scopes import REASONS, Standing, list_standings
from oms.app.rulebook.sight import Sealed, see
from oms.app.rulebook.steered import STEERED, tell_steered
from oms.app.rulebook.telling import Manner
from oms.app.rulebook.verdicts import NOTES, SAID, word_stage, word_verdict
from oms.db.rulebook import STAGES
from oms.domain.review import BY_CODE, tiers_in

#: A process may act by what it knew of a pause for so long after it ended.
STALE = timedelta(seconds=3)


def explain_order(hub: Hub, connection: Connection, order: AnyRow, *, with_rules: bool = True) -> Path:
    """The whole path of an order; without rules only the names of those that matched are told.

    `order` is the order's row. Nothing personal is told, and nothing is written.
    """
    return _Teller(hub, connection, order, with_rules).tell()


@dataclass(slots=True)
class _Run:
    """Decisions that followed each other and are alike: the last, how many, and when the first was."""

    decision: AnyRow
    times: int
    first_at: datetime


class _Teller:
    """Loads what is stored of one order once and tells it."""

    def __init__(self, hub: Hub, connection: Connection, order: AnyRow, with_rules: bool) -> None:
        self.connection, self.order, self.with_rules = connection, order, with_rules
        found = why.decisions_of(connection, order)
        self.is_cut, self.runs = len(found) >= why.MOST, _runs(found)
        decisions = [run.decision for run in self.runs]
        self.versions = read_versions(connection, sorted({row.version_id for row in decisions if row.version_id}))
        self.points = why.points_of(connection, sorted({id_ for row in decisions for id_ in points_in(row.choices)}))
        self.reviews = why.reviews_of(connection, order.id)
        self.told = why.told_of_rules(connection, order) if self.versions else ()
        self.pauses = why.pauses_of(connection, sorted({row.rule_set_id for row, _ in self.versions.values()}))
        versions = [row for row, _ in self.versions.values()]
        self.put_in_force = why.put_in_force(connection, versions, decisions[-1].at) if versions else ()
        self.standings = self._standings({row.stage for row in decisions})
        self.sealed = Sealed(hub, connection, order.id)
        shop = why.shop_of(connection, order.shop_id)
        self.manner = Manner(order.currency, ZoneInfo(shop.timezone))

    def tell(self) -> Path:
        steps: list[Step] = [
            *map(self._decision, self.runs),
            *map(hold_told, why.holds_of(self.connection, self.order.id)),
            *map(review_told, self.reviews),
        ]
        steps.sort(key=_place_of({(run.decision.at, run.decision.verdict): run.decision.id for run in self.runs}))
        order, out = self.order, carriers_out(self.connection, self.order)
        return Path(order.id, order.external_no, order.shop_id, self.is_cut, tuple(steps), out)

    def _decision(self, run: _Run) -> DecisionTold:
        row = run.decision
        version, reading = self.versions.get(row.version_id, (None, None))
        zh, en = word_verdict(row.stage, row.verdict)
        stage_zh, stage_en = word_stage(row.stage)
        rules, comparison, unknown = self._rules(row, version, reading)
        return DecisionTold(
            at=row.at, id=row.id, stage=row.stage, stage_zh=stage_zh, stage_en=stage_en, verdict=row.verdict,
            verdict_zh=zh, verdict_en=en, times=run.times, first_at=run.first_at,
            rule_set=_named(version, self._share(row, version)) if version else None, rules=rules, comparison=comparison,
            unknown_facts=unknown, others=self._others(row.stage, version),
            candidates=tuple(tell_candidates(row.choices, row.verdict, self.points)), notes=_notes(row.choices),
        )  # fmt: skip

    def _rules(self, row: AnyRow, version: AnyRow | None, reading: Reading | None) -> tuple[Any, Any, Any]:
        if version is None or reading is None:
            return (), None, ()
        sight = see(row.facts, self.sealed)
        retold = retell(row, reading, sight, self._kept_back(row, version), self._passed_before(row.at))
        shown = tell_rules(retold.rules, sight, self.manner, with_conditions=self.with_rules)
        unknown = [LostFact(name, sight.kept[name]) for name in sight.unknown_names] if self.with_rules else []
        return shown, retold.comparison, tuple(unknown)

    def _kept_back(self, row: AnyRow, version: AnyRow) -> Mapping[str, str]:
        """Rules of the version that might not act then, with the reason, by the timeline and by when they were paused."""
        said = {rule_id: why for told in self.told if told.at == row.at for rule_id, why in _reasons(told.detail)}
        found = {}
        for pause in self.pauses:
            if pause.rule_set_id != version.rule_set_id or pause.first_at > row.at:
                continue
            is_over = pause.cleared_at is not None and pause.cleared_at <= row.at
            is_said = pause.rule_id in said and (not is_over or row.at - pause.cleared_at <= STALE)
            if is_said or (not is_over and pause.first_at < row.at):
                found[pause.rule_id] = said.get(pause.rule_id) or "paused"
        return found

    def _share(self, row: AnyRow, version: AnyRow) -> int:
        """For which share of the orders the version decided then; what nobody has noted was for all."""
        mine = (version.rule_set_id, version.number)
        before = [put for put in self.put_in_force if (put.rule_set_id, put.number) == mine and _is_before(put, row)]
        return int(before[-1].share) if before else 100

    def _passed_before(self, at: datetime) -> frozenset[str]:
        passed = [row.tier for row in self.reviews if row.verdict in ("passed", "forced") and row.at <= at]
        return frozenset(tier.code for bits in passed for tier in tiers_in(bits))

    def _standings(self, stages: set[str]) -> dict[str, Standing]:
        wanted = [stage for stage in STAGES if stage in stages]
        return {one.stage: one for one in list_standings(self.connection, [self.order.shop_id], wanted)}

    def _others(self, stage: str, version: AnyRow | None) -> tuple[Others, ...]:
        """The other places that have a set of this stage, as things stand today."""
        standing = self.standings.get(stage)
        mine = version.rule_set_id if version else None
        return tuple([
            Others(one.scope, one.scope_id or 0, one.rule_set_id, one.name, one.number, one.why, *REASONS[one.why])
            for one in (standing.contenders if standing else ())
            if one.rule_set_id is not None and one.rule_set_id != mine
        ])  # fmt: skip


def _place_of(verdicts: Mapping[tuple[datetime, str], int]) -> Callable[[Step], tuple[datetime, int, bool]]:
    """By time, then by id, which a batch gives out in the order of what it does; a hold follows what led to it."""

    def place(step: Step) -> tuple[datetime, int, bool]:
        is_hold = isinstance(step, HoldTold)
        return step.at, verdicts.get((step.at, step.hold), step.id) if isinstance(step, HoldTold) else step.id, is_hold

    return place


def _is_before(earlier: AnyRow, row: AnyRow) -> bool:
    return (earlier.at, earlier.id) < (row.at, row.id)


def _runs(decisions: Sequence[AnyRow]) -> list[_Run]:
    """Decisions with those that say the same again folded into one: goods that lack are sourced again each minute."""
    runs: list[_Run] = []
    for row in decisions:
        if runs and _mark(runs[-1].decision) == _mark(row):
            runs[-1] = _Run(row, runs[-1].times + 1, runs[-1].first_at)
        else:
            runs.append(_Run(row, 1, row.at))
    return runs


def _reasons(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(rule, why) of rules that could not act, as the timeline tells them; of the last of many only the rule."""
    told = dict(part.split(": ", 1) for part in str(detail.get("reason", "")).split(", ") if ": " in part)
    return ((rule_id, told.get(rule_id, "")) for rule_id in detail.get("rules", ()))


def _mark(row: AnyRow) -> tuple[Any, ...]:
    return row.stage, row.version_id, row.verdict, tuple(row.matched), row.input_hash, row.choices, row.engine


def _notes(choices: bytes | None) -> tuple[NoteTold, ...]:
    """What a stage keeps beside its verdict, as far as it is a few codes."""
    kept = orjson.loads(choices) if choices else None
    told = []
    for code, value in kept.items() if isinstance(kept, dict) else ():
        if code in STEERED:
            told.append(tell_steered(code, value))
            continue
        values = value if isinstance(value, list) else [value]
        if values and all(isinstance(one, str | int) for one in values):
            words = [_word_note(str(one)) for one in values]
            zh, en = "、".join([word[0] for word in words]), ", ".join([word[1] for word in words])
            told.append(NoteTold(code, *NOTES.get(code, (code, code)), zh, en))
    return tuple(told)


def _word_note(code: str) -> tuple[str, str]:
    tier = BY_CODE.get(code)
    return (tier.zh, tier.en) if tier else SAID.get(code, (code, code))


def _named(version: AnyRow, share: int) -> SetNamed:
    return SetNamed(
        version.rule_set_id, version.name, version.stage, version.scope, version.scope_id, version.place_zh or "",
        version.place_en or "", version.id, version.number, version.state, version.canary,
        share, version.author,
        version.comment, version.activated_at, version.archived_at,
    )  # fmt: skip
