"""Division names to codes: on a small table written here, and on every row of the fetched one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from oms.app.kernel.places import Places
from oms.console import vendor
from oms.db.divisions import FETCHED, load_divisions, rows_of
from oms.db.session import count_statements, make_engine
from oms.domain.divisions import FORMER_NAMES, plain_name, province_code, stem
from oms.domain.gazetteer import Division, Gazetteer

#: In the shape of the fetched file: provinces have numbers for codes, everything else text.
TREE = [
    {"c": 11, "n": "北京市", "ch": [{"c": "1101", "n": "北京市", "ch": [
        {"c": "110101", "n": "东城区"}, {"c": "110105", "n": "朝阳区"}]}]},
    {"c": 21, "n": "辽宁省", "ch": [{"c": "2113", "n": "朝阳市", "ch": [
        {"c": "211302", "n": "双塔区"}, {"c": "211321", "n": "朝阳县"}]}]},
    {"c": 31, "n": "上海市", "ch": [{"c": "3101", "n": "上海市", "ch": [
        {"c": "310104", "n": "徐汇区"}, {"c": "310106", "n": "静安区"}, {"c": "310151", "n": "崇明区"}]}]},
    {"c": 32, "n": "江苏省", "ch": [
        {"c": "3201", "n": "南京市", "ch": [{"c": "320106", "n": "鼓楼区"}]},
        {"c": "3203", "n": "徐州市", "ch": [{"c": "320302", "n": "鼓楼区"}]},
        {"c": "3205", "n": "苏州市", "ch": [{"c": "320583", "n": "昆山市"}]}]},
    {"c": 42, "n": "湖北省", "ch": [
        {"c": "4228", "n": "恩施土家族苗族自治州", "ch": [
            {"c": "422801", "n": "恩施市"}, {"c": "422822", "n": "建始县"}]},
        {"c": "4290", "n": "省直辖县级行政单位", "ch": [{"c": "429004", "n": "仙桃市"}]}]},
    {"c": 44, "n": "广东省", "ch": [
        {"c": "4406", "n": "佛山市", "ch": [{"c": "440606", "n": "顺德区"}]},
        {"c": "4419", "n": "东莞市", "ch": [
            {"c": "441900003000", "n": "东城街道"}, {"c": "441900121000", "n": "虎门镇"}]},
        {"c": "4420", "n": "中山市", "ch": [{"c": "442000104000", "n": "古镇镇"}]}]},
    {"c": 50, "n": "重庆市", "ch": [
        {"c": "5001", "n": "重庆市", "ch": [{"c": "500103", "n": "渝中区"}]},
        {"c": "5002", "n": "县", "ch": [
            {"c": "500233", "n": "忠县"}, {"c": "500240", "n": "石柱土家族自治县"}]}]},
    {"c": 62, "n": "甘肃省", "ch": [
        {"c": "6202", "n": "嘉峪关市", "ch": [{"c": "620201", "n": "嘉峪关市"}]},
        {"c": "6229", "n": "临夏回族自治州", "ch": [
            {"c": "622901", "n": "临夏市"}, {"c": "622921", "n": "临夏县"}, {"c": "622926", "n": "东乡族自治县"}]}]},
]  # fmt: skip
SMALL = list(rows_of(TREE))
GAZETTEER = Gazetteer(SMALL)


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("北京市", "北京市", "朝阳区"), "110105"),
        (("北京", "", "朝阳"), "110105"),
        (("北京", "市辖区", "朝阳区"), "110105"),
        (("上海市", "市辖区", "徐汇区"), "310104"),
        (("上海", "上海", "徐汇"), "310104"),
        (("上海市", "县", "崇明县"), "310151"),
        (("重庆市", "重庆市", "石柱县"), "500240"),
        (("重庆市", "县", "忠县"), "500233"),
        (("湖北省", "", "仙桃市"), "429004"),
        (("湖北省", "仙桃市", ""), "429004"),
        (("湖北省", "仙桃市", "沙嘴街道"), "429004"),
        (("湖北", "省直辖县级行政区划", "仙桃"), "429004"),
        (("湖北", "恩施州", "建始"), "422822"),
        (("湖北", "恩施", "恩施市"), "422801"),
        (("广东省", "东莞市", ""), "441900"),
        (("广东省", "东莞市", "东莞市"), "441900"),
        (("广东", "东莞", "虎门镇"), "441900121000"),
        (("广东", "东莞市", "东城区"), "441900003000"),
        (("广东", "中山", "没有的镇"), "442000"),
        (("广东", "佛山", "顺德"), "440606"),
        (("广东", "顺德", "大良街道"), "440606"),
        (("广东", "顺德市", ""), "440606"),
        (("江苏省", "昆山市", "玉山镇"), "320583"),
        (("江苏省", "南京市", "昆山市"), "320583"),
        (("甘肃", "临夏州", "东乡县"), "622926"),
        (("上海市", "上海市", "闸北区"), "310106"),
        (("台湾省", "台北市", "大安区"), "710000"),
        (("香港特别行政区", "", ""), "810000"),
        (("广 东　省", "佛山市 ", " 顺德区"), "440606"),
        (("Nowhere", "佛山市", "顺德区"), ""),
    ],
)
def test_names_as_platforms_write_them_are_found(names: tuple[str, str, str], code: str) -> None:
    assert GAZETTEER.code(*names) == code


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("江苏省", "", "鼓楼区"), "320000"),
        (("江苏省", "徐州", "鼓楼"), "320302"),
        (("辽宁", "朝阳", "朝阳"), "211300"),
        (("辽宁", "朝阳市", "朝阳县"), "211321"),
        (("甘肃", "临夏州", "临夏"), "622900"),
        (("甘肃", "嘉峪关市", "嘉峪关市"), "620201"),
    ],
)
def test_a_name_that_could_be_several_places_is_none_of_them(names: tuple[str, str, str], code: str) -> None:
    assert GAZETTEER.code(*names) == code


def test_city_levels_that_nobody_lives_in_are_marked() -> None:
    assert [row.code for row in SMALL if row.is_pseudo] == ["110100", "310100", "429000", "500100", "500200"]


def test_towns_directly_under_a_city_are_a_level_of_their_own() -> None:
    towns = [row for row in SMALL if row.level == 4]
    assert {row.parent_code for row in towns} == {"441900", "442000"}


def test_without_a_table_the_province_is_known() -> None:
    assert Gazetteer([]).code("广东省", "佛山市", "顺德区") == "440000"


@pytest.mark.parametrize(
    ("name", "short"),
    [("恩施土家族苗族自治州", "恩施"), ("东乡族自治县", "东乡"), ("忠县", "忠县"), ("虎门镇", "虎门"),
     ("前郭尔罗斯蒙古族自治县", "前郭尔罗斯"), ("阿里地区", "阿里"), ("神农架林区", "神农架")],
)  # fmt: skip
def test_a_stem_is_what_people_say(name: str, short: str) -> None:
    assert stem(name) == short


NAMES = st.text("北京上海广东省市县区镇旗仙桃恩施东城鼓楼直辖 ", max_size=6)


@given(NAMES | st.sampled_from([row.name for row in SMALL if row.level == 1]), NAMES, NAMES)
def test_a_code_always_lies_in_the_named_province(state: str, city: str, district: str) -> None:
    province = province_code(state)
    code = GAZETTEER.code(state, city, district)
    assert code[:2] == province[:2]
    assert code in {"", province, *(row.code for row in SMALL)}


def test_the_small_table_keeps_the_same_laws() -> None:
    assert_laws(SMALL, GAZETTEER)


def test_loading_happens_once_for_each_file(own_database_url: str, tmp_path: Path) -> None:
    source = tmp_path / "divisions.json"
    source.write_text(json.dumps(TREE), encoding="utf-8")
    engine = make_engine(own_database_url, pool_size=1)
    try:
        assert load_divisions(engine, source) == len(SMALL)
        statements = count_statements(engine)
        assert load_divisions(engine, source) == 0
        assert not [words for words in statements if "delete" in words.lower()]
        with engine.connect() as connection:
            assert Places().code(connection, "广东", "顺德", "大良") == "440606"
        source.write_text(json.dumps(TREE[:1]), encoding="utf-8")
        with engine.connect() as connection:
            loaded = load_divisions(engine, source)
            assert connection.execute(text("select count(*) from division")).scalar() == loaded
        assert 0 < loaded < len(SMALL)
        assert load_divisions(engine, tmp_path / "missing.json") == 0
    finally:
        engine.dispose()


def test_set_up_puts_the_file_where_loading_looks_for_it(tmp_path: Path) -> None:
    with pytest.raises(vendor.FrontEndMissing, match="npm ci"):
        vendor.copy_divisions(tmp_path, tmp_path / "out.json")
    (tmp_path / vendor.DIVISIONS).parent.mkdir(parents=True)
    (tmp_path / vendor.DIVISIONS).write_text(json.dumps(TREE), encoding="utf-8")
    written = vendor.copy_divisions(tmp_path, tmp_path / "new" / "out.json")
    assert list(rows_of(json.loads(written.read_text("utf-8")))) == SMALL
    assert "static" not in FETCHED.parts


@pytest.fixture
def fetched(database_url: str) -> Iterator[Connection]:
    """A connection to a migrated database, into which the fetched file was loaded on the way."""
    assert FETCHED.is_file(), "the divisions are missing: run script/setup"
    engine = make_engine(database_url, pool_size=1)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.full
def test_every_division_of_the_country_is_found_by_its_names(fetched: Connection) -> None:
    rows = [Division(*row) for row in fetched.execute(
        text("select code, parent_code, name, level, is_pseudo from division order by code"))]  # fmt: skip
    assert sum(row.level == 3 for row in rows) > 2_800
    places = Places()
    assert [row for row in rows if places.code(fetched, *names_of(row, rows_by_code(rows))) != row.code] == []
    assert_laws(rows, Gazetteer(rows))


@pytest.mark.full
def test_every_former_name_leads_to_a_place_of_today(fetched: Connection) -> None:
    places = Places()
    for (province, former), (city, district) in FORMER_NAMES.items():
        today = places.code(fetched, province, city, district)
        assert today[2:] != "0000", (province, city, district)
        assert (today[4:] != "00") is bool(district), (province, city, district)
        asked = (city, former) if district else (former, "")
        assert places.code(fetched, province, *asked) == today, former


def assert_laws(rows: list[Division], gazetteer: Gazetteer) -> None:
    """Own names give the own code; shortened ones give it too, or the city when they could mean several places."""
    by_code = rows_by_code(rows)
    for row in rows:
        state, city, district = names_of(row, by_code)
        assert gazetteer.code(state, city, district) == row.code
        if row.level == 1:
            continue
        short = gazetteer.code(plain_name(state), stem(city), stem(district) if district else "")
        assert short == row.code or (short == row.parent_code and is_ambiguous(row, by_code)), row
        if row.level == 3 and by_code[row.parent_code].is_pseudo:
            assert gazetteer.code(state, "", district) == row.code
            assert gazetteer.code(state, district, "") == row.code


def is_ambiguous(row: Division, by_code: dict[str, Division]) -> bool:
    city = by_code[row.parent_code]
    same = [other for other in by_code.values() if other.parent_code == city.code and stem(other.name) == stem(row.name)]
    return stem(city.name) == stem(row.name) or len(same) > 1


def rows_by_code(rows: list[Division]) -> dict[str, Division]:
    return {row.code: row for row in rows}


def names_of(row: Division, by_code: dict[str, Division]) -> tuple[str, str, str]:
    names = ["", "", ""]
    at: Division | None = row
    while at is not None:
        names[min(at.level, 3) - 1] = at.name
        at = by_code.get(at.parent_code)
    return names[0], names[1], names[2]
