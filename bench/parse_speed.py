"""How long a marketplace document takes to become a normalised order: `python -m bench.parse_speed`.

Documents are made here from a seed, 2.5 lines on average.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import asdict, dataclass
from time import perf_counter

import orjson

from connectors.registry import find

STATUS = "WAIT_SELLER_SEND_GOODS"


@dataclass(frozen=True, slots=True)
class ParseSpeed:
    """Microseconds an order, over the best of several rounds."""

    vendor: str
    orders: int
    lines_per_order: float
    bytes_per_order: float
    us_per_order: float


def measure(orders: int = 2000, rounds: int = 3, seed: int = 7) -> ParseSpeed:
    """Parse `orders` made-up Taobao trades, `rounds` times anew, and tell the best round."""
    connector = find("taobao")
    parse = connector.parse_order.__get__(object.__new__(connector))  # type: ignore[attr-defined]
    # Every round parses documents of its own, so that nothing a parser remembers flatters it.
    fresh = [[trade_body(random.Random(f"{seed}-{r}-{i}"), r * orders + i) for i in range(orders)] for r in range(rounds)]
    best = min(_seconds(parse, bodies) for bodies in fresh)
    bodies = fresh[0]
    lines = sum(_goods_lines(parse(body)) for body in bodies)
    return ParseSpeed(
        "taobao",
        orders,
        round(lines / orders, 2),
        round(sum(map(len, bodies)) / orders, 1),
        round(best / orders * 1e6, 1),
    )


def trade_body(rng: random.Random, number: int) -> bytes:
    """One paid trade as the platform answers it, with postage and a shop coupon on most."""
    tid = 6_000_000_000_000_000_000 + number * 10
    lines = [_line(rng, tid + i + 1) for i in range(rng.choice((1, 2, 2, 3, 3, 4)))]
    post = rng.choice((0, 0, 600, 800))
    payment = sum(_fen(line["divide_order_fee"]) for line in lines) + post
    coupon = sum(_fen(line["part_mjz_discount"]) for line in lines)
    day, second = 1 + number % 28, rng.randrange(86_400)
    at = f"2026-03-{day:02d} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    trade = {
        "tid": tid,
        "tid_str": str(tid),
        "status": STATUS,
        "type": "fixed",
        "created": at,
        "pay_time": at,
        "modified": at,
        "payment": _yuan(payment),
        "post_fee": _yuan(post),
        "buyer_nick": "某**",
        "buyer_open_uid": f"AAF{rng.randrange(10**12)}",
        "buyer_message": "",
        "seller_memo": "",
        "seller_flag": 0,
        "receiver_name": "某**",
        "receiver_mobile": "*******0000",
        "receiver_address": "某**路**号",
        "receiver_state": "江苏省",
        "receiver_city": "苏州市",
        "receiver_district": "吴中区",
        "receiver_town": "木渎镇",
        "receiver_zip": "215000",
        "oaid": f"{rng.randrange(10**30):060d}",
        "alipay_no": str(rng.randrange(10**27)),
        "delivery_time": at,
        "is_sh_ship": False,
        "top_hold": 0,
        "orders": {"order": lines},
    }
    if coupon:
        detail = {"id": tid, "promotion_name": "店铺优惠券", "discount_fee": _yuan(coupon), "promotion_id": "shop-1_1"}
        trade["promotion_details"] = {"promotion_detail": [detail]}
    return orjson.dumps({"trade_fullinfo_get_response": {"trade": trade, "request_id": f"q{number}"}})


def _line(rng: random.Random, oid: int) -> dict[str, object]:
    price, units = rng.randrange(900, 90_000), rng.choice((1, 1, 1, 2, 3))
    discount, shared = rng.choice((0, 0, price // 10)), rng.choice((0, price // 20))
    return {
        "oid": oid,
        "oid_str": str(oid),
        "num_iid": 610_000_000_000 + rng.randrange(10**6),
        "sku_id": str(5_000_000_000_000 + rng.randrange(10**6)),
        "outer_iid": f"G{rng.randrange(10**4)}",
        "outer_sku_id": f"G{rng.randrange(10**4)}-{rng.choice('SMLX')}",
        "title": "纯棉四件套",
        "sku_properties_name": "颜色分类:米白;尺码:1.5米",
        "num": units,
        "price": _yuan(price),
        "total_fee": _yuan(price * units - discount),
        "payment": _yuan(price * units - discount),
        "discount_fee": _yuan(discount),
        "adjust_fee": "0.00",
        "divide_order_fee": _yuan(price * units - discount - shared),
        "part_mjz_discount": _yuan(shared),
        "status": STATUS,
        "refund_status": "NO_REFUND",
    }


def _seconds(parse: object, bodies: list[bytes]) -> float:
    started = perf_counter()
    for body in bodies:
        parse(body)  # type: ignore[operator]
    return perf_counter() - started


def _goods_lines(order: object) -> int:
    return sum(1 for line in order.lines if line.kind == "goods")  # type: ignore[attr-defined]


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _fen(yuan: object) -> int:
    return int(str(yuan).replace(".", ""))


if __name__ == "__main__":
    json.dump(asdict(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)), sys.stdout, indent=2)
    print()
