"""The measured mix: its shares, its sameness for one seed, and what the connector makes of it."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.mix import PAGE, Shares, allowed_groups, chunk, counts_of, sizes_of, totals_of
from connectors.contract.errors import BadRecord
from connectors.contract.records import OrderRecord, RefundState
from connectors.marketplaces.taobao.orders import parse_order


def read(number: int, seed: int = 1) -> tuple[list[OrderRecord], int]:
    """The orders of a chunk and how many of its documents cannot be read."""
    records, bad = [], 0
    for document in chunk(seed, number):
        try:
            records.append(parse_order(document.body))
        except BadRecord:
            bad += 1
    return records, bad


def test_a_chunk_holds_exactly_the_wanted_shares() -> None:
    records, bad = read(3)
    refunding = [r for r in records if any(line.refund is RefundState.ASKED for line in r.lines)]
    groups = allowed_groups([r.external_no for r in records])
    assert (len(records), bad) == (PAGE - 4, 4)
    assert sum(r.is_cod for r in records) == PAGE * 5 // 100
    assert len(refunding) == PAGE * 3 // 100
    assert sum(map(len, groups)) == PAGE * 8 // 100


def test_orders_have_two_and_a_half_lines_on_average() -> None:
    records = [record for number in range(5) for record in read(number)[0]]
    goods = sum(line.kind == "goods" for record in records for line in record.lines)
    assert 2.4 < goods / len(records) < 2.6


def test_few_skus_make_most_of_the_lines() -> None:
    codes = Counter(line.seller_code for record in read(0)[0] for line in record.lines if line.kind == "goods")
    hottest = sum(count for _, count in codes.most_common(10))
    assert hottest > sum(codes.values()) / 3


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert chunk(1, 2) == chunk(1, 2)
    assert chunk(1, 2) != chunk(2, 2)


def test_numbers_never_repeat_over_chunks() -> None:
    tids = [document.tid for number in range(4) for document in chunk(1, number)]
    assert len(set(tids)) == len(tids) == 4 * PAGE


def test_the_two_of_a_pair_share_buyer_and_address_and_stand_side_by_side() -> None:
    records, _ = read(1)
    places = {record.external_no: at for at, record in enumerate(records)}
    by_number = {record.external_no: record for record in records}
    for first, second in allowed_groups(list(places)):
        assert places[second] - places[first] == 1
        assert by_number[first].buyer == by_number[second].buyer
        assert by_number[first].receiver.tokens != by_number[second].receiver.tokens


@pytest.mark.parametrize("orders", [0, 1, 399, 400, 401, 20_000])
def test_chunks_add_up_to_the_orders_asked_for(orders: int) -> None:
    totals = totals_of(orders)
    assert sum(sizes_of(orders)) == orders == totals.captured + totals.bad


def test_a_small_chunk_never_holds_half_a_pair() -> None:
    assert all(counts_of(size, Shares(paired=50)).paired % 2 == 0 for size in range(40))
