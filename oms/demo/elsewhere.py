"""Orders and traffic on the further platforms of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oms.demo.compare import short
from oms.demo.markets import MARKETS, scaled_kinds
from oms.demo.plan import tids_of
from oms.demo.twins import TwinRefused, Twins


def order_elsewhere(twins: Twins, orders: int) -> list[str]:
    """Create orders of every kind a platform has, on each, and ask for one refund at once; answers their numbers.

    The refund is asked before the hub can have seen the order: it must never reach a warehouse undecided.
    """
    numbers: list[str] = []
    for twin in twins.markets.values():
        created: dict[str, Any] = {}
        for kind, count in scaled_kinds(orders).items():
            try:
                created |= twin.post("trades", kinds={kind: count}, tag="once")["tids"]
            except TwinRefused:
                continue  # This platform has no such kind.
        twin.post(f"trades/{tids_of(created['plain'])[0]}/refund")
        # Some platforms tell of an order only once it is paid.
        told = tids_of({kind: made for kind, made in created.items() if kind != "unpaid"})
        numbers += [short(number) for number in told]
    return numbers


def start_elsewhere(twins: Twins, per_minute: float, opening: int = 4) -> None:
    """A first few orders on every further platform, then its share of the traffic; 0 stops it."""
    shares: Mapping[str, float] = {market.vendor: market.share for market in MARKETS}
    for vendor, twin in twins.markets.items():
        if per_minute:
            twin.post("trades", count=opening, tag="opening")
        twin.post("traffic", per_minute=per_minute * shares[vendor])
