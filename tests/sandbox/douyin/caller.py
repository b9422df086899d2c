"""A caller that signs as the contract sheet says; written for the tests alone, on the twin in-process."""

import hashlib
import hmac
import json
import time
from typing import Any

from werkzeug.test import Client

from connectors.sandbox.douyin.twin import DouyinTwin


class Caller:
    """Calls the twin's gateway as an application would."""

    def __init__(self, twin: DouyinTwin) -> None:
        self.twin = twin
        self.client = Client(twin)
        self.keys = twin.keys
        self.token = twin.keys["access_token"]

    def query(self, path: str, param_json: str, **changes: str | None) -> dict[str, str]:
        """The signed query of a call; `changes` replace parameters before signing, None leaves one out."""
        values: dict[str, str | None] = {
            "app_key": self.keys["app_key"], "method": path.replace("/", "."), "timestamp": str(int(time.time())),
            "v": "2", "sign_method": "hmac-sha256", "access_token": self.token, **changes,
        }  # fmt: skip
        secret = self.keys["app_secret"]
        signed = {
            "param_json": param_json,
            **{name: values[name] or "" for name in ("app_key", "method", "timestamp", "v")},
        }
        text = secret + "".join(name + signed[name] for name in sorted(signed)) + secret
        if values["sign_method"] == "md5":
            values.setdefault("sign", hashlib.md5(text.encode()).hexdigest())
        else:
            values.setdefault("sign", hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest())
        return {name: value for name, value in values.items() if value is not None}

    def send(self, path: str, params: dict[str, Any], **changes: str | None) -> dict[str, Any]:
        text = json.dumps(params, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return self.send_text(path, text, **changes)

    def send_text(self, path: str, text: str, **changes: str | None) -> dict[str, Any]:
        answer = self.client.post(
            f"/{path}", query_string=self.query(path, text, **changes), data=text.encode(),
            content_type="application/json",
        )  # fmt: skip
        assert answer.status_code == 200
        return json.loads(answer.get_data(as_text=True))

    def call(self, path: str, **params: Any) -> Any:
        """A call that must succeed; answers the content of the envelope."""
        body = self.send(path, params)
        assert (body["code"], body["msg"]) == (10000, "success"), body
        return body["data"]

    def error(self, path: str, **params: Any) -> tuple[int, str]:
        """A call that must be refused; answers code and sub-code."""
        body = self.send(path, params)
        assert body["code"] != 10000, body
        assert body["log_id"]
        return body["code"], body["sub_code"]

    def create(self, **kinds: int) -> dict[str, Any]:
        return self.client.post("/_twin/trades", json={"kinds": kinds}).get_json()["tids"]

    def one(self, kind: str = "plain") -> str:
        return self.create(**{kind: 1})[kind][0]

    def act(self, number: str, verb: str, **body: Any) -> dict[str, Any]:
        answer = self.client.post(f"/_twin/trades/{number}/{verb}", json=body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def order(self, number: str) -> dict[str, Any]:
        return self.call("order/orderDetail", shop_order_id=number)["shop_order_detail"]

    def lines(self, number: str) -> list[dict[str, Any]]:
        return self.order(number)["sku_order_list"]

    def listed(self, **params: Any) -> dict[str, Any]:
        now = int(time.time())
        window = {"update_time_start": now - 1800, "update_time_end": now + 60}
        wanted = {"page": 0, "size": 100, "order_by": "update_time", "order_asc": True, **window, **params}
        return self.call("order/searchList", **wanted)

    def numbers(self, **params: Any) -> list[str]:
        return [order["order_id"] for order in self.listed(**params)["shop_order_list"]]

    def ship(self, number: str, **more: Any) -> Any:
        waybill = {"company_code": "zhongtong", "logistics_code": f"ZT{number[-12:]}", **more}
        return self.call("order/logisticsAdd", order_id=number, **waybill)

    def ship_error(self, number: str, **more: Any) -> tuple[int, str]:
        waybill = {"company_code": "zhongtong", "logistics_code": f"ZT{number[-12:]}", **more}
        return self.error("order/logisticsAdd", order_id=number, **waybill)

    def shipped(self, kind: str = "plain") -> str:
        number = self.one(kind)
        self.ship(number)
        return number

    def ask(self, number: str, **body: Any) -> str:
        """Open a case for the order's first line; answers its number."""
        line = f"{int(number) + 1}"
        return self.act(number, "refund", **{"line": line, **body})["cases"][0]

    def case(self, number: str) -> dict[str, Any]:
        """The case as the list tells it."""
        data = self.call("afterSale/List", page=0, size=10, aftersale_id=number)
        assert data["total"] == 1
        return data["items"][0]["aftersale_info"]

    def decide(self, type_: int, case: str, **more: Any) -> Any:
        return self.call("afterSale/operate", type=type_, items=[{"aftersale_id": case, **more}])

    def decide_error(self, type_: int, case: str, **more: Any) -> tuple[int, str]:
        return self.error("afterSale/operate", type=type_, items=[{"aftersale_id": case, **more}])

    def entry(self, number: str) -> dict[str, Any]:
        """The order's entry in the ledger."""
        trades = self.client.get("/_twin/ledger").get_json()["trades"]
        return next(trade for trade in trades if trade["tid"] == number)

    def later(self) -> dict[str, Any]:
        """The fault that puts the platform's clock two seconds ahead, so that a change is seen to be later."""
        return {"kind": "clock_skew", "ms": 2000}

    def fault(self, *more: dict[str, Any], **fault: Any) -> None:
        answer = self.client.post("/_twin/faults", json={"faults": [*more, fault]})
        assert answer.status_code == 200

    def advance(self, seconds: float) -> None:
        self.client.post("/_twin/advance", json={"seconds": seconds})
