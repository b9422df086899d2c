"""Coverage of many points from one file, and polygons as people write them: kept whole, or refused by row and field."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from oms.app.capture.coverage_files import import_coverage
from oms.app.capture.sheets import write_csv
from oms.app.stock.points import PointForm, save_point
from oms.app.stock.polygon_texts import read_polygons, written_polygons
from oms.domain.areas import Area
from oms.domain.errors import HubError, Invalid
from tests.factories import World, a_world

SQUARE = "30.2,120.1;30.2,120.3;30.4,120.3;30.4,120.1"


@pytest.fixture(scope="module")
def world(make_database: Callable[[], str]) -> Iterator[World]:
    world = a_world(make_database())
    world.run("update stock_point set latitude = 30.3, longitude = 120.2, division_code = '330106'")
    yield world
    world.hub.engine.dispose()


def file_of(*rows: tuple[str, str]) -> bytes:
    return write_csv([("库存点编码", "范围"), *rows])


def kept(world: World, point: int) -> list[tuple[str, str, str, int, bool]]:
    question = """select kind, value, division_code, coalesce(metres, 0), is_excluded from stock_area
                  where stock_point_id = :point order by id"""
    return [tuple(row) for row in world.rows(question, point=point)]


def test_a_file_replaces_the_areas_of_the_points_it_names(world: World) -> None:
    world.run(
        "insert into stock_area (stock_point_id, kind, division_code) values (1, 'division', '44'), (2, 'division', '44')"
    )
    told = import_coverage(
        world.hub, file_of(("WH1", "330100"), ("WH1", "-330127"), ("WH1", "浙江省 宁波市"), ("WH1", "文三路"),
                           ("WH1", "半径 5000"), ("WH1", f"围栏 {SQUARE}")), "user:1",
    )  # fmt: skip
    assert (told.points, told.areas, told.refused) == (1, 6, ())
    assert kept(world, 1)[:5] == [
        ("division", "330100", "3301", 0, False), ("division", "330127", "330127", 0, True),
        ("list", "浙江省 宁波市", "3302", 0, False), ("list", "文三路", "", 0, False), ("radius", "", "", 5000, False),
    ]  # fmt: skip
    assert kept(world, 2) == [("division", "", "44", 0, False)]
    assert import_coverage(world.hub, file_of(("WH1", "")), "user:1").areas == 0
    assert kept(world, 1) == [], "an empty area: it delivers everywhere"


def test_rows_are_refused_by_field_and_nothing_is_kept_then(world: World) -> None:
    import_coverage(world.hub, file_of(("WH2", "310100")), "user:1")
    rows = [
        ("WH2", "330100"), ("NOPE", "330100"), ("WH2", "围栏 30.2,120.1;30.4,120.3"),
        ("WH2", "围栏 nan,120.1;30.2,120.3;30.4,120.1"),
        ("WH2", "围栏 30.2,120.1;30.4,120.3;30.4,120.1;30.2,120.3"), ("WH2", "围栏 120.1,30.2;120.3,30.2;120.3,30.4"),
        ("WH2", "半径 0"), ("WH2", "围栏 here"),
    ]  # fmt: skip
    told = import_coverage(world.hub, file_of(*rows), "user:1")
    assert [(one.row, one.field) for one in told.refused] == [
        (3, "stock_point"), (4, "polygon"), (5, "polygon"), (6, "polygon"), (7, "polygon"), (8, "radius"), (9, "polygon"),
    ]  # fmt: skip
    assert [one.words.split()[-1] for one in told.refused[1:5]] == ["more", "number", "touch", "exchanged"]
    assert kept(world, 2) == [("division", "310100", "3101", 0, False)]


def test_five_thousand_points_are_imported_in_one_go(world: World) -> None:
    world.run("""insert into stock_point (code, name, kind, latitude, longitude)
                 select 'M' || n, 'store ' || n, 'store', 30, 120 from generate_series(1, 5000) n""")
    rows = [(f"M{n}", text) for n in range(1, 5001) for text in ("3301", "浙江省 宁波市", "半径 3000")]
    told = import_coverage(world.hub, file_of(*rows), "user:1")
    assert (told.points, told.areas, told.refused) == (5000, 15_000, ())
    with world.hub.engine.connect() as connection:
        rules = world.hub.masters.get(connection, world.clock()).rules
        world.clock.forward(3)
        assert world.hub.masters.get(connection, world.clock()).rules.coverage is rules.coverage
    world.run("delete from stock_area where stock_point_id > 2")


TWO = """30.2,120.1
30.2,120.3
30.4,120.3

洞
30.25,120.25
30.26,120.26
30.25,120.26

-
31,121
31,122
32,122
"""


def test_polygons_are_read_with_holes_and_exclusions_and_written_back() -> None:
    first, second = read_polygons(TWO)
    assert (len(first.shape), len(first.holes), first.is_excluded, second.is_excluded) == (3, 1, False, True)
    assert read_polygons(written_polygons([first, second])) == [first, second]
    rings = "[[[120.1,30.2],[120.3,30.2],[120.3,30.4],[120.1,30.2]]]"
    geo = f'{{"type":"Feature","geometry":{{"type":"Polygon","coordinates":{rings}}}}}'
    assert read_polygons(geo) == [Area("polygon", shape=((30.2, 120.1), (30.2, 120.3), (30.4, 120.3)))]
    for bad in ('{"type":"Point","coordinates":[1,2]}', "{", '{"type":"Polygon","coordinates":[[["a"]]]}'):
        with pytest.raises(Invalid):
            read_polygons(bad)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"latitude": 120.2, "longitude": 30.3}, "latitude"),
        ({"latitude": 30.3, "longitude": float("nan")}, "latitude"),
        ({"latitude": 87.62, "longitude": 43.83, "division_code": "650102"}, "latitude"),
        ({"areas": (Area("polygon", shape=((30.0, 120.0), (31.0, 121.0))),)}, "polygon"),
        ({"areas": (Area("radius", metres=100),)}, "radius"),
        ({"areas": (Area("polygon", shape=((30.0, 120.0), (30.0, 121.0), (31.0, 121.0)),
                         holes=(((32.0, 120.0), (32.0, 121.0), (33.0, 121.0)),)),)}, "polygon"),
    ],
)  # fmt: skip
def test_a_point_with_a_place_or_an_area_that_cannot_be_is_refused_by_field(
    world: World, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        save_point(world.hub, None, PointForm("NEW", "new", **changes), "user:1")  # type: ignore[arg-type]
    assert refused.value.field == field
    assert isinstance(refused.value, HubError)
