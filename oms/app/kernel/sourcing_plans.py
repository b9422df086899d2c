"""Plans of the batch planner as workers follow them: read once for each version, kept with what was used of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
import zstandard
from sqlalchemy import Connection, text

from oms.domain.sourcing.plan import Kind, Plan
from oms.domain.sourcing.terms import Goods, Method

VERSIONS = text("""
select pool_id, version from sourcing_plan where is_on and kinds > 0 and body is not null and valid_until > :now""")
BODY = text("select body from sourcing_plan where pool_id = :pool_id and version = :version")
#: A version with its plan, by pool.
Plans = Mapping[int, tuple[int, Plan]]
NO_PLANS: Final[Plans] = {}


def read_plans(connection: Connection, now: datetime, kept: Plans) -> Plans:
    """The plans in force; one that is known already goes on with its counts."""
    versions = {row.pool_id: row.version for row in connection.execute(VERSIONS, {"now": now})}
    if not versions:
        return NO_PLANS
    found: dict[int, tuple[int, Plan]] = {}
    for pool_id, version in versions.items():
        known = kept.get(pool_id)
        if known is not None and known[0] == version:
            found[pool_id] = known
        else:
            body = connection.execute(BODY, {"pool_id": pool_id, "version": version}).scalar_one_or_none()
            if body is not None:
                found[pool_id] = (version, unpack_plan(body))
    return found


def place_key(place: str, is_cod: bool) -> str:
    """A place as plans name it: carriers that collect cash are others, so such orders are a kind of their own."""
    return f"{place}$" if is_cod else place


def pack_plan(plan: Plan) -> bytes:
    """A plan as the table keeps it."""
    kinds = [
        [place, goods, [[one.parts, round(one.share, 5), one.rated] for one in kind.methods], round(kind.expected, 3)]
        for (place, goods), kind in plan.kinds.items()
    ]
    prices = [[point_id, sku_id, price] for (point_id, sku_id), price in plan.prices.items()]
    return zstandard.ZstdCompressor(3).compress(orjson.dumps({"kinds": kinds, "prices": prices}))


def unpack_plan(body: bytes) -> Plan:
    """The plan of a table's row."""
    kept: dict[str, Any] = orjson.loads(zstandard.ZstdDecompressor().decompress(body))
    kinds = {(place, _goods(goods)): _kind(*rest) for place, goods, *rest in kept["kinds"]}
    return Plan(kinds, {(point_id, sku_id): price for point_id, sku_id, price in kept["prices"]})


def _kind(methods: list[Any], expected: float = 0.0) -> Kind:
    """A kind of orders; plans of before said nothing of how many it expects."""
    parts = [(tuple([(point_id, _goods(sent)) for point_id, sent in told]), rest) for told, *rest in methods]
    return Kind([Method(sent, share, *rated) for sent, (share, *rated) in parts], expected=expected)


def _goods(told: list[list[int]]) -> Goods:
    return tuple([(sku_id, units) for sku_id, units in told])
