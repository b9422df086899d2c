"""Builds orders in memory from the data sets of detectors (tests/app/detectors), one file a kind of hold."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from oms.app.kernel.work import DemandWork, LineWork, OrderWork
from oms.app.pipeline.cards import Goods, Listed, Plan, Sibling, SkuCard
from oms.app.pipeline.detecting.detectors import DETECTORS_BY_KIND
from oms.app.pipeline.switches import switch_of

DATA = Path(__file__).parent / "detectors"
AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
SHOP = 1
ORDER: dict[str, Any] = {
    "id": 1, "shop_id": SHOP, "origin": "platform", "external_no": "T1", "customer_id": 7, "status": "open",
    "review": "none", "phase": "captured", "platform_state": "open", "platform_holds": [], "currency": "CNY",
    "paid_total": 1000, "is_cod": False, "is_presale": False, "is_sealed": False, "keeps_together": False, "owner": "own",
    "fulfiller": "us", "has_memo": False, "has_message": False, "flag": "", "priority": 0, "division_code": "330106",
    "receiver_key": b"r", "is_masked": False, "ordered_at": AT, "paid_at": AT, "ship_by": None, "captured_at": AT,
    "ready_at": AT, "attempts": 0, "tiers_waiting": 0, "tiers_passed": 0, "version": 1, "closed_at": None,
}  # fmt: skip
LINE: dict[str, Any] = {
    "order_id": 1, "kind": "goods", "listing_no": "", "variant_no": "", "seller_code": "", "title": "", "variant": "",
    "sku_id": 100, "bundle_id": None, "ordered": 1, "cancelled": 0, "planned": 0, "shipped": 0, "list_amount": 1000,
    "discount_merchant": 0, "paid_amount": 1000, "platform_state": "open", "refund_state": "none", "case_no": "",
    "is_gift": False, "fulfiller": "us", "bound_group": "", "is_gone": False,
}  # fmt: skip
SKU = {"code": "A", "weight_g": 400, "size_class": "small", "cost": None}


def cases_of(kind: str) -> list[dict[str, Any]]:
    """The cases of a kind of hold."""
    found: list[dict[str, Any]] = orjson.loads((DATA / f"{kind}.json").read_bytes())
    return found


def an_order_of(case: dict[str, Any]) -> OrderWork:
    """The order of a case; one line of SKU 100 unless it says otherwise."""
    known = set(OrderWork.__dataclass_fields__)
    required = {name: value for name, value in ORDER.items() if name in known}
    order = OrderWork(**{**required, **case.get("order", {})})
    lines = case.get("lines", [{}])
    order.lines = [LineWork(**{"id": n, "external_no": str(n), **LINE, **line}) for n, line in enumerate(lines, 1)]
    order.demands = [
        DemandWork(n, 1, 1, sku, "self", units, planned, 0, 0, 0, 1)
        for n, (sku, units, planned) in enumerate(case.get("demands", []), 1)
    ]
    return order


def goods_of(case: dict[str, Any]) -> Goods:
    """What the batch knows of a case's goods and of what stands around its order."""
    kind = case["kind"]
    switch = switch_of(DETECTORS_BY_KIND[kind], True, case.get("limits", {}))
    goods = Goods(plans={SHOP: Plan(((kind, DETECTORS_BY_KIND[kind].finders, switch.limits),), {}, frozenset())})
    goods.skus = {
        int(id_): SkuCard(**{"id": int(id_), **SKU, **card}) for id_, card in case.get("skus", {"100": {}}).items()
    }
    goods.bundles = {int(id_): [tuple(part) for part in parts] for id_, parts in case.get("bundles", {}).items()}
    goods.floors = {
        (shop, sku): (amount, *(currency or ["CNY"])) for shop, sku, amount, *currency in case.get("floors", [])
    }
    goods.typed = frozenset({1} if case.get("typed") else ())
    goods.lacking = {1: tuple(case["lacking"])} if "lacking" in case else {}
    goods.oddities = {1: tuple(case["oddities"])} if "oddities" in case else {}
    goods.listed = {1: [Listed(*entry) for entry in case.get("listed", [])]}
    goods.siblings = {1: [Sibling(*row) for row in case.get("siblings", [])]}
    goods.refunding = {1: case["refunding"]} if "refunding" in case else {}
    goods.invoiced = frozenset({1} if case.get("invoiced") else ())
    goods.owing = {1: case["owing"]} if "owing" in case else {}
    return goods
