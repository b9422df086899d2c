"""Login with Amazon: refresh tokens, access tokens and their expiry, grantless and restricted tokens."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.amazon.errors import ApiError, denied, expired
from connectors.sandbox.kit import Storage

Doc = dict[str, Any]
LOGIN_SCHEMA = """
create table if not exists token (value text primary key, kind text not null, until_ms integer not null,
    reach text not null);
"""
NOTIFICATIONS = "sellingpartnerapi::notifications"
SELLER, GRANTLESS, RESTRICTED, REFRESH, CODE = "seller", "grantless", "restricted", "refresh", "code"
FOREVER_MS = 1 << 52


class Denied(Exception):
    """The token endpoint's own refusal (OAuth): status, error and its description."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one seller; setting `expires_in` is the life of an access token in real seconds (3600)."""

    storage: Storage
    keys: Mapping[str, str]
    settings: Mapping[str, Any]
    now_ms: Callable[[], int]

    def lay_out(self) -> None:
        """The authorisation that exists before anything is asked."""
        for kind, name in ((REFRESH, "refresh_token"), (CODE, "spapi_oauth_code")):
            self._keep(self.keys[name], kind, FOREVER_MS, "")
        self._keep(self.keys["access_token"], SELLER, self.now_ms() + self._lasts() * 1000, "")

    def grant(self, form: Mapping[str, str]) -> Doc:
        """The answer of `/auth/o2/token`; Denied as OAuth has it."""
        kind = _need(form, "grant_type")
        self._check_client(form)
        if kind == "refresh_token":
            return self._refresh(_need(form, "refresh_token"))
        if kind == "authorization_code":
            return self._buy(_need(form, "code"))
        if kind == "client_credentials":
            return self._grantless(_need(form, "scope"))
        raise Denied(400, "unsupported_grant_type",
                     "The authorization grant type is not supported by the authorization server")  # fmt: skip

    def new_code(self) -> str:
        """A code as the seller gets it by agreeing; it buys a refresh token once."""
        code = secrets.token_urlsafe(15)
        self._keep(code, CODE, FOREVER_MS, "")
        return code

    def check(self, token: str, kind: str, path: str) -> None:
        """ApiError when the token is missing, unknown, run out, or not for this kind of call."""
        if not token:
            raise denied("Access token is missing in the request header.")
        row = self.storage.one("select * from token where value = ?", (token,))
        if row is None or row["kind"] in (REFRESH, CODE):
            raise denied("The access token you provided is revoked, malformed or invalid.")
        if self.now_ms() >= row["until_ms"]:
            raise expired()
        reaches = row["kind"] == RESTRICTED and path in row["reach"].split("\n")
        if row["kind"] != kind and not reaches:
            raise denied("The access token you provided does not reach this resource.")

    def restrict(self, resources: Sequence[str]) -> Doc:
        """A token that reaches these paths with the buyers' personal fields."""
        token = f"Atz.sprdt|{secrets.token_urlsafe(40)}"
        self._keep(token, RESTRICTED, self.now_ms() + self._lasts() * 1000, "\n".join(resources))
        return {"restrictedDataToken": token, "expiresIn": self._lasts()}

    def is_restricted(self, token: str) -> bool:
        return bool(self.storage.one("select 1 from token where value = ? and kind = ?", (token, RESTRICTED)))

    def revoke(self) -> None:
        """The seller takes the authorisation back."""
        self.storage.execute("delete from token where kind in (?, ?)", (SELLER, REFRESH))

    def _check_client(self, form: Mapping[str, str]) -> None:
        for name in ("client_id", "client_secret"):
            if not hmac.compare_digest(_need(form, name).encode(), self.keys[name].encode()):
                raise Denied(401, "invalid_client", "Client authentication failed")

    def _refresh(self, token: str) -> Doc:
        if self.storage.one("select 1 from token where value = ? and kind = ?", (token, REFRESH)) is None:
            raise Denied(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token")
        return {**self._issue(SELLER), "refresh_token": token}

    def _buy(self, code: str) -> Doc:
        with self.storage.write():
            if not self.storage.execute("delete from token where value = ? and kind = ?", (code, CODE)):
                raise Denied(400, "invalid_grant", "The request has an invalid grant parameter : code")
            fresh = f"Atzr|{secrets.token_urlsafe(48)}"
            self._keep(fresh, REFRESH, FOREVER_MS, "")
            return {**self._issue(SELLER), "refresh_token": fresh}

    def _grantless(self, scope: str) -> Doc:
        if scope != NOTIFICATIONS:
            raise Denied(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed")
        return {**self._issue(GRANTLESS), "scope": scope}

    def _issue(self, kind: str) -> Doc:
        token = f"Atza|{secrets.token_urlsafe(48)}"
        self._keep(token, kind, self.now_ms() + self._lasts() * 1000, "")
        return {"access_token": token, "token_type": "bearer", "expires_in": self._lasts()}

    def _keep(self, value: str, kind: str, until_ms: int, reach: str) -> None:
        self.storage.execute("insert or ignore into token values (?, ?, ?, ?)", (value, kind, until_ms, reach))

    def _lasts(self) -> int:
        return int(self.settings.get("expires_in", 3600))


def _need(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise Denied(400, "invalid_request", f"The request is missing a required parameter : {name}")
    return form[name]


def restricted_resources(body: Any) -> list[str]:
    """The paths of a request for a restricted token; ApiError when it names none."""
    wanted = body.get("restrictedResources") if isinstance(body, dict) else None
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 50:
        raise _bad_resource()
    for one in wanted:
        if not isinstance(one, dict) or one.get("method") not in ("GET", "PUT", "POST", "DELETE") or not one.get("path"):
            raise _bad_resource()
    return [str(one["path"]) for one in wanted]


def _bad_resource() -> ApiError:
    return ApiError(400, "InvalidRequest", "Request is missing or has invalid parameters", "Resource not provided.")
