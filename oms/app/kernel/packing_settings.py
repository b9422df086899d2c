"""Settings of a stock point's packing, and who works there; every change stands in the trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.point_scope import TABLES
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.trail import leave_trail

WRITE: Final = text("""
insert into packing_setting (stock_point_id, swap_origins, swap_most_amount, swap_same_category, slip_prices, must_check,
  calls_back, answer_minutes)
values (:stock_point_id, :swap_origins, :swap_most_amount, :swap_same_category, :slip_prices, :must_check, :calls_back,
  :answer_minutes)
on conflict (stock_point_id) do update set swap_origins = excluded.swap_origins,
  swap_most_amount = excluded.swap_most_amount, swap_same_category = excluded.swap_same_category,
  slip_prices = excluded.slip_prices, must_check = excluded.must_check, calls_back = excluded.calls_back,
  answer_minutes = excluded.answer_minutes""")
WRITE_ANSWERS: Final = text("""
insert into packing_setting (stock_point_id, calls_back, answer_minutes) values (:point, :calls_back, :minutes)
on conflict (stock_point_id) do update set calls_back = excluded.calls_back, answer_minutes = excluded.answer_minutes""")
#: People and keys in force, with whether they work at a point, and how many points they are named for.
PEOPLE: Final = text("""
select 'user:' || u.id as who, coalesce(nullif(u.display_name, ''), u.email) as name, false as is_key,
  bool_or(p.stock_point_id = :id) is true as is_here, count(p.stock_point_id)::int as points
from users u left join user_point p on p.user_id = u.id where u.active group by u.id
union all
select 'api:' || k.id, k.name, true, bool_or(p.stock_point_id = :id) is true, count(p.stock_point_id)::int
from api_key k left join api_key_point p on p.api_key_id = k.id where k.revoked_at is null group by k.id
order by 3, 2""")


@dataclass(frozen=True, slots=True)
class Setting:
    """A point's settings, as its row has them."""

    stock_point_id: int
    swap_origins: tuple[str, ...]
    swap_most_amount: int
    swap_same_category: bool
    slip_prices: bool
    must_check: bool
    calls_back: bool
    answer_minutes: int

    def row(self) -> dict[str, Any]:
        """As the database takes it."""
        return asdict(self) | {"swap_origins": list(self.swap_origins)}


def change_setting(hub: Hub, setting: Setting, actor: str) -> None:
    """Put a point's settings in force."""
    with hub.begin() as connection:
        connection.execute(WRITE, setting.row())
        leave_trail(hub, connection, "packing_changed", actor, {"stock_point": setting.stock_point_id})


def change_answers(hub: Hub, point_id: int, minutes: int, actor: str, *, calls_back: bool) -> None:
    """Set how long a point may take to answer a stop, and whether couriers are asked then; nothing else is written."""
    with hub.begin() as connection:
        connection.execute(WRITE_ANSWERS, {"point": point_id, "calls_back": calls_back, "minutes": minutes})
        leave_trail(hub, connection, "packing_changed", actor, {"stock_point": point_id})


def people_at(connection: Connection, point_id: int) -> list[AnyRow]:
    """Everybody who may sign in, and every key, with whether they are named for this point."""
    return list(connection.execute(PEOPLE, {"id": point_id}))


def put_people(hub: Hub, point_id: int, named: Sequence[str], actor: str) -> None:
    """Exactly these people and keys are named for the point; their other points stay.

    Who is taken off their last point has none from then on.
    """
    with hub.begin() as connection:
        for kind, (table, column) in TABLES.items():
            ids = sorted({int(one.partition(":")[2]) for one in named if one.startswith(f"{kind}:")})
            where = {"user": "users", "api": "api_key"}[kind]
            connection.execute(text(f"delete from {table} where stock_point_id = :point"), {"point": point_id})
            connection.execute(
                text(
                    f"insert into {table} ({column}, stock_point_id) select id, :point from {where} where id = any(:ids)"
                ),
                {"point": point_id, "ids": ids},
            )
        leave_trail(hub, connection, "packing_changed", actor, {"stock_point": point_id, "people": sorted(named)})
