"""The platform's front door: headers, signature, authorisation, then the method; success and error envelopes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit import Call, json_answer
from connectors.sandbox.suning import decisions_api, delivery_api, goods_api, orders_api, rejected_api
from connectors.sandbox.suning.clock import ms_of
from connectors.sandbox.suning.errors import UNSIGNED, ApiError
from connectors.sandbox.suning.params import Params
from connectors.sandbox.suning.shop import Answer, Method, Shop
from connectors.sandbox.suning.signing import is_signed
from connectors.sandbox.suning.tokens import Tokens

METHODS: dict[str, Method] = {
    **orders_api.METHODS,
    **rejected_api.METHODS,
    **decisions_api.METHODS,
    **delivery_api.METHODS,
    **goods_api.METHODS,
}
NEEDED = ("AppMethod", "AppRequestTime", "Format", "AppKey", "VersionNo", "signInfo")
VERSION = "v1.2"
TOLERANCE_MS = 10 * 60_000


def answer(shop: Shop, tokens: Tokens, keys: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Call:
    """One API call from headers and body to envelope; refusals are counted by their code."""
    try:
        method = _checked(shop, tokens, keys, headers, body)
        params = _business(method, body)
        params.require(*method.required)
        return Call(json_answer(_envelope(method, method.run(shop, params))))
    except ApiError as error:
        return Call(json_answer(error.body()), f"error {error.code}")


def _envelope(method: Method, found: Answer) -> dict[str, Any]:
    head = {**(found.page.head() if found.page else {}), "returnMessage": found.message}
    return {"sn_responseContent": {"sn_head": head, "sn_body": {method.biz: found.content}}}


def _checked(shop: Shop, tokens: Tokens, keys: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Method:
    """The method asked for, once the headers are in order."""
    if any(not headers.get(name) for name in NEEDED):
        raise ApiError("sys.check.header-param:forbidden")
    if headers["AppKey"] != keys["app_key"] or headers["VersionNo"] != VERSION or headers["Format"].lower() != "json":
        raise ApiError("sys.check.header-param:forbidden")
    _check_time(shop, headers["AppRequestTime"])
    if not is_signed(headers, body, keys["app_secret"]):
        raise ApiError(UNSIGNED)
    # A merchant's own application may do without a token; one that is told must be good all the same.
    if headers.get("access_token") or not shop.settings.get("own_application"):
        tokens.check(headers.get("access_token", ""))
    method = METHODS.get(headers["AppMethod"])
    if method is None or headers["AppMethod"] in shop.settings.get("denied", ()):
        raise ApiError("sys.check.method-permission:authority")
    return method


def _check_time(shop: Shop, text: str) -> None:
    try:
        moment = ms_of(text)
    except ValueError:
        raise ApiError("sys.check.request-apprequesttime:error") from None
    if abs(shop.market.now_ms() - moment) > TOLERANCE_MS:
        raise ApiError("sys.check.request-apprequesttime:error")


def _business(method: Method, body: bytes) -> Params:
    """The object under the method's business name; anything else is a request that cannot be read."""
    try:
        told = json.loads(body)["sn_request"]["sn_body"]
        found = next(told[name] for name in (*method.asked_as, method.biz) if name in told)
    except (ValueError, KeyError, TypeError, StopIteration):
        raise ApiError("sys.check.request-params:error") from None
    if not isinstance(found, dict):
        raise ApiError("sys.check.request-params:error")
    return Params(method.biz, found)
