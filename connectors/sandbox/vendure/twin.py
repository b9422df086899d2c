"""The Vendure twin as a web application: the GraphQL endpoint, control verbs of its own, webhooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Route, TwinOptions, json_answer
from connectors.sandbox.kit.market import MarketTwin, NotAllowed
from connectors.sandbox.traffic import plan_trade
from connectors.sandbox.vendure import booking, credentials, hooks, staff, webhooks
from connectors.sandbox.vendure.documents.goods import STOCK_SCHEMA
from connectors.sandbox.vendure.documents.spoil import SPOILERS
from connectors.sandbox.vendure.gateway import Gateway, forbidden
from connectors.sandbox.vendure.kinds import OWN_KINDS, OWN_VERBS
from connectors.sandbox.vendure.sessions import SESSION_SCHEMA
from connectors.sandbox.vendure.shelf import VendureShelves
from connectors.sandbox.vendure.shop import FIRST_ORDER, Shop

FIRST_CASE = 320_000_000_000
#: Kinds that are on the platform and that the shop owes nobody goods for.
OWED_ELSEWHERE = frozenset({"aggregate"})


class VendureTwin(MarketTwin):
    """A simulated Vendure shop; its settings are told in docs/sandbox/vendure.md."""

    name = "vendure"
    schema = SESSION_SCHEMA + hooks.HOOK_SCHEMA + STOCK_SCHEMA
    line_number = "{number}{n:02d}"
    spoils = tuple(SPOILERS)
    kinds: ClassVar[Mapping[str, int]] = {
        "plain": 66, "split": 6, "bundle": 6, "merge_pairs": 4, "gift": 4, "unpaid": 3, "cod": 3, "pre_auth": 1,
        "held": 1, "unknown_sku": 0, **dict.fromkeys(OWN_KINDS, 0), "tax_excluded": 2, "surcharge": 2, "cart": 2,
    }  # fmt: skip

    def __init__(self, options: TwinOptions) -> None:
        super().__init__(options)
        settings = options.settings
        keys = {name: str(settings.get(name, value)) for name, value in credentials(options.seed).items()}
        self.market.shelves = VendureShelves(
            self.storage, self.faults, self.now_ms, children_touch=bool(settings.get("children_touch"))
        )
        self.shop = Shop(self.market, settings, keys)
        self.gateway = Gateway(self.shop)
        self.scheduler.on("webhook", lambda told: webhooks.send(self.shop, self.pushes, told["topic"], told["number"]))
        self.scheduler.on("staff", lambda told: staff.answer_case(self.shop, told["case"]))
        self._subscribe()

    def routes(self) -> Iterable[Route]:
        return [Route("/admin-api", self._admin), Route("/health", lambda _: json_answer({"status": "ok"}), ("GET",))]

    def order_number(self, serial: int) -> str:
        return str(FIRST_ORDER + serial)

    def case_number(self, serial: int) -> str:
        return str(FIRST_CASE + self.options.seed % 1000 * 10**7 + serial)

    def finish_sale(self, doc: dict[str, Any]) -> None:
        settings = self.options.settings
        doc["held"] = doc["held"] or doc["kind"] in ("modifying", "additional_payment")
        booking.open_books(doc, str(settings.get("currency", "CNY")), str(settings.get("tax_percent", "13")))

    def announce(self, topic: str, number: str) -> None:
        if topic in ("case_asked", "case_returned"):
            # No buyer can ask for a refund in the shop: staff hears of it and answers by hand.
            wait = float(self.options.settings.get("staff_refunds_after", 0))
            self.scheduler.after(wait, "staff", {"case": number})
        if topic in webhooks.EVENTS_OF and self.storage.one("select 1 from webhook"):
            self.scheduler.after(0, "webhook", {"topic": topic, "number": number})

    def ledger(self) -> dict[str, Any]:
        """The market's ledger; an Aggregate owes nothing beside its Seller orders."""
        found = super().ledger()
        for trade in found["trades"]:
            trade["payable"] = trade["payable"] and trade["kind"] not in OWED_ELSEWHERE
        return found

    def rate_limited(self, seconds: int) -> Response:
        """What a proxy before the server answers: the server itself knows no limit."""
        response = Response("Too Many Requests", status=429, content_type="text/plain")
        if seconds:
            response.headers["Retry-After"] = str(seconds)
        return response

    def session_expired(self) -> Response:
        """The key or session is nobody's any more; asking next who one is gets the same answer."""
        self.storage.remember("revoked", True)
        return json_answer(forbidden())

    def after_reset(self) -> None:
        super().after_reset()
        self._subscribe()

    def _subscribe(self) -> None:
        """Set webhooks for what the settings `push_url` and `push_events` name."""
        if url := str(self.options.settings.get("push_url", "")):
            events = self.options.settings.get("push_events", hooks.EVENTS)
            wanted = [{"event": event, "url": url, "transformerName": hooks.TRANSFORMER} for event in events]
            hooks.replace_all(self.shop, wanted)

    def _create_kind(self, kind: str, count: int, tag: str) -> Any:
        if kind not in OWN_KINDS:
            return super()._create_kind(kind, count, tag)
        plans = [plan_trade(self.random, OWN_KINDS[kind], tid=1, seed=self.options.seed) for _ in range(count)]
        return self._insert([{**plan, "kind": kind} for plan in plans], tag)

    def _admin(self, request: Request) -> Response:
        body, method = self.gateway.read(request)
        return self.call(request, method, lambda: self.gateway.answer(request, body))

    def _act(self, request: Request, number: str, verb: str) -> Response:
        work = OWN_VERBS.get(verb)
        if work is None:
            return super()._act(request, number, verb)
        try:
            with self.storage.write():
                work(self.shop, self.market.find_sale(number), request.get_json(silent=True) or {})
        except LookupError as error:
            return json_answer({"error": str(error)}, 404)
        except NotAllowed as error:
            return json_answer({"error": str(error)}, 409)
        return json_answer({"number": number})
