"""The company's own shop, a mini program on the standard interface: what it has ordered lately and what comes now."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from oms.app.capture.entered.rows import Row
from oms.app.capture.masters_import import put_masters
from oms.app.capture.pushed import open_shop, take_orders
from oms.app.kernel.account_forms import AccountForm
from oms.app.kernel.connecting import NewShop, connect_shop
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.merging.editing import set_merging
from oms.demo.company.papers import PEOPLE, PHONES, line, order
from oms.demo.company.partner import PARTNER
from oms.demo.company.range import Range
from oms.demo.company.rulings import OWN_SHOP
from oms.demo.company.stocking import STORE
from oms.demo.processes import DemoFailed

NAME: Final = "小程序 · 示例会员商城"
MERGE_WINDOW_S: Final = 10
#: Workers read shops every two seconds, and hold an order of a shop that they do not know yet.
UNTIL_KNOWN_S: Final = 2.5
#: What the best seller sold on each of the last days, the oldest first; every second order is the distributor's.
SOLD_LATELY: Final = (11, 14, 12, 16, 15, 18, 17, 19)
#: Whose phone is on the blacklist, and after whom those come who bought on the days before, each once.
LISTED, FIRST_LATELY = 5, 6
#: A long way below what the goods cost, in percent of their price.
CHEAP_PERCENT: Final = 12


def connect_own_shop(hub: Hub, pool_id: int, actor: str) -> int:
    """The shop's id; it is made at the first start."""
    with hub.engine.connect() as connection:
        found = fetch(connection, "select id from shop where code = %s", (OWN_SHOP,))
    if found:
        return int(found[0][0])
    wanted = NewShop("standard", OWN_SHOP, NAME, AccountForm({}), pool_id=pool_id, mode="live")
    shop_id = connect_shop(hub, wanted).shop_id
    set_merging(hub, "shop", shop_id, {"window_s": MERGE_WINDOW_S}, actor)
    time.sleep(UNTIL_KNOWN_S)
    return shop_id


def list_a_phone(hub: Hub, actor: str) -> None:
    """Put one invented phone on the blacklist."""
    row = Row({"kind": "phone", "value": PHONES[LISTED], "reason": "多次拒收到付包裹", "source": "客服"})
    put_masters(hub, "blacklist", [row], actor)


def lately(now: datetime, goods: Range) -> dict[str, tuple[datetime, bytes]]:
    """Number → moment and document of what the best seller sold on the days before."""
    found = {}
    for days, units in zip(range(len(SOLD_LATELY), 0, -1), SOLD_LATELY, strict=True):
        at, number = now - timedelta(days=days, hours=2), f"MINI-D{days}"
        whose = {"partner": {"code": PARTNER, "reference": f"DX-{days:04}"}} if days % 2 == 0 else {}
        found[number] = (at, order(number, at, FIRST_LATELY + days, [line(goods.best_seller, units)], **whose))
    return found


def today(now: datetime, goods: Range) -> list[bytes]:
    """What comes at the opening: for the store, for the distributor, and some orders that something is odd with."""
    own, east, south = goods.own, goods.east, goods.south
    dear, dear_own = (120_000 // int(item["price_fen"]) + 1 for item in (east, own[3]))
    cheap = int(own[0]["price_fen"]) * (100 - CHEAP_PERCENT) // 100
    whose = {"code": PARTNER, "reference": "DX-0101"}
    return [
        *[order(f"MINI-S{at + 1}", now, at % 5, [line(goods.store[at])], delivery=_at_store(at)) for at in range(6)],
        order("MINI-P1", now, 6, [line(own[1], 2), line(own[2])], partner=whose),
        order("MINI-P2", now, 1, [line(own[3], 4)], partner={**whose, "reference": "DX-0102"}),
        order("MINI-BLACK", now, LISTED, [line(own[4])]),
        order("MINI-CHEAP", now, 3, [line(own[0], 1, off=cheap)]),
        waiting(now, goods),
        order("MINI-TWICE", now, 4, [line(east, dear), line(south)]),
        order("MINI-LESS", now, 2, [line(own[3], dear_own), line(own[4])]),
    ]


def waiting(at: datetime, goods: Range, words: str = "") -> bytes:
    """The order whose buyer writes later that it is to be kept back."""
    return order("MINI-WAIT", at, 0, [line(goods.own[5])], buyer_message=words)


def _at_store(at: int) -> dict[str, str]:
    """Every sixth order is brought, the others are collected."""
    mode, leg = ("store_delivery", "delivery") if at == 5 else ("store_pickup", "pickup")
    return {"mode": mode, "leg": leg, "store": STORE, "person": PEOPLE[at % 5][0], "phone": PHONES[at % 5]}


def push(hub: Hub, shop_id: int, documents: Sequence[bytes], at: datetime | None = None) -> None:
    """Take documents in, at another moment if one is given; DemoFailed tells what the hub would not have."""
    then = hub if at is None else replace(hub, clock=lambda: at)
    refused = [one for one in take_orders(then, open_shop(hub, shop_id), documents) if one.outcome == "refused"]
    if refused:
        words = f"order {refused[0].external_no} of the demo was refused: {refused[0].detail}"
        raise DemoFailed(words, "look at oms/demo/company/shop.py")


def is_known(hub: Hub, shop_id: int) -> bool:
    """Whether the shop's orders of the opening are there: a demo that is started again goes on with them."""
    with hub.engine.connect() as connection:
        return bool(fetch(connection, "select 1 from orders where shop_id = %s limit 1", (shop_id,)))
