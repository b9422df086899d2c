"""库存点 as people keep them: names, calendar, outage, coverage, capacity; and the pools that join points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.trail import leave_trail
from oms.app.stock.freeing import free_goods_at
from oms.app.stock.marks import require_mark
from oms.app.stock.polygon_texts import check_polygon
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.areas import Area, Place
from oms.domain.centres import centre_of
from oms.domain.errors import Invalid, NotFound, NotPossible
from oms.domain.opening_hours import DAYS, is_time
from oms.domain.polygons import looks_swapped, to_json

STATES: Final = ("open", "outage", "closed")
POLICIES: Final = ("whole_first", "main_first", "cheapest", "fastest")
MOST_AREAS, MOST_CLOSURES = 500, 366
MOST_METRES: Final = 5_000_000
AREA: Final = ("stock_point_id", "kind", "value", "division_code", "shape", "metres", "is_excluded")


@dataclass(frozen=True, slots=True)
class PointForm:
    """Everything of a stock point that people set."""

    code: str
    name: str
    kind: str = "warehouse"
    account_id: int | None = None
    warehouse_code: str = ""
    owner_code: str = ""
    division_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    handling_amount: int = 0
    daily_capacity: int | None = None
    cut_off: str = ""
    timezone: str = "Asia/Shanghai"
    hours: dict[str, list[str]] = field(default_factory=dict)
    difference_limit: int | None = None
    query_every_s: int | None = None
    areas: tuple[Area, ...] = ()
    closed_on: tuple[date, ...] = ()


COLUMNS: Final = (
    "code", "name", "kind", "account_id", "warehouse_code", "owner_code", "division_code", "latitude", "longitude",
    "handling_amount", "daily_capacity", "cut_off", "timezone", "hours", "difference_limit", "query_every_s",
)  # fmt: skip


def save_point(hub: Hub, point_id: int | None, form: PointForm, actor: str, *, seen: str = "") -> int:
    """Make a stock point, or change one that is still as it was `seen`; answers its id."""
    _check(form)
    with hub.begin() as connection:
        if point_id is not None:
            require_mark(connection, "point", point_id, seen)
        values = [_value(form, name) for name in COLUMNS]
        taken = fetch(connection, "select id from stock_point where code = %s", (form.code,))
        if taken and taken[0][0] != point_id:
            raise Invalid("code", "another stock point has this code", "choose another code")
        with psycopg_connection(connection).cursor() as cursor:
            if point_id is None:
                marks = ", ".join(["%s"] * len(COLUMNS))
                cursor.execute(
                    f"insert into stock_point ({', '.join(COLUMNS)}) values ({marks}) returning id".encode(), values
                )
                found = cursor.fetchone()
                point_id = int(found[0]) if found else 0
            else:
                sets = ", ".join(f"{name} = %s" for name in COLUMNS)
                cursor.execute(f"update stock_point set {sets} where id = %s".encode(), [*values, point_id])
        _keep_around(connection, point_id, form)
        leave_trail(hub, connection, "point_changed", actor, {"point": point_id, "fields": ["all"]})
    hub.masters.forget()
    hub.poke("advance")
    return point_id


def set_state(hub: Hub, point_id: int, state: str, until: datetime | None, words: str, actor: str) -> None:
    """Open a stock point, take it out for a time, or close it; one that holds goods for orders is not closed."""
    if state not in STATES:
        raise Invalid("state", "there is no such state", f"use one of {', '.join(STATES)}")
    if until is not None and (state != "outage" or until <= hub.clock()):
        raise Invalid("until", "an outage ends at a moment to come", "leave it out, or choose a later one")
    with hub.begin() as connection:
        if state == "closed":
            refuse_promised(connection, point_id)
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                "update stock_point set state = %s, outage_until = %s, outage_words = %s where id = %s",
                (state, until, words[:200] if state == "outage" else "", point_id),
            )
            if not cursor.rowcount:
                raise NotFound("there is no such stock point", "look at the list")
        note_outage(connection, point_id, state, words, actor, hub.clock())
        if state == "open":
            free_goods_at(connection, [point_id])
        leave_trail(hub, connection, "point_changed", actor, {"point": point_id, "fields": ["state"], "to": state})
    hub.masters.forget()
    hub.poke("wake_short")
    hub.poke("advance")


def refuse_promised(connection: Connection, point_id: int) -> None:
    """NotPossible while goods of a stock point are promised to orders."""
    question = "select coalesce(sum(reserved), 0) from stock_level where stock_point_id = %s"
    held = fetch(connection, question, (point_id,))[0][0]
    if held:
        raise NotPossible(f"{held} units there are promised to orders", "take it out first, and let them leave")


def note_outage(connection: Connection, point_id: int, state: str, words: str, actor: str, now: datetime) -> None:
    """Remember from when to when a stock point was out; one that is out already goes on being so."""
    with psycopg_connection(connection).cursor() as cursor:
        if state == "open":
            cursor.execute(
                "update point_outage set ended_at = %s, ended_by = %s where stock_point_id = %s and ended_at is null",
                (now, actor, point_id),
            )
            return
        cursor.execute(
            """insert into point_outage (stock_point_id, began_at, began_by, words) select %s, %s, %s, %s
               where not exists (select from point_outage where stock_point_id = %s and ended_at is null)""",
            (point_id, now, actor, words[:200], point_id),
        )


def save_pool(
    hub: Hub, pool_id: int | None, code: str, name: str, policy: str, main: int | None,
    members: Sequence[tuple[int, int]], actor: str, *, seen: str = "",
) -> int:  # fmt: skip
    """Make a pool, or change one that is still as it was `seen`: its points with their ranks, a lower one first.

    Answers its id.
    """
    if not code.strip() or not name.strip():
        raise Invalid("code", "a code and a name are needed", "fill them in")
    if policy not in POLICIES:
        raise Invalid("split_policy", "there is no such policy", f"use one of {', '.join(POLICIES)}")
    ids = [point_id for point_id, _ in members]
    if len(set(ids)) < len(ids) or (main is not None and main not in ids):
        raise Invalid("main_point", "the main point must be one of the pool's points, each named once", "correct them")
    with hub.begin() as connection:
        if pool_id is not None:
            require_mark(connection, "pool", pool_id, seen)
        taken = fetch(connection, "select id from stock_pool where code = %s", (code,))
        if taken and taken[0][0] != pool_id:
            raise Invalid("code", "another pool has this code", "choose another code")
        known = {row[0] for row in fetch(connection, "select id from stock_point where id = any(%s)", (ids,))}
        if known != set(ids):
            raise Invalid("members", "there is no such stock point", "choose from the list")
        pool_id = _write_pool(connection, pool_id, (code, name, policy, main))
        before = fetch(connection, "delete from pool_member where pool_id = %s returning stock_point_id", (pool_id,))
        copy_rows(connection, "pool_member", ("pool_id", "stock_point_id", "rank"),
                  [(pool_id, point_id, rank) for point_id, rank in members])  # fmt: skip
        free_goods_at(connection, set(ids) - {row[0] for row in before})
        leave_trail(hub, connection, "pool_changed", actor, {"pool": pool_id, "fields": ["all"]})
    hub.masters.forget()
    hub.poke("wake_short")
    hub.poke("advance")
    return pool_id


def set_geocoder(hub: Hub, pool_id: int, account_id: int | None, actor: str) -> None:
    """Which map service is asked where a pool's receivers are, where areas of its points need to know; None for none."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        question = "select 1 from account where id = %s and family = 'geocoder'"
        if account_id is not None and not fetch(connection, question, (account_id,)):
            raise Invalid("geocoder", "this account is of another kind", "choose one of the list")
        if account_id is None:
            cursor.execute("delete from pool_places where pool_id = %s", (pool_id,))
        else:
            cursor.execute(
                """insert into pool_places (pool_id, geocoder_account_id) values (%s, %s)
                   on conflict (pool_id) do update set geocoder_account_id = excluded.geocoder_account_id
                   where pool_places.geocoder_account_id <> excluded.geocoder_account_id""",
                (pool_id, account_id),
            )
        if cursor.rowcount:
            leave_trail(hub, connection, "pool_changed", actor, {"pool": pool_id, "fields": ["geocoder"]})
    hub.masters.forget()


def _write_pool(connection: Connection, pool_id: int | None, values: tuple[Any, ...]) -> int:
    with psycopg_connection(connection).cursor() as cursor:
        if pool_id is None:
            statement = """insert into stock_pool (code, name, split_policy, main_point_id) values (%s, %s, %s, %s)
                           returning id"""
            cursor.execute(statement, values)
        else:
            statement = """update stock_pool set code = %s, name = %s, split_policy = %s, main_point_id = %s
                           where id = %s returning id"""
            cursor.execute(statement, (*values, pool_id))
        found = cursor.fetchone()
    if found is None:
        raise NotFound("there is no such pool", "look at the list")
    return int(found[0])


def _value(form: PointForm, name: str) -> Any:
    value = getattr(form, name)
    return orjson.dumps(value).decode() if name == "hours" else value


def _check(form: PointForm) -> None:
    if not form.code.strip() or len(form.code) > 50:
        raise Invalid("code", "a code of at most 50 characters is needed", "write what people call it")
    if not form.name.strip() or len(form.name) > 100:
        raise Invalid("name", "a name of at most 100 characters is needed", "write what people call it")
    if form.kind not in ("warehouse", "store"):
        raise Invalid("kind", "is neither a warehouse nor a store", "choose one")
    place = _check_place(form)
    try:
        ZoneInfo(form.timezone)
    except (KeyError, ValueError, OSError):
        raise Invalid("timezone", "there is no such time zone", "write it like Asia/Shanghai") from None
    if form.cut_off and not is_time(form.cut_off):
        raise Invalid("cut_off", "is no time", "write it like 16:00")
    check_hours(form.hours)
    if len(form.closed_on) > MOST_CLOSURES:
        raise Invalid("closed_on", f"a stock point may have {MOST_CLOSURES} closed days", "keep fewer")
    check_areas(form.areas, place, form.division_code)


def check_hours(hours: Mapping[str, Sequence[str]]) -> None:
    """Refuse opening hours that are not two times of a weekday each, or none for a day of rest."""
    for day, span in hours.items():
        if day not in DAYS or len(span) not in (0, 2) or not all(map(is_time, span)) or (span and span[0] >= span[1]):
            raise Invalid("hours", "opening hours are two times of a day, the first one earlier", "write 09:00-18:00")


def check_areas(areas: Sequence[Area], place: Place | None, division_code: str) -> None:
    """Refuse areas that cannot be meant, of a point at a place, or at least in a division."""
    if len(areas) > MOST_AREAS:
        raise Invalid("areas", f"a stock point may have {MOST_AREAS} areas", "keep fewer")
    near = place or centre_of(division_code)
    for area in areas:
        if area.kind == "polygon":
            check_polygon(area, near)
        if area.kind == "radius" and (not 0 < area.metres <= MOST_METRES or place is None):
            raise Invalid("radius", "a radius needs metres and the place of the stock point", "fill both in")
        if area.kind in ("division", "list") and not (area.value or area.division_code):
            raise Invalid("areas", "an area without text holds nothing", "take it out")


def _check_place(form: PointForm) -> Place | None:
    if (form.latitude is None) != (form.longitude is None) or not _on_earth(form.latitude, form.longitude):
        raise Invalid("latitude", "latitude and longitude belong together, within 90 and 180 degrees", "correct both")
    if form.latitude is None or form.longitude is None:
        return None
    place, centre = (form.latitude, form.longitude), centre_of(form.division_code)
    if centre is not None and looks_swapped(place, centre):
        raise Invalid("latitude", "latitude and longitude look exchanged", "write the latitude first")
    return place


def _on_earth(latitude: float | None, longitude: float | None) -> bool:
    return latitude is None or longitude is None or (abs(latitude) <= 90 and abs(longitude) <= 180)


def area_rows(point_id: int, areas: Sequence[Area]) -> list[tuple[Any, ...]]:
    """The areas of a point as rows of AREA."""
    return [
        (point_id, area.kind, area.value[:200], area.division_code,
         orjson.dumps(to_json(area.shape, area.holes)).decode() if area.shape else None, area.metres or None,
         area.is_excluded)
        for area in areas
    ]  # fmt: skip


def _keep_around(connection: Connection, point_id: int, form: PointForm) -> None:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute("delete from stock_area where stock_point_id = %s", (point_id,))
        cursor.execute("delete from stock_closure where stock_point_id = %s", (point_id,))
    copy_rows(connection, "stock_area", AREA, area_rows(point_id, form.areas))
    days = sorted(set(form.closed_on))
    copy_rows(connection, "stock_closure", ("stock_point_id", "closed_on"), [(point_id, day) for day in days])
