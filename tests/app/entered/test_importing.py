"""Orders from files: good ones go the way of all orders, refused ones come back, nothing comes in twice."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms.app.capture.entered import uploads
from oms.app.capture.entered.uploads import import_next, refused_rows
from oms.app.capture.replay import replay_day
from oms.app.capture.sheets import read_table
from oms.domain.errors import NotFound
from tests.app.entered.kit import a_row, as_csv, as_workbook, bring, content, problems, told
from tests.factories import START, World, a_document, an_order, order_id, raw, settle, take


def test_rows_of_one_number_make_one_order_that_reaches_the_warehouse(world: World) -> None:
    rows = [a_row("N1", freight="5"), a_row("N1", sku="B", units="2", unit_price="3.50", discount="1", freight="")]
    assert told(bring(world, as_csv(rows))) == (2, 0, 0, 0)
    found = order_id(world, "N1")
    assert world.rows("select origin, paid_total, status from orders")[0] == ("manual", 2100, "open")
    settle(world)
    assert world.phase(found) == "at_warehouse"
    assert world.rows("select actor from event where order_id = :id and kind = 'imported'", id=found) == [("user:1",)]


def test_the_same_file_twice_adds_nothing_and_says_so(world: World) -> None:
    body = as_workbook([a_row("N1"), a_row("N2"), a_row("N3", units="none")])
    first, second = bring(world, body), bring(world, body)
    assert (told(first), told(second)) == ((2, 0, 1, 0), (0, 2, 1, 0))
    assert second.id == first.id
    assert world.one("select count(*) from orders") == 2
    assert world.one("select count(*) from data_key") == 3  # Two orders and what was refused; none is left over.


def test_the_refused_rows_come_back_and_are_taken_once_corrected(world: World) -> None:
    long = {"phone": "1381234567890"}
    first = bring(world, as_csv([a_row("N1"), a_row("N2", **long), a_row("N2", sku="B", **long)]))
    assert told(first) == (1, 0, 2, 0)
    assert [[column for column, _ in row] for row in problems(world, first)] == [["phone"], [""]]
    rows = refused_rows(world.hub, first.id, "user:1")
    mended = [list((row.cells | {"phone": "13812345678"}).values()) for row in rows]
    again = bring(world, as_csv([a_row("N1"), *mended]))
    assert told(again) == (2, 1, 0, 0)
    assert world.one("select count(*) from orders") == 2


def test_refused_rows_are_sealed_and_only_their_uploaders(world: World) -> None:
    first = bring(world, as_csv([a_row("N1", units="0")]))
    sealed = bytes(world.one("select sealed_failures from import_batch"))
    assert "王小二".encode() not in sealed
    with pytest.raises(NotFound):
        refused_rows(world.hub, first.id, "user:2")
    assert "王" not in str(world.rows("select detail from event"))


def test_each_uploader_of_one_file_has_refused_rows_of_their_own(world: World) -> None:
    body = as_csv([a_row("N1"), a_row("N2", units="0")])
    first, second = bring(world, body), bring(world, body, actor="user:2")
    assert (told(first), told(second)) == ((1, 0, 1, 0), (0, 1, 1, 0))
    assert len(refused_rows(world.hub, first.id, "user:1")) == len(refused_rows(world.hub, second.id, "user:2")) == 1
    with pytest.raises(NotFound):
        refused_rows(world.hub, first.id, "user:2")


def test_an_upload_that_cannot_be_opened_is_given_up_and_the_next_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "BATCH", 1)
    broken, lost = bring(world, as_csv([a_row("N1"), a_row("N2")])), bring(world, as_csv([a_row("N3"), a_row("N4")]))
    good = bring(world, as_csv([a_row("N5"), a_row("N6")]))
    world.run("update import_batch set sealed_failures = 'x' where id = :id", id=broken.id)
    world.run("delete from data_key where id = (select data_key_id from import_batch where id = :id)", id=lost.id)
    assert [import_next(world.hub) for _ in range(3)] == [1, 1, 0]
    assert world.rows("select id, taken, failed from import_batch order by id") == [
        (broken.id, 0, 2), (lost.id, 0, 2), (good.id, 2, 0),
    ]  # fmt: skip
    assert world.rows("select kind, subject from alert order by id") == [
        ("import_failed", str(broken.id)), ("import_failed", str(lost.id)),
    ]  # fmt: skip


def test_a_large_file_is_taken_in_by_the_pump_batch_by_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "BATCH", 3)
    imported = bring(world, as_csv([a_row(f"N{n}") for n in range(7)] + [a_row("N7", units="x")]))
    assert told(imported) == (0, 0, 1, 7)
    assert [import_next(world.hub) for _ in range(4)] == [3, 3, 1, 0]
    assert world.rows("select taken, failed from import_batch")[0] == (7, 1)
    assert len(refused_rows(world.hub, imported.id, None)) == 1
    assert world.one("select count(*) from data_key") == 8


def test_an_order_at_fault_in_the_database_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = uploads._take_together

    def breaks(hub: object, batch: int, done: int, some: list[uploads.Entered], occasion: object) -> None:
        if any(order.external_no == "N1" for order in some):
            raise RuntimeError("no such thing")
        together(hub, batch, done, some, occasion)  # type: ignore[arg-type]

    monkeypatch.setattr(uploads, "_take_together", breaks)
    imported = bring(world, as_csv([a_row(f"N{n}") for n in range(3)]))
    assert told(imported) == (2, 0, 1, 0)
    assert problems(world, imported) == [[("", uploads.DEFECT)]]


def test_another_order_of_a_number_is_refused_not_mixed(world: World) -> None:
    take(world, raw(a_document("P1")))
    bring(world, as_csv([a_row("N1")]))
    imported = bring(world, as_csv([a_row("N1", units="2"), a_row("P1")]))
    words = [row[0][1] for row in problems(world, imported)]
    assert "other content" in words[0]
    assert "platform has brought" in words[1]
    assert world.one("select count(*) from orders") == 2


def test_an_unknown_sku_comes_in_and_waits_for_matching(world: World) -> None:
    assert told(bring(world, as_csv([a_row("N1", sku="NOPE")]))) == (1, 0, 0, 0)
    settle(world)
    assert "unmatched_sku" in world.holds(order_id(world, "N1"))


def test_unpaid_orders_wait_and_cash_on_delivery_goes_on(world: World) -> None:
    bring(world, as_csv([a_row("N1", paid_at=""), a_row("N2", paid_at="", cod="是")]))
    settle(world)
    assert world.phase(order_id(world, "N1")) == "unpaid"
    assert world.phase(order_id(world, "N2")) == "at_warehouse"


def test_brought_documents_are_read_anew_like_all_others(world: World) -> None:
    an_order(world)
    bring(world, as_csv([a_row("N1"), a_row("N2", discount="2")]))
    found = replay_day(world.hub, "s1", START.date())
    assert (found.documents, found.compared, found.same) == (3, 3, 3)
    assert found.not_stored == []


def test_shops_that_are_not_ones_own_are_unknown(world: World) -> None:
    imported = uploads.import_orders(world.hub, "o.csv", as_csv([a_row("N1")]), "user:1", [])
    assert told(imported) == (0, 0, 1, 0)
    assert problems(world, imported)[0][0][0] == "shop"


ROWS = [
    a_row("N1"), a_row("N1", sku="B", units="3"), a_row("N1", sku="C", discount="0.50"), a_row("N2", freight="6"),
    a_row("N3", paid_at="", cod="是"), a_row("N3", sku="D", paid_at="", cod="是"), a_row("N4", memo="轻放"),
]  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.sets(st.sampled_from(["N1", "N2", "N3", "N4"]), min_size=1), mixing=st.randoms(use_true_random=False))
def test_any_subset_shuffled_and_split_by_order_makes_the_same_orders(
    world: World, chosen: set[str], mixing: object
) -> None:
    clear = (
        "truncate orders, order_line, raw_document, receiver, payment, event, import_batch, customer, data_key cascade"
    )
    wanted = [row for row in ROWS if row[1] in chosen]
    world.run(clear)
    bring(world, as_csv(wanted))
    whole = content(world)
    world.run(clear)
    shuffled = list(wanted)
    mixing.shuffle(shuffled)  # type: ignore[attr-defined]
    of_file = {number: mixing.randrange(3) for number in sorted(chosen)}  # type: ignore[attr-defined]
    for file in range(3):
        rows = [row for row in shuffled if of_file[row[1]] == file]
        if rows:
            write = mixing.choice([as_csv, as_workbook])  # type: ignore[attr-defined]
            assert bring(world, write(rows)).failed == 0
    assert content(world) == whole
    assert bring(world, as_csv(shuffled)).taken in (0, len(wanted))
    assert content(world) == whole


def test_a_workbook_keeps_long_numbers_and_runs_nothing() -> None:
    assert read_table(as_workbook([a_row("123456789012345678", memo="=1+1")]))[1][1] == "123456789012345678"
