"""The base of a marketplace twin: control endpoints, traffic, timed behaviour, ledger. Inherit and add the protocol."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit.market.buying import act
from connectors.sandbox.kit.market.ledger import ledger_of
from connectors.sandbox.kit.market.market import Market
from connectors.sandbox.kit.market.model import NotAllowed, sale_from
from connectors.sandbox.kit.market.pushes import Pushes
from connectors.sandbox.kit.market.store import MARKET_SCHEMA, Sale, Shelves, now_ms
from connectors.sandbox.kit.twin import Route, Twin, TwinOptions, json_answer
from connectors.sandbox.traffic import catalogue, plan_merge_pair, plan_trade

Plan = dict[str, Any]
FIRST_STOCK = 500
TICK_SECONDS = 0.5
COLUMNS = "tid, oids, company_code, out_sid, kind, accepted, reason, refund_open, at_ms"
FALSIFY = {
    "forget": "delete from shipment where id = ?",
    "double": f"insert into shipment ({COLUMNS}) select {COLUMNS} from shipment where id = ?",
}
# What buyers do of their own accord in free traffic: verb, chance, earliest and latest twin-seconds.
WHIMS = (("refund", 0.03, 30, 3600), ("edit_address", 0.01, 20, 900), ("edit_memo", 0.02, 20, 900))


class MarketTwin(Twin):
    """A marketplace. Set `name`, `kinds` (kind of sale → share in free traffic) and `spoils`, give `routes()`.

    Override `order_number(serial)`, `line_number`, `case_number(serial)` for the platform's formats, `finish_sale(doc)`
    to add what the platform's sale has besides, and `announce(topic, number)` to push changes; the twin's own tables
    go into `schema` (kit's are added). Topics: created, paid, released, refund, memo, message, address, lines, invoice,
    cancelled, shipped, signed, completed, touched, and case_asked, case_agreed, case_returned, case_succeeded, ….
    """

    kinds: ClassVar[Mapping[str, int]] = {"plain": 80, "split": 6, "bundle": 6, "merge_pairs": 4, "unpaid": 4}
    spoils: ClassVar[tuple[str, ...]] = ()
    line_number: ClassVar[str] = "{number}-{n}"

    def __init__(self, options: TwinOptions) -> None:
        self.schema = MARKET_SCHEMA + type(self).schema
        super().__init__(options)
        shelves = Shelves(self.storage, self.faults, self.now_ms)
        self.market = Market(
            self.storage, shelves, self.scheduler, self.faults, self.random, options.seed, options.settings,
            self.announce, self.case_number,
        )  # fmt: skip
        self.pushes = Pushes(self.storage, self.scheduler, self.faults, options.seed)
        self.scheduler.on("act", self._act_later)
        self.scheduler.on("traffic", lambda payload: self._tick())
        self._lay_out()
        if float(options.settings.get("per_minute", 0)) > 0:
            self.start_traffic(float(options.settings["per_minute"]))

    # What a platform's twin gives.

    def order_number(self, serial: int) -> str:
        """The platform's number of its serial-th order."""
        return str(4_200_000_000_000 + serial)

    def case_number(self, serial: int) -> str:
        """The platform's number of its serial-th case."""
        return str(880_000_000_000 + serial)

    def finish_sale(self, doc: dict[str, Any]) -> None:
        """Add what the platform's own sales have besides."""

    def announce(self, topic: str, number: str) -> None:
        """Push a change to the seller's system."""

    def now_ms(self) -> int:
        """The platform's clock; the fault `clock_skew` puts it `ms` ahead (negative: behind)."""
        fault = self.faults.draw("clock_skew", "clock")
        return now_ms() + (fault.ms if fault is not None else 0)

    # What is common.

    def control_routes(self) -> Iterable[Route]:
        return [
            Route("/_twin/catalogue", self._catalogue, ("GET",)),
            Route("/_twin/stock", self._stock, ("GET",)),
            Route("/_twin/pushes", lambda _: json_answer({"pushes": self.pushes.ledger()}), ("GET",)),
            Route("/_twin/trades", self._create),
            Route("/_twin/trades/<path:number>/<verb>", self._act),
            Route("/_twin/traffic", self._traffic),
            Route("/_twin/shipments/<int:shipment>/<verb>", self._falsify),
        ]

    def ledger(self) -> dict[str, Any]:
        return {"platform": self.name, **ledger_of(self.market)}

    def after_reset(self) -> None:
        self._lay_out()

    def create(self, kinds: Mapping[str, int], tag: str = "") -> dict[str, Any]:
        """Create so many sales of each kind now; answers numbers by kind, pairs as lists, `bad` by damage.

        ValueError names a kind that this platform does not have.
        """
        allowed = {*self.kinds, *(("bad",) if self.spoils else ())}
        unknown = sorted(set(kinds) - allowed)
        if unknown:
            raise ValueError(f"unknown kind {', '.join(unknown)}; use {', '.join(sorted(allowed))}")
        with self.storage.write():
            return {kind: self._create_kind(kind, int(count), tag) for kind, count in kinds.items()}

    def start_traffic(self, per_minute: float) -> None:
        """Make free traffic at this rate (real minutes) from now on; 0 stops it."""
        self.storage.remember("traffic", {"per_minute": per_minute})
        if per_minute > 0 and not self.storage.one("select 1 from _task where name = 'traffic'"):
            self.scheduler.after(0, "traffic")

    def _create_kind(self, kind: str, count: int, tag: str) -> Any:
        rng, seed = self.random, self.options.seed
        if kind == "merge_pairs":
            return [self._insert(plan_merge_pair(rng, tids=(1, 2), seed=seed), tag) for _ in range(count)]
        if kind != "bad":
            return self._insert([plan_trade(rng, kind, tid=1, seed=seed) for _ in range(count)], tag)
        found: dict[str, list[str]] = {}
        for _ in range(count):
            spoil = self.spoils[self.storage.next_number("bad", 0) % len(self.spoils)]
            found.setdefault(spoil, []).extend(self._insert([plan_trade(rng, "bad", tid=1, seed=seed)], tag, spoil))
        return found

    def _insert(self, plans: Iterable[Plan], tag: str, spoil: str = "") -> list[str]:
        sales = [Sale(self._sale(plan), tag, spoil) for plan in plans]
        self.market.shelves.add_sales(sales)
        for sale in sales:
            self.announce("created", sale.number)
            self._plan_future(sale)
        return [sale.number for sale in sales]

    def _sale(self, plan: Plan) -> dict[str, Any]:
        serial = self.storage.next_number("order", self.options.seed % 1000 * 10**7 + 1)
        doc = sale_from(plan, self.order_number(serial), self.market.now_ms(), line_no=self.line_number)
        self.finish_sale(doc)
        return doc

    def _plan_future(self, sale: Sale) -> None:
        after = {"presale_paid": ("balance_after", "pay_balance")}
        after |= dict.fromkeys(("held", "group_buy"), ("release_after", "release"))
        if sale.doc["kind"] in after:
            delay, verb = after[sale.doc["kind"]]
            self.scheduler.after(self.market.delay(delay), "act", {"number": sale.number, "verb": verb})

    def _tick(self) -> None:
        per_minute = float(self.storage.recall("traffic", {"per_minute": 0})["per_minute"])
        if per_minute <= 0:
            return
        self.scheduler.after(TICK_SECONDS * self.scheduler.speed, "traffic")
        for _ in range(_poisson(self.random.random, per_minute * TICK_SECONDS / 60)):
            kind = self.random.choices(tuple(self.kinds), tuple(self.kinds.values()))[0]
            made = self.create({kind: 1}, "traffic")[kind]
            for number in made if kind != "merge_pairs" else made[0]:
                self._plan_whims(number, kind)

    def _plan_whims(self, number: str, kind: str) -> None:
        rng = self.random
        if kind == "unpaid":
            verb, delay = ("pay", rng.uniform(60, 600)) if rng.random() < 0.7 else ("cancel", 1800.0)
            self.scheduler.after(delay, "act", {"number": number, "verb": verb})
            return
        for verb, chance, earliest, latest in WHIMS:
            if rng.random() < chance:
                self.scheduler.after(rng.uniform(earliest, latest), "act", {"number": number, "verb": verb})

    def _act_later(self, payload: dict[str, Any]) -> None:
        # What was to happen may have become impossible meanwhile: then it simply does not happen.
        with suppress(NotAllowed, LookupError):
            act(self.market, payload["number"], payload["verb"], payload)

    def _lay_out(self) -> None:
        rows = [
            (str(item["num_iid"]), item["sku_id"], item["code"], FIRST_STOCK, now_ms())
            for item in catalogue(self.options.seed)
        ]
        with self.storage.write() as tx:
            tx.executemany(
                "insert or ignore into shelf (listing, variant, code, units, changed_ms) values (?, ?, ?, ?, ?)", rows
            )

    def _catalogue(self, request: Request) -> Response:
        return json_answer({"items": catalogue(self.options.seed)})

    def _stock(self, request: Request) -> Response:
        rows = self.storage.rows("select code, units from shelf order by code")
        return json_answer({"stock": {row["code"]: row["units"] for row in rows}})

    def _create(self, request: Request) -> Response:
        body = request.get_json()
        kinds = {kind: int(count) for kind, count in body.get("kinds", {}).items()}
        rest = int(body.get("count", 0)) - sum(kinds.values())
        if rest > 0:
            kinds["plain"] = kinds.get("plain", 0) + rest
        try:
            return json_answer({"tids": self.create(kinds, str(body.get("tag", "")))})
        except ValueError as error:
            return json_answer({"error": str(error)}, 400)

    def _act(self, request: Request, number: str, verb: str) -> Response:
        try:
            return json_answer(act(self.market, number, verb, request.get_json(silent=True) or {}))
        except LookupError as error:
            return json_answer({"error": str(error)}, 404)
        except NotAllowed as error:
            return json_answer({"error": str(error)}, 409)

    def _falsify(self, request: Request, shipment: int, verb: str) -> Response:
        """Make the ledger lie about one shipment, to prove that whoever compares ledgers notices."""
        if verb not in FALSIFY:
            return json_answer({"error": f"no verb {verb}; use {', '.join(FALSIFY)}"}, 404)
        touched = self.storage.execute(FALSIFY[verb], (shipment,))
        return json_answer({"touched": touched}, 200 if touched else 404)

    def _traffic(self, request: Request) -> Response:
        per_minute = float(request.get_json()["per_minute"])
        self.start_traffic(per_minute)
        return json_answer({"per_minute": per_minute})


def _poisson(draw: Any, mean: float) -> int:
    """A Poisson draw (Knuth): how many independent buyers happen to come in a beat."""
    limit, product, count = math.exp(-mean), draw(), 0
    while product > limit:
        product *= draw()
        count += 1
    return count
