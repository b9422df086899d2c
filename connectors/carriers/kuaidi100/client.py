"""Calls to kuaidi100: subscribe and query, and what its return codes mean for the hub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.carriers.kuaidi100 import codes
from connectors.carriers.kuaidi100.signing import sign_query
from connectors.carriers.kuaidi100.trails import load
from connectors.contract.errors import AuthFailed, BadRecord, ConnectorError, Refused, Retryable
from connectors.contract.http import Http
from connectors.contract.manifest import Account


class Kuaidi100Client:
    """One account's calls; both may be repeated, so a lost answer is always Retryable."""

    def __init__(self, account: Account, gateway: str, http: Http) -> None:
        self._account, self._gateway, self._http = account, gateway.rstrip("/"), http

    def subscribe(self, param: Mapping[str, Any]) -> dict[str, Any]:
        """POST /poll; a parcel that is already followed counts as subscribed."""
        answer = self._post("/poll", {"schema": "json", "param": compact(param)})
        code = str(answer.get("returnCode", ""))
        if code in codes.SUBSCRIBED:
            return answer
        raise self._refusal(answer, code, codes.SUBSCRIBE_LATER)

    def query(self, param: Mapping[str, Any]) -> dict[str, Any]:
        """POST /poll/query.do; the answer holds the trail."""
        text, secrets = compact(param), self._account.secrets
        customer = self._account.settings.get("customer", "")
        form = {"customer": customer, "sign": sign_query(text, secrets.get("key", ""), customer), "param": text}
        answer = self._post("/poll/query.do", form)
        if "data" in answer and answer.get("result") is not False:
            return answer
        raise self._refusal(answer, str(answer.get("returnCode", "")), codes.QUERY_LATER)

    def _post(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        try:
            answer = load(self._http.post(self._gateway + path, body=form).body)
        except BadRecord:
            raise Retryable("the answer is not readable", code="json") from None
        except Refused as error:
            raise Refused(self._scrubbed(error.words), code=error.code) from None
        return answer

    def _refusal(self, answer: Mapping[str, Any], code: str, later: frozenset[str]) -> ConnectorError:
        words = self._scrubbed(str(answer.get("message") or "refused without a word"))[:500]
        if not code:
            return Retryable("the answer has no return code", code="returnCode")
        if code in codes.KEY_REFUSED:
            return AuthFailed("key refused, expired or used up: check key and customer", code=code)
        if code in later:
            return Retryable(words, code=code)
        return Refused(words, code=code)

    def _scrubbed(self, words: str) -> str:
        for secret in filter(None, self._account.secrets.values()):
            words = words.replace(secret, "*")
        return words


def compact(tree: Mapping[str, Any]) -> str:
    """JSON without blanks, in the order given: the text is signed as it is sent."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
