"""The WooCommerce twin as a web application: routes, control verbs of its own, what its sales have besides."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call, Route, TwinOptions, json_answer
from connectors.sandbox.kit.market import MarketTwin, NotAllowed
from connectors.sandbox.traffic import plan_trade
from connectors.sandbox.woocommerce import (
    credentials,
    fulfillments_api,
    notes_api,
    orders_api,
    products_api,
    refunds_api,
    site_api,
    tracking_api,
    webhooks_api,
)
from connectors.sandbox.woocommerce.booking import settle
from connectors.sandbox.woocommerce.changes import restore_order, set_status, trash_order
from connectors.sandbox.woocommerce.deliveries import Deliveries
from connectors.sandbox.woocommerce.gateway import Endpoint, make_call
from connectors.sandbox.woocommerce.records import RECORD_SCHEMA, Records
from connectors.sandbox.woocommerce.refusal import no_route, not_signed_in
from connectors.sandbox.woocommerce.shop import Setup, Shop
from connectors.sandbox.woocommerce.signin import NONCE_SCHEMA, Keys
from connectors.sandbox.woocommerce.spoil import SPOILERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ENDPOINTS: tuple[Endpoint, ...] = (
    *orders_api.ENDPOINTS, *refunds_api.ENDPOINTS, *fulfillments_api.ENDPOINTS, *tracking_api.ENDPOINTS,
    *notes_api.ENDPOINTS, *products_api.ENDPOINTS, *webhooks_api.ENDPOINTS, *site_api.ENDPOINTS,
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FIRST_ORDER = 770_000_000_000
FIRST_REFUND = 780_000_000_000
WRAPPING = 500
#: Kinds of this platform and the plan of the traffic that each starts from.
OWN_KINDS = {
    "draft": "unpaid", "failed": "unpaid", "bank_transfer": "unpaid", "custom_status": "plain", "untaxed": "plain",
    "tax_excluded": "plain", "fee": "plain", "product_gone": "plain",
}  # fmt: skip
#: What a careless plugin prints before the answer.
PHP_NOTICE = b"<br />\n<b>Warning</b>:  Undefined array key 0 in <b>functions.php</b> on line <b>7</b><br />\n"
#: Nothing completes an order by itself: this is so late that it never happens.
NEVER = 10**9
OWN_VERBS: dict[str, Callable[[Shop, str, Mapping[str, Any]], None]] = {
    "trash": lambda shop, number, body: trash_order(shop, number, force=False),
    "delete": lambda shop, number, body: trash_order(shop, number, force=True),
    "restore": lambda shop, number, body: restore_order(shop, number),
    "set_status": lambda shop, number, body: set_status(shop, number, str(body["status"])),
}


def _no_platform_ships(shop: Shop, number: str, body: Mapping[str, Any]) -> None:
    """Nobody ships in the place of a shop of one's own, so an order is never taken over."""
    raise LookupError("no verb take_over here")


OWN_VERBS["take_over"] = _no_platform_ships


class WooTwin(MarketTwin):
    """A WooCommerce shop; settings: credentials, `permissions`, `https`, those of `Setup`, the kit's delays."""

    name = "woocommerce"
    schema = RECORD_SCHEMA + NONCE_SCHEMA
    line_number = "{number}{n:02d}"
    spoils = tuple(SPOILERS)
    kinds: ClassVar[Mapping[str, int]] = {
        "plain": 60, "split": 6, "bundle": 6, "merge_pairs": 4, "gift": 4, "cod": 6, "held": 2, "unpaid": 4,
        "unknown_sku": 1, "draft": 1, "failed": 1, "bank_transfer": 1, "custom_status": 0, "untaxed": 2,
        "tax_excluded": 2, "fee": 2, "product_gone": 0,
    }  # fmt: skip

    def __init__(self, options: TwinOptions) -> None:
        settings = {"finish_after": NEVER, **options.settings}
        super().__init__(replace(options, settings=settings))
        keys = {name: str(settings.get(name, value)) for name, value in credentials(options.seed).items()}
        self.keys = Keys(
            keys["consumer_key"], keys["consumer_secret"], str(settings.get("permissions", "read_write")),
            bool(settings.get("https", True)),
        )  # fmt: skip
        self.setup = Setup.of(settings)
        self.notices = random.Random(f"notices:{options.seed}")
        self.shop = Shop(self.market, Records(self.storage), self.setup)
        self.deliveries = Deliveries(self.storage, self.scheduler, self.faults, options.seed)
        self.deliveries.shop = self.shop
        self.pushes = self.deliveries
        self.scheduler.on("settle", lambda payload: settle(self.shop, payload["case"]))

    def routes(self) -> Iterable[Route]:
        for endpoint in ENDPOINTS:
            yield Route(endpoint.path, partial(self._answer, endpoint), endpoint.methods)
        yield Route("/wp-json/<path:rest>", self._no_route, METHODS)

    def order_number(self, serial: int) -> str:
        return str(FIRST_ORDER + serial)

    def case_number(self, serial: int) -> str:
        return str(FIRST_REFUND + self.options.seed % 1000 * 10**7 + serial)

    def finish_sale(self, doc: dict[str, Any]) -> None:
        doc |= {"refunded": 0, "meta": {}, "trashed": False, "deleted": False, "shown": None}
        doc["fee"] = WRAPPING if doc["kind"] == "fee" else 0
        doc["payment"] += doc["fee"]

    def announce(self, topic: str, number: str) -> None:
        if topic in ("case_asked", "case_returned"):
            # No buyer can ask for a refund in the shop: staff hears of it and makes the refund by hand.
            self.scheduler.after(self.setup.staff_refunds_after, "settle", {"case": number})
        self.deliveries.announce(topic, number)

    def rate_limited(self, seconds: int) -> Response:
        """What a firewall before the site answers: the shop itself knows no limit."""
        page = "<html><head><title>429 Too Many Requests</title></head><body><h1>Too Many Requests</h1></body></html>"
        response = Response(page, status=429, content_type="text/html; charset=UTF-8")
        if seconds:
            response.headers["Retry-After"] = str(seconds)
        return response

    def session_expired(self) -> Response:
        """The key's user was deleted: the key is unknown, so nobody is signed in."""
        return not_signed_in("GET", True).response()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Take the ways that WordPress takes as one: plain permalinks (`/?rest_route=…`) and a slash at the end."""
        request = Request(environ)
        environ["woo.address"] = request.base_url
        path = environ.get("PATH_INFO", "")
        if path in ("/", "/index.php") and request.args.get("rest_route"):
            path = "/wp-json" + request.args["rest_route"]
        environ["PATH_INFO"] = path.rstrip("/") or "/"
        return super().__call__(environ, start_response)

    def _answer(self, endpoint: Endpoint, request: Request, **args: Any) -> Response:
        response = self.call(
            request, endpoint.name, lambda: make_call(self.shop_at(request), self.keys, endpoint, request, args)
        )
        if self.notices.random() < float(self.options.settings.get("php_notices", 0)):
            response.set_data(PHP_NOTICE + response.get_data())
        return response

    def shop_at(self, request: Request) -> Shop:
        """The shop, which learns its own address from the first call unless a setting names it."""
        if "url" not in self.options.settings and self.setup.url != request.host_url.rstrip("/"):
            self.setup = replace(self.setup, url=request.host_url.rstrip("/"))
            self.shop.setup = self.setup
        return self.shop

    def _no_route(self, request: Request, rest: str) -> Response:
        return self.call(request, "(unknown)", lambda: Call(no_route().response(), "error rest_no_route"))

    def _create_kind(self, kind: str, count: int, tag: str) -> Any:
        if kind not in OWN_KINDS:
            return super()._create_kind(kind, count, tag)
        plans = [plan_trade(self.random, OWN_KINDS[kind], tid=1, seed=self.options.seed) for _ in range(count)]
        return self._insert([{**plan, "kind": kind} for plan in plans], tag)

    def _act(self, request: Request, number: str, verb: str) -> Response:
        work = OWN_VERBS.get(verb)
        if work is None:
            return super()._act(request, number, verb)
        try:
            work(self.shop, number, request.get_json(silent=True) or {})
        except LookupError as error:
            return json_answer({"error": str(error)}, 404)
        except NotAllowed as error:
            return json_answer({"error": str(error)}, 409)
        return json_answer({"number": number})
