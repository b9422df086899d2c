"""The platform's front door: system parameters, time window, customer and signature, before any warehouse looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from connectors.sandbox.qimen import signing

CHINA = timezone(timedelta(hours=8))
STAMP = "%Y-%m-%d %H:%M:%S"
PREFIX = "taobao.qimen."
REQUIRED = ("method", "timestamp", "format", "app_key", "v", "sign", "sign_method", "customerId")


class GatewayRefusal(Exception):
    """The platform turned the call away before the warehouse saw it; `code` says what to correct."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Rules:
    """What the front door knows: secrets by app key, customers, and the widest clock difference in seconds."""

    secrets: Mapping[str, str]
    customers: frozenset[str]
    tolerance: int = 600


def stamp(at: datetime) -> str:
    """`at` as the platform writes times: GMT+8, seconds."""
    return at.astimezone(CHINA).strftime(STAMP)


def check(params: Mapping[str, str], body: bytes, now: datetime, rules: Rules) -> str:
    """The bare method name of an admitted call, without the platform's prefix.

    Raises GatewayRefusal for the first thing that is wrong, in the platform's order: presence, values, signature.
    """
    _check_presence(params)
    _check_values(params, now, rules)
    if not signing.is_signed(params, body, rules.secrets[params["app_key"]]):
        raise GatewayRefusal("sign-check-failure", "Illegal request")
    return params["method"].removeprefix(PREFIX)


def _check_presence(params: Mapping[str, str]) -> None:
    for name in REQUIRED:
        if not params.get(name):
            raise GatewayRefusal(f"missing-{name.lower().replace('_', '-')}", f"Missing {name}")


def _check_values(params: Mapping[str, str], now: datetime, rules: Rules) -> None:
    checks = {
        "format": params["format"] == "xml",
        "v": params["v"] in ("1.0", "2.0"),
        "sign-method": params["sign_method"] in signing.METHODS,
        "app-key": params["app_key"] in rules.secrets,
        "timestamp": _is_recent(params["timestamp"], now, rules.tolerance),
        "customerid": params["customerId"] in rules.customers,
    }
    for name, is_good in checks.items():
        if not is_good:
            raise GatewayRefusal(f"invalid-{name}", f"Invalid {name}")


def _is_recent(text: str, now: datetime, tolerance: int) -> bool:
    try:
        at = datetime.strptime(text, STAMP).replace(tzinfo=CHINA)
    except ValueError:
        return False
    return abs((now.astimezone(UTC) - at).total_seconds()) <= tolerance
