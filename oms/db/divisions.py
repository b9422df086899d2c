"""Loads the division table from the file that set-up fetched; without the file provinces are all that is known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from oms.db.bulk import copy_rows
from oms.domain.divisions import PROVINCES, is_pseudo_name
from oms.domain.gazetteer import Division

#: Provinces, cities and districts as a tree of {"c": code, "n": name, "ch": children}; never committed.
FETCHED = Path(__file__).parent / "fetched" / "divisions.json"
SETTING = "divisions"
#: Raised when `rows_of` reads the same file in another way.
READING = 1
_ISLANDS = {"71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区"}
_DISTRICT_DIGITS = 6


def load_divisions(engine: Engine, source: Path = FETCHED) -> int:
    """Make the table say what the file says; answers the number of rows written, 0 when nothing had to be done.

    One transaction; a second process waits and then finds the work done.
    """
    if not source.is_file():
        return 0
    content = source.read_bytes()
    mark = f"{READING}:{hashlib.sha256(content).hexdigest()}"
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(hashtext('load divisions'))"))
        if _loaded(connection) == mark:
            return 0
        connection.execute(text("delete from division"))
        count = copy_rows(connection, "division", Division._fields, rows_of(orjson.loads(content)))
        connection.execute(_REMEMBER, {"name": SETTING, "mark": mark, "count": count})
    return count


def rows_of(tree: list[dict[str, Any]]) -> Iterator[Division]:
    """The table's rows from the tree, parents first, with the provinces that the file leaves out."""
    for province in tree:
        code = _full(province["c"])
        yield Division(code, "", province["n"], 1)
        for city in province.get("ch", ()):
            city_code = _full(city["c"])
            # The city level of a municipality repeats its name.
            pseudo = city["n"] == province["n"] or is_pseudo_name(city["n"])
            yield Division(city_code, code, city["n"], 2, pseudo)
            for place in city.get("ch", ()):
                place_code = str(place["c"])
                yield Division(place_code, city_code, place["n"], 3 if len(place_code) == _DISTRICT_DIGITS else 4)
    present = {str(province["c"])[:2] for province in tree}
    for digits in sorted(set(PROVINCES.values()) - present):
        if digits in _ISLANDS:
            yield Division(_full(digits), "", _ISLANDS[digits], 1)


_REMEMBER = text("""
insert into stored_setting (name, value, changed_by)
values (:name, jsonb_build_object('mark', cast(:mark as text), 'rows', cast(:count as int)), 'oms migrate')
on conflict (name) do update set value = excluded.value, changed_at = now(), changed_by = excluded.changed_by""")


def _loaded(connection: Connection) -> str:
    found = connection.execute(text("select value ->> 'mark' from stored_setting where name = :name"), {"name": SETTING})
    return str(found.scalar() or "")


def _full(code: int | str) -> str:
    return str(code).ljust(_DISTRICT_DIGITS, "0")
