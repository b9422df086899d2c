"""A client of the twin, and short ways to make and look at orders, reports and feeds."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import Client, TestResponse

from connectors.sandbox.amazon.order_docs import DATA_SETS
from connectors.sandbox.amazon.twin import AmazonTwin

ALL = ",".join(sorted(DATA_SETS))
ORDERS = "/orders/2026-01-01/orders"


def iso(ago: float = 0) -> str:
    """So many seconds ago."""
    return (datetime.now(UTC) - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Caller:
    """Speaks the platform's protocol and the sandbox's control endpoints."""

    def __init__(self, twin: AmazonTwin) -> None:
        self.twin = twin
        self.client = Client(twin)
        self.market = twin.keys["marketplace_id"]
        self.token = self.grant()["access_token"]

    def grant(self, **form: str) -> Any:
        names = ("client_id", "client_secret", "refresh_token")
        keys = {"grant_type": "refresh_token", **{name: self.twin.keys[name] for name in names}, **form}
        return self.client.post("/auth/o2/token", data={name: text for name, text in keys.items() if text}).get_json()

    def send(self, method: str, path: str, token: str | None = None, **more: Any) -> TestResponse:
        headers = {"x-amz-access-token": self.token if token is None else token, "user-agent": "Test/1.0"}
        return self.client.open(path, method=method, headers={k: v for k, v in headers.items() if v}, **more)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.send("GET", path, query_string=query)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def post(self, path: str, body: Any) -> Any:
        answer = self.send("POST", path, json=body)
        assert answer.status_code < 300, answer.get_json()
        return answer.get_json(silent=True)

    def refused(self, method: str, path: str, **more: Any) -> tuple[int, str, str]:
        """Status, code and details of the refusal."""
        answer = self.send(method, path, **more)
        body = answer.get_json()
        assert set(body) == {"errors"}, body
        (error,) = body["errors"]
        assert set(error) == {"code", "message", "details"}
        return answer.status_code, error["code"], error["details"]

    # The sandbox's own endpoints.

    def make(self, kind: str = "plain", count: int = 1) -> Any:
        return self.client.post("/_twin/trades", json={"kinds": {kind: count}}).get_json()["tids"][kind]

    def one(self, kind: str = "plain") -> str:
        return str(self.make(kind)[0])

    def act(self, number: str, verb: str, **body: Any) -> Any:
        response = self.client.post(f"/_twin/trades/{number}/{verb}", json=body)
        assert response.status_code == 200, response.get_json()
        return response.get_json()

    def advance(self, seconds: float = 1000) -> None:
        self.client.post("/_twin/advance", json={"seconds": seconds})

    def faults(self, *faults: dict[str, Any]) -> None:
        assert self.client.post("/_twin/faults", json={"faults": list(faults)}).status_code == 200

    def ledger(self, number: str) -> Any:
        trades = self.client.get("/_twin/ledger").get_json()["trades"]
        return next(found for found in trades if found["tid"] == number)

    # The platform's calls that most tests need.

    def order(self, number: str, sets: str = ALL) -> Any:
        return self.get(f"{ORDERS}/{number}", includedData=sets)["order"]

    def changes(self, **more: Any) -> Any:
        asked = {"lastUpdatedAfter": iso(3600), "includedData": ALL, **more}
        return self.get(ORDERS, **{name: text for name, text in asked.items() if text is not None})

    def package(self, number: str, units: dict[str, int], reference: str = "1", **more: Any) -> dict[str, Any]:
        items = [{"orderItemId": no, "quantity": num} for no, num in units.items()]
        detail = {"packageReferenceId": reference, "carrierCode": "ZTO", "trackingNumber": "73100000000001",
                  "shipDate": iso(), "orderItems": items, **more}  # fmt: skip
        return {"marketplaceId": self.market, "packageDetail": detail}

    def ship(self, number: str, units: dict[str, int] | None = None, reference: str = "1", **more: Any) -> TestResponse:
        units = units or self.units(number)
        return self.send("POST", f"/orders/v0/orders/{number}/shipmentConfirmation",
                         json=self.package(number, units, reference, **more))  # fmt: skip

    def units(self, number: str) -> dict[str, int]:
        return {line["oid"]: line["num"] for line in self.ledger(number)["lines"]}

    def report(self, kind: str = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE", ago: float = 3600) -> Any:
        """A finished report."""
        body = {"reportType": kind, "marketplaceIds": [self.market], "dataStartTime": iso(ago)}
        made = self.post("/reports/2021-06-30/reports", body)["reportId"]
        self.advance(60)
        return self.get(f"/reports/2021-06-30/reports/{made}")

    def fetched(self, kind: str, document: str) -> bytes:
        """The content of a report's or a feed's document."""
        told = self.get(f"/{kind}/2021-06-30/documents/{document}")
        content = self.client.get(local(told["url"])).get_data()
        return gzip.decompress(content) if told.get("compressionAlgorithm") == "GZIP" else content

    def feed(self, kind: str, content: str) -> Any:
        """A finished feed of this content."""
        room = self.post("/feeds/2021-06-30/documents", {"contentType": "text/xml; charset=UTF-8"})
        put = self.client.put(local(room["url"]), data=content.encode(), content_type="text/xml; charset=UTF-8")
        assert put.status_code == 200
        body = {"feedType": kind, "marketplaceIds": [self.market], "inputFeedDocumentId": room["feedDocumentId"]}
        made = self.post("/feeds/2021-06-30/feeds", body)["feedId"]
        self.advance(60)
        return self.get(f"/feeds/2021-06-30/feeds/{made}")

    def refund_feed(self, number: str, line: str, amount: str, currency: str = "CNY", key: str = "a1") -> str:
        """What the processing report says to a refund of one item."""
        done = self.feed("POST_PAYMENT_ADJUSTMENT_DATA", adjustment(number, line, amount, currency, key))
        return self.fetched("feeds", done["resultFeedDocumentId"]).decode()


def local(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def adjustment(number: str, line: str, amount: str, currency: str, key: str) -> str:
    return envelope("OrderAdjustment", (
        f"<AmazonOrderID>{number}</AmazonOrderID><AdjustedItem><AmazonOrderItemCode>{line}</AmazonOrderItemCode>"
        f"<MerchantAdjustmentItemID>{key}</MerchantAdjustmentItemID><AdjustmentReason>CustomerReturn</AdjustmentReason>"
        f'<ItemPriceAdjustments><Component><Type>Principal</Type><Amount currency="{currency}">{amount}</Amount>'
        "</Component></ItemPriceAdjustments></AdjustedItem>"
    ))  # fmt: skip


def envelope(kind: str, inner: str) -> str:
    return (
        "<AmazonEnvelope><Header><DocumentVersion>1.01</DocumentVersion></Header>"
        f"<MessageType>{kind}</MessageType><Message><MessageID>1</MessageID><{kind}>{inner}</{kind}></Message>"
        "</AmazonEnvelope>"
    )
