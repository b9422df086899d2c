"""What the API methods work on: the market of one shop, its parcels and keys; and what a method is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.douyin.errors import no_case, no_order
from connectors.sandbox.douyin.params import Params
from connectors.sandbox.kit.market import Case, Market, Sale

Doc = dict[str, Any]
#: Twin-seconds after which the platform itself acts (0: only when asked); a setting of the same name changes one.
DELAYS = {"exchange_done_after": 86_400.0, "platform_ships_after": 0.0}

SCHEMA = """
create table if not exists dy_pack (
    pack_id text not null, sale text not null, company text not null, waybill text not null, lines text not null,
    shipment integer not null, at_ms integer not null, primary key (pack_id, sale));
create index if not exists dy_pack_sale on dy_pack (sale);
create table if not exists dy_once (key text primary key, answer text not null);
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop; `secret` makes the ciphers of its receivers."""

    market: Market
    settings: Mapping[str, Any]
    shop_id: int
    shop_name: str
    app_key: str
    secret: str

    def delay(self, name: str) -> float:
        """Twin-seconds of a named delay of the platform's own."""
        return float(self.settings.get(name, DELAYS[name]))

    def now(self) -> int:
        """The platform's clock in seconds."""
        return self.market.now_ms() // 1000

    def sale(self, number: str) -> Sale:
        """The order of this number (an old trailing A is stripped); ApiError when there is none."""
        found = self.market.shelves.sale(number.removesuffix("A"))
        if found is None:
            raise no_order(number)
        return found

    def case(self, number: str) -> Case:
        """The after-sale case of this number; ApiError when there is none."""
        found = self.market.shelves.case(number)
        if found is None:
            raise no_case(number)
        return found

    @contextmanager
    def received_stays(self, number: str) -> Iterator[None]:
        """An order that the buyer has received stays completed, whatever is refunded of it meanwhile."""
        before = self.market.find_sale(number).doc["status"]
        yield
        sale = self.market.find_sale(number)
        if before == "completed" and sale.doc["status"] != before:
            sale.doc["status"] = before
            self.market.shelves.save(sale)

    # ---- parcels -----------------------------------------------------------------------------

    def packs(self, number: str) -> list[Doc]:
        """Parcels of an order, oldest first: pack_id, company, waybill, lines (units by line number), shipment, at_ms."""
        rows = self.market.storage.rows("select * from dy_pack where sale = ? order by at_ms, pack_id", (number,))
        return [{**dict(row), "lines": json.loads(row["lines"])} for row in rows]

    def add_pack(self, pack_id: str, number: str, company: str, waybill: str, units: Mapping[str, int]) -> None:
        self.market.storage.execute(
            "insert into dy_pack values (?, ?, ?, ?, ?, 0, ?)",
            (pack_id, number, company, waybill, json.dumps(dict(units)), self.market.now_ms()),
        )

    def set_pack(self, pack_id: str, number: str, company: str, waybill: str, shipment: int) -> None:
        self.market.storage.execute(
            "update dy_pack set company = ?, waybill = ?, shipment = ? where pack_id = ? and sale = ?",
            (company, waybill, shipment, pack_id, number),
        )

    # ---- requests that may come twice --------------------------------------------------------

    def answered(self, key: str) -> Doc | None:
        """What the first request with this key was answered, if there was one."""
        text = self.market.storage.scalar("select answer from dy_once where key = ?", (key,))
        return None if text is None else json.loads(text)

    def keep_answer(self, key: str, answer: Doc) -> None:
        self.market.storage.execute("insert into dy_once values (?, ?)", (key, json.dumps(answer)))


@dataclass(frozen=True, slots=True)
class Method:
    """One API method: `run` answers the envelope's `data` or raises ApiError."""

    run: Callable[[Shop, Params], Any]
    required: tuple[str, ...] = ()
