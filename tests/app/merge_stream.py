"""A seeded stream of orders of which it is known who may leave with whom, written as carelessly as buyers write."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from tests.factories import World, a_document, a_line, raw, take

STREETS = ("文三路 {n} 号", "虹漕路{n}弄5-302", "中山东路{n}号1单元", "学院路 {n} 号 A 座")
PLACES = (("浙江省", "杭州市", "西湖区"), ("上海市", "市辖区", "徐汇区"), ("江苏省", "南京市", "玄武区"))
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
Stream = list[tuple[str, tuple[Any, ...]]]
Pairs = set[frozenset[str]]


def a_stream(seed: int, buyers: int, prefix: str = "") -> tuple[list[dict[str, Any]], dict[str, tuple[Any, ...]]]:
    """Documents in their order of purchase, and by number what those that may leave together have in common."""
    chance = random.Random(seed)
    documents: list[dict[str, Any]] = []
    truth: dict[str, tuple[Any, ...]] = {}
    for buyer in range(buyers):
        state, city, district = chance.choice(PLACES)
        street = chance.choice(STREETS).format(n=buyer + 1)
        person = {"name": f"买家{buyer}", "phone": f"138{buyer:08d}", "state": state, "city": city, "district": district,
                  "address": street}  # fmt: skip
        for _ in range(chance.randint(1, 4)):
            no = f"{prefix}M{len(documents)}"
            mine, differs = _decoy(chance, person)
            kind = chance.choices(["paid", "cod", "presale"], [8, 1, 1])[0]
            account = f"{prefix}{buyer}" if differs != "buyer" else f"{prefix}{buyer}-else"
            documents.append(a_document(
                no, [a_line("1", chance.choice("ABCDE"), 1, 1000)], at=len(documents), receiver=_careless(chance, mine),
                buyer={"external_id": account, "nick": "买**"}, is_cod=kind == "cod", is_presale=kind == "presale",
            ))  # fmt: skip
            truth[no] = (account, mine["name"], mine["phone"], mine["address"], kind)
    return documents, truth


def _decoy(chance: random.Random, person: dict[str, str]) -> tuple[dict[str, str], str]:
    """The buyer's own receiver, or one that differs in one small thing."""
    differs = chance.choices(["", "name", "phone", "address", "buyer"], [12, 1, 1, 1, 1])[0]
    if differs == "name":
        return person | {"name": person["name"] + "甲"}, differs
    if differs == "phone":
        return person | {"phone": "139" + person["phone"][3:]}, differs
    if differs == "address":
        return person | {"address": person["address"] + "1-1" * chance.randint(1, 2)}, differs
    return person, differs


def _careless(chance: random.Random, person: dict[str, str]) -> dict[str, str]:
    """The same receiver, written in another way."""
    written = dict(person)
    if chance.random() < 0.4:
        phone = written["phone"]
        written["phone"] = chance.choice([f"+86{phone}", f" {phone}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"])
    if chance.random() < 0.3:
        written["name"] = f" {written['name']} "
    if chance.random() < 0.3:
        written["address"] = written["address"].translate(FULL_WIDTH)
    if chance.random() < 0.3:
        written["address"] = written["address"].replace(" ", "")
    if chance.random() < 0.3:
        places = written["state"] + written["city"].replace("市辖区", "") + written["district"]
        written["address"] = places + written["address"]
    if chance.random() < 0.2:
        written["state"] = written["state"].removesuffix("省").removesuffix("市")
    return written


def true_pairs(truth: dict[str, tuple[Any, ...]]) -> Pairs:
    """Numbers that may leave together."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for no, key in truth.items():
        groups.setdefault(key, []).append(no)
    return pairs_of(groups.values())


def pairs_of(groups: Iterable[Sequence[str]]) -> Pairs:
    """Every two of one group."""
    return {frozenset(pair) for group in groups for pair in combinations(group, 2)}


def groups_of(world: World, prefix: str = "") -> set[frozenset[str]]:
    """The numbers of the orders of each fulfilment that stands."""
    rows = world.rows(
        """select array_agg(distinct o.external_no) from fulfilment f join fulfilment_line l on l.fulfilment_id = f.id
           join orders o on o.id = l.order_id where f.status not in ('merged', 'cancelled')
             and starts_with(o.external_no, :prefix) group by f.id""", prefix=f"{prefix}M",
    )  # fmt: skip
    return {frozenset(no.removeprefix(prefix) for no in row[0]) for row in rows}


def take_all(world: World, documents: Sequence[dict[str, Any]], size: int = 500) -> None:
    """Take them in, so many at once."""
    for start in range(0, len(documents), size):
        take(world, *[raw(document) for document in documents[start : start + size]])
