"""The demo's other shops, one a platform, beside the flagship on Taobao: names, accounts, what is ordered there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.contract.manifest import Manifest

Doc = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MarketShop:
    """A shop of the demo on one platform; `share` is its part of the live traffic."""

    vendor: str
    code: str
    name: str
    share: float
    currency: str = "CNY"


#: In the order of their places after the first ports of the sandbox.
MARKETS: Final = (
    MarketShop("jd", "JD-POP", "京东 · 示例官方旗舰店", 0.15),
    MarketShop("pinduoduo", "PDD-01", "拼多多 · 示例工厂店", 0.12),
    MarketShop("douyin", "DY-LIVE", "抖店 · 示例直播间", 0.12),
    MarketShop("shopify", "SP-ASIA", "Shopify · Example Asia", 0.08),
    MarketShop("woocommerce", "WOO-01", "WooCommerce · Example Store", 0.06),
    MarketShop("amazon", "AMZ-CN", "Amazon · Example Store", 0.06),
    MarketShop("suning", "SN-01", "苏宁易购 · 示例专营店", 0.04),
    MarketShop("medusa", "MED-01", "Medusa · Example Store", 0.02),
    MarketShop("vendure", "VEN-01", "Vendure · Example Store", 0.02),
    MarketShop("saleor", "SAL-01", "Saleor · Example Store", 0.02),
)
#: What a vendor's account wants beside what the twin tells under the same names.
EXTRA: Final[Mapping[str, Callable[[Doc], dict[str, str]]]] = {
    "jd": lambda told: {"oauth_gateway": told["oauth"]},
    "pinduoduo": lambda told: {
        "oauth_gateway": told["oauth"],
        "authorise_page": told["authorise"],
        "message_gateway": told["url"],
    },
    "shopify": lambda told: {"currency": "CNY"},
    "woocommerce": lambda told: {"site": told["site_url"]},
    "amazon": lambda told: {
        "marketplace_ids": told["marketplace_id"],
        "currency": told["currency"],
        "poll_seconds": "30",
        "returns_minutes": "5",
    },
    "vendure": lambda told: {"api_url": told["url"], "cod_methods": "cash-on-delivery"},
}
#: Kinds of a scripted run with their counts in a run of 200, as far as a platform has them.
KINDS: Final = {"plain": 6, "split": 2, "bundle": 2, "unpaid": 1, "bad": 1}


def markets_in(sandbox: Mapping[str, Doc]) -> list[MarketShop]:
    """The shops whose platforms run in this sandbox."""
    return [market for market in MARKETS if market.vendor in sandbox]


def account_values(manifest: Manifest, told: Doc) -> tuple[str, dict[str, str], dict[str, str]]:
    """(gateway, settings, secrets) of a shop's account, from what its twin tells of itself."""
    known = {name: str(value) for name, value in told.items() if isinstance(value, str | int)}
    if manifest.vendor in EXTRA:
        known |= EXTRA[manifest.vendor](told)
    settings = {field.name: known[field.name] for field in manifest.fields if not field.secret and field.name in known}
    secrets = {field.name: known[field.name] for field in manifest.fields if field.secret and field.name in known}
    return str(told.get("gateway") or told["url"]), settings, secrets


def scaled_kinds(orders: int) -> dict[str, int]:
    """How many orders of each kind a further platform gets in a run of so many on the first."""
    scale = max(1, round(orders / 200))
    return {kind: count * scale for kind, count in KINDS.items()}


def flagship_share(others: Iterable[str]) -> float:
    """The part of the live traffic that is left for Taobao beside these platforms."""
    return 1.0 - sum(market.share for market in MARKETS if market.vendor in set(others))
