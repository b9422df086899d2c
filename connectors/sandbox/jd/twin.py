"""The JD twin as a web application: gateway, authorisation, orders of its own kinds, what happens by time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.jd import VENDER_ID, cancels, credentials, gateway, services
from connectors.sandbox.jd.errors import ApiError
from connectors.sandbox.jd.kinds import DRAWN_AS, KINDS, adorn
from connectors.sandbox.jd.order_docs import buyer_pays
from connectors.sandbox.jd.orders_made import OrdersMade
from connectors.sandbox.jd.shop import Shop
from connectors.sandbox.jd.spoil import SPOILERS
from connectors.sandbox.jd.tde import Keys
from connectors.sandbox.jd.tokens import Tokens
from connectors.sandbox.jd.verbs import play
from connectors.sandbox.kit import Route, TwinOptions, json_answer
from connectors.sandbox.kit.market import MarketTwin, NotAllowed
from connectors.sandbox.traffic import plan_trade

Doc = dict[str, Any]
FIRST_ORDER = 280_000_000_000
FIRST_CASE = 1_500_000_000
LINE_NUMBER = "{number}-{sku_id}"


class JdTwin(MarketTwin):
    """A POP shop on a simulated JD; docs/sandbox/jd.md tells its settings."""

    name = "jd"
    kinds = KINDS
    spoils = tuple(SPOILERS)

    def __init__(self, options: TwinOptions) -> None:
        super().__init__(options)
        keys = credentials(options.seed)
        self.keys = {name: str(options.settings.get(name, value)) for name, value in keys.items()}
        self.made = OrdersMade(self.market, self._next_order_number, self._number_lines)
        vender = str(options.settings.get("vender_id", VENDER_ID))
        self.shop = Shop(self.market, options.settings, vender, Keys.of_seed(options.seed), self.made.create)
        self.tokens = Tokens(self.storage, self.keys, options.settings, self.market.now_ms)
        self._at("jd_finance", cancels.finance)
        self._at("jd_intercepted", cancels.intercepted)
        self._at("jd_refunding", services.refunding)
        self._at("jd_finished", services.finished)

    def routes(self) -> Iterable[Route]:
        both = ("GET", "POST")
        return [
            Route("/routerjson", self._call_api, both),
            Route("/oauth2/to_login", lambda request: self.tokens.login(request), ("GET",)),
            Route("/oauth2/access_token", self._issue, both),
            Route("/oauth2/refresh_token", self._refresh, both),
        ]

    def order_number(self, serial: int) -> str:
        return str(FIRST_ORDER + serial)

    def case_number(self, serial: int) -> str:
        return str(FIRST_CASE + serial)

    def finish_sale(self, doc: Doc) -> None:
        adorn(doc, self.random)
        self._number_lines(doc)

    def ledger(self) -> Doc:
        """The market's ledger, with what the buyer pays as an order's payment."""
        found = super().ledger()
        for trade in found["trades"]:
            trade["payment"] = buyer_pays(self.market.find_sale(trade["tid"]).doc)
        return found

    def rate_limited(self, seconds: int) -> Response:
        answer = json_answer(ApiError("2").body())
        if seconds:
            answer.headers["Retry-After"] = str(seconds)
        return answer

    def session_expired(self) -> Response:
        return json_answer(ApiError("19").body())

    def after_reset(self) -> None:
        super().after_reset()
        self.tokens.begin()

    def _create_kind(self, kind: str, count: int, tag: str) -> Any:
        drawn = DRAWN_AS.get(kind)
        if drawn is None:
            return super()._create_kind(kind, count, tag)
        plans = [{**plan_trade(self.random, drawn, tid=1, seed=self.options.seed), "kind": kind} for _ in range(count)]
        numbers = self._insert(plans, tag)
        # Whoever asks for split orders wants what is to be shipped: the children.
        return [child for number in numbers for child in self.made.split(number)] if kind == "parent_split" else numbers

    def _act(self, request: Request, number: str, verb: str) -> Response:
        try:
            return json_answer(play(self.shop, self.made, number, verb, request.get_json(silent=True) or {}))
        except LookupError as error:
            return json_answer({"error": str(error)}, 404)
        except NotAllowed as error:
            return json_answer({"error": str(error)}, 409)

    def _act_later(self, payload: Doc) -> None:
        # What was to happen may have become impossible meanwhile: then it simply does not happen.
        with suppress(NotAllowed, LookupError):
            play(self.shop, self.made, payload["number"], payload["verb"], payload)

    def _at(self, task: str, step: Callable[[Shop, str], None]) -> None:
        def run(payload: Doc) -> None:
            with suppress(NotAllowed, LookupError):
                step(self.shop, str(payload["case"]))

        self.scheduler.on(task, run)

    def _next_order_number(self) -> str:
        return self.order_number(self.storage.next_number("order", self.options.seed % 1000 * 10**7 + 1))

    def _number_lines(self, doc: Doc) -> None:
        pattern = str(self.options.settings.get("line_number", LINE_NUMBER))
        for line in doc["lines"]:
            line["no"] = pattern.format(number=doc["number"], sku_id=line["sku"]["sku_id"])

    def _call_api(self, request: Request) -> Response:
        values = gateway.params_of(request)
        method = values.get("method", "")
        known = method if method in gateway.METHODS else "(unknown)"
        return self.call(request, known, lambda: gateway.answer(self.shop, self.tokens, self.keys, values))

    def _issue(self, request: Request) -> Response:
        values = gateway.params_of(request)
        return self.call(request, "oauth2.access_token", lambda: self.tokens.issue(values))

    def _refresh(self, request: Request) -> Response:
        values = gateway.params_of(request)
        return self.call(request, "oauth2.refresh_token", lambda: self.tokens.refresh(values))
