"""The Douyin twin as a web application: gateway, authorisation, pushes, orders of its own kinds."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.douyin import SHOP_ID, SHOP_NAME, credentials, gateway, messages
from connectors.sandbox.douyin.errors import envelope, limited, token_expired
from connectors.sandbox.douyin.kinds import KINDS, OWN, adorn
from connectors.sandbox.douyin.shop import SCHEMA, Shop
from connectors.sandbox.douyin.spoil import SPOILERS
from connectors.sandbox.douyin.tokens import Tokens
from connectors.sandbox.douyin.verbs import play
from connectors.sandbox.kit import Route, TwinOptions, json_answer
from connectors.sandbox.kit.market import CASE_OVER, MarketTwin, NotAllowed, Sale
from connectors.sandbox.kit.market.selling import end_case
from connectors.sandbox.traffic import plan_trade

Doc = dict[str, Any]
FIRST_ORDER = 6_920_000_000_000_000_000
FIRST_CASE = 7_100_000_000_000_000_000
#: Room for the numbers of an order's sku orders after its own.
STEP = 100


class DouyinTwin(MarketTwin):
    """A 抖店 on a simulated open platform; docs/sandbox/douyin.md tells its settings."""

    name = "douyin"
    schema = SCHEMA
    kinds = KINDS
    spoils = tuple(SPOILERS)

    def __init__(self, options: TwinOptions) -> None:
        super().__init__(options)
        keys, settings = credentials(options.seed), options.settings
        self.keys = {name: str(settings.get(name, value)) for name, value in keys.items()}
        shop_id = int(settings.get("shop_id", SHOP_ID))
        shop_name = str(settings.get("shop_name", SHOP_NAME))
        self.shop = Shop(self.market, settings, shop_id, shop_name, self.keys["app_key"], self.keys["app_secret"])
        self.tokens = Tokens(self.storage, self.keys, settings, self.market.now_ms)
        self.pushes = messages.DouyinPushes(self.storage, self.scheduler, self.faults, options.seed)
        self.scheduler.on("douyin_case_done", self._case_done)

    def routes(self) -> Iterable[Route]:
        return [Route("/<group>/<action>", self._call_api)]

    def control_routes(self) -> Iterable[Route]:
        return [
            *super().control_routes(),
            Route("/_twin/subscription", self._subscribe),
            Route("/_twin/codes", lambda _: json_answer({"code": self.tokens.add_code()})),
            Route("/_twin/authorisation", self._withdraw, ("DELETE",)),
        ]

    def order_number(self, serial: int) -> str:
        return str(FIRST_ORDER + serial * STEP)

    def case_number(self, serial: int) -> str:
        return str(FIRST_CASE + self.options.seed % 1000 * 10**9 + serial)

    def finish_sale(self, doc: Doc) -> None:
        adorn(doc, self.random)

    def announce(self, topic: str, number: str) -> None:
        url = self.push_url()
        if not url:
            return
        told = messages.messages_of(self.shop, topic, number)
        if not told:
            return
        serial = self.storage.next_number("douyin_message")
        body = messages.body_of(told, number, serial, self.shop.now())
        self.pushes.send(url, told[0][0], number, body, messages.headers_of(self.shop, body))

    def push_url(self) -> str:
        """Where messages go: told by the control endpoint, else by the setting."""
        return str(self.storage.recall("push_url", self.options.settings.get("push_url", "")))

    def rate_limited(self, seconds: int) -> Response:
        error = limited()
        answer = json_answer(envelope(error.code, error.sub_code, error.sub_msg, gateway.log_id()))
        if seconds:
            answer.headers["Retry-After"] = str(seconds)
        return answer

    def session_expired(self) -> Response:
        error = token_expired()
        return json_answer(envelope(error.code, error.sub_code, error.sub_msg, gateway.log_id()))

    def after_reset(self) -> None:
        super().after_reset()
        self.tokens.begin()

    def _create_kind(self, kind: str, count: int, tag: str) -> Any:
        if kind not in OWN:
            return super()._create_kind(kind, count, tag)
        plans = [{**plan_trade(self.random, tid=1, seed=self.options.seed), "kind": kind} for _ in range(count)]
        return self._insert(plans, tag)

    def _plan_future(self, sale: Sale) -> None:
        super()._plan_future(sale)
        if sale.doc["kind"] == "address_change":
            play(self.shop, sale.number, "ask_address", {})
        delay = self.shop.delay("platform_ships_after")
        if sale.doc["cloud"] and delay:
            self.scheduler.after(delay, "act", {"number": sale.number, "verb": "platform_ships"})

    def _act(self, request: Request, number: str, verb: str) -> Response:
        try:
            return json_answer(play(self.shop, number, verb, request.get_json(silent=True) or {}))
        except LookupError as error:
            return json_answer({"error": str(error)}, 404)
        except NotAllowed as error:
            return json_answer({"error": str(error)}, 409)

    def _act_later(self, payload: Doc) -> None:
        # What was to happen may have become impossible meanwhile: then it simply does not happen.
        with suppress(NotAllowed, LookupError):
            play(self.shop, payload["number"], payload["verb"], payload)

    def _case_done(self, payload: Doc) -> None:
        """The buyer has what the seller sent again."""
        case = self.market.shelves.case(str(payload["case"]))
        if case is not None and case.doc["state"] not in CASE_OVER:
            with self.shop.received_stays(case.doc["order"]):
                end_case(self.market, case, "succeeded")

    def _subscribe(self, request: Request) -> Response:
        """Send messages to this address from now on; a message with the tag 0 checks it first."""
        url = str(request.get_json().get("url", ""))
        self.storage.remember("push_url", url)
        body = messages.body_of([("0", {})], "0", 0, self.shop.now())
        self.pushes.send(url, "0", "0", body, messages.headers_of(self.shop, body))
        return json_answer({"url": url})

    def _withdraw(self, request: Request) -> Response:
        self.tokens.withdraw()
        return json_answer({"authorised": False})

    def _call_api(self, request: Request, group: str, action: str) -> Response:
        path = f"{group}/{action}"
        known = path if path in gateway.METHODS or path in gateway.TOKEN_METHODS else "(unknown)"
        return self.call(request, known, lambda: gateway.answer(self.shop, self.tokens, self.keys, path, request))
