"""Documents of a shop as its platform's twin renders them, read by its own connector. Nothing is measured here.

A twin serves in a thread of this process; orders of all its kinds are made first, then pulled.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeVar

from werkzeug.serving import make_server

from bench.standard_documents import standard_documents
from connectors.contract.errors import RateLimited
from connectors.contract.families import Marketplace
from connectors.contract.manifest import Account
from connectors.contract.records import RawDocument
from connectors.registry import find
from connectors.sandbox.kit import Twin, TwinOptions
from connectors.sandbox.kit.serving import QuietRequests
from connectors.sandbox.traffic import KINDS
from oms.demo.markets import account_values

Answer = TypeVar("Answer")

STANDARD: Final = "standard"
#: Lists that end some minutes ago show what was made just now to a connector whose clock is ahead.
AHEAD: Final = timedelta(minutes=4)
BACK: Final = timedelta(minutes=10)
BAD_PERCENT: Final = 1
#: Some kinds never show in a list and a pair is two orders, so that a little more is made than wanted.
SPARE: Final = 1.15
MOST_PAGES: Final = 20_000


@dataclass(frozen=True, slots=True)
class TwinShop:
    """Where a vendor's twin is, and what it and the shop's account are told besides."""

    twin: str
    twin_settings: Mapping[str, Any] = field(default_factory=dict)
    account: Mapping[str, str] = field(default_factory=dict)


TWIN_SHOPS: Final[Mapping[str, TwinShop]] = {
    "taobao": TwinShop("TaobaoTwin"),
    "jd": TwinShop("JdTwin", {"expires_in": 36_000}),
    "pinduoduo": TwinShop("PinduoduoTwin", {"end_lag": -600}),
    "douyin": TwinShop("DouyinTwin"),
    "suning": TwinShop("SuningTwin"),
    "shopify": TwinShop("ShopifyTwin", {"plan": "boundless"}),
    "amazon": TwinShop("AmazonTwin", {"end_lag": -86_400}),
    "woocommerce": TwinShop("WooTwin"),
    "medusa": TwinShop("MedusaTwin"),
    "saleor": TwinShop("SaleorTwin"),
    "vendure": TwinShop("VendureTwin", account={"cod_methods": "cash-on-delivery"}),
}
VENDORS: Final = (*TWIN_SHOPS, STANDARD)


def documents_of(vendor: str, count: int, seed: int) -> list[RawDocument]:
    """So many documents of different orders, all kinds mixed; the same orders for the same seed."""
    if vendor == STANDARD:
        return standard_documents(count, seed)
    with opened(vendor, seed) as (twin, connector):
        make_orders(twin, round(count * SPARE))
        found = {document.external_no: document for document in pulled(connector)}
    documents = list(found.values())
    random.Random(f"bench:{vendor}:{seed}").shuffle(documents)
    return documents[:count]


@contextmanager
def opened(vendor: str, seed: int) -> Iterator[tuple[Any, Marketplace]]:
    """The vendor's twin, served, and a connector of a shop on it."""
    shop = TWIN_SHOPS[vendor]
    if vendor == "shopify":
        from connectors.sandbox.shopify.shop import PLANS

        # Documents are made before the clock starts: nobody has to wait for points.
        PLANS["boundless"] = (1e9, 1e9)
    make_twin: type[Twin] = getattr(import_module(f"connectors.sandbox.{vendor}.twin"), shop.twin)
    with tempfile.TemporaryDirectory(prefix="oms-bench-twin-") as folder:
        twin = make_twin(TwinOptions(Path(folder), seed, settings=dict(shop.twin_settings)))
        server = make_server("127.0.0.1", 0, twin, threaded=True, request_handler=QuietRequests)
        server.daemon_threads = True  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield twin, connector_on(vendor, f"http://127.0.0.1:{server.port}", seed)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            twin.close()


def connector_on(vendor: str, url: str, seed: int) -> Marketplace:
    """A connector of a shop on the twin at this address."""
    kind = find(vendor)
    told = import_module(f"connectors.sandbox.{vendor}").describe(url, seed)
    gateway, settings, secrets = account_values(kind.manifest, told)
    since = (datetime.now(UTC) - BACK).isoformat()
    account = Account({**settings, "since": since, **TWIN_SHOPS[vendor].account}, secrets, gateway)
    connector = kind(account, clock=lambda: datetime.now(UTC) + AHEAD)
    assert isinstance(connector, Marketplace)
    return connector


def make_orders(twin: Any, count: int) -> None:
    """Orders of every kind by its share in free traffic, one in a hundred of them damaged."""
    if twin.name == "taobao":
        from connectors.sandbox.taobao.creation import create_trades

        weights = {kind: share for kind, (_, _, share) in KINDS.items() if kind != "bad"}
        create_trades(twin.market, dealt(weights, count, has_bad=True))
    else:
        twin.create(dealt(dict(twin.kinds), count, has_bad=bool(twin.spoils)))


def dealt(weights: Mapping[str, int], count: int, *, has_bad: bool) -> dict[str, int]:
    """How many orders of each kind; kinds without a share in the traffic are left out."""
    bad = count * BAD_PERCENT // 100 if has_bad else 0
    total = sum(weights.values())
    found = {kind: round((count - bad) * share / total) for kind, share in weights.items() if share}
    return found | ({"bad": bad} if bad else {})


def pulled(connector: Marketplace) -> Iterator[RawDocument]:
    """Every document that a walk from the beginning brings."""
    cursor = ""
    for _ in range(MOST_PAGES):
        page = patiently(connector.pull_orders, cursor)
        yield from page.documents
        yield from (patiently(connector.get_order, found.external_no) for found in page.references)
        cursor = page.cursor
        if not page.more:
            return
    raise AssertionError(f"{MOST_PAGES} pages and still more")


def patiently(call: Callable[[str], Answer], argument: str) -> Answer:
    """What a call answers, asked again for as long as the platform wants fewer calls."""
    while True:
        try:
            return call(argument)
        except RateLimited as limited:
            time.sleep(min(limited.retry_after or 1.0, 1.0))
