"""The Pinduoduo twin as a web application: gateway, tokens, messages, own kinds and verbs, what happens by time."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Route, TwinOptions, json_answer
from connectors.sandbox.kit.market import MarketTwin, NotAllowed, Sale
from connectors.sandbox.pinduoduo import credentials, gateway, messages, pmc
from connectors.sandbox.pinduoduo.clock import day_of
from connectors.sandbox.pinduoduo.errors import ApiError, limited
from connectors.sandbox.pinduoduo.kinds import KINDS, OWN_KINDS, finish, waits_for_confirmation
from connectors.sandbox.pinduoduo.shop import Shop
from connectors.sandbox.pinduoduo.spoil import SPOILERS
from connectors.sandbox.pinduoduo.tokens import Tokens
from connectors.sandbox.pinduoduo.verbs import VERBS
from connectors.sandbox.traffic import plan_trade

FIRST_CASE = 90_000_000_000
TWO_DAYS_MS = 172_800_000


class PinduoduoTwin(MarketTwin):
    """A shop on a simulated Pinduoduo; docs/sandbox/pinduoduo.md names settings, kinds and verbs."""

    name = "pinduoduo"
    kinds = KINDS
    spoils = tuple(SPOILERS)

    def __init__(self, options: TwinOptions) -> None:
        super().__init__(options)
        keys = credentials(options.seed)
        self.keys = {name: str(options.settings.get(name, value)) for name, value in keys.items()}
        tokens = Tokens(self.storage, self.keys, options.settings, lambda: self.now_ms() // 1000)
        self.shop = Shop(self.market, options.settings, self.keys, tokens)
        self.pushes: pmc.SocketPushes = pmc.SocketPushes(self.storage, self.scheduler, self.faults, options.seed)

    def routes(self) -> Iterable[Route]:
        return [
            Route("/api/router", self._router),
            Route("/ark/router", self._router),
            Route("/oauth/token", self._token),
            Route("/service-market/auth", self._authorise, ("GET",)),
        ]

    def control_routes(self) -> Iterable[Route]:
        return [*super().control_routes(), Route("/_twin/code", self._code)]

    def order_number(self, serial: int) -> str:
        return f"{day_of(self.now_ms())}-{serial:015d}"

    def case_number(self, serial: int) -> str:
        return str(FIRST_CASE + serial)

    def finish_sale(self, doc: dict[str, Any]) -> None:
        finish(doc)

    def announce(self, topic: str, number: str) -> None:
        if topic in ("paid", "released"):
            self._confirm(number)
        pmc.announce(self.shop, self.pushes, topic, number)

    def ledger(self) -> dict[str, Any]:
        printed = "select number, json_extract(doc, '$.printed.waybill') as waybill from sale where waybill is not null"
        return {**super().ledger(), "printed": {row["number"]: row["waybill"] for row in self.storage.rows(printed)}}

    def rate_limited(self, seconds: int) -> Response:
        return gateway.refusal(limited(seconds))

    def session_expired(self) -> Response:
        return gateway.refusal(ApiError(10019))

    # The platform's own addresses.

    def _dispatch(self, request: Request) -> Response:
        # The router of web addresses knows no WebSockets.
        if messages.is_upgrade(request):
            return messages.serve(self.shop, self.pushes, request)
        return super()._dispatch(request)

    def _router(self, request: Request) -> Response:
        values = gateway.values_of(request)
        asked = values.get("type", "")
        known = asked if asked in gateway.METHODS else "(unknown)"
        return self.call(request, known, lambda: gateway.answer(self.shop, values))

    def _token(self, request: Request) -> Response:
        return self.call(request, "oauth.token", lambda: gateway.token_answer(self.shop, request))

    def _authorise(self, request: Request) -> Response:
        """The page at which the shop's owner agrees; here everyone agrees at once."""
        back = request.args.get("redirect_uri", "")
        if request.args.get("client_id") != self.keys["client_id"] or not back.startswith("http"):
            return Response("client_id or redirect_uri is wrong", status=400)
        told = urlencode({"code": self.shop.tokens.new_code(), "state": request.args.get("state", "")})
        return redirect(f"{back}{'&' if '?' in back else '?'}{told}")

    def _code(self, request: Request) -> Response:
        return json_answer({"code": self.shop.tokens.new_code()})

    # Kinds, verbs and time.

    def _create_kind(self, kind: str, count: int, tag: str) -> Any:
        if kind not in OWN_KINDS:
            return super()._create_kind(kind, count, tag)
        seed = self.options.seed
        plans = [plan_trade(self.random, OWN_KINDS[kind], tid=1, seed=seed) for _ in range(count)]
        return self._insert([{**plan, "kind": kind} for plan in plans], tag)

    def _plan_future(self, sale: Sale) -> None:
        super()._plan_future(sale)
        if sale.doc["kind"] in ("risk", "lottery"):
            later = {"number": sale.number, "verb": "release"}
            self.scheduler.after(self.market.delay("release_after"), "act", later)
        if sale.doc["kind"] == "depot":
            self.shop.later("depot_ships_after", sale.number, "ship_from_depot")

    def _confirm(self, number: str) -> None:
        """The deal is made: it gets its time and the term of shipment begins; the stamp has moved already."""
        doc = self.market.find_sale(number).doc
        if doc["confirmed_ms"] or waits_for_confirmation(doc):
            return
        now = self.now_ms()
        self.storage.execute(
            "update sale set doc = json_set(doc, '$.confirmed_ms', ?, '$.ship_by_ms', ?) where number = ?",
            (now, max(doc["pre_sale_ms"], now + TWO_DAYS_MS), number),
        )

    def _act(self, request: Request, number: str, verb: str) -> Response:
        if verb not in VERBS:
            return super()._act(request, number, verb)
        try:
            return json_answer(self._act_here(number, verb, request.get_json(silent=True) or {}))
        except LookupError as error:
            return json_answer({"error": str(error)}, 404)
        except NotAllowed as error:
            return json_answer({"error": str(error)}, 409)

    def _act_later(self, payload: dict[str, Any]) -> None:
        if payload["verb"] not in VERBS:
            super()._act_later(payload)
            return
        # What was to happen may have become impossible meanwhile: then it simply does not happen.
        with suppress(NotAllowed, LookupError):
            self._act_here(payload["number"], payload["verb"], payload)

    def _act_here(self, number: str, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        with self.storage.write():
            done = VERBS[verb](self.shop, self.market.find_sale(number), body) or {}
            now = self.market.find_sale(number).doc
            return {"number": number, "status": now["status"], "changed_ms": now["changed_ms"], **done}
