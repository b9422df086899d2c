"""The Suning twin as a web application: gateway, authorisation, own kinds and verbs, what happens by time."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Route, TwinOptions, json_answer
from connectors.sandbox.kit.market import MarketTwin, NotAllowed
from connectors.sandbox.suning import cases, credentials, gateway
from connectors.sandbox.suning.errors import LIMITED, OVERDUE, ApiError
from connectors.sandbox.suning.kinds import DRAWN_AS, KINDS, adorn
from connectors.sandbox.suning.shop import Shop
from connectors.sandbox.suning.spoil import SPOILERS
from connectors.sandbox.suning.tokens import Tokens
from connectors.sandbox.suning.verbs import play
from connectors.sandbox.traffic import plan_trade

Doc = dict[str, Any]
FIRST_ORDER = 30_000_000_000
FIRST_CASE = 6_600_000_000


class SuningTwin(MarketTwin):
    """A shop on a simulated Suning; docs/sandbox/suning.md tells its settings."""

    name = "suning"
    kinds = KINDS
    spoils = tuple(SPOILERS)
    line_number = "{number}{n:02d}"

    def __init__(self, options: TwinOptions) -> None:
        super().__init__(options)
        keys = credentials(options.seed)
        self.keys = {name: str(options.settings.get(name, value)) for name, value in keys.items()}
        self.shop = Shop(self.market, options.settings)
        self.tokens = Tokens(self.storage, self.keys, options.settings, self.market.now_ms)
        self.scheduler.on("suning_pays", self._pay)

    def routes(self) -> Iterable[Route]:
        return [
            Route("/api/http/sopRequest", self._call_api),
            Route("/api/oauth/authorize", lambda request: self.tokens.authorise(request), ("GET",)),
            Route("/api/oauth/token", self._token, ("GET", "POST")),
        ]

    def order_number(self, serial: int) -> str:
        return str(FIRST_ORDER + serial)

    def case_number(self, serial: int) -> str:
        return str(FIRST_CASE + serial)

    def finish_sale(self, doc: Doc) -> None:
        adorn(doc, self.random)

    def rate_limited(self, seconds: int) -> Response:
        answer = json_answer(ApiError(LIMITED).body())
        if seconds:
            answer.headers["Retry-After"] = str(seconds)
        return answer

    def session_expired(self) -> Response:
        return json_answer(ApiError(OVERDUE).body())

    def after_reset(self) -> None:
        super().after_reset()
        self.tokens.begin()

    def _create_kind(self, kind: str, count: int, tag: str) -> Any:
        drawn = DRAWN_AS.get(kind)
        if drawn is None:
            return super()._create_kind(kind, count, tag)
        seed = self.options.seed
        plans = [{**plan_trade(self.random, drawn, tid=1, seed=seed), "kind": kind} for _ in range(count)]
        return self._insert(plans, tag)

    def _act(self, request: Request, number: str, verb: str) -> Response:
        try:
            return json_answer(play(self.shop, number, verb, request.get_json(silent=True) or {}))
        except LookupError as error:
            return json_answer({"error": str(error)}, 404)
        except NotAllowed as error:
            return json_answer({"error": str(error)}, 409)

    def _pay(self, payload: Doc) -> None:
        # What was to be paid may have been closed meanwhile: then it simply is not.
        with suppress(NotAllowed, LookupError):
            cases.pay(self.shop, payload)

    def _call_api(self, request: Request) -> Response:
        method = request.headers.get("AppMethod", "")
        known = method if method in gateway.METHODS else "(unknown)"
        body = request.get_data()
        headers = {name: request.headers.get(name, "") for name in (*gateway.NEEDED, "access_token")}
        return self.call(request, known, lambda: gateway.answer(self.shop, self.tokens, self.keys, headers, body))

    def _token(self, request: Request) -> Response:
        values = {**request.args.to_dict(), **request.form.to_dict()}
        return self.call(request, "oauth.token", lambda: self.tokens.exchange(values))
