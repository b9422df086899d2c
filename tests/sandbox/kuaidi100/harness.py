"""A subscriber that only listens, and a caller: both ends of the wire around a kuaidi100 twin."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from connectors.sandbox.kuaidi100.signing import query_signature
from connectors.sandbox.kuaidi100.twin import Kuaidi100Twin

KEY, CUSTOMER = "kdkey", "CUST"
SETTINGS: dict[str, Any] = {
    "key": KEY,
    "customer": CUSTOMER,
    "expired_keys": ["old-key"],
    "refused_companies": ["debangkuaidi"],
    "senders": 1,
    "shares": {"refused": 0, "troubled": 0, "stuck": 0, "lost": 0},
}
OK = '{"result":true,"returnCode":"200","message":"成功"}'
ZTO, SF = "75000000000001", "SF0000000000001"


class Subscriber:
    """Keeps the forms it is sent; answers success unless `answers` holds something else to say first."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.answers: list[Response] = []
        self.url = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.forms.append(Request(environ).form.to_dict())
        answer = self.answers.pop(0) if self.answers else Response(OK, content_type="application/json")
        return answer(environ, start_response)

    def params(self) -> list[dict[str, Any]]:
        return [json.loads(form["param"]) for form in self.forms]

    def states(self) -> list[str]:
        return [param["lastResult"]["state"] for param in self.params()]


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        return None


@contextmanager
def listening(subscriber: Subscriber) -> Iterator[Subscriber]:
    server = make_server("127.0.0.1", 0, subscriber, threaded=True, request_handler=Quiet)
    subscriber.url = f"http://127.0.0.1:{server.server_port}/hooks/kuaidi100"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield subscriber
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Caller:
    """Subscribes and asks as the hub does; every part can be changed or left out."""

    def __init__(self, twin: Kuaidi100Twin, url: str) -> None:
        self.twin = twin
        self.url = url
        self.client = Client(twin)

    def subscribe(self, number: str | None = ZTO, wishes: dict[str, Any] | None = None, **changes: Any) -> str:
        """The returnCode of a subscription; a value of None leaves the field out."""
        usual = {"callbackurl": self.url, "salt": "salt-1", "resultv2": "4"}
        param = {
            "company": "zhongtong", "number": number, "from": "浙江省杭州市余杭区", "to": "上海市徐汇区", "key": KEY,
            "parameters": present({**usual, **(wishes or {})}), **changes,
        }  # fmt: skip
        return self.poll(json.dumps(present(param)))

    def poll(self, param: str, schema: str = "json") -> str:
        answer = self.client.post("/poll", data={"schema": schema, "param": param}).get_json()
        assert answer["result"] is (answer["returnCode"] == "200")
        return str(answer["returnCode"])

    def ask(self, sign: str | None = None, customer: str = CUSTOMER, **changes: Any) -> dict[str, Any]:
        text = json.dumps(present({"com": "zhongtong", "num": ZTO, "resultv2": "4", **changes}))
        given = query_signature(text, KEY, CUSTOMER) if sign is None else sign
        form = {"customer": customer, "sign": given, "param": text}
        found: dict[str, Any] = self.client.post("/poll/query.do", data=form).get_json()
        return found

    def control(self, path: str, status: int = 200, **wish: Any) -> dict[str, Any]:
        answer = self.client.post(f"/_twin/{path}", json=wish)
        assert answer.status_code == status, answer.get_json()
        found: dict[str, Any] = answer.get_json()
        return found

    def pass_time(self, hours: float, step: float = 1.0) -> None:
        """Let twin time pass in small steps, so that what a task schedules falls due on the way."""
        for _ in range(int(hours / step)):
            self.twin.scheduler.advance(step * 3600)


def present(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
