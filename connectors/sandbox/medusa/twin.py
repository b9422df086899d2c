"""The Medusa twin as a web application: routes, control verbs of its own, what its sales have besides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call, Route, TwinOptions, json_answer
from connectors.sandbox.kit.market import MarketTwin, NotAllowed
from connectors.sandbox.medusa import credentials, fulfillments_api, goods_api, orders_api, payments_api, returns_api
from connectors.sandbox.medusa.booking import settle
from connectors.sandbox.medusa.gateway import Endpoint, make_call, no_route, nobody
from connectors.sandbox.medusa.ids import counted
from connectors.sandbox.medusa.lines import total_of
from connectors.sandbox.medusa.money import minor
from connectors.sandbox.medusa.relay import Relay
from connectors.sandbox.medusa.returning import take_request
from connectors.sandbox.medusa.shop import Setup, Shop
from connectors.sandbox.medusa.spoil import SPOILERS
from connectors.sandbox.medusa.verbs import OWN_VERBS, run
from connectors.sandbox.traffic import plan_trade

ENDPOINTS: tuple[Endpoint, ...] = (
    *orders_api.ENDPOINTS, *fulfillments_api.ENDPOINTS, *payments_api.ENDPOINTS, *returns_api.ENDPOINTS,
    *goods_api.ENDPOINTS,
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: Kinds of this platform and the plan of the traffic that each starts from.
OWN_KINDS = {
    "draft": "unpaid", "authorized": "plain", "part_captured": "plain", "tax_excluded": "plain", "untaxed": "plain",
    "tax_included_promotion": "plain", "custom_item": "plain", "digital": "plain",
    "requires_action": "held",
}  # fmt: skip
UNPAID_KINDS = frozenset({"unpaid", "draft"})
#: Nothing completes an order by itself: this is so late that it never happens.
NEVER = 10**9


class MedusaTwin(MarketTwin):
    """A Medusa store; settings: `api_key`, `relay_secret`, `push_url`, those of `Setup`, the kit's delays."""

    name = "medusa"
    spoils = tuple(SPOILERS)
    kinds: ClassVar[Mapping[str, int]] = {
        "plain": 62, "split": 6, "bundle": 6, "merge_pairs": 3, "gift": 5, "unpaid": 3, "requires_action": 2,
        "unknown_sku": 1, "draft": 1, "authorized": 4, "part_captured": 1, "tax_excluded": 2, "untaxed": 1,
        "tax_included_promotion": 2, "custom_item": 1, "digital": 0,
    }  # fmt: skip

    def __init__(self, options: TwinOptions) -> None:
        settings = options.settings
        super().__init__(replace(options, settings={"finish_after": NEVER, **settings}))
        keys = {name: str(settings.get(name, value)) for name, value in credentials(options.seed).items()}
        self.api_key = keys["api_key"]
        self.shop = Shop(self.market, Setup.of(settings))
        self.relay = Relay(self.storage, self.scheduler, self.faults, options.seed)
        self.relay.shop = self.shop
        self.relay.url, self.relay.secret = str(settings.get("push_url", "")), keys["relay_secret"]
        self.pushes = self.relay
        self.scheduler.on("settle", lambda payload: settle(self.shop, payload["case"]))
        self.scheduler.on("act", self._act_due)

    def routes(self) -> Iterable[Route]:
        for endpoint in ENDPOINTS:
            yield Route(endpoint.path, partial(self._answer, endpoint), (endpoint.method,))
        yield Route("/admin/<path:rest>", self._no_route, METHODS)

    def order_number(self, serial: int) -> str:
        return counted("order", serial, self.options.seed)

    def case_number(self, serial: int) -> str:
        return counted("return", serial, self.options.seed)

    def finish_sale(self, doc: dict[str, Any]) -> None:
        for position, line in enumerate(doc["lines"], start=1):
            line["no"] = counted("ordli", position, doc["number"])
        doc |= {"display_id": self.storage.next_number("display", 1), "meta": {}, "fulfillments": [], "refunds": [],
                "returned": {}, "exchange_lines": [], "change": None, "edits": 0, "shown": "", "captured": 0,
                "authorized": 0, "captured_ms": 0, "authorized_ms": 0, "payment_ms": 0}  # fmt: skip
        if doc["memo"]:
            doc["meta"] = {"memo": doc["memo"]}
        doc["payment"] = minor(total_of(self.shop, doc))
        if doc["kind"] in UNPAID_KINDS:
            return
        now = doc["created_ms"]
        doc |= {"authorized": doc["payment"], "authorized_ms": now, "payment_ms": now}
        if doc["kind"] != "authorized":
            taken = doc["payment"] // 2 if doc["kind"] == "part_captured" else doc["payment"]
            doc |= {"captured": taken, "captured_ms": now}

    def announce(self, topic: str, number: str) -> None:
        if topic == "case_asked":
            if self.market.find_case(number).doc["kind"] == "refund":
                # No buyer can ask for money in the store: staff hears of it and sees to it by hand.
                self.scheduler.after(self.shop.setup.staff_refunds_after, "settle", {"case": number})
            else:
                take_request(self.shop, number)
        self.relay.announce(topic, number)

    def rate_limited(self, seconds: int) -> Response:
        """What a proxy before the store answers: Medusa itself knows no limit."""
        response = Response("Too Many Requests", status=429, content_type="text/plain; charset=utf-8")
        if seconds:
            response.headers["Retry-After"] = str(seconds)
        return response

    def session_expired(self) -> Response:
        """The key was revoked."""
        return nobody()

    def _answer(self, endpoint: Endpoint, request: Request, **args: Any) -> Response:
        return self.call(request, endpoint.name, lambda: make_call(self.shop, self.api_key, endpoint, request, args))

    def _no_route(self, request: Request, rest: str) -> Response:
        return self.call(request, "(unknown)", lambda: Call(no_route(request.method, request.path), "error no_route"))

    def _create_kind(self, kind: str, count: int, tag: str) -> Any:
        if kind not in OWN_KINDS:
            return super()._create_kind(kind, count, tag)
        plans = [plan_trade(self.random, OWN_KINDS[kind], tid=1, seed=self.options.seed) for _ in range(count)]
        return self._insert([{**plan, "kind": kind} for plan in plans], tag)

    def _act_due(self, payload: dict[str, Any]) -> None:
        if payload["verb"] not in OWN_VERBS:
            self._act_later(payload)
            return
        # What was to happen may have become impossible meanwhile: then it simply does not happen.
        with suppress(NotAllowed, LookupError):
            run(self.shop, payload["number"], payload["verb"], payload)

    def _act(self, request: Request, number: str, verb: str) -> Response:
        if verb not in OWN_VERBS:
            return super()._act(request, number, verb)
        try:
            return json_answer(run(self.shop, number, verb, request.get_json(silent=True) or {}))
        except LookupError as error:
            return json_answer({"error": str(error)}, 404)
        except NotAllowed as error:
            return json_answer({"error": str(error)}, 409)
