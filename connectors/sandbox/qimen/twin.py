"""The Qimen twin: one address for all methods, the gateway in front, the warehouse behind."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call, Route, Twin, TwinOptions
from connectors.sandbox.qimen import (
    batches,
    catalog,
    enquiries,
    floor,
    gateway,
    intake,
    movements,
    outbox,
    returns,
    stopping,
)
from connectors.sandbox.qimen.control import control_routes
from connectors.sandbox.qimen.gateway import PREFIX, GatewayRefusal
from connectors.sandbox.qimen.ledger import ledger
from connectors.sandbox.qimen.schema import SCHEMA
from connectors.sandbox.qimen.settings import read_settings
from connectors.sandbox.qimen.site import Refused, Site
from connectors.sandbox.qimen.xmltext import BadXml, Fields, parse, render

METHODS: Mapping[str, Callable[[Site, str, Element], Fields]] = {
    "deliveryorder.create": intake.create_delivery,
    "deliveryorder.batchcreate": batches.create_many,
    "deliveryorder.query": enquiries.query_delivery,
    "orderprocess.query": enquiries.query_process,
    "order.cancel": stopping.cancel,
    "order.pending": stopping.pend,
    "order.callback": stopping.call_back,
    "singleitem.synchronize": catalog.synchronize_one,
    "items.synchronize": catalog.synchronize_many,
    "inventory.query": enquiries.query_inventory,
    "stock.query": enquiries.query_stock,
    "returnorder.create": returns.create_return,
    "entryorder.create": movements.create("in"),
    "entryorder.query": movements.query("in"),
    "stockout.create": movements.create("out"),
    "stockout.query": movements.query("out"),
}


class QimenTwin(Twin):
    """Answers POST /router/qimen/service?method=… and reports to the hub's own address."""

    name = "qimen"
    schema = SCHEMA + movements.SCHEMA

    def __init__(self, options: TwinOptions) -> None:
        self.settings = read_settings(options.settings, options.seed)
        super().__init__(options)
        self.site = Site(self.storage, self.scheduler, self.settings, options.seed)
        for part in (batches, floor, movements, outbox, returns, stopping):
            part.bind(self.site)
        self._rules = gateway.Rules(
            {self.settings.app_key: self.settings.secret},
            self.settings.customers,
            self.settings.timestamp_tolerance,
        )

    def routes(self) -> Iterable[Route]:
        return [Route("/router/qimen/service", self._service)]

    def control_routes(self) -> Iterable[Route]:
        return control_routes(lambda: self.site)

    def ledger(self) -> dict[str, Any]:
        return ledger(self.site)

    def rate_limited(self, seconds: int) -> Response:
        return self._gateway_answer(GatewayRefusal("isp.call-limited", f"ban will last for {seconds} more seconds"))

    def session_expired(self) -> Response:
        return self._gateway_answer(GatewayRefusal("invalid-session", "Invalid session"))

    def _service(self, request: Request) -> Response:
        method = request.args.get("method", "").removeprefix(PREFIX)
        known = method if method in METHODS else "unknown"
        return self.call(request, known, lambda: self._work(request))

    def _work(self, request: Request) -> Call:
        body = request.get_data()
        params = request.args.to_dict()
        try:
            method = gateway.check(params, body, datetime.now(UTC), self._rules)
            fields = self._perform(method, params["customerId"], body)
        except GatewayRefusal as refusal:
            return Call(self._gateway_answer(refusal), f"gateway: {refusal.code}")
        except (Refused, BadXml) as refusal:
            return Call(_answer("failure", "-1", str(refusal), {}), f"refused: {refusal}")
        return Call(_answer("success", "0", "ok", fields))

    def _perform(self, method: str, customer: str, body: bytes) -> Fields:
        perform = METHODS.get(method)
        if perform is None:
            raise Refused(f"不支持的方法:{method}")
        root = parse(body)
        if root.tag != "request":
            raise Refused("根节点应为request")
        return perform(self.site, customer, root)

    def _gateway_answer(self, refusal: GatewayRefusal) -> Response:
        if self.settings.gateway_envelope == "classic":
            return _answer("failure", refusal.code, refusal.message, {})
        fields = {"success": "false", "errorCode": refusal.code, "errorMsg": refusal.message}
        return _xml(render("response", fields))


def _answer(flag: str, code: str, message: str, fields: Fields) -> Response:
    return _xml(render("response", {"flag": flag, "code": code, "message": message, **fields}))


def _xml(body: bytes) -> Response:
    return Response(body, content_type="text/xml;charset=utf-8")
