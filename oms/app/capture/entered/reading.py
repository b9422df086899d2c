"""Makes orders of rows: rows of one shop and number are one order, whatever their order in the file. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from oms.app.capture.entered.cells import Unreadable, read_number
from oms.app.capture.entered.documents import write
from oms.app.capture.entered.drafting import ShopFacts, draft_order
from oms.app.capture.entered.rows import Row

WITH_OTHERS = "nothing is wrong here, but another row of this order has a problem"


@dataclass(slots=True)
class Entered:
    """An order of some rows; `body` is its document, empty when it is refused."""

    shop_id: int
    external_no: str
    rows: list[Row]
    body: bytes = b""

    def refuse(self, column: str, words: str) -> None:
        """Refuse the whole order for something that one row is told."""
        self.body = b""
        self.rows[0].refuse(column, words)
        for row in self.rows[1:]:
            row.refuse("", WITH_OTHERS)


class ShopBook:
    """Shops by what people call them: the code or the name."""

    def __init__(self, shops: Iterable[ShopFacts]) -> None:
        self._called: dict[str, list[ShopFacts]] = {}
        for shop in shops:
            for word in {shop.code.casefold(), shop.name.casefold()}:
                self._called.setdefault(word, []).append(shop)

    def find(self, text: str) -> ShopFacts | None:
        """The shop; Unreadable when there is none, or more than one."""
        found = self._called.get(text.casefold(), [])
        if not found:
            raise Unreadable("no open shop that is yours has this name or code; look at its spelling")
        if len(found) > 1:
            raise Unreadable("two shops are called this; write the shop's code")
        return found[0]


def read_orders(rows: Sequence[Row], shops: ShopBook, now: datetime) -> list[Entered]:
    """The orders of all rows, by shop and number; problems are noted at the rows."""
    groups: dict[tuple[int, str], Entered] = {}
    known: dict[int, ShopFacts] = {}
    loose: list[Entered] = []
    for row in rows:
        shop, number = row.read("shop", shops.find, None), row.read("order_no", read_number, "")
        if shop is None or not number:
            loose.append(Entered(0, "", [row]))
            continue
        known[shop.id] = shop
        groups.setdefault((shop.id, number), Entered(shop.id, number, [])).rows.append(row)
    for entered in groups.values():
        fill_in(entered, known[entered.shop_id], now)
    return [*(groups[key] for key in sorted(groups)), *loose]


def fill_in(entered: Entered, shop: ShopFacts, now: datetime) -> None:
    """Give an order its document, or its rows their problems."""
    draft = draft_order(entered.rows, shop, now)
    if draft is not None:
        entered.body = write(draft)
        return
    for row in entered.rows:
        if not row.problems:
            row.refuse("", WITH_OTHERS)
