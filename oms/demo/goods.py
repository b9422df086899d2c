"""Writes the catalogue of the simulated shop: SKUs, costs, bundles, and the first stock with its ledger rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, exists, select
from sqlalchemy.dialects.postgresql import insert

from oms.app.kernel.hub import Hub
from oms.db.bulk import copy_rows
from oms.db.goods import Bundle, BundlePart, CostPrice, Sku
from oms.db.stock import StockLevel, StockMovement, StockPoint
from oms.demo.places import BUILDINGS, FIRST_STOCK, SCARCE_RANK, SCARCE_STOCK, SIZE_CLASSES

Item = Mapping[str, Any]
#: Costs hold from before the first order, so that margins are known.
COST_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
REASON = "initial"
MOVEMENT = ("month", "stock_point_id", "sku_id", "id", "kind", "on_hand", "reserved", "reason", "at")


def write_goods(hub: Hub, connection: Connection, items: Sequence[Item], *, has_shortage: bool = False) -> None:
    """SKUs, gifts, bundles with parts, costs and stock of every item; what is there already stays as it is.

    With a shortage a few units are all there is of one often bought SKU.
    """
    skus = [item for item in items if item["kind"] != "bundle"]
    ids = _write_skus(connection, skus)
    _write_costs(connection, skus, ids)
    _write_bundles(connection, [item for item in items if item["kind"] == "bundle"], ids)
    everywhere = [item["code"] for item in skus if item["stocked_at"] == "both"]
    scarce = {ids[everywhere[SCARCE_RANK]]} if has_shortage else set()
    _write_first_stock(hub, connection, skus, ids, scarce)


def _write_skus(connection: Connection, items: Iterable[Item]) -> dict[str, int]:
    rows = [
        {
            "code": item["code"],
            "name": " ".join(filter(None, (item["title"], item["properties"].replace(";", " ")))),
            "barcode": item["barcode"],
            "category": item["outer_iid"],
            "weight_g": item["weight_g"],
            "volume_cm3": item["volume_cm3"],
            "size_class": SIZE_CLASSES[item["size_class"]],
        }
        for item in items
    ]
    connection.execute(insert(Sku).on_conflict_do_nothing(index_elements=["code"]), rows)
    return {code: id_ for code, id_ in connection.execute(select(Sku.code, Sku.id))}


def _write_costs(connection: Connection, items: Iterable[Item], ids: Mapping[str, int]) -> None:
    rows = [{"sku_id": ids[item["code"]], "valid_from": COST_SINCE, "amount": item["cost_fen"]} for item in items]
    connection.execute(insert(CostPrice).on_conflict_do_nothing(), rows)


def _write_bundles(connection: Connection, items: Sequence[Item], ids: Mapping[str, int]) -> None:
    if not items:
        return
    names = [{"code": item["code"], "name": item["title"]} for item in items]
    connection.execute(insert(Bundle).on_conflict_do_nothing(index_elements=["code"]), names)
    bundles = {code: id_ for code, id_ in connection.execute(select(Bundle.code, Bundle.id))}
    parts = [
        {
            "bundle_id": bundles[item["code"]],
            "sku_id": ids[part["code"]],
            "units": part["quantity"],
            "weight": part["price_fen"],
        }
        for item in items
        for part in item["parts"]
    ]
    connection.execute(insert(BundlePart).on_conflict_do_nothing(), parts)


def _write_first_stock(
    hub: Hub, connection: Connection, items: Sequence[Item], ids: Mapping[str, int], scarce: Collection[int]
) -> None:
    """Each level with the movement that explains it, so that the ledger's sums equal the levels from the start."""
    if connection.scalar(select(exists().where(StockMovement.reason == REASON))):
        return
    points = {code: id_ for code, id_ in connection.execute(select(StockPoint.code, StockPoint.id))}
    keys = sorted(
        (points[building.code], ids[item["code"]])
        for building in BUILDINGS
        for item in items
        if item["stocked_at"] in ("both", building.side)
    )
    now = hub.clock()
    month = date(now.year, now.month, 1)
    units = {key: SCARCE_STOCK if key[1] in scarce else FIRST_STOCK for key in keys}
    levels = [{"stock_point_id": key[0], "sku_id": key[1], "kind": "good", "on_hand": units[key]} for key in keys]
    connection.execute(insert(StockLevel), levels)
    numbers = hub.ids.take(connection, len(keys))
    rows = [(month, *key, id_, "good", units[key], 0, REASON, now) for key, id_ in zip(keys, numbers, strict=True)]
    copy_rows(connection, "stock_movement", MOVEMENT, rows)
