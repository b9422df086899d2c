"""The clerks of the store: they take every order of theirs as far as the tour wants to find it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from oms.app.aftersales.at_store.taking import Told, take_back
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.packing_settings import put_people
from oms.app.pipeline.stores import handing, tasks
from oms.app.pipeline.stores.acting import Doing
from oms.app.pipeline.stores.codes_shown import waiting_codes
from oms.app.pipeline.stores.settings import Profile, save_profile, save_shop

#: Order → how far its clerk goes; what is not named stays a new task.
ENDS: Final[Mapping[str, tuple[str, ...]]] = {
    "MINI-S2": ("accept",),
    "MINI-S3": ("accept", "pick", "finish"),
    "MINI-S4": ("accept", "pick", "finish", "collect"),
    "MINI-S5": ("accept", "pick", "finish", "collect", "return"),
    "MINI-S6": ("accept", "pick", "finish", "go_out"),
}
TASKS: Final = """
select o.external_no, o.id, f.id, (select min(p.id) from parcel p where p.fulfilment_id = f.id),
  (select min(l.id) from order_line l where l.order_id = o.id)
from orders o join fulfilment f on f.lead_order_id = o.id
where o.shop_id = %s and f.stock_point_id = %s and f.status not in ('planned', 'on_hold', 'sending', 'cancelled')
  and o.external_no = any(%s)"""

STAFF: Final = """
select 'user:' || g.user_id from user_role g join role r on r.id = g.role_id
where r.name in ('store_clerk', 'store_lead')"""


def open_store(hub: Hub, store_id: int, shop_id: int, actor: str) -> None:
    """The store's profile and its people, and the shop whose orders go through it."""
    profile = Profile(
        address="南京市秦淮区中山南路 1 号", phone="02500000001", email="", hands_out=True, delivers=True, ready_min=30,
        overdue_days=7, divisions=("3201",), latitude=32.0415, longitude=118.7842, radius_m=8_000,
    )  # fmt: skip
    save_profile(hub, store_id, actor, profile)
    with hub.engine.connect() as connection:
        staff = [row[0] for row in fetch(connection, STAFF)]
    put_people(hub, store_id, staff, actor)
    save_shop(hub, shop_id, actor, is_on=True, finds_by="location", tells_at="ready", geocoder_id=None)


@dataclass
class Clerk:
    """Does the next thing for each order of the store at every tick, until all are where the tour wants them."""

    hub: Hub
    shop_id: int
    store_id: int
    actor: str
    done: dict[str, int] = field(default_factory=dict)

    def tick(self) -> None:
        """One step for each order that has one left."""
        left = [number for number, steps in ENDS.items() if self.done.get(number, 0) < len(steps)]
        if not left:
            return
        with self.hub.engine.connect() as connection:
            rows = fetch(connection, TASKS, (self.shop_id, self.store_id, left))
        for number, *ids in rows:
            at = self.done.get(number, 0)
            self._do(ENDS[number][at], Doing(self.store_id, self.actor, f"demo {number} {ENDS[number][at]}"), *ids)
            self.done[number] = at + 1

    def _do(self, verb: str, doing: Doing, order_id: int, fulfilment_id: int, parcel_id: Any, line_id: int) -> None:
        hub = self.hub
        if verb == "accept":
            tasks.accept(hub, doing, fulfilment_id)
        elif verb == "pick":
            tasks.pick(hub, doing, fulfilment_id)
        elif verb == "finish":
            tasks.finish(hub, doing, fulfilment_id, shelf="A-03")
        elif verb == "go_out":
            handing.go_out(hub, doing, parcel_id)
        elif verb == "collect":
            with hub.engine.connect() as connection:
                ((_, code),) = waiting_codes(hub, connection, order_id)
            handing.hand_over(hub, doing, parcel_id, code)
        else:
            take_back(hub, doing, order_id, Told({line_id: 1}, {}, "does_not_fit", "尺码偏小"))
