"""A client of the twin with signing code of its own, and short ways to make and look at orders."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from werkzeug.test import Client

from connectors.sandbox.pinduoduo.twin import PinduoduoTwin

HALF_AN_HOUR = 1_800
COMMON = {"data_type": "JSON", "version": "V1"}


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if isinstance(value, dict | list) else str(value)


def signature(values: dict[str, Any], secret: str) -> str:
    text = "".join(name + as_text(value) for name, value in sorted(values.items()) if value is not None)
    return hashlib.md5((secret + text + secret).encode()).hexdigest().upper()


class Caller:
    """Speaks the platform's protocol and the sandbox's control endpoints."""

    def __init__(self, twin: PinduoduoTwin) -> None:
        self.twin = twin
        self.client = Client(twin)
        self.token = twin.keys["access_token"]

    def signed(self, method: str, **params: Any) -> dict[str, Any]:
        values = {
            "type": method, "client_id": self.twin.keys["client_id"], "access_token": self.token,
            "timestamp": str(int(time.time())), **COMMON, **params,
        }  # fmt: skip
        values = {name: value for name, value in values.items() if value is not None}
        return {**values, "sign": signature(values, self.twin.keys["client_secret"])}

    def call(self, method: str, **params: Any) -> Any:
        """The content of the answer, its root taken off."""
        answer = self.raw(self.signed(method, **params))
        assert "error_response" not in answer, answer
        only = [value for name, value in answer.items() if name.endswith("response")]
        return only[0] if only else answer

    def refused(self, method: str, **params: Any) -> tuple[int, str]:
        """Code and words of the refusal."""
        return self.refusal(self.signed(method, **params))

    def refusal(self, values: dict[str, Any]) -> tuple[int, str]:
        answer = self.raw(values)
        assert set(answer) == {"error_response"}, answer
        error = answer["error_response"]
        assert set(error) == {"error_msg", "sub_msg", "sub_code", "error_code", "request_id"}
        return error["error_code"], error["sub_msg"]

    def raw(self, values: dict[str, Any]) -> Any:
        response = self.client.post("/api/router", json=values)
        assert response.status_code == 200
        return response.get_json()

    # The sandbox's own endpoints.

    def make(self, kind: str = "plain", count: int = 1) -> Any:
        """Numbers of new orders; pairs as lists."""
        return self.client.post("/_twin/trades", json={"kinds": {kind: count}}).get_json()["tids"][kind]

    def one(self, kind: str = "plain") -> str:
        return str(self.make(kind)[0])

    def act(self, number: str, verb: str, **body: Any) -> Any:
        response = self.client.post(f"/_twin/trades/{number}/{verb}", json=body)
        assert response.status_code == 200, response.get_json()
        return response.get_json()

    def advance(self, seconds: float = 100_000) -> None:
        self.client.post("/_twin/advance", json={"seconds": seconds})

    def faults(self, *faults: dict[str, Any]) -> None:
        assert self.client.post("/_twin/faults", json={"faults": list(faults)}).status_code == 200

    def ledger(self, number: str) -> Any:
        trades = self.client.get("/_twin/ledger").get_json()["trades"]
        return next(found for found in trades if found["tid"] == number)

    # The platform's calls that most tests need.

    def order(self, number: str) -> Any:
        return self.call("pdd.order.information.get", order_sn=number)["order_info"]

    def changes(self, **more: Any) -> Any:
        return self.call("pdd.order.number.list.increment.get", **self.change_params(**more))

    def change_params(self, **more: Any) -> dict[str, Any]:
        now = int(time.time())
        return {
            "start_updated_at": now - HALF_AN_HOUR + 60, "end_updated_at": now + 5, "order_status": 5,
            "refund_status": 5, "is_lucky_flag": 0, "page": 1, "page_size": 100, **more,
        }  # fmt: skip

    def cases(self, **more: Any) -> Any:
        now = int(time.time())
        params = {"start_updated_at": now - HALF_AN_HOUR + 60, "end_updated_at": now + 5, "after_sales_type": 1,
                  "after_sales_status": 1, "page": 1, "page_size": 100, **more}  # fmt: skip
        return self.call("pdd.refund.list.increment.get", **params)

    def send(self, number: str, waybill: str = "73100000000001", **more: Any) -> Any:
        return self.call("pdd.logistics.online.send", order_sn=number, logistics_id=115, tracking_number=waybill, **more)

    def ask(self, number: str, **body: Any) -> str:
        """The number of a case that the buyer asks for."""
        found: str = self.act(number, "refund", **body)["cases"][0]
        return found

    def case(self, number: str, case: str) -> Any:
        return self.call("pdd.refund.information.get", order_sn=number, after_sales_id=int(case))
