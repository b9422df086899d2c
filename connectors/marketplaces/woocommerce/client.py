"""Speaks WooCommerce's REST API: addresses, keys, sorts what comes back. Knows no order."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, Refused, Retryable
from connectors.contract.http import Answer, Http
from connectors.contract.manifest import Account
from connectors.marketplaces.woocommerce.reading import Json
from connectors.marketplaces.woocommerce.signing import oauth_signature

CORE = "wc/v3"
NO_ROUTE = "rest_no_route"

_PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|(?<!\d)\+?\d{10,15}(?!\d)")
#: Texts that people typed; an error may repeat them.
_FREE_TEXTS = ("note", "reason")


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list; `total` over all pages, None when a proxy keeps that header back."""

    rows: list[Json]
    total: int | None


class Woo:
    """One shop's line to its own site."""

    def __init__(self, account: Account, site: str, http: Http, clock: Callable[[], datetime]) -> None:
        self._account = account
        self._root = site_root(site)
        self._http = http
        self._clock = clock

    def read(self, path: str, *, namespace: str = CORE, **params: object) -> Any:
        """A read's answer; repeatable."""
        return self._parsed(self._send("GET", namespace, path, params, None, writes=False), writes=False)

    def page(self, path: str, **params: object) -> Listed:
        """A page of a list and how many rows there are in all."""
        answer = self._send("GET", CORE, path, params, None, writes=False)
        found = self._parsed(answer, writes=False)
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise Retryable("the site answered with something that is not a list", code="not-an-answer")
        total = answer.headers.get("X-WP-Total", "")
        return Listed(found, int(total) if total.isdigit() else None)

    def write(self, verb: str, path: str, payload: Mapping[str, Any], *, namespace: str = CORE) -> Json:
        """A write's answer; OutcomeUnknown when it may have happened."""
        answer = self._parsed(self._send(verb, namespace, path, {}, payload, writes=True), writes=True)
        if not isinstance(answer, dict):
            raise OutcomeUnknown("the site answered with something that is not an object", code="not-an-answer")
        return answer

    def _send(
        self,
        verb: str,
        namespace: str,
        path: str,
        params: Mapping[str, object],
        payload: Mapping[str, Any] | None,
        *,
        writes: bool,
    ) -> Answer:
        url, query = self._address(namespace, path, params)
        headers = {"Accept": "application/json"} | self._identify(verb, url, query)
        body = b""
        if payload is not None:
            headers["Content-Type"] = "application/json"
            body = orjson.dumps(payload)
        try:
            return self._http.send(verb, url, params=query, body=body, headers=headers, writes=writes, reading=explained)
        except ConnectorError as error:
            if isinstance(error, AuthFailed) and url.startswith("http://") and "Authorization" in headers:
                error.words += "; without HTTPS WooCommerce wants the way to sign in called oauth"
            error.words, error.code = self._silenced(error.words, payload), self._silenced(error.code, payload)
            error.args = (f"{error.words} [{error.code}]" if error.code else error.words,)
            # The cause may hold the request with its keys, so the chain ends here.
            raise error from None

    def _address(self, namespace: str, path: str, params: Mapping[str, object]) -> tuple[str, dict[str, str]]:
        query = {name: str(value) for name, value in params.items() if value not in (None, "")}
        if self._account.settings.get("permalinks") == "plain":
            return f"{self._root}/", {"rest_route": f"/{namespace}/{path}"} | query
        return f"{self._root}/wp-json/{namespace}/{path}", query

    def _identify(self, verb: str, url: str, query: dict[str, str]) -> dict[str, str]:
        """Adds what the chosen way of signing wants to the query; the header, where it has one."""
        key = self._account.secrets.get("consumer_key", "")
        secret = self._account.secrets.get("consumer_secret", "")
        way = self._account.settings.get("auth") or "basic"
        if way == "query":
            query |= {"consumer_key": key, "consumer_secret": secret}
            return {}
        if way == "oauth":
            query |= {
                "oauth_consumer_key": key,
                "oauth_timestamp": str(int(self._clock().timestamp())),
                "oauth_nonce": secrets.token_hex(16),
                "oauth_signature_method": "HMAC-SHA256",
            }
            query["oauth_signature"] = oauth_signature(verb, url, query, secret)
            return {}
        return {"Authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()}

    def _parsed(self, answer: Answer, *, writes: bool) -> Any:
        try:
            found = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            found = None
        if found is None:
            unknown = OutcomeUnknown if writes else Retryable
            raise unknown("the site answered with a page or PHP's warnings, not with JSON", code="not-an-answer")
        return found

    def _silenced(self, words: str, payload: Mapping[str, Any] | None) -> str:
        typed = [payload.get(name) for name in _FREE_TEXTS] if payload else []
        for private in (*self._account.secrets.values(), *typed):
            # A single letter is no secret, and starring it would make every word unreadable.
            if isinstance(private, str) and len(private) > 1:
                words = words.replace(private, "***")
        return _PERSONAL.sub("***", words)


def read_order(woo: Woo, order_no: str) -> Json:
    """One order as the shop tells it now."""
    if not order_no.isdigit():
        raise Refused("WooCommerce names orders by digits; take the order's id, not the number buyers see")
    order = woo.read(f"orders/{order_no}")
    if not isinstance(order, dict) or str(order.get("id")) != order_no:
        raise Retryable("the site answered without the order", code="not-an-answer")
    return order


def site_root(site: str) -> str:
    """The site's own address, also when the address of its API was typed in; no slash at the end."""
    return site.split("/wp-json", 1)[0].split("?", 1)[0].rstrip("/")


def explained(answer: Answer) -> ConnectorError | None:
    """The error in WordPress's own form `{code, message, data}`, by what can be done about it.

    Several of WooCommerce's refusals come with status 500, because their `data` is a bare number.
    """
    status = answer.status
    if 300 <= status < 400:
        return Refused("the site redirects; write the address it redirects to into the account", code=f"http-{status}")
    error = _error_object(answer.body)
    if error is None:
        return _page(status)
    code, words = str(error["code"]), _words(error)
    if status in (401, 403):
        return AuthFailed(f"make a REST key with read and write for a shop manager: {words}", code=code)
    if status == 429 or (status >= 500 and not code.startswith("woocommerce_rest_")):
        return None
    return Refused(words, code=code)


def _page(status: int) -> ConnectorError | None:
    """An answer that WordPress did not write: a firewall's, a web server's."""
    if status == 403:
        return Retryable("the site's firewall refused the call; let this address through there", code="http-403")
    if status == 404:
        return Refused("there is no WooCommerce at this address; check it, and the permalinks setting", code="http-404")
    return None


def _error_object(body: bytes) -> Json | None:
    try:
        error = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return error if isinstance(error, dict) and "code" in error else None


def _words(error: Json) -> str:
    details = error.get("data")
    params = details.get("params") if isinstance(details, dict) else None
    words = str(error.get("message") or "the shop gave no reason")
    if isinstance(params, dict):
        words += f" ({'; '.join(str(reason) for reason in params.values())})"
    return words[:400]
