"""A caller that signs as the contract sheet says; written for the tests alone, on the twin in-process."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.test import Client

from connectors.sandbox.taobao.twin import TaobaoTwin

ALL_FIELDS = (
    "tid,tid_str,status,type,created,pay_time,modified,payment,post_fee,total_fee,discount_fee,adjust_fee,"
    "buyer_nick,buyer_open_uid,receiver_name,receiver_state,receiver_city,receiver_district,receiver_town,"
    "receiver_address,receiver_mobile,receiver_phone,seller_memo,seller_flag,cod_status,step_trade_status,"
    "step_paid_fee,orders,promotion_details,lm,consign_time,end_time,top_hold,team_buy_hold,is_part_consign,"
    "coupon_fee,alipay_point,platform_subsidy_fee,buyer_message,num"
)


def gmt8(moment: datetime) -> str:
    return (moment.astimezone(UTC) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


class Caller:
    """Calls the twin's gateway as an application would."""

    def __init__(self, twin: TaobaoTwin) -> None:
        self.twin = twin
        self.client = Client(twin)
        self.keys = twin.keys

    def params(self, method: str, **business: Any) -> dict[str, str]:
        system = {
            "method": method,
            "app_key": self.keys["app_key"],
            "session": self.keys["session"],
            "timestamp": gmt8(datetime.now(UTC)),
            "format": "json",
            "v": "2.0",
            "sign_method": "md5",
        }
        return {**system, **{name: str(value) for name, value in business.items()}}

    def signed(self, params: dict[str, str]) -> dict[str, str]:
        text = "".join(name + params[name] for name in sorted(params))
        secret = self.keys["app_secret"]
        return {**params, "sign": hashlib.md5((secret + text + secret).encode()).hexdigest().upper()}

    def send(self, params: dict[str, str]) -> dict[str, Any]:
        answer = self.client.post("/router/rest", data=params)
        assert answer.status_code == 200
        return json.loads(answer.get_data(as_text=True))

    def call(self, method: str, **business: Any) -> dict[str, Any]:
        """A call that must succeed; answers the content under the success root."""
        body = self.send(self.signed(self.params(method, **business)))
        root = method.removeprefix("taobao.").replace(".", "_") + "_response"
        assert root in body, body
        return body[root]

    def error(self, method: str, **business: Any) -> dict[str, Any]:
        """A call that must be refused; answers the error_response."""
        body = self.send(self.signed(self.params(method, **business)))
        assert "error_response" in body, body
        return body["error_response"]

    def create(self, **kinds: int) -> dict[str, Any]:
        return self.client.post("/_twin/trades", json={"kinds": kinds}).get_json()["tids"]

    def one(self, kind: str = "plain") -> str:
        return self.create(**{kind: 1})[kind][0]

    def act(self, tid: str, verb: str, **body: Any) -> dict[str, Any]:
        answer = self.client.post(f"/_twin/trades/{tid}/{verb}", json=body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def trade(self, tid: str) -> dict[str, Any]:
        return self.call("taobao.trade.fullinfo.get", tid=tid, fields=ALL_FIELDS, include_oaid="true")["trade"]

    def lines(self, tid: str) -> list[dict[str, Any]]:
        return self.trade(tid)["orders"]["order"]

    def ship(self, tid: str, out_sid: str = "", **more: Any) -> dict[str, Any]:
        out_sid = out_sid or f"SF{tid[-12:]}"
        return self.call("taobao.logistics.offline.send", tid=tid, out_sid=out_sid, company_code="SF", **more)

    def ship_error(self, tid: str, **more: Any) -> str:
        arguments = {"out_sid": f"SF{tid[-12:]}", "company_code": "SF", **more}
        return self.error("taobao.logistics.offline.send", tid=tid, **arguments)["sub_code"]

    def entry(self, tid: str) -> dict[str, Any]:
        """The trade's entry in the ledger."""
        trades = self.client.get("/_twin/ledger").get_json()["trades"]
        return next(trade for trade in trades if trade["tid"] == tid)

    def advance(self, seconds: float) -> None:
        self.client.post("/_twin/advance", json={"seconds": seconds})
