"""Who may pass what waits in review, and to whom it can be handed: people by name and role, those on duty first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from oms.app.kernel.queries.claims import claims_of
from oms.app.kernel.queries.duty import duty_turns, load_teams
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.queries.reviewers import PASSES, Desk, load_desk
from oms.app.pipeline.reviewing.guard import Asking, Standing
from oms.console.context import actor, connection, hub, person
from oms.console.forms import read_whole
from oms.console.messages import _
from oms.console.refusals import told
from oms.console.rendering import label, local, moment
from oms.domain.errors import Invalid
from oms.domain.review import tiers_in


@dataclass(frozen=True, slots=True)
class Able:
    """Who may pass an order: the roles in short, everybody's name, whether the reader is among them, how many others."""

    roles: str
    names: str
    is_mine: bool
    others: int


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody, or a team, that orders can be handed to."""

    value: str
    name: str
    is_on: bool = False


def able_in(rows: Sequence[AnyRow], tier: int) -> dict[int, Able]:
    """Order id → who may pass it at a tier."""
    if not rows:
        return {}
    asking = _asking(tier)
    found = {}
    for row in rows:
        is_mine = person().allows("order.pass_review", row.shop_id)
        is_mine = is_mine and asking.over_limit(row.shop_id, row.currency, row.paid_total) is None
        found[row.id] = _able(asking.desk, row, is_mine=is_mine)
    return found


def _able(desk: Desk, row: AnyRow, *, is_mine: bool) -> Able:
    able = desk.able(row.shop_id, row.currency, row.paid_total)
    roles = dict.fromkeys(label(role.label_zh, role.label_en) for _one, role in able)
    others = sum(one.id != person().id for one, _role in able)
    return Able(_("、").join(filter(None, roles)), _("、").join(one.name for one, _role in able), is_mine, others)


def colleagues(tier: int) -> list[Colleague]:
    """People who review, those on duty first, and the teams."""
    now = hub().clock()
    turns = [one for one in duty_turns(connection(), now) if one.is_on and one.turn is not None]
    until = {one.user_id: f"{local(one.turn.ends_at):%H:%M}" for one in turns if one.turn is not None}
    people = [
        one
        for one in load_desk(connection(), tier).people.values()
        if one.id != person().id and any(grant.may_pass for grant in one.grants)
    ]
    found = [
        Colleague(f"u{one.id}", _("%(name)s，在班到 %(time)s", name=one.name, time=until[one.id]), is_on=True)
        for one in people
        if one.id in until
    ]
    found += [Colleague(f"u{one.id}", one.name) for one in people if one.id not in until]
    return found + [Colleague(f"t{team.id}", _("组：%(name)s", name=team.name)) for team in load_teams(connection())]


def why_not(order: AnyRow, tier: int, verb: str = PASSES) -> str:
    """What keeps the reader from passing an order at a tier, or sending it back, holds apart; empty when nothing does."""
    asking = _asking(tier)
    asking.verb = verb
    standing = Standing(
        order.id, order.shop_id, order.status, order.review, order.tiers_waiting, order.currency, order.paid_total
    )
    refusal = asking.refusals([standing]).get(order.id)
    return told(refusal.words) if refusal and refusal.code in ("limit", "claimed") else ""


def waits_for(order: AnyRow) -> tuple[str, str]:
    """(for whom an order in review waits, who else may pass it) at the first tier that has it in its queue."""
    tier = next((one.bit for one in tiers_in(order.tiers_waiting)), 1)
    claim = claims_of(connection(), [order.id], tier, hub().clock()).get(order.id)
    able = able_in([order], tier)[order.id]
    names = _("能通过的：%(names)s", names=able.names) if able.names else ""
    if claim is not None:
        return _("等%(name)s，%(at)s 领取", name=claim.name, at=moment(claim.at)), names
    return _("等%(who)s", who=able.roles) if able.roles else _("等审核的人"), names


def _asking(tier: int) -> Asking:
    now = hub().clock()
    return Asking(connection(), hub().masters.get(connection(), now), now, tier, actor(), person().allows)


def read_target() -> tuple[int | None, int | None]:
    """(person, team) that a form hands orders to."""
    text = request.form.get("to", "")
    number = read_whole(text[1:])
    if number is None or text[:1] not in ("u", "t"):
        raise Invalid("to", _("选转交给谁"))
    return (number, None) if text[0] == "u" else (None, number)
