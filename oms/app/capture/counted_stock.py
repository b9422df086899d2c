"""Takes a shop's own count of its stock in: the ledger is brought to what was counted, and keeps what moved since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import orjson

from oms.app.capture.own_points import own_point
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.masters import ShopCard
from oms.app.stock.reports import lines_of, take_report
from oms.app.stock.told import Told
from oms.db.sealed import content_hash
from oms.domain.errors import Invalid

#: An older count says little of today, and what moved since would be summed over many months.
OLDEST: Final = timedelta(days=31)
AHEAD: Final = timedelta(minutes=5)
#: What a line's state is called here; what was told before is unchanged.
OUTCOMES: Final = {"booked": "set", "same": "unchanged", "older": "older", "unknown": "unknown", "waiting": "waiting"}


def take_count(
    hub: Hub, shop: ShopCard, point: str, counted_at: datetime, counted: Mapping[str, int], actor: str
) -> dict[str, str]:
    """SKU code → "set", "unchanged", "older" (a later count is known), "waiting" (large, for a person) or "unknown".

    `counted` are good units at that moment. A count of the future, or older than a month, is Invalid.
    """
    now = hub.clock()
    if not now - OLDEST <= counted_at <= now + AHEAD:
        raise Invalid("counted_at", "this is not within the last 31 days", "count again, and send when it was counted")
    with hub.begin() as connection:
        point_id = own_point(connection, shop, point)
        batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
        key = f"count|{counted_at:%Y%m%d%H%M%S%f}|{content_hash(orjson.dumps(sorted(counted.items()))).hex()[:16]}"
        lines = lines_of({(code, "good"): units for code, units in counted.items()}, key, counted_at)
        taken = take_report(batch, Told(point_id, "count", key, counted_at, lines))
    outcomes = dict.fromkeys(counted, "unchanged")
    return outcomes | {line.told.sku_code: OUTCOMES[line.state] for line in taken}
