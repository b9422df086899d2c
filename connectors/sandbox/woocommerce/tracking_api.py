"""The extension Shipment Tracking: waybills of a whole order, without lines. Off by a setting: no route."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.kit.market import NotAllowed, Sale, ship
from connectors.sandbox.kit.market.model import open_num
from connectors.sandbox.woocommerce.gateway import Ask, Endpoint
from connectors.sandbox.woocommerce.params import is_true
from connectors.sandbox.woocommerce.refusal import Refusal, answer, bad_params, missing_params, no_route

Doc = dict[str, Any]
KIND = "tracking"
ROOT = "/wp-json/wc-shipment-tracking/v3"
PATH = f"{ROOT}/orders/<int:order>/shipment-trackings"
PROVIDERS = {
    "China": {"SF Express": "https://www.sf-express.com/track/%1$s", "ZTO Express": "https://www.zto.com/track/%1$s",
              "YTO Express": "https://www.yto.net.cn/track/%1$s"},
    "Global": {"DHL": "https://www.dhl.com/track/%1$s", "EMS": "https://www.ems.com.cn/track/%1$s"},
}  # fmt: skip


def list_providers(ask: Ask) -> Response:
    _check_installed(ask)
    return answer(PROVIDERS)


def list_trackings(ask: Ask) -> Response:
    return answer([_shown(ask, doc) for doc in ask.shop.records.of(KIND, _order(ask).number)])


def get_tracking(ask: Ask) -> Response:
    return answer(_shown(ask, _find(ask)))


def create_tracking(ask: Ask) -> Response:
    sale = _order(ask)
    ask.require("tracking_number")
    company = str(ask.body.get("tracking_provider") or ask.body.get("custom_tracking_provider") or "")
    if not company:
        raise missing_params(["tracking_provider"])
    number = str(ask.body["tracking_number"])
    doc = {
        "tracking_id": hashlib.sha256(f"{sale.number}{number}{ask.shop.market.now_ms()}".encode()).hexdigest()[:32],
        "tracking_provider": company, "tracking_link": _link(ask, company, number), "tracking_number": number,
        "date_shipped": _day(ask),
    }  # fmt: skip
    with ask.shop.market.storage.write():
        _tell_sale(ask, sale, company, number)
        kept = ask.shop.records.add(KIND, sale.number, doc)
    response = answer(_shown(ask, kept), 201)
    response.headers["Location"] = _address(ask, doc["tracking_id"])
    return response


def delete_tracking(ask: Ask) -> Response:
    if not is_true(ask.query.get("force", ask.body.get("force", True))):
        raise Refusal(501, "woocommerce_rest_trash_not_supported", "Shipment tracking does not support trashing.")
    doc = _find(ask)
    ask.shop.records.remove(KIND, doc["id"])
    return answer(_shown(ask, doc))


def _tell_sale(ask: Ask, sale: Sale, company: str, number: str) -> None:
    """The first waybill ships all that is open; a further one is another parcel of the same goods, or one told twice."""
    market = ask.shop.market
    if any(open_num(line) for line in sale.lines):
        try:
            ship(market, sale.number, company, number, kind=KIND)
        except NotAllowed:
            # The extension asks for no state: the waybill is kept, the ledger tells that it was not due.
            return
        return
    told = {found["out_sid"] for found in market.shelves.shipments_of(sale.number)}
    oids = [line["no"] for line in sale.lines]
    reason = "this waybill was told before" if number in told else ""
    market.shelves.add_shipment(sale.number, oids, company, number, KIND if reason else "resend", reason=reason)
    market.changed(sale, "shipped")


def _day(ask: Ask) -> str:
    text = str(ask.body.get("date_shipped") or "")
    if not text:
        return str(datetime.fromtimestamp(ask.shop.market.now_ms() // 1000, UTC).date())
    try:
        return str(date.fromisoformat(text))
    except ValueError:
        raise bad_params({"date_shipped": "Invalid date."}) from None


def _link(ask: Ask, company: str, number: str) -> str:
    known = {name: link for region in PROVIDERS.values() for name, link in region.items()}
    return str(known.get(company, ask.body.get("custom_tracking_link") or "")).replace("%1$s", number)


def _find(ask: Ask) -> Doc:
    wanted = str(ask.args["tracking"])
    for doc in ask.shop.records.of(KIND, _order(ask).number):
        if doc["tracking_id"] == wanted:
            return doc
    raise Refusal(404, "woocommerce_shipment_tracking_rest_invalid_id", "Invalid shipment tracking ID.")


def _order(ask: Ask) -> Sale:
    _check_installed(ask)
    sale = ask.shop.find_sale(str(ask.number("order")))
    if sale is None:
        raise Refusal(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.")
    return sale


def _check_installed(ask: Ask) -> None:
    if not ask.shop.setup.shipment_tracking:
        raise no_route()


def _address(ask: Ask, tracking: str) -> str:
    return f"{ask.shop.setup.url}{ROOT}/orders/{ask.number('order')}/shipment-trackings/{tracking}"


def _shown(ask: Ask, doc: Doc) -> Doc:
    up = {"up": [{"href": ask.shop.api(f"orders/{ask.number('order')}")}]}
    links = {"self": [{"href": _address(ask, doc["tracking_id"])}], **up}
    return {**{name: value for name, value in doc.items() if name != "id"}, "_links": links}


ENDPOINTS = (
    Endpoint("trackings.providers", ("GET",), f"{ROOT}/shipment-trackings/providers", list_providers, public=True),
    Endpoint("trackings.list", ("GET",), PATH, list_trackings),
    Endpoint("trackings.create", ("POST",), PATH, create_tracking),
    Endpoint("trackings.get", ("GET",), f"{PATH}/<tracking>", get_tracking),
    Endpoint("trackings.delete", ("DELETE",), f"{PATH}/<tracking>", delete_tracking),
)
