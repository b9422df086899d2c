"""A day with something of everything on it, for pictures and for journeys through the pages."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from oms.db.orders import ReviewDecision
from tests.console.factories import (
    World,
    a_fulfilment,
    a_hold,
    a_parcel,
    a_parked_record,
    add,
    an_event,
    an_interception,
    an_order,
    an_outbound,
)


def a_busy_day(connection: Connection, world: World) -> dict[str, int]:
    """Orders in every phase, with holds, parcels, stuck outbound and parked records; answers some ids by name."""
    named: dict[str, int] = {}
    for phase, count in (("unpaid", 3), ("captured", 6), ("merging", 9), ("to_dispatch", 4)):
        for _ in range(count):
            an_order(connection, world, phase, lines=1 + world.count % 3)
    _some_reviews(connection, world)
    _some_holds(connection, world)
    for _ in range(7):
        order = an_order(connection, world, "at_warehouse", lines=2)
        a_fulfilment(connection, world, [order], "accepted", sent_at=world.now, accepted_at=world.now)
    named["order"] = _a_merged_pair(connection, world)
    order = an_order(connection, world, "stopping")
    late = a_fulfilment(connection, world, [order], "stopping", stop="asked")
    an_interception(connection, world, order, late, "failed")
    stuck = an_order(connection, world, "dispatching")
    an_outbound(connection, world, stuck)
    for _ in range(3):
        a_parked_record(connection, world)
    return named


def _some_reviews(connection: Connection, world: World) -> None:
    for minutes, tiers in ((18, 1), (26, 1), (52, 3), (68, 1), (100, 5), (190, 2), (300, 1), (800, 9), (1500, 1)):
        an_order(
            connection,
            world,
            "review",
            lines=1 + minutes % 3,
            tiers_waiting=tiers,
            ship_by=world.now + timedelta(minutes=minutes),
            is_cod=tiers == 3,
            has_memo=minutes == 26,
        )


def _some_holds(connection: Connection, world: World) -> None:
    kinds = ("bad_address", "short_of_stock", "refund_asked", "blacklist", "unmatched_sku", "bad_address")
    for kind in kinds:
        order = an_order(connection, world, "held" if kind != "short_of_stock" else "short")
        a_hold(connection, world, order, kind)


def _a_merged_pair(connection: Connection, world: World) -> int:
    """Two orders in one parcel; the first also has an old stuck write-back and a decision."""
    main = an_order(connection, world, "shipped", lines=3, review="passed", has_message=True)
    other = an_order(connection, world, "shipped", review="passed")
    together = a_fulfilment(connection, world, [main, other], "shipped", shipped_at=world.now)
    a_parcel(connection, world, together)
    add(connection, ReviewDecision, order_id=main, tier=1, verdict="passed", actor="rule:R-1", at=world.now)
    an_outbound(connection, world, main, "done", kind="push_shipment", account_id=world.account, attempts=1)
    an_event(connection, world, main, "pass_review", actor="rule:R-1", at=world.now - timedelta(hours=22))
    an_event(connection, world, main, "ship", actor="warehouse", at=world.now - timedelta(hours=20))
    return main
