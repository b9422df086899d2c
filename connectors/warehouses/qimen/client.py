"""Calls to the Qimen gateway: signs, sends, and sorts the answer by what the hub does next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from connectors.contract.errors import (
    AuthFailed,
    BadRecord,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Retryable,
)
from connectors.contract.families import Clock
from connectors.contract.http import Http
from connectors.contract.manifest import Account
from connectors.warehouses.qimen import xml
from connectors.warehouses.qimen.signing import sign

PREFIX = "taobao.qimen."
_MOBILE = re.compile(r"(?<!\d)1\d{10}(?!\d)")
_AUTH = re.compile(r"(?<![a-z])sign(?![a-z])|signature|app[-_ ]?key|permission|session", re.IGNORECASE)
_LIMIT = re.compile(r"call[-_ ]?limit|too[-_ ]?many|flow[-_ ]?control", re.IGNORECASE)
_LATER = re.compile(
    r"^isp\b|time-?out|timestamp|remote[-_ ]service|service[-_ ].*unavailable|system[-_ ]?error", re.IGNORECASE
)


class QimenClient:
    """One account's calls; `hide` are texts that must not come back in an error."""

    def __init__(self, account: Account, gateway: str, http: Http, clock: Clock) -> None:
        self._account, self._gateway, self._http, self._clock = account, gateway, http, clock

    def read(self, method: str, body: bytes) -> Element:
        """A call that changes nothing; a lost answer is Retryable."""
        return self._call(method, body, writes=False, hide=())

    def write(self, method: str, body: bytes, *, hide: Iterable[str] = ()) -> Element:
        """A call that changes something; a lost answer is OutcomeUnknown."""
        return self._call(method, body, writes=True, hide=hide)

    def scrubbed(self, words: str, hide: Iterable[str]) -> str:
        """A partner's words about one of several documents, without what must not come back."""
        return _scrubbed(words[:500], (*hide, *self._account.secrets.values()))

    def _call(self, method: str, body: bytes, *, writes: bool, hide: Iterable[str]) -> Element:
        try:
            answer = self._http.post(
                self._gateway,
                params=self._signed(method, body),
                body=body,
                headers={"Content-Type": "text/xml; charset=utf-8", "Accept": "text/xml"},
                writes=writes,
            )
            return _read_answer(answer.body, writes)
        except Refused as error:
            hidden = (*hide, *self._account.secrets.values())
            raise Refused(_scrubbed(error.words, hidden), code=_scrubbed(error.code, hidden)) from None

    def _signed(self, method: str, body: bytes) -> dict[str, str]:
        settings = self._account.settings
        prefix = settings.get("method_prefix") or PREFIX
        params = {
            "method": method if prefix == "none" else prefix + method,
            "timestamp": xml.china_time(self._clock()),
            "format": "xml",
            "app_key": settings.get("app_key", ""),
            "v": settings.get("version") or "2.0",
            "sign_method": settings.get("sign_method") or "md5",
            "customerId": settings.get("customer_id", ""),
        }
        return params | {"sign": sign(self._account.secrets.get("secret", ""), params, body)}


def _scrubbed(words: str, hide: Iterable[str]) -> str:
    """A partner may quote the receiver back at us; its words are shown to people and kept."""
    for secret in sorted(filter(None, hide), key=len, reverse=True):
        words = words.replace(secret, "*")
    return _MOBILE.sub("*", words)


def _read_answer(body: bytes, writes: bool) -> Element:
    """The answer's root when it says success; otherwise the error that fits."""
    lost = OutcomeUnknown if writes else Retryable
    try:
        root = xml.parse(body)
    except BadRecord as error:
        raise lost("the answer is not readable", code=error.field) from None
    if root.tag == "error_response":
        raise _gateway_error(xml.text(root, "sub_code") or xml.text(root, "code"), xml.text(root, "msg"), lost)
    if xml.text(root, "success").lower() == "false":
        raise _gateway_error(xml.text(root, "errorCode"), xml.text(root, "errorMsg"), lost)
    flag = xml.text(root, "flag").lower()
    if flag == "success":
        return root
    if flag == "failure":
        raise _gateway_error(xml.text(root, "code"), xml.text(root, "message"), lost)
    raise lost("the answer has neither success nor failure", code="flag")


def _gateway_error(code: str, words: str, lost: type[Retryable]) -> ConnectorError:
    """Partners' own codes are free text, mostly numbers; the gateway's are words that can be sorted."""
    code, words = code[:50], words[:500] or "refused without a word"
    if _LIMIT.search(code):
        return RateLimited("the gateway asks for fewer calls", code=code)
    if _LATER.search(code):
        return lost("the gateway could not serve the call", code=code)
    if _AUTH.search(code):
        return AuthFailed("app key or signature refused: check app_key, secret and customer_id", code=code)
    return Refused(words, code=code)
