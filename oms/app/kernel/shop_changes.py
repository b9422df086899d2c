"""Changing a connected shop's own fields; its mode, its account and its schedules have their own use cases."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection, select, update

from oms.app.kernel.connecting import check_names, check_places
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.trail import differing, leave_trail
from oms.db.channels import Shop
from oms.domain.errors import Invalid, NotFound

LONGEST_WINDOW_S: Final = 86_400
#: Gifts of orders that leave as one: as each earned them, or computed anew for all together.
GIFT_POLICIES: Final = ("keep", "recompute")
MOST_PARCELS, MOST_MERGED, LONGEST_HOURS = 20, 200, 720


@dataclass(frozen=True, slots=True)
class ShopFields:
    """A shop's fields as a person wants them; windows in seconds, hours None follow the channel."""

    name: str
    currency: str
    timezone: str
    stock_pool_id: int | None
    user_group_id: int | None
    merge_window_s: int
    merge_cap: int
    max_parcels: int
    ship_hours_paid: int | None
    ship_hours_cod: int | None
    merge_gift_policy: str = "keep"


def change_shop(hub: Hub, shop_id: int, wanted: ShopFields, actor: str) -> tuple[str, ...]:
    """Store what differs and answer its names; Invalid names the first field that is wrong.

    Orders wait without a pool, so they are looked at again when it changes.
    """
    check_names(wanted.name, wanted.currency, wanted.timezone)
    _check_numbers(wanted)
    with hub.begin() as connection:
        held = _locked(connection, shop_id)
        changed = differing(held, asdict(wanted))
        if not changed:
            return ()
        check_places(connection, wanted.stock_pool_id, wanted.user_group_id)
        if "currency" in changed and _has_orders(connection, shop_id):
            words = "the shop has orders in its currency already"
            raise Invalid("currency", words, "connect the shop once more under another code")
        connection.execute(update(Shop).where(Shop.id == shop_id).values(**asdict(wanted)))
        leave_trail(hub, connection, "shop_changed", actor, {"shop": shop_id, "field": list(changed)})
        if "stock_pool_id" in changed:
            _look_again(hub, connection, shop_id)
    hub.masters.forget()
    hub.poke("advance")
    return tuple(changed)


def _locked(connection: Connection, shop_id: int) -> dict[str, Any]:
    columns = [Shop.__table__.c[name] for name in ShopFields.__dataclass_fields__]
    row = connection.execute(select(*columns).where(Shop.id == shop_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("there is no such shop", "choose one of the list")
    return dict(row._mapping)


def _check_numbers(wanted: ShopFields) -> None:
    for field, number, low, high in (
        ("merge_window_s", wanted.merge_window_s, 0, LONGEST_WINDOW_S),
        ("merge_cap", wanted.merge_cap, 1, MOST_MERGED),
        ("max_parcels", wanted.max_parcels, 1, MOST_PARCELS),
        ("ship_hours_paid", wanted.ship_hours_paid, 1, LONGEST_HOURS),
        ("ship_hours_cod", wanted.ship_hours_cod, 1, LONGEST_HOURS),
    ):
        if number is not None and not low <= number <= high:
            raise Invalid(field, "this number is too small or too large", f"write {low} to {high}")
    if wanted.merge_gift_policy not in GIFT_POLICIES:
        raise Invalid("merge_gift_policy", "there is no such choice", "choose one of the list")


def _has_orders(connection: Connection, shop_id: int) -> bool:
    return bool(fetch(connection, "select 1 from orders where shop_id = %s limit 1", (shop_id,)))


def _look_again(hub: Hub, connection: Connection, shop_id: int) -> None:
    connection.exec_driver_sql(
        """update orders set ready_at = %s where id in (select o.id from orders o where o.shop_id = %s
             and o.status = 'open' and o.ready_at is null order by o.id limit 5000 for update skip locked)""",
        (hub.clock(), shop_id),
    )
