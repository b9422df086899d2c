"""Suning's front door: the published signature, each header, each refusal in the platform's own form, tokens."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread

import pytest
from werkzeug.serving import make_server

from connectors.sandbox.kit.serving import QuietRequests
from connectors.sandbox.suning import credentials, describe
from connectors.sandbox.suning.signing import is_signed, sign
from connectors.sandbox.suning.twin import SuningTwin

from .caller import Caller, text_of, window
from .conftest import MakeCaller

METHOD = "suning.custom.order.query"
EXAMPLE = (
    '{"sn_request":{"sn_body":{"orderQuery":{"startTime":"2026-01-15 00:00:00","endTime":"2026-01-15 10:00:00",'
    '"pageNo":"1","pageSize":"50"}}}}'
)
OVERDUE = "sys.oauth.check.access_token:overdue"


def asked() -> str:
    return json.dumps({"sn_request": {"sn_body": {"orderQuery": {**window(), "pageNo": "1", "pageSize": "50"}}}})


def code_of(shop: Caller, body: str, headers: dict[str, str]) -> str:
    return str(shop.post(body, headers)["sn_error"]["error_code"])


def test_the_published_example_is_signed_as_published() -> None:
    headers = {"AppMethod": METHOD, "AppRequestTime": "2026-01-15 10:00:00", "AppKey": "snkey", "VersionNo": "v1.2"}
    assert sign(headers, EXAMPLE.encode(), "snsecret") == "61dd1a61264a5d06186ff44ff5cf2358"
    assert not is_signed({**headers, "signInfo": "61dd1a61264a5d06186ff44ff5cf2359"}, EXAMPLE.encode(), "snsecret")


@pytest.mark.parametrize("name", ["AppMethod", "AppRequestTime", "Format", "AppKey", "VersionNo", "signInfo"])
def test_a_missing_header_is_refused(shop: Caller, name: str) -> None:
    headers = shop.headers(METHOD, asked())
    del headers[name]
    assert code_of(shop, asked(), headers) == "sys.check.header-param:forbidden"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"AppKey": "somebody"}, "sys.check.header-param:forbidden"),
        ({"VersionNo": "v1.1"}, "sys.check.header-param:forbidden"),
        ({"Format": "xml"}, "sys.check.header-param:forbidden"),
        ({"AppRequestTime": "yesterday"}, "sys.check.request-apprequesttime:error"),
        ({"signInfo": "0" * 32}, "sys.check.signinfo-value:error"),
        ({"access_token": "somebody"}, "sys.oauth.check.access_token:inexistence"),
        ({"AppMethod": "suning.custom.unknown.get"}, "sys.check.method-permission:authority"),
    ],
)
def test_a_wrong_header_is_refused(shop: Caller, changed: dict[str, str], code: str) -> None:
    assert code_of(shop, asked(), shop.headers(METHOD, asked(), **changed)) == code


@pytest.mark.parametrize("apart", [-700, 700])
def test_an_old_or_early_time_is_refused(shop: Caller, apart: int) -> None:
    headers = shop.headers(METHOD, asked(), AppRequestTime=text_of(time.time() + apart))
    assert code_of(shop, asked(), headers) == "sys.check.request-apprequesttime:error"


def test_another_body_than_the_signed_one_is_refused(shop: Caller) -> None:
    assert code_of(shop, EXAMPLE, shop.headers(METHOD, asked())) == "sys.check.signinfo-value:error"


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"sn_request":{"sn_body":{"other":{}}}}', '{"sn_request":{"sn_body":{"orderQuery":[]}}}']
)
def test_a_body_that_cannot_be_read_is_refused(shop: Caller, body: str) -> None:
    assert code_of(shop, body, shop.headers(METHOD, body)) == "sys.check.request-params:error"


def test_only_an_own_application_does_without_a_token(start: MakeCaller) -> None:
    shop = start(own_application=True)
    shop.access_token = ""
    assert shop.code("order.query", "orderQuery", **window()) == "biz.handler.data-get:no-result"
    shop = start()
    shop.access_token = ""
    assert shop.code("order.query", "orderQuery", **window()) == "sys.oauth.check.access_token:inexistence"


def test_a_method_without_permission_is_refused(start: MakeCaller) -> None:
    shop = start(denied=[METHOD])
    assert shop.code("order.query", "orderQuery", **window()) == "sys.check.method-permission:authority"


def test_a_token_ends_and_is_renewed(start: MakeCaller) -> None:
    shop = start(expires_in=0)
    assert shop.code("order.query", "orderQuery", **window()) == OVERDUE
    shop = start(expires_in=3600)
    keys = shop.twin.keys
    asked_for = {"grant_type": "refresh_token", "client_id": keys["app_key"], "client_secret": keys["app_secret"],
                 "refresh_token": keys["refresh_token"]}  # fmt: skip
    renewed = shop.client.get("/api/oauth/token", query_string=asked_for).get_json()
    assert shop.code("order.query", "orderQuery", **window()) == OVERDUE
    shop.access_token = renewed["access_token"]
    assert shop.code("order.query", "orderQuery", **window()) == "biz.handler.data-get:no-result"
    assert shop.client.get("/api/oauth/token", query_string=asked_for).get_json()["error"] == "invalid_grant"


def test_an_owner_who_agrees_gives_a_code_that_is_good_once(shop: Caller) -> None:
    keys = shop.twin.keys
    page = {"client_id": keys["app_key"], "redirect_uri": "https://hub.example.invalid/back", "state": "s1"}
    sent = shop.client.get("/api/oauth/authorize", query_string=page)
    assert sent.status_code == 302
    code = sent.location.partition("code=")[2].partition("&")[0]
    asked_for = {"grant_type": "authorization_code", "client_id": keys["app_key"], "code": code}
    assert shop.client.post("/api/oauth/token", data=asked_for).get_json()["error"] == "invalid_client"
    asked_for["client_secret"] = keys["app_secret"]
    told = shop.client.post("/api/oauth/token", data=asked_for).get_json()
    assert told["expires_in"] > 0
    assert shop.client.post("/api/oauth/token", data=asked_for).status_code == 400
    assert shop.client.post("/api/oauth/token", data={"grant_type": "password"}).status_code == 400


def test_faults_speak_the_platforms_language(shop: Caller) -> None:
    shop.make()
    shop.faults({"kind": "rate_limit", "seconds": 0, "max_times": 1}, {"kind": "expired_session", "max_times": 1})
    assert shop.code("order.query", "orderQuery", **window()) == "sys.check.call-frequency:outofrange"
    assert shop.code("order.query", "orderQuery", **window()) == OVERDUE
    shop.faults({"kind": "broken_page", "max_times": 1})
    broken = shop.client.post("/api/http/sopRequest", data=asked().encode(), headers=shop.headers(METHOD, asked()))
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(broken.get_data())
    shop.faults({"kind": "rate_limit", "seconds": 3})
    limited = shop.client.post("/api/http/sopRequest", data=asked().encode(), headers=shop.headers(METHOD, asked()))
    assert limited.headers["Retry-After"] == "3"


def test_the_description_opens_the_twin() -> None:
    told = describe("http://127.0.0.1:9", 7)
    assert told["gateway"] == "http://127.0.0.1:9/api/http/sopRequest"
    assert {name: told[name] for name in credentials(7)} == credentials(7)
    assert credentials(7) != credentials(8)


def test_over_http_the_token_is_wanted(shop: Caller) -> None:
    with over_http(shop.twin) as port:
        assert http_code(port, shop) == "biz.handler.data-get:no-result"
        shop.access_token = ""
        assert http_code(port, shop) == "sys.oauth.check.access_token:inexistence"


def test_over_http_a_token_ends(start: MakeCaller) -> None:
    shop = start(expires_in=0)
    with over_http(shop.twin) as port:
        assert http_code(port, shop) == OVERDUE


@contextmanager
def over_http(twin: SuningTwin) -> Iterator[int]:
    """The twin on a port of this machine, as the sandbox serves it."""
    server = make_server("127.0.0.1", 0, twin, threaded=True, request_handler=QuietRequests)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def http_code(port: int, shop: Caller) -> str:
    """What a call over the wire is refused for."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", "/api/http/sopRequest", asked().encode(), shop.headers(METHOD, asked()))
        told = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return str(told["sn_responseContent"]["sn_error"]["error_code"])
