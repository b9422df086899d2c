"""TOP's front door: system parameters, signature, session, then the method; success and error envelopes."""

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call
from connectors.sandbox.taobao import (
    items_api,
    oaid_api,
    refunds_api,
    sessions,
    shipping_api,
    shop_api,
    trades_api,
)
from connectors.sandbox.taobao.clock import moment_of, now
from connectors.sandbox.taobao.errors import ApiError, session_expired
from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.params import Params
from connectors.sandbox.taobao.registry import Method
from connectors.sandbox.taobao.signing import is_signed

METHODS: dict[str, Method] = {
    **trades_api.METHODS,
    **oaid_api.METHODS,
    **shipping_api.METHODS,
    **refunds_api.METHODS,
    **shop_api.METHODS,
    **items_api.METHODS,
    **sessions.METHODS,
}
TOLERANCE = timedelta(minutes=10)


def params_of(request: Request) -> dict[str, str]:
    """All text parameters of a call, from the address and the form; files are not part of the signature."""
    return {**request.args.to_dict(), **request.form.to_dict()}


def answer(market: Market, keys: Mapping[str, str], values: Mapping[str, str], http_method: str) -> Call:
    """One API call from parameters to envelope; refusals are counted by their code."""
    try:
        if http_method != "POST":
            raise ApiError(9)
        method = _checked(market, keys, values)
        params = Params(values)
        params.require(*method.required)
        content = method.run(market, params)
    except ApiError as error:
        body = error.body(_request_id())
        return Call(_write(body, values), f"error {error.code} {error.sub_code}".strip())
    return Call(_write({_root(values["method"]): {**content, "request_id": _request_id()}}, values))


def refusal(error: ApiError, values: Mapping[str, str]) -> Response:
    """An error envelope outside of any call (faults on demand)."""
    return _write(error.body(_request_id()), values)


def _checked(market: Market, keys: Mapping[str, str], values: Mapping[str, str]) -> Method:
    """The method asked for, once the system parameters are in order; the order of checks is TOP's."""
    for name, code in (("method", 21), ("app_key", 28), ("timestamp", 30), ("v", 32), ("sign", 24)):
        if not values.get(name):
            raise ApiError(code)
    if values["app_key"] != keys["app_key"]:
        raise ApiError(29)
    method = METHODS.get(values["method"])
    if method is None:
        raise ApiError(22)
    if values["v"] != "2.0":
        raise ApiError(33)
    if values.get("format", "xml") not in ("json", "xml"):
        raise ApiError(23)
    _check_time(values["timestamp"])
    if not is_signed(values, keys["app_secret"]):
        raise ApiError(25)
    _check_session(market, keys, values, method)
    if values.get("format", "xml") != "json":
        raise ApiError(23, "isv.format-not-simulated", "this sandbox answers format=json alone")
    return method


def _check_time(text: str) -> None:
    try:
        moment = moment_of(text)
    except ValueError:
        raise ApiError(31) from None
    if abs(now() - moment) > TOLERANCE:
        raise ApiError(31)


def _check_session(market: Market, keys: Mapping[str, str], values: Mapping[str, str], method: Method) -> None:
    if not method.session:
        return
    if not values.get("session"):
        raise ApiError(26)
    if not sessions.is_valid(market, keys, values["session"]):
        raise session_expired()


def _root(method: str) -> str:
    return method.removeprefix("taobao.").replace(".", "_") + "_response"


def _write(body: dict[str, Any], values: Mapping[str, str]) -> Response:
    if values.get("format") == "json":
        simple = values.get("simplify") == "true"
        text = json.dumps(simplified(body) if simple else body, ensure_ascii=False)
        return Response(text, content_type="application/json;charset=UTF-8")
    error = body.get("error_response", {})
    tags = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in error.items())
    text = f'<?xml version="1.0" encoding="utf-8" ?><error_response>{tags}</error_response>'
    return Response(text, content_type="text/xml;charset=UTF-8")


def simplified(value: Any) -> Any:
    """simplify=true: an object that only wraps a list becomes the list."""
    if isinstance(value, list):
        return [simplified(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and isinstance(only := next(iter(value.values())), list):
        return simplified(only)
    return {name: simplified(item) for name, item in value.items()}


def _request_id() -> str:
    return f"{time.time_ns():x}"
