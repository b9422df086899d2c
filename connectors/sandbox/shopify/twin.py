"""The Shopify twin as a web application: token endpoint, GraphQL, control endpoints, web hooks."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call, Route, TwinOptions, json_answer
from connectors.sandbox.kit.market import MarketTwin, NotAllowed
from connectors.sandbox.shopify import access, credentials, settling, shop_domain, webhooks
from connectors.sandbox.shopify.actions import OWN_KINDS, perform
from connectors.sandbox.shopify.documents.spoil import SPOILERS
from connectors.sandbox.shopify.doing import hooks
from connectors.sandbox.shopify.doing.answers import UserError
from connectors.sandbox.shopify.gateway import BAD_TOKEN, Gateway
from connectors.sandbox.shopify.ids import FIRST_ORDER, gid
from connectors.sandbox.shopify.shop import PLANS, SCOPES, Shop
from connectors.sandbox.shopify.throttle import Bucket
from connectors.sandbox.traffic import plan_trade

SCHEMA = """
create table if not exists fo_stamp (
    id text primary key, sale text not null, created_ms integer not null, updated_ms integer not null,
    face text not null);
create index if not exists fo_stamp_updated on fo_stamp (updated_ms, id);
create table if not exists far_shelf (code text, place integer, units integer not null, primary key (code, place));
create table if not exists subscription (
    id integer primary key, topic text not null, uri text not null, format text not null, fields text not null,
    filter text not null, created_ms integer not null, updated_ms integer not null, unique (topic, uri));
create table if not exists idempotency (name text, key text, args text not null, answer text not null,
    primary key (name, key));
create table if not exists token (value text primary key, kind text not null, until_ms integer not null);
"""
FIRST_CASE = 77_000_000_000


class ShopifyTwin(MarketTwin):
    """A simulated Shopify shop; its settings are told in docs/sandbox/shopify.md."""

    name = "shopify"
    schema = SCHEMA
    kinds: ClassVar[Mapping[str, int]] = {
        "plain": 70, "split": 6, "bundle": 6, "gift": 4, "merge_pairs": 4, "unpaid": 3, "cod": 2, "pre_auth": 1,
        "presale_paid": 1, "presale_unpaid": 0, "held": 1, "unknown_sku": 0, **dict.fromkeys(OWN_KINDS, 0),
    }  # fmt: skip
    spoils = tuple(SPOILERS)
    line_number = "{number}{n:02d}"

    def __init__(self, options: TwinOptions) -> None:
        keys = credentials(options.seed)
        self.keys = {name: str(options.settings.get(name, value)) for name, value in keys.items()}
        super().__init__(options)
        # A global id as part of a path holds two slashes in a row.
        self._map.merge_slashes = False
        settings = options.settings
        scopes = frozenset(settings.get("scopes", SCOPES))
        domain = str(settings.get("shop", shop_domain(options.seed)))
        self.shop = Shop(self.market, domain, self.keys["client_secret"], settings, scopes)
        self.gateway = Gateway(self.shop, self.keys, Bucket(*PLANS[self.shop.plan]))
        self.scheduler.on("webhook", self._tell)
        self._subscribe()

    def routes(self) -> Iterable[Route]:
        return [
            Route("/admin/oauth/access_token", self._token),
            Route("/admin/api/<version>/graphql.json", self._graphql),
        ]

    def order_number(self, serial: int) -> str:
        return str(FIRST_ORDER + serial)

    def case_number(self, serial: int) -> str:
        return str(FIRST_CASE + self.options.seed % 1000 * 10**7 + serial)

    def finish_sale(self, doc: dict[str, Any]) -> None:
        settings = self.options.settings
        presentment = settings.get("presentment", ("USD", "0.14"))
        serial = 1000 + self.storage.next_number("name")
        settling.open_books(doc, serial, str(settings.get("currency", "CNY")), tuple(presentment), doc["created_ms"])

    def announce(self, topic: str, number: str) -> None:
        if topic == "created":
            settling.track(self.market, self.market.find_sale(number).doc)
        if self.storage.one("select 1 from subscription"):
            task = {"topic": topic, "number": number, "event": str(uuid.uuid4()), "at_ms": self.now_ms()}
            self.scheduler.after(0, "webhook", task)

    def ledger(self) -> dict[str, Any]:
        """The market's ledger; ids as global ids unless the setting `ids` is "legacy", test orders owe nothing."""
        found = super().ledger()
        for trade in found["trades"]:
            sale = self.market.find_sale(trade["tid"])
            trade["payable"] = trade["payable"] and not sale.doc["test"]
            trade["name"] = f"#{sale.doc['serial']}"
            if self._speaks_gids():
                _with_gids(trade)
        return found

    def create(self, kinds: Mapping[str, int], tag: str = "") -> dict[str, Any]:
        made = super().create(kinds, tag)
        shown: dict[str, Any] = _orders_as_gids(made) if self._speaks_gids() else made
        return shown

    def rate_limited(self, seconds: int) -> Response:
        return self.gateway.throttled(seconds)

    def session_expired(self) -> Response:
        return json_answer({"errors": BAD_TOKEN}, 401)

    def after_reset(self) -> None:
        super().after_reset()
        self._subscribe()

    def _speaks_gids(self) -> bool:
        return str(self.options.settings.get("ids", "gid")) == "gid"

    def _subscribe(self) -> None:
        """Make the subscriptions that the setting `webhooks` names: {"uri", "topics"}."""
        told = self.options.settings.get("webhooks") or {}
        for topic in told.get("topics", ()):
            # A twin that goes on where it stopped has them already.
            with suppress(UserError):
                hooks.create(self.shop, {"topic": topic, "webhookSubscription": {"uri": told["uri"]}})

    def _tell(self, payload: dict[str, Any]) -> None:
        webhooks.send(self.shop, self.pushes, payload["topic"], payload["number"], payload["event"], payload["at_ms"])

    def _create_kind(self, kind: str, count: int, tag: str) -> Any:
        if kind not in OWN_KINDS:
            return super()._create_kind(kind, count, tag)
        plans = [plan_trade(self.random, "plain", tid=1, seed=self.options.seed) for _ in range(count)]
        return self._insert([{**plan, "kind": kind} for plan in plans], tag)

    def _token(self, request: Request) -> Response:
        return self.call(request, "access_token", lambda: self._grant(request))

    def _grant(self, request: Request) -> Call:
        told = request.get_json(silent=True) if request.is_json else request.form.to_dict()
        try:
            with self.storage.write():
                return Call(json_answer(access.grant(self.shop, self.keys, told or {})))
        except access.Denied as denied:
            body = {"error": denied.error, "error_description": str(denied)}
            return Call(json_answer(body, 400), f"error {denied.error}")

    def _graphql(self, request: Request, version: str) -> Response:
        body, method = self.gateway.read(request)
        return self.call(request, method, lambda: self.gateway.answer(request, version, body))

    def _act(self, request: Request, number: str, verb: str) -> Response:
        try:
            return json_answer(perform(self.shop, _plain(number), verb, request.get_json(silent=True) or {}))
        except LookupError as error:
            return json_answer({"error": str(error)}, 404)
        except NotAllowed as error:
            return json_answer({"error": str(error)}, 409)

    def _act_later(self, payload: dict[str, Any]) -> None:
        # What was to happen may have become impossible meanwhile: then it simply does not happen.
        with suppress(NotAllowed, LookupError):
            perform(self.shop, _plain(payload["number"]), payload["verb"], payload)


def _plain(number: str) -> str:
    """An order's number, however it was written."""
    return number.rpartition("/")[2]


def _orders_as_gids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _orders_as_gids(part) for key, part in value.items()}
    return [_orders_as_gids(part) for part in value] if isinstance(value, list) else gid("Order", value)


def _with_gids(trade: dict[str, Any]) -> None:
    trade["tid"] = gid("Order", trade["tid"])
    for line in trade["lines"]:
        line["oid"] = gid("LineItem", line["oid"])
    for shipment in trade["shipments"]:
        shipment["oids"] = [gid("LineItem", no) for no in shipment["oids"]]
    for refund in trade["refunds"]:
        refund |= {"refund_id": gid("Return", refund["refund_id"]), "oid": gid("LineItem", refund["oid"])}
