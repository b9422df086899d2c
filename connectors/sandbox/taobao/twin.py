"""The Taobao twin as a web application: the gateway, the control endpoints and what happens by time."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Route, Twin, TwinOptions, json_answer
from connectors.sandbox.taobao import credentials, gateway, sessions
from connectors.sandbox.taobao.actions import act
from connectors.sandbox.taobao.clock import now, text_of
from connectors.sandbox.taobao.creation import create_trades, start_traffic, tick
from connectors.sandbox.taobao.errors import limited, session_expired
from connectors.sandbox.taobao.ledger import ledger_of
from connectors.sandbox.taobao.lifecycle import NotAllowed
from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.store import SCHEMA, Trades
from connectors.sandbox.traffic import catalogue

JSON_FORM = {"format": "json"}
FIRST_STOCK = 500
COLUMNS = "tid, oids, company_code, out_sid, kind, accepted, reason, refund_open, at"
FALSIFY = {
    "forget": "delete from shipment where id = ?",
    "double": f"insert into shipment ({COLUMNS}) select {COLUMNS} from shipment where id = ?",
}


class TaobaoTwin(Twin):
    """A shop on a simulated Taobao; settings: credentials, `per_minute`, delays (market.DEFAULTS)."""

    name = "taobao"
    schema = SCHEMA

    def __init__(self, options: TwinOptions) -> None:
        super().__init__(options)
        keys = credentials(options.seed)
        self.keys = {name: str(options.settings.get(name, value)) for name, value in keys.items()}
        self.market = Market(
            self.storage, Trades(self.storage), self.scheduler, self.faults, self.random,
            options.seed, options.settings,
        )  # fmt: skip
        self.scheduler.on("act", self._act_later)
        self.scheduler.on("touch", lambda payload: self._act_later({**payload, "verb": "touch"}))
        self.scheduler.on("traffic", lambda payload: tick(self.market))
        self._begin()
        if float(options.settings.get("per_minute", 0)) > 0:
            start_traffic(self.market, float(options.settings["per_minute"]))

    def routes(self) -> Iterable[Route]:
        return [
            Route("/router/rest", self._rest, ("GET", "POST")),
            Route("/authorize", lambda request: sessions.login(self.market, self.keys, request), ("GET",)),
        ]

    def control_routes(self) -> Iterable[Route]:
        return [
            Route("/_twin/catalogue", self._catalogue, ("GET",)),
            Route("/_twin/stock", self._stock, ("GET",)),
            Route("/_twin/shelf", self._shelve),
            Route("/_twin/trades", self._create),
            Route("/_twin/trades/<tid>/<verb>", self._act),
            Route("/_twin/traffic", self._traffic),
            Route("/_twin/shipments/<int:shipment>/<verb>", self._falsify),
        ]

    def ledger(self) -> dict[str, Any]:
        return ledger_of(self.market)

    def rate_limited(self, seconds: int) -> Response:
        return gateway.refusal(limited(seconds), JSON_FORM)

    def session_expired(self) -> Response:
        return gateway.refusal(session_expired(), JSON_FORM)

    def after_reset(self) -> None:
        self._begin()

    def _rest(self, request: Request) -> Response:
        values = gateway.params_of(request)
        method = values.get("method", "")
        known = method if method in gateway.METHODS else "(unknown)"
        return self.call(request, known, lambda: gateway.answer(self.market, self.keys, values, request.method))

    def _act_later(self, payload: dict[str, Any]) -> None:
        # What was to happen may have become impossible meanwhile: then it simply does not happen.
        with suppress(NotAllowed, LookupError):
            act(self.market, payload["tid"], payload["verb"], payload)

    def _begin(self) -> None:
        self.storage.remember("described refresh", self.keys["refresh_token"])
        self._list_goods()

    def _list_goods(self) -> None:
        rows = [
            (str(item["num_iid"]), item["sku_id"], item["code"], FIRST_STOCK, text_of(now()))
            for item in catalogue(self.options.seed)
        ]
        with self.storage.write() as tx:
            tx.executemany("insert or ignore into listing values (?, ?, ?, ?, ?)", rows)

    def _catalogue(self, request: Request) -> Response:
        return json_answer({"items": catalogue(self.options.seed)})

    def _stock(self, request: Request) -> Response:
        rows = self.storage.rows("select outer_id, quantity from listing order by outer_id")
        return json_answer({"stock": {row["outer_id"]: row["quantity"] for row in rows}})

    def _shelve(self, request: Request) -> Response:
        """Take items off the shelf: {"off": [num_iid, …]}; all others are on sale."""
        off = [str(number) for number in request.get_json().get("off", [])]
        self.storage.remember("off the shelf", off)
        return json_answer({"off": off})

    def _create(self, request: Request) -> Response:
        body = request.get_json()
        kinds = {kind: int(count) for kind, count in body.get("kinds", {}).items()}
        rest = int(body.get("count", 0)) - sum(kinds.values())
        if rest > 0:
            kinds["plain"] = kinds.get("plain", 0) + rest
        try:
            tids = create_trades(self.market, kinds, str(body.get("tag", "")))
        except ValueError as error:
            return json_answer({"error": str(error)}, 400)
        return json_answer({"tids": tids})

    def _act(self, request: Request, tid: str, verb: str) -> Response:
        body = request.get_json(silent=True) or {}
        try:
            return json_answer(act(self.market, tid, verb, body))
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
        start_traffic(self.market, per_minute)
        return json_answer({"per_minute": per_minute})
