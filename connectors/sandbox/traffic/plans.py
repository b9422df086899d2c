"""Trades as plans: who buys what at which price, before anything looks like a platform's document."""

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any

from connectors.sandbox.traffic.catalogue import catalogue
from connectors.sandbox.traffic.money import shares
from connectors.sandbox.traffic.people import draw_buyer

FIRST_TID = 4_100_000_000_000_000_000
ZIPF = 1.05
# kind → type, status on creation, and the share of the kind in free traffic.
KINDS: dict[str, tuple[str, str, int]] = {
    "plain": ("fixed", "WAIT_SELLER_SEND_GOODS", 600),
    "cod": ("cod", "WAIT_SELLER_SEND_GOODS", 70),
    "presale_paid": ("step", "WAIT_BUYER_PAY", 40),
    "presale_unpaid": ("step", "WAIT_BUYER_PAY", 15),
    "merge_pairs": ("fixed", "WAIT_SELLER_SEND_GOODS", 40),
    "split": ("fixed", "WAIT_SELLER_SEND_GOODS", 60),
    "bundle": ("fixed", "WAIT_SELLER_SEND_GOODS", 60),
    "gift": ("fixed", "WAIT_SELLER_SEND_GOODS", 50),
    "held": ("fixed", "WAIT_SELLER_SEND_GOODS", 10),
    "group_buy": ("fixed", "PAID_FORBID_CONSIGN", 10),
    "unpaid": ("fixed", "WAIT_BUYER_PAY", 30),
    "no_pay_created": ("fixed", "TRADE_NO_CREATE_PAY", 4),
    "pay_pending": ("fixed", "PAY_PENDING", 4),
    "pre_auth": ("pre_auth_type", "WAIT_PRE_AUTH_CONFIRM", 2),
    "unknown_sku": ("fixed", "WAIT_SELLER_SEND_GOODS", 2),
    "bad": ("fixed", "WAIT_SELLER_SEND_GOODS", 3),
}
PAID = frozenset({"WAIT_SELLER_SEND_GOODS", "PAID_FORBID_CONSIGN"})
MESSAGES = ("请周末送货", "麻烦发顺丰", "包装结实一点", "放门口即可", "尽快发货谢谢", "不要放快递柜")
MEMOS = ((1, "客户催发货"), (3, "老客户，多给一份小样"), (4, "改颜色请联系客服"), (2, "开发票"))
GMT8 = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The catalogue arranged for drawing: SKUs by where they are stocked, with Zipf weights."""

    by_place: dict[str, tuple[dict[str, Any], ...]]
    weights: dict[str, list[float]]
    bundles: tuple[dict[str, Any], ...]
    gifts: tuple[dict[str, Any], ...]

    def draw(self, rng: random.Random, place: str) -> dict[str, Any]:
        """One SKU stocked there; the n-th most popular is drawn with weight n^-1.05."""
        weights = self.weights[place]
        return self.by_place[place][bisect(weights, rng.random() * weights[-1])]


@lru_cache(maxsize=8)
def shelf(seed: int) -> Shelf:
    """The shelf of a seed's catalogue."""
    items = catalogue(seed)
    skus = [item for item in items if item["kind"] == "sku"]
    by_place = {place: tuple(sku for sku in skus if sku["stocked_at"] == place) for place in ("both", "east", "south")}
    weights = {
        place: list(accumulate((rank + 1) ** -ZIPF for rank in range(len(found)))) for place, found in by_place.items()
    }
    bundles = tuple(item for item in items if item["kind"] == "bundle")
    return Shelf(by_place, weights, bundles, tuple(item for item in items if item["kind"] == "gift"))


def draw_kind(rng: random.Random) -> str:
    """A kind by its share in free traffic."""
    return rng.choices(tuple(KINDS), [share for _, _, share in KINDS.values()])[0]


def plan_trade(
    rng: random.Random,
    kind: str = "plain",
    buyer: dict[str, Any] | None = None,
    *,
    tid: int | None = None,
    at: datetime | None = None,
    seed: int = 1,
) -> dict[str, Any]:
    """One trade with everything in clear; amounts in fen, times as the platform writes them (GMT+8).

    `tid` leaves room for 99 line numbers after it; drawn from `rng` when not given.
    """
    if tid is None:
        tid = FIRST_TID + rng.randrange(10**14) * 100
    created = (at or datetime(2026, 1, 15, 1, 40, 1, tzinfo=UTC)) + GMT8
    trade_type, status, _ = KINDS[kind]
    paid = status in PAID and trade_type != "cod"
    plan = {
        "kind": kind, "type": trade_type, "status": status, "tid": tid,
        "created": _text(created), "pay_time": _text(created + timedelta(seconds=1)) if paid else "",
        "delivery_time": _text(created + timedelta(hours=48)) if paid else "",
        "buyer": buyer or draw_buyer(rng), "top_hold": int(kind == "held"),
        "team_buy_hold": int(kind == "group_buy"),
        "lines": _lines(rng, kind, shelf(seed)),
    }  # fmt: skip
    _number(plan)
    _price(rng, plan)
    _annotate(rng, plan)
    return plan


def plan_merge_pair(
    rng: random.Random, *, tids: tuple[int, int], at: datetime | None = None, seed: int = 1
) -> list[dict[str, Any]]:
    """Two trades of one buyer to one address, which the platform will allow to merge."""
    buyer = draw_buyer(rng)
    return [plan_trade(rng, "merge_pairs", buyer, tid=tid, at=at, seed=seed) for tid in tids]


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _lines(rng: random.Random, kind: str, goods: Shelf) -> list[dict[str, Any]]:
    if kind == "split":
        return [_line(rng, goods.draw(rng, "east")), _line(rng, goods.draw(rng, "south"))]
    if kind in ("presale_paid", "presale_unpaid"):
        return [_line(rng, goods.draw(rng, "both"))]
    if kind == "bundle":
        return [_line(rng, rng.choice(goods.bundles)), *_different(rng, goods, rng.randint(0, 1))]
    if kind == "unknown_sku":
        known = goods.draw(rng, "both")
        return [_line(rng, {**known, "code": f"XX{rng.randrange(1000):03d}-NEW", "outer_iid": "XX-NEW"})]
    lines = _different(rng, goods, rng.choices((1, 2, 3, 4, 5), (27, 28, 22, 14, 9))[0])
    if kind == "gift":
        lines.append(_line(rng, rng.choice(goods.gifts), gift=True))
    return lines


def _different(rng: random.Random, goods: Shelf, count: int) -> list[dict[str, Any]]:
    drawn: dict[str, dict[str, Any]] = {}
    while len(drawn) < count:
        sku = goods.draw(rng, "both")
        drawn[sku["code"]] = sku
    return [_line(rng, sku) for sku in drawn.values()]


def _line(rng: random.Random, sku: dict[str, Any], *, gift: bool = False) -> dict[str, Any]:
    num = 1 if gift else rng.choices((1, 2, 3), (80, 15, 5))[0]
    return {"sku": sku, "num": num, "price": 0 if gift else sku["price_fen"], "gift": gift}


def _number(plan: dict[str, Any]) -> None:
    """Give order numbers: the single line of a trade carries the trade's own number."""
    lines = plan["lines"]
    for position, line in enumerate(lines, start=1):
        line["oid"] = plan["tid"] if len(lines) == 1 else plan["tid"] + position


def _price(rng: random.Random, plan: dict[str, Any]) -> None:
    lines: Sequence[dict[str, Any]] = plan["lines"]
    for line in lines:
        full = line["price"] * line["num"]
        line["discount"] = full * rng.randint(5, 15) // 100 if rng.random() < 0.15 else 0
        line["adjust"] = -min(100, full // 10) if rng.random() < 0.02 else 0
        line["total"] = full + line["adjust"] - line["discount"]
    total = sum(line["total"] for line in lines)
    coupon = total * rng.randint(5, 15) // 100 if rng.random() < 0.4 else 0
    for line, share in zip(lines, shares(coupon, [line["total"] for line in lines]), strict=True):
        line["share"] = share
    plan["coupon"] = coupon
    plan["post_fee"] = rng.choice((0, 0, 0, 600, 800, 1200))
    plan["payment"] = total - coupon + plan["post_fee"]
    plan["deposit"] = plan["payment"] // 10 if plan["type"] == "step" else 0
    _platform_pays(rng, plan)


def _platform_pays(rng: random.Random, plan: dict[str, Any]) -> None:
    """What the platform puts in is a way of paying: it never lowers what the seller is due."""
    chance = 1.0 if plan["type"] == "cod" else rng.random()
    limit = plan["payment"] // 5
    plan["platform_subsidy"] = min(500, limit) if chance < 0.12 else 0
    plan["red_packet"] = min(300, limit) if 0.12 <= chance < 0.24 else 0
    plan["points"] = min(rng.randint(10, 200), limit) if 0.24 <= chance < 0.32 else 0


def _annotate(rng: random.Random, plan: dict[str, Any]) -> None:
    plan["buyer_message"] = rng.choice(MESSAGES) if rng.random() < 0.1 else ""
    flag, memo = rng.choice(MEMOS) if rng.random() < 0.08 else (0, "")
    plan["seller_flag"], plan["seller_memo"] = flag, memo
