"""Convergence of intake: one hub sees the versions of an order once and in order, another any multiset of them.

Both end with the same order. The other hub's pumps may run in between, so that changes also meet planned and sent goods.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from connectors.contract.records import RawDocument
from oms.config import plain_url
from oms.embedded import EmbeddedPostgres
from oms.migrating import bring_up_to_date
from tests.factories import RECEIVER, World, a_document, a_line, a_world, order_id, raw, settle, take
from tests.long.proofs import Run

STOCK = 1_000_000
GOODS = {"A": 1_000, "B": 500, "C": 1_999, "SET": 3_333}
#: Only goods that were planned or sent when the memo changed ask a person to look; that depends on the way.
FOR_PEOPLE = {"memo_changed"}
Document = dict[str, Any]
ORDER = """select status, phase, platform_state, paid_total, currency, is_cod, is_presale, keeps_together, has_memo,
    has_message, flag, division_code, receiver_key, is_masked, paid_at, ship_by, changed_at, content_hash
    from orders where id = :id"""
LINES = """select external_no, seller_code, ordered, cancelled, planned, shipped, list_amount, discount_merchant,
    paid_amount, refund_state, platform_state, sku_id, bundle_id
    from order_line where order_id = :id and not is_gone order by external_no"""
OPEN = """select s.code, sum(l.planned - l.shipped - l.short - l.cancelled)::int from fulfilment_line l
    join fulfilment f on f.id = l.fulfilment_id join sku s on s.id = l.sku_id
    where l.order_id = :id and f.status not in ('cancelled', 'merged') group by 1 order by 1"""


@contextmanager
def opened() -> Iterator[Run]:
    """Two hubs on databases of their own, on one PostgreSQL that goes away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="oms-long-"))
    server = EmbeddedPostgres(folder, shared_buffers_mb=64, durable=False, throw_away=True)
    try:
        url = server.start()
        plain, mixed = (a_world(fresh_database(url, name), stock=STOCK) for name in ("plain", "mixed"))
        yield lambda seed: run(plain, mixed, seed)
        for world in (plain, mixed):
            world.hub.engine.dispose()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run(plain: World, mixed: World, seed: int) -> None:
    """One order with up to six versions."""
    chance = random.Random(seed)
    versions = draw_versions(chance, f"T{seed}")
    for document in versions:
        take(plain, document)
    for some in draw_deliveries(chance, versions):
        take(mixed, *some)
        if chance.random() < 0.4:
            settle(mixed)
    for world in (plain, mixed):
        for _ in range(2):
            settle(world)
            world.clock.forward(3600)
    expected, found = (final_state(world, f"T{seed}") for world in (plain, mixed))
    wrong = {name: (expected[name], found[name]) for name in expected if expected[name] != found[name]}
    assert not wrong, f"expected and found: {wrong}"


def final_state(world: World, no: str) -> dict[str, Any]:
    """What must be the same however the order came to us; ids and the ways taken are left out.

    Of a cancelled order nothing is left to do: its counters, SKUs and holds tell how far it had come.
    """
    id_ = order_id(world, no)
    (order,) = world.rows(ORDER, id=id_)
    state = {**order._asdict(), "open": [tuple(row) for row in world.rows(OPEN, id=id_)]}
    lines = world.rows(LINES, id=id_)
    if order.status == "cancelled":
        return {**state, "lines": [(line.external_no, line.ordered, line.paid_amount) for line in lines]}
    return {**state, "lines": [tuple(line) for line in lines], "holds": world.holds(id_) - FOR_PEOPLE}


def draw_versions(chance: random.Random, no: str) -> list[RawDocument]:
    """The order's life as the platform tells it, each version a change of the one before."""
    lines = [a_line("1", "A", 2, 2 * GOODS["A"]), a_line("2", "B", 1, GOODS["B"])]
    facts: Document = {"state": "open", "receiver": {**RECEIVER, "address": f"文三路 {no} 号"}}
    versions = [_document(no, lines, facts, 0)]
    for at in range(1, chance.randint(1, 6)):
        lines = [dict(line) for line in lines]
        facts = {**facts, "receiver": dict(facts["receiver"])}
        chance.choice(CHANGES)(chance, lines, facts)
        versions.append(_document(no, lines, facts, at * 60))
        if facts["state"] == "cancelled":
            break
    return versions


def draw_deliveries(chance: random.Random, versions: list[RawDocument]) -> list[list[RawDocument]]:
    """A multiset of the versions with the last among them, shuffled, in batches as pages are."""
    many = [*versions[-1:], *chance.choices(versions, k=chance.randint(0, 6))]
    chance.shuffle(many)
    batches: list[list[RawDocument]] = []
    while many:
        size = chance.randint(1, 3)
        batches.append(many[:size])
        many = many[size:]
    return batches


def _document(no: str, lines: list[Document], facts: Document, at: int) -> RawDocument:
    return raw(a_document(no, lines, at=at, **facts), at)


def _change_units(chance: random.Random, lines: list[Document], facts: Document) -> None:
    line = chance.choice(lines)
    if line.get("refund", "none") == "none":
        line["units"] = chance.randint(1, 4)
        line["list_amount"] = line["paid_amount"] = line["units"] * GOODS[line["seller_code"]]
        line["discount_merchant"] = 0


def _change_price(chance: random.Random, lines: list[Document], facts: Document) -> None:
    line = chance.choice(lines)
    line["paid_amount"] -= chance.randint(0, line["paid_amount"])
    line["discount_merchant"] = line["list_amount"] - line["paid_amount"]


def _add_a_line(chance: random.Random, lines: list[Document], facts: Document) -> None:
    code = chance.choice(tuple(GOODS))
    number = str(int(max(lines, key=lambda line: int(line["external_no"]))["external_no"]) + 1)
    lines.append(a_line(number, code, 1, GOODS[code]))


def _remove_a_line(chance: random.Random, lines: list[Document], facts: Document) -> None:
    if len(lines) > 1:
        lines.pop()


def _move_a_refund(chance: random.Random, lines: list[Document], facts: Document) -> None:
    line = chance.choice(lines)
    ways = {"none": ("asked",), "asked": ("closed", "succeeded"), "closed": ("asked",), "succeeded": ("succeeded",)}
    line["refund"] = chance.choice(ways[line.get("refund", "none")])
    line["case_no"] = f"C{line['external_no']}"


def _move_the_receiver(chance: random.Random, lines: list[Document], facts: Document) -> None:
    facts["receiver"]["address"] += chance.choice("甲乙丙")


def _change_the_memo(chance: random.Random, lines: list[Document], facts: Document) -> None:
    facts["seller_memo"], facts["flag"] = chance.choice(("", "x", "催")), chance.choice(("", "red"))


def _cancel(chance: random.Random, lines: list[Document], facts: Document) -> None:
    facts["state"] = "cancelled"


CHANGES = (
    _change_units, _change_units, _change_price, _add_a_line, _remove_a_line, _move_a_refund, _move_a_refund,
    _move_the_receiver, _change_the_memo, _cancel,
)  # fmt: skip


def fresh_database(server_url: str, name: str) -> str:
    """The address of a new, migrated database on a server."""
    base, _, tail = server_url.rpartition("/")
    with psycopg.connect(plain_url(server_url), autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    url = f"{base}/{name}{tail.partition('?')[1]}{tail.partition('?')[2]}"
    bring_up_to_date(url)
    return url
