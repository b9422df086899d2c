"""Opens the company before the first order and lives its first minutes: one tick after the other, all once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.stock.replenishing import renew_proposals
from oms.demo.company import shop
from oms.demo.company.clerk import Clerk, open_store
from oms.demo.company.desks import Desks, set_desks_up
from oms.demo.company.mishaps import late_delivery, money_back, second_thought
from oms.demo.company.own_warehouse import Packers
from oms.demo.company.partner import set_partner_up, state_account
from oms.demo.company.range import Item, range_of
from oms.demo.company.rulings import publish_rules
from oms.demo.company.stocking import FirstPlan, order_points, set_stock_up
from oms.domain.errors import HubError


class Ticking(Protocol):
    """A part of the company's life."""

    def tick(self) -> None:
        """Do what can be done by now."""


@dataclass
class Life:
    """Everything that goes on by itself; trouble of one part stops no other and is told once."""

    say: Callable[[str], None]
    parts: list[Ticking]
    told: set[str] = field(default_factory=set)

    def tick(self) -> None:
        """One tick of every part."""
        for part in self.parts:
            try:
                part.tick()
            except HubError as error:
                words = f"{type(part).__name__}: {error}"
                if words not in self.told:
                    self.told.add(words)
                    self.say(words)


@dataclass
class Bookkeeping:
    """When the days before have left: the partner's statement, and what to buy anew; once."""

    hub: Hub
    packers: Packers
    partner_id: int
    actor: str
    is_over: bool = False

    def tick(self) -> None:
        """Wait for the packers."""
        if self.packers.is_over and not self.is_over:
            self.is_over = True
            state_account(self.hub, self.partner_id, self.actor)
            renew_proposals(self.hub)


def people_of(hub: Hub) -> dict[str, int]:
    """Ids of the demo's people by address."""
    with hub.engine.connect() as connection:
        return dict(fetch(connection, "select email, id from users"))


def open_company(hub: Hub, items: list[Item], say: Callable[[str], None]) -> Life:
    """Set everything up that is not there, push the own shop's orders, and answer what goes on."""
    people = people_of(hub)
    lead, clerk = (f"user:{people[email]}" for email in ("lead@example.com", "clerk@example.com"))
    teams = set_desks_up(hub, people, lead)
    publish_rules(hub, lead)
    goods = range_of(items)
    places = set_stock_up(hub, goods, lead)
    shop_id = shop.connect_own_shop(hub, places.pool_id, lead)
    partner_id = set_partner_up(hub, goods, lead)
    desks = Desks(hub, people, teams)
    if shop.is_known(hub, shop_id):
        return Life(say, [desks])
    order_points(hub, places, shop_id, lead)
    open_store(hub, places.store_id, shop_id, lead)
    shop.list_a_phone(hub, lead)
    sold = _push(hub, shop_id, shop.lately(hub.clock(), goods))
    shop.push(hub, shop_id, shop.today(hub.clock(), goods))
    packers = Packers(hub, shop_id, places.own_id, lead, sold)
    return Life(say, [
        desks, packers, Bookkeeping(hub, packers, partner_id, lead), Clerk(hub, shop_id, places.store_id, clerk),
        late_delivery(hub, shop_id, goods, lead), second_thought(hub, shop_id, goods), money_back(hub, shop_id, goods),
        FirstPlan(hub, places.common_pool_id, lead),
    ])  # fmt: skip


def _push(hub: Hub, shop_id: int, documents: Mapping[str, tuple[datetime, bytes]]) -> dict[str, datetime]:
    """Push each order at the moment it was placed; answers the moments."""
    for at, body in documents.values():
        shop.push(hub, shop_id, [body], at)
    return {number: at for number, (at, _) in documents.items()}
