"""Who calls: keys in the address, HTTP Basic, or one-legged OAuth 1.0a signatures. Nothing of what they may see."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from werkzeug.wrappers import Request

from connectors.sandbox.kit import Storage
from connectors.sandbox.woocommerce.refusal import Refusal

NONCE_SCHEMA = "create table if not exists woo_nonce (nonce text primary key, at integer not null);\n"
WINDOW_SECONDS = 15 * 60
OAUTH = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
DIGESTS = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class Keys:
    """The one key of the shop: read, write or read_write; without `https` plain keys are not accepted."""

    consumer_key: str
    consumer_secret: str
    permissions: str = "read_write"
    https: bool = True


def signed_in(request: Request, keys: Keys, storage: Storage, now: float) -> bool:
    """Whether the call is made with the shop's key; False for nobody, Refusal for a wrong or insufficient key."""
    known = (keys.https and _plain(request, keys)) or _oauth(request, keys, storage, now)
    if known:
        _check_permission(request.method, keys.permissions)
    return known


def _plain(request: Request, keys: Keys) -> bool:
    key, secret = request.args.get("consumer_key", ""), request.args.get("consumer_secret", "")
    basic = request.authorization
    if not (key and secret) and basic is not None and basic.type == "basic":
        key, secret = basic.username or "", basic.password or ""
    if not key or not secret or key != keys.consumer_key:
        return False
    if not hmac.compare_digest(secret.encode(), keys.consumer_secret.encode()):
        raise _wrong("Consumer secret is invalid.")
    return True


def _oauth(request: Request, keys: Keys, storage: Storage, now: float) -> bool:
    params = {**request.args.to_dict(), **_header_params(request)}
    missing = [name for name in OAUTH if not params.get(name)]
    if len(missing) == len(OAUTH):
        return False
    if missing:
        plural = "s" if len(missing) > 1 else ""
        message = f"Missing OAuth parameter{plural} {', '.join(missing)}"
        raise Refusal(401, "woocommerce_rest_authentication_missing_parameter", message)
    if params["oauth_consumer_key"] != keys.consumer_key:
        raise _wrong("Consumer key is invalid.")
    _check_signature(request, params, keys.consumer_secret)
    _check_moment(params["oauth_timestamp"], params["oauth_nonce"], storage, now)
    return True


def _header_params(request: Request) -> dict[str, str]:
    given = request.authorization
    if given is None or given.type != "oauth":
        return {}
    return {name: unquote(value or "") for name, value in given.parameters.items() if name != "realm"}


def _check_signature(request: Request, params: Mapping[str, str], secret: str) -> None:
    digest = DIGESTS.get(params["oauth_signature_method"])
    if digest is None:
        raise _wrong("Invalid signature - signature method is invalid.")
    address = request.environ.get("woo.address", request.base_url)
    signed = sorted((_encoded(name), _encoded(value)) for name, value in params.items() if name != "oauth_signature")
    joined = "&".join(f"{name}={value}" for name, value in signed)
    base = f"{request.method.upper()}&{_encoded(address)}&{_encoded(joined)}"
    right = base64.b64encode(hmac.new(f"{secret}&".encode(), base.encode(), digest).digest()).decode()
    told = params["oauth_signature"].replace(" ", "+")
    if not hmac.compare_digest(right.encode(), told.encode()):
        raise _wrong("Invalid signature - provided signature does not match.")


def _check_moment(timestamp: str, nonce: str, storage: Storage, now: float) -> None:
    if not timestamp.isdecimal() or abs(int(timestamp) - now) > WINDOW_SECONDS:
        raise _wrong("Invalid timestamp.")
    with storage.write() as tx:
        tx.execute("delete from woo_nonce where at < ?", (int(now) - WINDOW_SECONDS,))
        known = tx.execute("insert or ignore into woo_nonce values (?, ?)", (nonce, int(timestamp))).rowcount == 0
    if known:
        raise _wrong("Invalid nonce - nonce has already been used.")


def _check_permission(method: str, permissions: str) -> None:
    needed = "read" if method in ("GET", "HEAD") else "write"
    if needed not in permissions:
        raise _wrong(f"The API key provided does not have {needed} permissions.")


def _encoded(text: str) -> str:
    return quote(text, safe="~")


def _wrong(message: str) -> Refusal:
    return Refusal(401, "woocommerce_rest_authentication_error", message)
