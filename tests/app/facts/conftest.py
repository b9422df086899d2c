"""One world for all facts: six shops, a store beside two warehouses, SKUs of every kind, costs, a blacklist."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from tests.factories import World, a_world, receive_stock

GOODS = (
    "update sku set volume_cm3 = 10",
    "update sku set category = 'home', weight_g = 900, volume_cm3 = 5000 where code = 'D'",
    "update sku set size_class = 'large' where code = 'E'",
    "update sku set is_virtual = true where code = 'C'",
    """insert into cost_price (sku_id, valid_from, amount)
       select id, '2020-01-01', 500 from sku where code in ('A', 'B')""",
    "insert into cost_price (sku_id, valid_from, amount) select id, '2027-01-01', 1 from sku where code = 'A'",
    """insert into sku (id, code, name, weight_g, volume_cm3)
       select 200 + n, code, code, 400, 10 from unnest(array['TWO', 'WEST', 'STORE', 'FEW', 'NONE1', 'NONE2', 'NONE3',
         'LAST']) with ordinality as v(code, n)""",
)
PLACES = (
    """insert into stock_point (id, code, name, kind, account_id, warehouse_code) values
       (3, 'ST3', 'store', 'store', 2, 'ST3')""",
    "insert into pool_member (pool_id, stock_point_id, rank) values (1, 3, 3)",
    """insert into carrier_coverage (carrier_id, division_prefix, is_deliverable) values
       (1, '44', false), (3, '44', false)""",
)
#: Shop 2 differs in everything; shops 3 to 6 are quiet.
SHOPS = (
    """insert into channel (id, code, vendor, label_zh, label_en, mark, platform_code) values
       (3, 'plainer', 'plainer', '更平常', 'Plainer', '更', 'PX')""",
    "insert into shop_group (id, code, name) values (7, 'north', 'north')",
    "insert into user_group (id, code, name) values (8, 'team', 'team')",
    "insert into stock_pool (id, code, name) values (2, 'second', 'second')",
    "insert into pool_member (pool_id, stock_point_id, rank) values (2, 1, 1)",
    """insert into shop (id, code, name, channel_id, account_id, stock_pool_id, shop_group_id, user_group_id, owner, mode,
       currency, timezone, go_live_at) values
       (2, 's2', 'second', 3, 1, 2, 7, 8, 'agent', 'observing', 'USD', 'America/New_York', '2026-11-01')""",
    """insert into shop (id, code, name, channel_id, account_id, stock_pool_id)
       select n, 's' || n, 's' || n, 1, 1, 1 from generate_series(3, 6) n""",
)
PARTNERS = (
    "insert into partner (id, code, name, kind) values (9, 'PT', 'partner', 'distributor')",
    "insert into settlement_price (partner_id, sku_id, bundle_id, valid_from, amount)"
    " values (9, 100, 0, '2020-01-01', 800)",
)
#: Units of a SKU at a point.
STOCK = ((1, 201, 2), (2, 201, 2), (2, 202, 100), (3, 203, 100), (1, 204, 3), (1, 208, 1))


@pytest.fixture(scope="module")
def facts_world(make_database: Callable[[], str]) -> Iterator[World]:
    """A world that the tests of a module share: each brings orders of its own, none changes what others rely on."""
    world = a_world(make_database(), stock=10_000)
    keys = world.hub.keys
    world.hub.vendors["plainer"] = world.hub.vendors["plain"]
    with world.hub.begin() as connection:
        for statement in (*GOODS, *PLACES, *SHOPS, *PARTNERS):
            connection.execute(text(statement))
        for point, sku, units in STOCK:
            receive_stock(connection, point, sku, units)
        for kind, value in (("phone", "13999999999"), ("buyer", "b-bad")):
            connection.execute(
                text("insert into blacklist_entry (kind, blind, reason) values (:kind, :blind, 'fraud')"),
                {"kind": kind, "blind": keys.blind(kind, value)},
            )
        connection.execute(text("insert into rule_set (id, stage, name) values (1, 'review', 'facts')"))
    world.hub.masters.forget()
    yield world
    world.hub.engine.dispose()
