"""The change feed: no change is lost or told out of order, whatever the order of commits."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from oms.app.kernel.feed_reader import read_changes, read_cursor
from oms.app.kernel.hub import Hub
from oms.config import plain_url
from oms.db.migrate import next_month
from oms.domain.errors import Invalid
from tests.api.conftest import Caller, MakeCaller

THIS_MONTH = date.today().replace(day=1)  # noqa: DTZ011 - the database's month, whatever the hour
INSERT = "insert into change_feed (month, id, kind, document_id, shop_id) values (%s, nextval('id_seq'), %s, %s, %s)"


@pytest.fixture
def url(own_database_url: str) -> str:
    return plain_url(own_database_url)


@pytest.fixture
def feed(own_database_url: str) -> Hub:
    from tests.jobs.toy import a_hub

    return a_hub(own_database_url)


def change(connection: psycopg.Connection[object], document_id: int, *, month: date = THIS_MONTH, shop: int = 1) -> None:
    connection.execute(INSERT, (month, "order", document_id, shop))


def read(hub: Hub, cursor: str = "", **options: object) -> tuple[list[int], str]:
    with hub.engine.connect() as connection:
        found = read_changes(connection, [1], cursor, **options)  # type: ignore[arg-type]
    return [row.document_id for row in found.rows], found.cursor


def test_a_transaction_that_commits_late_is_not_lost(url: str, feed: Hub) -> None:
    with psycopg.connect(url) as slow, psycopg.connect(url) as quick:
        change(slow, 1)
        change(quick, 2)
        quick.commit()
        seen, cursor = read(feed)
        assert seen == []
        slow.commit()
    assert read(feed, cursor)[0] == [1, 2]


def test_a_change_rolled_back_is_never_told(url: str, feed: Hub) -> None:
    with psycopg.connect(url) as connection:
        change(connection, 1)
        connection.rollback()
        change(connection, 2)
        connection.commit()
    assert read(feed)[0] == [2]


def test_reading_page_by_page_gives_each_change_once(url: str, feed: Hub) -> None:
    for start in range(0, 30, 3):
        with psycopg.connect(url) as connection:
            for document_id in range(start, start + 3):
                change(connection, document_id)
    seen: list[int] = []
    cursor = ""
    while True:
        page, cursor = read(feed, cursor, limit=4)
        if not page:
            break
        seen += page
    assert seen == list(range(30))
    assert read(feed, cursor)[0] == []


def test_the_turn_of_a_month_loses_nothing(url: str, feed: Hub) -> None:
    """A batch that began before midnight writes under the old month after one that writes under the new."""
    before, after = next_month(THIS_MONTH, -1), THIS_MONTH
    for document_id, month in enumerate([before, after, before, after, before]):
        with psycopg.connect(url) as connection:
            change(connection, document_id, month=month)
    seen, cursor = read(feed, limit=2)
    assert seen == [0, 1]
    seen, cursor = read(feed, cursor, limit=2)
    assert seen == [2, 3]
    assert read(feed, cursor)[0] == [4]


def test_now_starts_with_what_comes_next(url: str, feed: Hub) -> None:
    with psycopg.connect(url) as connection:
        change(connection, 1)
    with psycopg.connect(url) as running:
        change(running, 2)
        _, cursor = read(feed, "now")
        running.commit()
    with psycopg.connect(url) as connection:
        change(connection, 3)
    assert read(feed, cursor)[0] == [2, 3]


def test_a_partition_is_read_by_its_key(url: str, feed: Hub) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "insert into change_feed (month, id, kind, document_id, shop_id) "
            "select %s, nextval('id_seq'), 'order', n, 1 from generate_series(1, 5000) n",
            (THIS_MONTH,),
        )
        connection.execute("analyze change_feed")
        plan = connection.execute(
            "explain select * from change_feed c where c.month = %s and (c.xid, c.id) > ('5'::xid8, 7) "
            "order by c.xid, c.id limit 100",
            (THIS_MONTH,),
        ).fetchall()
    words = " ".join(str(row[0]) for row in plan)
    assert "Index Scan" in words
    assert "Sort" not in words


@pytest.mark.parametrize("cursor", ["x", "MS4", "Mi4uMS4x", "MS4uLTEuMQ", "MS4yMDI2OTkuMS4x", "MS4wMDAxMDEuMC4w", "é"])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor)


def test_the_api_tells_only_changes_of_the_caller_s_shops(
    hub: Hub, caller: Caller, make_caller: MakeCaller, shops: tuple[int, int], database_url: str
) -> None:
    cursor = caller.get("/changes?cursor=now").json["cursor"]
    with psycopg.connect(plain_url(database_url)) as connection:
        for document_id, shop in enumerate(shops, 1):
            change(connection, document_id, shop=shop)
    told = caller.get("/changes", query_string={"cursor": cursor}).json
    assert [(one["kind"], one["document_id"]) for one in told["changes"]] == [("order", 1), ("order", 2)]
    own = make_caller("feed.view", shop_ids=[shops[1]]).get("/changes", query_string={"cursor": cursor}).json
    assert [one["document_id"] for one in own["changes"]] == [2]
    assert caller.get("/changes", query_string={"cursor": cursor, "kind": "fulfilment"}).json["changes"] == []
