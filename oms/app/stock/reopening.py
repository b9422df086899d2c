"""Stock points come back by themselves when the outage that was announced for them is over."""

from __future__ import annotations

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.trail import leave_trail
from oms.app.stock.freeing import free_goods_at
from oms.app.stock.points import note_outage


def reopen_points(hub: Hub) -> int:
    """Open the points whose outage has ended; answers how many."""
    with hub.begin() as connection:
        rows = fetch(
            connection,
            """update stock_point set state = 'open', outage_until = null, outage_words = ''
               where state = 'outage' and outage_until <= %s returning id""",
            (hub.clock(),),
        )
        for (point_id,) in rows:
            note_outage(connection, point_id, "open", "", "system", hub.clock())
            leave_trail(hub, connection, "point_changed", "system", {"point": point_id, "fields": ["state"]})
        free_goods_at(connection, [row[0] for row in rows])
    if rows:
        hub.masters.forget()
        hub.poke("wake_short")
        hub.poke("advance")
    return len(rows)
