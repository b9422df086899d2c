"""`oms demo`: keeps orders flowing through a running hub until Ctrl-C, so that every step has something to show."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from types import FrameType

from rich.console import Console
from rich.panel import Panel

from oms.app.kernel.load import fetch
from oms.demo.colleagues import Colleagues
from oms.demo.company.desks import kept_back, passes
from oms.demo.company.life import open_company, people_of
from oms.demo.company.mishaps import Mishaps, refunds_on
from oms.demo.elsewhere import start_elsewhere
from oms.demo.house import House
from oms.demo.markets import flagship_share
from oms.demo.rules import publish_review_rules
from oms.demo.twins import TwinRefused
from oms.demo.watching import patiently
from oms.domain.phase import PHASES

#: The first wave, so that nobody looks at empty lists.
OPENING = {
    "plain": 24, "cod": 6, "presale_paid": 3, "presale_unpaid": 2, "merge_pairs": 4, "split": 3, "bundle": 4, "gift": 3,
    "held": 1, "unpaid": 2, "bad": 3,
}  # fmt: skip
#: So many of the first parcels are hurried to their receivers; the rest take their minutes.
HURRIED = 6
#: A colleague passes what nobody has looked at for so long.
DESK_PATIENCE = timedelta(minutes=3)
#: What is more than a reviewer may pass the lead passes after so long.
LEAD_PATIENCE = timedelta(minutes=10)
TICK_SECONDS = 1.0
STEPS = (1, 2, 3, 4, 5, 6, 7)
PHASE_COUNTS = "select phase, count(*) from orders group by phase"
PARCELS = "select waybill_no from parcel where subscribed_at is not null order by id limit %s"
SIGNED = "【{target}】快件已签收,签收人:本人"


def show_live(house: House, *, per_minute: float, say: Callable[[str], None], console: Console) -> int:
    """Make traffic, tell the address and the sign-in, and watch until SIGINT or SIGTERM."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    with house.hub.begin() as connection:
        publish_review_rules(connection)
    life = open_company(house.hub, house.twins.catalogue(), say)
    created = house.twins.create_trades(0, OPENING, tag="opening")
    house.twins.taobao.post("traffic", per_minute=per_minute * flagship_share(house.twins.markets))
    start_elsewhere(house.twins, per_minute)
    console.print(_welcome(house))
    began = time.monotonic()
    told = False
    hurry = Hurry(house)
    life.parts.append(Mishaps(house.hub, house.twins, refunds_on(house.twins, created["plain"]), house.require_alive))
    lead = f"user:{people_of(house.hub)['lead@example.com']}"
    people = Colleagues(house.hub, house.ready.reviewer, DESK_PATIENCE, passes)
    boss = Colleagues(house.hub, lead, LEAD_PATIENCE, passes)
    while not stop.wait(TICK_SECONDS):
        house.require_alive()
        patiently(lambda: people.review(kept_back(house.hub)), house.require_alive)
        patiently(lambda: boss.review(kept_back(house.hub)), house.require_alive)
        patiently(hurry.tick, house.require_alive)
        patiently(life.tick, house.require_alive)
        steps = patiently(lambda: steps_with_orders(house), house.require_alive)
        if not told and set(STEPS) <= steps:
            told = True
            say(f"orders in every one of the seven steps after {time.monotonic() - began:.0f} s")
    house.twins.taobao.post("traffic", per_minute=0)
    start_elsewhere(house.twins, 0)
    return 0


def steps_with_orders(house: House) -> set[int]:
    """The steps (1 to 7) that have an order now."""
    with house.hub.engine.connect() as connection:
        phases = [phase for phase, count in fetch(connection, PHASE_COUNTS) if count]
    return {PHASES[phase].step for phase in phases}


@dataclass
class Hurry:
    """Brings a few early orders to the door at once, so that the last steps are not empty for the first minutes."""

    house: House
    codes: set[str] = field(default_factory=set)
    waybills: set[str] = field(default_factory=set)

    def tick(self) -> None:
        """Let the next of the first orders leave the warehouse, and every second parcel of theirs be signed for."""
        if len(self.codes) < HURRIED:
            self._ship()
        if len(self.waybills) < HURRIED:
            self._sign()

    def _ship(self) -> None:
        orders = [o for o in self.house.twins.qimen.ledger()["orders"] if o["stage"] not in ("NEW", "DELIVERED")]
        for order in orders[: HURRIED - len(self.codes)]:
            self.codes.add(order["code"])
            with suppress(TwinRefused):
                self.house.twins.qimen.post(f"orders/{order['code']}/advance", to="DELIVERED")

    def _sign(self) -> None:
        with self.house.hub.engine.connect() as connection:
            found = [row[0] for row in fetch(connection, PARCELS, (HURRIED,))]
        for number, waybill in enumerate(found):
            if waybill in self.waybills:
                continue
            self.waybills.add(waybill)
            if number % 2:
                with suppress(TwinRefused):
                    self.house.twins.kuaidi100.post(f"parcels/{waybill}", code="301", context=SIGNED)


def _welcome(house: House) -> Panel:
    ready = house.ready
    lines = (
        f"[bold]{house.settings.public_url}[/bold]",
        f"账号 · e-mail    [bold]{ready.email}[/bold]",
        f"密码 · password  [bold]{ready.password}[/bold]",
        "",
        f"API: {house.settings.public_url}/api/docs · 日志 · logs: {house.settings.log_folder}",
        "Ctrl-C 结束 · ends everything",
    )
    return Panel("\n".join(lines), title="oms demo", expand=False)
