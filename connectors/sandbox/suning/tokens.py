"""The authorisation of a shop: a code from the owner, access tokens that end, tokens renewed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call, json_answer
from connectors.sandbox.kit.storage import Storage
from connectors.sandbox.suning.errors import OVERDUE, ApiError

YEAR_OF_USE = 365 * 86_400


class Tokens:
    """The one authorisation of the shop; what is issued survives a restart."""

    def __init__(self, storage: Storage, keys: Mapping[str, str], settings: Mapping[str, Any],
                 clock: Callable[[], int]) -> None:  # fmt: skip
        self._storage = storage
        self._keys = keys
        self._clock = clock
        self._expires_in = int(settings.get("expires_in", YEAR_OF_USE))
        self.begin()

    def begin(self) -> None:
        """Issue the described tokens, unless this folder has some already."""
        with self._storage.write():
            if self._storage.recall("token") is None:
                self._keep(self._keys["access_token"], self._keys["refresh_token"])

    def check(self, access_token: str) -> None:
        """Pass the shop's access token; an ended or unknown one raises the ApiError that says which."""
        held = self._storage.recall("token")
        if access_token != held["access"]:
            known = access_token in self._storage.recall("replaced", [])
            raise ApiError(OVERDUE if known else "sys.oauth.check.access_token:inexistence")
        if self._clock() >= held["expires_ms"]:
            raise ApiError(OVERDUE)

    def authorise(self, request: Request) -> Response:
        """The page where an owner agrees; here everyone does, and is sent back with a code."""
        values = request.args
        if values.get("client_id") != self._keys["app_key"] or not values.get("redirect_uri"):
            return _refusal("invalid_client", "client_id or redirect_uri is wrong")
        code = self._secret("code")
        self._storage.remember("code", code)
        query = urlencode({"code": code, **({"state": values["state"]} if values.get("state") else {})})
        return redirect(f"{values['redirect_uri']}{'&' if '?' in values['redirect_uri'] else '?'}{query}")

    def exchange(self, values: Mapping[str, str]) -> Call:
        """A token for a code, which is good once, or for a refresh token."""
        name = {"authorization_code": "code", "refresh_token": "refresh_token"}.get(values.get("grant_type", ""))
        if name is None:
            return Call(_refusal("unsupported_grant_type", "use authorization_code or refresh_token"), "error grant")
        if (values.get("client_id"), values.get("client_secret")) != (self._keys["app_key"], self._keys["app_secret"]):
            return Call(_refusal("invalid_client", "client_id or client_secret is wrong"), "error client")
        with self._storage.write():
            good = self._storage.recall("code") if name == "code" else self._storage.recall("token")["refresh"]
            if not good or values.get(name) != good:
                return Call(_refusal("invalid_grant", f"{name} is wrong or was used"), "error grant")
            self._storage.remember("code", None)
            return Call(json_answer(self._renewed()))

    def _renewed(self) -> dict[str, Any]:
        old = self._storage.recall("token")["access"]
        self._storage.remember("replaced", [*self._storage.recall("replaced", []), old][-20:])
        access, refresh = self._secret("access"), self._secret("refresh")
        self._keep(access, refresh)
        return {"access_token": access, "token_type": "bearer", "refresh_token": refresh, "expires_in": self._expires_in,
                "re_expires_in": 2 * self._expires_in, "suning_user_name": "示例旗舰店", "custnum": 7010000001,
                "module": 1, "vendorCode": 70000001}  # fmt: skip

    def _keep(self, access: str, refresh: str) -> None:
        ends = self._clock() + self._expires_in * 1000
        self._storage.remember("token", {"access": access, "refresh": refresh, "expires_ms": ends})

    def _secret(self, name: str) -> str:
        serial = self._storage.next_number(f"suning_{name}")
        return hashlib.sha256(f"{self._keys['app_secret']}:{name}:{serial}".encode()).hexdigest()[:32]


def _refusal(error: str, words: str) -> Response:
    return json_answer({"error": error, "error_description": words}, 400)
