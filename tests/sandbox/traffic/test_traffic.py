"""The generator: repeatable, right in its sums, and fast enough to feed a benchmark."""

import random

from connectors.sandbox.traffic import (
    KINDS,
    catalogue,
    draw_kind,
    fen,
    oaid_of,
    plan_trade,
    shares,
    trade_document,
    yuan,
)


def documents(seed: int, count: int) -> list[dict[str, object]]:
    rng = random.Random(seed)
    return [trade_document(plan_trade(rng, draw_kind(rng))) for _ in range(count)]


def test_the_same_seed_draws_the_same_documents() -> None:
    assert documents(1, 50) == documents(1, 50)
    assert documents(1, 50) != documents(2, 50)
    assert catalogue(1) == catalogue(1)
    assert catalogue(1) != catalogue(2)


def test_the_catalogue_is_large_and_its_codes_are_unique() -> None:
    items = catalogue(1)
    by_kind: dict[str, list[dict[str, object]]] = {}
    for item in items:
        by_kind.setdefault(str(item["kind"]), []).append(item)
    assert len(by_kind["sku"]) >= 200
    assert len({item["code"] for item in items}) == len(items)
    codes = {item["code"] for item in by_kind["sku"]}
    assert all(part["code"] in codes for bundle in by_kind["bundle"] for part in bundle["parts"])  # type: ignore[attr-defined]
    assert {item["stocked_at"] for item in by_kind["sku"]} == {"east", "south", "both"}
    assert all(item["cost_fen"] < item["price_fen"] for item in items)  # type: ignore[operator]


def test_every_kind_can_be_planned_with_clear_receiver_and_masked_document() -> None:
    rng = random.Random(3)
    for kind in KINDS:
        plan = plan_trade(rng, kind)
        receiver = plan["buyer"]["receiver"]
        assert len(receiver["division_code"]) == 6
        assert len(receiver["mobile"]) == 11
        text = str(trade_document(plan))
        assert receiver["mobile"] not in text
        assert receiver["address"] not in text
        assert 1 <= len(plan["lines"]) <= 6


def test_popular_skus_are_drawn_more_often() -> None:
    rng, drawn = random.Random(5), {}
    for _ in range(3000):
        for line in plan_trade(rng)["lines"]:
            code = line["sku"]["code"]
            drawn[code] = drawn.get(code, 0) + 1
    counts = sorted(drawn.values(), reverse=True)
    assert counts[0] > 5 * counts[len(counts) // 2]


def test_discounts_come_from_several_funders() -> None:
    rng = random.Random(8)
    plans = [plan_trade(rng) for _ in range(300)]
    for name in ("coupon", "platform_subsidy", "red_packet", "points"):
        assert any(plan[name] for plan in plans)
        assert not all(plan[name] for plan in plans)


def test_shares_add_up_and_money_reads_back() -> None:
    assert shares(100, [1, 1, 1]) == [34, 33, 33]
    assert sum(shares(1999, [9900, 1, 300])) == 1999
    assert shares(5, [0, 0]) == [0, 0]
    assert [fen(yuan(amount)) for amount in (0, 5, 19820, -130)] == [0, 5, 19820, -130]


def test_an_oaid_differs_by_trade_and_by_address() -> None:
    assert len({oaid_of("1", "a"), oaid_of("2", "a"), oaid_of("1", "b")}) == 3
