"""Who reviews what: teams with their shifts, limits of amount by role, and what people have taken to their desks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.queries.reviewers import PASSES
from oms.app.kernel.review_settings import add_shift, change_limits, make_team
from oms.app.pipeline.reviewing.claiming import claim_next, hand_over
from oms.demo.company.rulings import DUTY_TEAM
from oms.domain.review import BY_CODE

FINANCE: Final = BY_CODE["finance"].bit
DAY_TEAM, NIGHT_TEAM = "白班审单组", "晚班审单组"
EVERY_DAY: Final = tuple(range(1, 8))
ZONE: Final = "Asia/Shanghai"
#: Team, address, first and last minute of the shift.
SHIFTS: Final = (
    (DAY_TEAM, "finance@example.com", 8 * 60, 20 * 60),
    (DAY_TEAM, "service@example.com", 8 * 60, 20 * 60),
    (NIGHT_TEAM, "night@example.com", 20 * 60, 8 * 60),
    (DUTY_TEAM, "lead@example.com", 0, 24 * 60),
    (DUTY_TEAM, "admin@example.com", 0, 24 * 60),
)
#: Role and how much of one order it may pass, in fen; None is any amount.
LIMITS: Final = (("finance", 300_000), ("ops_lead", None))
#: Orders of the tour that nobody passes but who takes it.
NAMED: Final = ("MINI-TWICE", "MINI-LESS")
#: So many wait before anybody takes some; then so many are taken by each.
BEFORE_CLAIMS, CLAIMS = 4, 2


def set_desks_up(hub: Hub, people: Mapping[str, int], actor: str) -> dict[str, int]:
    """Teams, shifts and limits; answers the teams by name. Shifts that are there stay as they are."""
    teams = {name: make_team(hub, name, actor) for name in (DAY_TEAM, NIGHT_TEAM, DUTY_TEAM)}
    with hub.engine.connect() as connection:
        has_shifts = bool(fetch(connection, "select 1 from duty_shift limit 1"))
        roles = dict(fetch(connection, "select name, id from role"))
        has_limits = bool(fetch(connection, "select 1 from review_limit limit 1"))
    for team, email, starts, ends in () if has_shifts else SHIFTS:
        add_shift(hub, teams[team], people[email], EVERY_DAY, starts, ends, ZONE, actor)
    if not has_limits:
        change_limits(hub, FINANCE, [(roles[role], "CNY", most) for role, most in LIMITS], actor)
    return teams


@dataclass
class Desks:
    """Takes some of the waiting orders for two people and gives one to the other team, once."""

    hub: Hub
    people: Mapping[str, int]
    teams: Mapping[str, int]
    is_over: bool = False

    def tick(self) -> None:
        """Claim as soon as enough orders wait for finance."""
        if self.is_over:
            return
        with self.hub.engine.connect() as connection:
            question = "select count(*) from orders where phase = 'review' and tiers_waiting & %s <> 0"
            waiting = fetch(connection, question, (FINANCE,))[0][0]
            shops = [row[0] for row in fetch(connection, "select id from shop order by id")]
        if waiting < BEFORE_CLAIMS:
            return
        day, night = (f"user:{self.people[email]}" for email in ("finance@example.com", "night@example.com"))
        claim_next(self.hub, FINANCE, day, shops, CLAIMS, may=passes)
        later = claim_next(self.hub, FINANCE, night, shops, CLAIMS, may=passes)
        hand_over(
            self.hub, later[1:], FINANCE, night, team_id=self.teams[DAY_TEAM], reason="交给白班问一下买家", may=passes
        )
        self.is_over = True


def passes(permission: str, _shop_id: int) -> bool:
    """What a reviewer may do: pass orders, within the limits."""
    return permission == PASSES


def kept_back(hub: Hub) -> list[str]:
    """Numbers of the orders that the tour wants to find in review: what people have taken, and those it names."""
    question = "select distinct o.external_no from review_claim c join orders o on o.id = c.order_id"
    with hub.engine.connect() as connection:
        return [*NAMED, *[row[0] for row in fetch(connection, question)]]
