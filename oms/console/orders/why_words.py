"""How the steps of an order's path read: a sentence each, and the four that tell how it came to where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oms.app.rulebook.candidates import Candidate
from oms.app.rulebook.path import DecisionTold, HoldTold, Path, ReviewTold, Step
from oms.app.rulebook.retelling import Compared
from oms.console import refusals
from oms.console.messages import _, _l
from oms.console.rendering import label
from oms.console.telling import words
from oms.domain.holds import KINDS as HOLDS

#: Places of the strip above the page.
MOST: Final = 4
VERDICTS: Final = {
    "passed": _l("通过"),
    "sent_back": _l("驳回"),
    "revoked": _l("反审核"),
    "forced": _l("强制通过"),
    "auto": _l("自动通过"),
}
COMPARED: Final = {
    Compared.SAME: (_l("重算一致"), "ok", "check"),
    Compared.DIFFERS: (_l("重算不一致"), "warn", "alert-triangle"),
    Compared.ENGINE_CHANGED: (_l("引擎已更新"), "", "info-circle"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A step in the list: its name, one sentence, a number at the right, tone and icon."""

    name: str
    said: str
    number: str
    tone: str
    icon: str
    at: datetime


def name_of(actor: str, people: Mapping[str, str]) -> str:
    """Who an actor is."""
    if actor in people:
        return people[actor]
    kind, _colon, rest = actor.partition(":")
    known = {"system": _("系统"), "rule": _("规则 %(name)s", name=rest), "platform": _("平台"), "warehouse": _("仓库"),
             "api": _("接口 %(name)s", name=rest)}  # fmt: skip
    return known.get(kind, actor)


def sentences(path: Path, people: Mapping[str, str]) -> dict[str, Told]:
    """Every step in words, by the first letter of its kind and its id."""
    return {f"{step.kind[0]}{step.id}": _told(step, people) for step in path.steps}


def chain_of(path: Path, people: Mapping[str, str]) -> list[Told]:
    """The last few steps, those that still keep the order at the end."""
    keeping = [step for step in path.holds if step.is_open and step.blocks]
    passed = [step for step in path.steps if step not in keeping]
    shown = (passed[-max(1, MOST - len(keeping)) :] + list(keeping))[-MOST:]
    return [_told(step, people) for step in shown]


def _told(step: Step, people: Mapping[str, str]) -> Told:
    if isinstance(step, DecisionTold):
        return _decision(step)
    return _hold(step, people) if isinstance(step, HoldTold) else _review(step, people)


def _decision(step: DecisionTold) -> Told:
    verdict = label(step.verdict_zh, step.verdict_en)
    said = _chosen(step) or verdict
    if step.matched and not step.candidates:
        first, several = step.matched[0].name, len(step.matched)
        said = _("规则「%(rule)s」：%(verdict)s", rule=first, verdict=verdict)
        if several > 1:
            said = _("规则「%(rule)s」等 %(n)s 条：%(verdict)s", rule=first, n=several, verdict=verdict)
    elif step.is_default and not step.candidates:
        said = _("没有规则集：%(verdict)s", verdict=verdict)
    if step.times > 1:
        said = _("%(said)s，连着 %(n)s 次", said=said, n=step.times)
    number = f"{len(step.matched)}／{len(step.rules)}" if step.rules else ""
    differs = step.comparison is not None and step.comparison.outcome is Compared.DIFFERS
    tone = "warn" if differs or step.verdict in HOLDS else "ok"
    icon = "alert-triangle" if tone == "warn" else "check"
    return Told(label(step.stage_zh, step.stage_en), said, number, tone, icon, step.at)


def _chosen(step: DecisionTold) -> str:
    chosen = next((one for one in step.candidates if one.is_chosen), None)
    if chosen is None:
        return ""
    if len(step.candidates) == 1:
        return _("%(points)s，只有这一种走法", points=points_of(chosen))
    return _("%(points)s，%(n)s 种走法里最省", points=points_of(chosen), n=len(step.candidates))


def points_of(one: Candidate) -> str:
    """The stock points of a way."""
    return " + ".join(point.name or point.code or str(point.id) for point in one.points)


def _hold(step: HoldTold, people: Mapping[str, str]) -> Told:
    said = words.seen(step.seen) or _("拦住%(steps)s", steps=words.blocked_steps(step.block_bits))
    if step.is_open:
        return Told(label(step.zh, step.en), said, "", "warn", "player-pause", step.at)
    who = name_of(step.lifted_by, people) if step.lifted_by else _("系统")
    reason = refusals.told(step.lift_reason)
    lifted = _("已解除，%(who)s：%(reason)s", who=who, reason=reason) if reason else _("已解除，%(who)s", who=who)
    return Told(label(step.zh, step.en), lifted, "", "t3", "player-play", step.at)


def _review(step: ReviewTold, people: Mapping[str, str]) -> Told:
    verdict = str(VERDICTS.get(step.verdict, step.verdict))
    said = _("%(who)s %(verdict)s", who=name_of(step.actor, people), verdict=verdict)
    if step.reason:
        said = _("%(said)s：%(reason)s", said=said, reason=step.reason)
    tone = "t3" if step.invalidated_at else "warn" if step.verdict == "sent_back" else "ok"
    return Told(label(step.tiers_zh, step.tiers_en), said, "", tone, "users", step.at)
