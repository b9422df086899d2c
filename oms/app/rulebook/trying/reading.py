"""What pages of trials look up besides: order numbers, and where sets hold."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select, text

from oms.app.rulebook.changing import AnyRow
from oms.db.orders import Order

_SETS = text("""
select s.id, s.name, s.scope, s.scope_id, v.id as version_id from rule_set s
left join rule_set_version v on v.rule_set_id = s.id and v.state = 'active' and v.canary = 100 where s.id = any(:ids)""")


def numbers_of(connection: Connection, order_ids: Collection[int]) -> dict[int, str]:
    """The platform's numbers of orders by their ids."""
    if not order_ids:
        return {}
    rows = connection.execute(select(Order.id, Order.external_no).where(Order.id.in_(order_ids)))
    return {id_: number for id_, number in rows}


def sets_by_id(connection: Connection, ids: Collection[int]) -> dict[int, AnyRow]:
    """Rule sets with their place and the version in force."""
    return {row.id: row for row in connection.execute(_SETS, {"ids": sorted(ids)})} if ids else {}
