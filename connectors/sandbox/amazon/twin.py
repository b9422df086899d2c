"""The Amazon twin as a web application: operations, tokens, documents, own kinds and verbs, what happens by time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from connectors.sandbox.amazon import (
    credentials,
    feeds_api,
    gateway,
    jobs,
    kinds,
    listings_api,
    notices,
    orders_api,
    postings,
    reports_api,
    shipping_api,
    vault,
)
from connectors.sandbox.amazon.errors import expired, quota
from connectors.sandbox.amazon.shop import Operation, Shop
from connectors.sandbox.amazon.spoil import SPOILERS
from connectors.sandbox.amazon.states import is_cancel_request
from connectors.sandbox.amazon.tokens import LOGIN_SCHEMA, Denied, Tokens
from connectors.sandbox.amazon.verbs import VERBS
from connectors.sandbox.kit import Call, Route, TwinOptions, json_answer
from connectors.sandbox.kit.market import MarketTwin, NotAllowed, Sale
from connectors.sandbox.traffic import plan_trade

OPERATIONS: tuple[Operation, ...] = (
    *orders_api.OPERATIONS, *shipping_api.OPERATIONS, *listings_api.OPERATIONS, *reports_api.OPERATIONS,
    *feeds_api.OPERATIONS, *postings.OPERATIONS, *notices.OPERATIONS,
)  # fmt: skip
#: Changes of an order that subscribers hear of.
TOLD = frozenset({"created", "paid", "released", "cancelled", "shipped"})
FIRST_CASE = 6_600_000_000


class AmazonTwin(MarketTwin):
    """A seller's account on a simulated Amazon; docs/sandbox/amazon.md names settings, kinds and verbs."""

    name = "amazon"
    schema = LOGIN_SCHEMA + vault.VAULT_SCHEMA + jobs.JOB_SCHEMA + postings.POSTING_SCHEMA + notices.NOTICE_SCHEMA
    kinds = kinds.KINDS
    spoils = tuple(SPOILERS)

    def __init__(self, options: TwinOptions) -> None:
        super().__init__(options)
        keys = credentials(options.seed)
        self.keys = {name: str(options.settings.get(name, value)) for name, value in keys.items()}
        tokens = Tokens(self.storage, self.keys, options.settings, self.now_ms)
        self.shop = Shop(self.market, options.settings, self.keys, tokens, self._notify)
        self.vault = vault.Vault(self.shop)
        self.buckets = gateway.Buckets(options.speed)
        self.scheduler.on("job", self._work)
        self._open()

    def routes(self) -> Iterable[Route]:
        return [
            Route("/auth/o2/token", self._token),
            Route("/apps/authorize/consent", self._consent, ("GET",)),
            Route(f"{vault.PATH}/<id_>", self._document, ("GET", "PUT")),
            *(Route(operation.path, self._endpoint(operation), (operation.method,)) for operation in OPERATIONS),
        ]

    def control_routes(self) -> Iterable[Route]:
        return [*super().control_routes(), Route("/_twin/code", self._code), Route("/_twin/revoke", self._revoke)]

    def order_number(self, serial: int) -> str:
        return kinds.order_number(serial)

    def case_number(self, serial: int) -> str:
        return f"D{FIRST_CASE + self.options.seed % 1000 * 10**6 + serial}RRMA"

    def finish_sale(self, doc: dict[str, Any]) -> None:
        kinds.finish(doc)
        if doc["kind"] in kinds.FREE:
            before = self.storage.scalar("select number from sale order by created_ms desc limit 1")
            doc["original"] = str(before or kinds.order_number(0))

    def announce(self, topic: str, number: str) -> None:
        if topic.startswith("case_"):
            self._hear_case(topic, number)
        elif topic in TOLD:
            sale = self.market.find_sale(number)
            self._notify("ORDER_CHANGE", notices.order_change(self.shop, sale, topic), number)

    def rate_limited(self, seconds: int) -> Response:
        """Without seconds the header that names the rate is missing, as on some of the platform's answers."""
        return gateway.refusal(quota(), {gateway.RATE_HEADER: f"{1 / seconds:g}"} if seconds else {})

    def session_expired(self) -> Response:
        return gateway.refusal(expired())

    def after_reset(self) -> None:
        super().after_reset()
        self._open()

    # The platform's own addresses.

    def _endpoint(self, operation: Operation) -> Any:
        def serve(request: Request, **path: str) -> Response:
            work = gateway.answer
            return self.call(request, operation.name, lambda: work(self.shop, self.buckets, operation, request, path))

        return serve

    def _token(self, request: Request) -> Response:
        if self.faults.draw("expired_session", "token") is not None:
            # An authorisation that ran out is refused in the words of the token endpoint, not of the API.
            return _denied(Denied(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token"))
        return self.call(request, "token", lambda: self._grant(request))

    def _grant(self, request: Request) -> Call:
        told = request.get_json(silent=True) if request.is_json else request.form.to_dict()
        form: Mapping[str, str] = told if isinstance(told, dict) else {}
        try:
            return Call(json_answer(self.shop.tokens.grant(form)))
        except Denied as denied:
            return Call(_denied(denied), f"error {denied.error}")

    def _consent(self, request: Request) -> Response:
        """The page at which the seller agrees; here everyone agrees at once."""
        back = request.args.get("redirect_uri", "")
        if request.args.get("application_id") != self.keys["application_id"] or not back.startswith("http"):
            return Response("application_id or redirect_uri is wrong", status=400)
        told = urlencode({"state": request.args.get("state", ""), "selling_partner_id": self.keys["seller_id"],
                          "spapi_oauth_code": self.shop.tokens.new_code()})  # fmt: skip
        return redirect(f"{back}{'&' if '?' in back else '?'}{told}")

    def _document(self, request: Request, id_: str) -> Response:
        method = "upload" if request.method == "PUT" else "download"
        return self.call(request, method, lambda: self._served(request, id_))

    def _served(self, request: Request, id_: str) -> Call:
        response = self.vault.serve(request, id_)
        return Call(response, "ok" if response.status_code == 200 else f"error {response.status_code}")

    def _code(self, request: Request) -> Response:
        return json_answer({"spapi_oauth_code": self.shop.tokens.new_code()})

    def _revoke(self, request: Request) -> Response:
        self.shop.tokens.revoke()
        return json_answer({"ok": True})

    # Notifications and jobs.

    def _open(self) -> None:
        """The authorisation, and the subscriptions that a setting makes."""
        self.shop.tokens.lay_out()
        if self.options.settings.get("push_url"):
            for kind in self.options.settings.get("push_kinds", notices.KINDS):
                notices.add_subscription(self.shop, kind, "setting")

    def _notify(self, kind: str, payload: Mapping[str, Any], number: str = "") -> None:
        notices.send(self.shop, self.pushes, kind, payload, number)

    def _work(self, payload: dict[str, Any]) -> None:
        row = jobs.find(self.shop, payload["id"])
        if payload["step"] == "begin":
            jobs.begin(self.shop, row["id"])
        elif row["kind"] == "report":
            reports_api.make(self.shop, row["id"])
        else:
            feeds_api.work_off(self.shop, row["id"])

    # Kinds, verbs and time.

    def _create_kind(self, kind: str, count: int, tag: str) -> Any:
        if kind not in kinds.OWN_KINDS:
            return super()._create_kind(kind, count, tag)
        plans = [plan_trade(self.random, "plain", tid=1, seed=self.options.seed) for _ in range(count)]
        return self._insert([{**plan, "kind": kind} for plan in plans], tag)

    def _plan_future(self, sale: Sale) -> None:
        super()._plan_future(sale)
        if sale.doc["kind"] == "fba":
            self._later("fba_ships_after", sale.number, "ship_by_amazon")

    def _later(self, delay: str, number: str, verb: str, **more: str) -> None:
        self.scheduler.after(self.shop.delay(delay), "act", {"number": number, "verb": verb, **more})

    def _hear_case(self, topic: str, number: str) -> None:
        """A request to cancel is told at once; a return is authorised after a while."""
        case = self.market.find_case(number)
        if topic != "case_asked":
            return
        if is_cancel_request(case):
            sale = self.market.find_sale(case.doc["order"])
            self._notify("ORDER_CHANGE", notices.order_change(self.shop, sale, topic), sale.number)
        elif case.doc["kind"] != "refund":
            self._later("authorise_after", case.doc["order"], "authorise", case=number)

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


def _denied(denied: Denied) -> Response:
    return json_answer({"error": denied.error, "error_description": str(denied)}, denied.status)
