"""新建订单: one order typed into a form; a form sent twice makes one order."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from oms.app.capture.entered.reading import Entered, ShopBook, read_orders
from oms.app.capture.entered.rows import Row
from oms.app.capture.entered.shops import open_shops
from oms.app.capture.entered.taking import ORIGIN, Occasion, TakenIn, take_entered, try_own
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.domain.errors import Invalid, NotFound

PREFIX: Final = "H"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field of the form: the line it is in, the column, and the words."""

    line: int
    column: str
    words: str


class NotEntered(Invalid):
    """The form has problems; nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("order", "some fields need another look", "correct the fields that are marked")
        self.problems = tuple(problems)


def number_of(key: str, day: datetime) -> str:
    """The number of an order that was given none: the same for the same form, however often it is sent."""
    return f"{PREFIX}{day:%y%m%d}{hashlib.sha256(key.encode()).hexdigest()[:10].upper()}"


def enter_order(hub: Hub, rows: Sequence[Row], actor: str, shop_ids: Collection[int]) -> int:
    """Take the order of a form in, a row for each line; answers its id. NotEntered tells what is wrong by field."""
    with hub.engine.connect() as connection:
        orders = read_orders(rows, ShopBook(open_shops(connection, shop_ids)), hub.clock())
    for order in orders:
        for told in try_own(hub, [order.body] if order.body else []):
            if isinstance(told, str):
                order.refuse("", told)
    _check(rows)
    (order,) = orders
    shop = hub.masters.get(hub.engine, hub.clock()).shops.get(order.shop_id)
    if shop is None:
        raise NotFound("there is no such shop", "choose another shop")
    taken = take_entered(hub, shop, [order.body], Occasion(actor, "entered"), _nothing, _nothing)
    if taken.refused:
        raise NotEntered([Problem(0, "order_no", taken.refused[order.external_no])])
    return _id_of(hub, order)


def _check(rows: Sequence[Row]) -> None:
    found = [Problem(at, column, words) for at, row in enumerate(rows) for column, words in row.problems]
    if found:
        raise NotEntered(found)


def _nothing(_connection: Connection, _taken: TakenIn | None = None) -> None:
    """Nothing is written beside the order."""


def _id_of(hub: Hub, order: Entered) -> int:
    with hub.engine.connect() as connection:
        rows = fetch(
            connection,
            "select id from orders where shop_id = %s and origin = %s and external_no = %s",
            (order.shop_id, ORIGIN, order.external_no),
        )
    return int(rows[0][0])
