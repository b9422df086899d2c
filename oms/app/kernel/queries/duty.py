"""Teams, their members and shifts: who is on duty at a moment, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from oms.domain.duty import Shift, Turn

_SHIFTS = text("""
select s.id, s.user_group_id, g.name as team, s.user_id, coalesce(nullif(u.display_name, ''), u.email) as person,
       s.weekdays, s.starts_min, s.ends_min, s.timezone
from duty_shift s join user_group g on g.id = s.user_group_id join users u on u.id = s.user_id
where u.active order by g.name, s.starts_min, 5, s.id""")
_TEAMS = text("""
select g.id, g.name, coalesce(array_agg(m.user_id) filter (where m.user_id is not null), '{}')
from user_group g left join user_group_member m on m.user_group_id = g.id group by g.id order by g.name, g.id""")


@dataclass(frozen=True, slots=True)
class DutyTurn:
    """A shift of somebody in a team, and the turn that runs now or comes next."""

    id: int
    team_id: int
    team: str
    user_id: int
    person: str
    shift: Shift
    turn: Turn | None
    is_on: bool


@dataclass(frozen=True, slots=True)
class Team:
    """A user group with its members."""

    id: int
    name: str
    members: frozenset[int]


def duty_turns(connection: Connection, now: datetime) -> list[DutyTurn]:
    """Every shift, by team and start."""
    found = []
    for id_, team_id, team, user_id, person, weekdays, starts, ends, zone in connection.execute(_SHIFTS):
        shift = Shift(frozenset(weekdays), starts, ends, zone)
        turn = shift.turn(now)
        is_on = turn is not None and turn.starts_at <= now
        found.append(DutyTurn(id_, team_id, team, user_id, person, shift, turn, is_on))
    return found


def turn_of(turns: Iterable[DutyTurn], user_id: int) -> DutyTurn | None:
    """The turn in which somebody works on what they take now: the running one that ends last, else the next."""
    mine = [(one, one.turn) for one in turns if one.user_id == user_id and one.turn is not None]
    running = [pair for pair in mine if pair[0].is_on]
    if running:
        return max(running, key=lambda pair: pair[1].ends_at)[0]
    return min(mine, key=lambda pair: pair[1].starts_at)[0] if mine else None


def load_teams(connection: Connection) -> list[Team]:
    """Every user group with its members, by name."""
    return [Team(id_, name, frozenset(members)) for id_, name, members in connection.execute(_TEAMS)]


def teams_of(connection: Connection, user_id: int | None) -> list[int]:
    """The teams that somebody is a member of."""
    return [team.id for team in load_teams(connection) if user_id in team.members]
