"""The Saleor twin as a web application: GraphQL, key set, control endpoints, web hooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call, Route, TwinOptions, json_answer
from connectors.sandbox.kit.market import MarketTwin, NotAllowed
from connectors.sandbox.saleor import credentials, settling, webhooks
from connectors.sandbox.saleor.actions import OWN_KINDS, perform
from connectors.sandbox.saleor.documents import goods
from connectors.sandbox.saleor.documents.spoil import SPOILERS
from connectors.sandbox.saleor.doing import hooks, refunding
from connectors.sandbox.saleor.gateway import Gateway
from connectors.sandbox.saleor.ids import global_id, order_id
from connectors.sandbox.saleor.shop import HOME, PERMISSIONS, Shop
from connectors.sandbox.saleor.signing import Signer, new_key
from connectors.sandbox.traffic import plan_trade

SCHEMA = """
create table if not exists far_stock (code text, warehouse text, units integer not null,
    primary key (code, warehouse));
create table if not exists webhook (
    id integer primary key, name text not null, url text not null, events text not null, query text not null,
    secret text not null, headers text not null, active integer not null);
"""
FIRST_NUMBER = 2000


class SaleorTwin(MarketTwin):
    """A simulated Saleor shop; its settings are told in docs/sandbox/saleor.md."""

    name = "saleor"
    schema = SCHEMA
    kinds: ClassVar[Mapping[str, int]] = {
        "plain": 72, "split": 6, "bundle": 6, "gift": 4, "merge_pairs": 4, "unpaid": 3, "held": 2, "pre_auth": 1,
        "unknown_sku": 0, **dict.fromkeys(OWN_KINDS, 0),
    }  # fmt: skip
    spoils = tuple(SPOILERS)

    def __init__(self, options: TwinOptions) -> None:
        settings = options.settings
        token = str(settings.get("app_token", credentials(options.seed)["app_token"]))
        super().__init__(options)
        self.signer = Signer(self._key())
        host = str(settings.get("host", "shop.example.invalid"))
        permissions = frozenset(settings.get("permissions", PERMISSIONS))
        self.shop = Shop(self.market, host, self.signer, settings, permissions)
        self.gateway = Gateway(self.shop, token)
        self.scheduler.on("webhook", self._tell)
        self.scheduler.on("payment_app", lambda task: refunding.payment_app_answers(self.shop, task))
        self._subscribe()

    def routes(self) -> Iterable[Route]:
        return [
            Route("/graphql/", self._graphql),
            Route("/.well-known/jwks.json", self._keys, ("GET",)),
        ]

    def order_number(self, serial: int) -> str:
        return order_id(self.options.seed, serial)

    def case_number(self, serial: int) -> str:
        return global_id("OrderGrantedRefund", serial)

    def finish_sale(self, doc: dict[str, Any]) -> None:
        serial = FIRST_NUMBER + self.storage.next_number("name")
        settling.open_books(self.market, doc, serial, str(self.options.settings.get("currency", "CNY")))

    def announce(self, topic: str, number: str) -> None:
        if self.storage.one("select 1 from webhook where active = 1"):
            self.scheduler.after(0, "webhook", {"topic": topic, "number": number, "at_ms": self.now_ms()})

    def rate_limited(self, seconds: int) -> Response:
        return self.gateway.throttled(seconds)

    def session_expired(self) -> Response:
        return self.gateway.expired()

    def after_reset(self) -> None:
        super().after_reset()
        self.storage.remember("key", self.pem)
        self._subscribe()

    def _key(self) -> str:
        """The key that signs: made once, kept with everything else."""
        self.pem = str(self.storage.recall("key") or new_key())
        self.storage.remember("key", self.pem)
        return self.pem

    def _subscribe(self) -> None:
        """Make the web hook of the setting `push_url`, as an app would with webhookCreate."""
        url = str(self.options.settings.get("push_url") or "")
        if url and not self.storage.one("select 1 from webhook"):
            hooks.create(self.shop, {"input": {"name": "hub", "targetUrl": url, **webhooks.FIRST_HOOK}})

    def _tell(self, payload: dict[str, Any]) -> None:
        webhooks.send(self.shop, self.pushes, payload["topic"], payload["number"], payload["at_ms"])

    def _create_kind(self, kind: str, count: int, tag: str) -> Any:
        if kind not in OWN_KINDS:
            return super()._create_kind(kind, count, tag)
        planned = "unpaid" if kind == "part_paid" else "plain"
        plans = [plan_trade(self.random, planned, tid=1, seed=self.options.seed) for _ in range(count)]
        return self._insert([{**plan, "kind": kind} for plan in plans], tag)

    def _stock(self, request: Request) -> Response:
        """What the shop can sell of each code: the first warehouse's number less what open orders wait for."""
        rows = {
            item["code"]: self.shop.units(item, HOME) - goods.allocated(self.shop, item) for item in self.shop.items()
        }
        return json_answer({"stock": rows})

    def _keys(self, request: Request) -> Response:
        return self.call(request, "jwks", lambda: Call(json_answer(self.signer.key_set())))

    def _graphql(self, request: Request) -> Response:
        body, method = self.gateway.read(request)
        return self.call(request, method, lambda: self.gateway.answer(request, body))

    def _act(self, request: Request, number: str, verb: str) -> Response:
        try:
            return json_answer(perform(self.shop, number, verb, request.get_json(silent=True) or {}))
        except LookupError as error:
            return json_answer({"error": str(error)}, 404)
        except NotAllowed as error:
            return json_answer({"error": str(error)}, 409)

    def _act_later(self, payload: dict[str, Any]) -> None:
        # What was to happen may have become impossible meanwhile: then it simply does not happen.
        with suppress(NotAllowed, LookupError):
            perform(self.shop, payload["number"], payload["verb"], payload)
