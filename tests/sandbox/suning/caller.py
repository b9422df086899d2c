"""A caller of the Suning twin's gateway with its own signing code, and of its control endpoints."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

from werkzeug.test import Client

from connectors.sandbox.suning.twin import SuningTwin

Doc = dict[str, Any]
PATH = "/api/http/sopRequest"


def text_of(seconds: float) -> str:
    """A moment in GMT+8 as Suning writes it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds + 8 * 3600))


def window(before: float = 3600, after: float = 60) -> dict[str, str]:
    now = time.time()
    return {"startTime": text_of(now - before), "endTime": text_of(now + after)}


class Caller:
    """Calls as a seller's system would; every answer is the content of sn_responseContent."""

    def __init__(self, twin: SuningTwin) -> None:
        self.twin = twin
        self.client = Client(twin)
        self.access_token = twin.keys["access_token"]

    def headers(self, method: str, body: str, **changed: str) -> dict[str, str]:
        found = {"AppMethod": method, "AppRequestTime": text_of(time.time()), "Format": "json",
                 "AppKey": self.twin.keys["app_key"], "VersionNo": "v1.2", **changed}  # fmt: skip
        text = self.twin.keys["app_secret"] + found["AppMethod"] + found["AppRequestTime"] + found["AppKey"]
        text += found["VersionNo"] + base64.b64encode(body.encode()).decode()
        return {**found, "signInfo": hashlib.md5(text.encode()).hexdigest(), "access_token": self.access_token, **changed}

    def post(self, body: str, headers: dict[str, str]) -> Doc:
        answer = self.client.post(PATH, data=body.encode(), headers=headers, content_type="text/xml; charset=utf-8")
        found: Doc = answer.get_json()["sn_responseContent"]
        return found

    def call(self, method: str, biz: str, **business: Any) -> Doc:
        body = json.dumps({"sn_request": {"sn_body": {biz: business}}}, ensure_ascii=False)
        return self.post(body, self.headers(f"suning.custom.{method}", body))

    def ok(self, method: str, biz: str, **business: Any) -> Any:
        answer = self.call(method, biz, **business)
        assert "sn_error" not in answer, answer
        return answer["sn_body"][biz]

    def code(self, method: str, biz: str, **business: Any) -> str:
        """The error code of a call that is refused."""
        answer = self.call(method, biz, **business)
        assert "sn_error" in answer, answer
        return str(answer["sn_error"]["error_code"])

    def changed(self, state: str = "10", **business: Any) -> list[Doc]:
        asked = {**window(), "orderLineStatus": state, "pageNo": "1", "pageSize": "50", **business}
        found: list[Doc] = self.ok("ord.query", "orderQuery", **asked)
        return found

    def order(self, number: str) -> Doc:
        found: Doc = self.ok("order.get", "orderGet", orderCode=number)
        return found

    def returns(self, number: str) -> list[Doc]:
        found: list[Doc] = self.ok("singlerejected.get", "singleGetRejected", orderCode=number)
        return found

    def make(self, kind: str = "plain") -> str:
        """The number of one new order of a kind."""
        made = self.client.post("/_twin/trades", json={"kinds": {kind: 1}}).get_json()["tids"][kind]
        return str(made[0])

    def verb(self, number: str, verb: str, **body: Any) -> Doc:
        answer = self.client.post(f"/_twin/trades/{number}/{verb}", json=body)
        assert answer.status_code == 200, answer.get_json()
        found: Doc = answer.get_json()
        return found

    def parcel(self, number: str, *lines: str, waybill: str = "ZTO1000000001", **more: Any) -> dict[str, Any]:
        """What a call that ships these lines (all, unless named) says."""
        numbers = list(lines) or [line["oid"] for line in self.trade(number)["lines"]]
        told = {
            "orderCode": number,
            "expressNo": waybill,
            "expressCompanyCode": "Z01",
            "deliveryTime": text_of(time.time()),
        }
        return {**told, "orderLineNumbers": {"orderLineNumber": numbers}, **more}

    def ship(self, number: str, *lines: str, **more: Any) -> list[str]:
        """Ship and answer each line's sendresult."""
        told = self.ok("orderdelivery.add", "orderDelivery", **self.parcel(number, *lines, **more))
        return [row["sendresult"] for row in told["sendDetail"]]

    def advance(self, seconds: float) -> None:
        self.client.post("/_twin/advance", json={"seconds": seconds})

    def faults(self, *faults: Doc) -> None:
        assert self.client.post("/_twin/faults", json={"faults": list(faults)}).status_code == 200

    def trade(self, number: str) -> Doc:
        trades: list[Doc] = self.client.get("/_twin/ledger").get_json()["trades"]
        return next(trade for trade in trades if trade["tid"] == number)
