"""What became of a shop's orders and cases, to be polled since a cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from oms.api.access import hub
from oms.api.blueprints import QUERY, Routes
from oms.api.standard.asked import ResultsQuestion
from oms.api.standard.shops import SHOP, seen_shop
from oms.api.standard.told import CaseResults, ShipmentResults
from oms.app.capture.webhooks.announcing import case_body, shipment_body
from oms.app.kernel.feed_reader import read_changes
from oms.app.kernel.queries.results import cases_of, shipments_of

routes = Routes("standard_results", "Standard interface: shipments and case results, by polling")
Read = Callable[[Connection, int, Sequence[int]], Sequence[Any]]


@routes.get(
    f"{SHOP}/shipments", "fulfilment.view", ShipmentResults, asks=[(QUERY, ResultsQuestion)], refuses=[400, 404, 422]
)
def list_shipments(asked: dict[str, Any], shop_id: int) -> dict[str, Any]:
    """Parcels of orders that changed since a cursor."""
    seen_shop("fulfilment.view", shop_id)
    rows, place = _since(asked, shop_id, shipments_of)
    return {"shipments": [shipment_body(row) for row in rows], **place}


@routes.get(f"{SHOP}/case-results", "order.view", CaseResults, asks=[(QUERY, ResultsQuestion)], refuses=[400, 404, 422])
def list_case_results(asked: dict[str, Any], shop_id: int) -> dict[str, Any]:
    """Cases of orders that changed since a cursor, as the hub holds them now."""
    seen_shop("order.view", shop_id)
    rows, place = _since(asked, shop_id, cases_of)
    return {"cases": [case_body(row) for row in rows], **place}


def _since(asked: dict[str, Any], shop_id: int, read: Read) -> tuple[Sequence[Any], dict[str, Any]]:
    with hub().engine.connect() as connection:
        found = read_changes(connection, [shop_id], asked.get("cursor", ""), kind="order", limit=asked["limit"])
        rows = read(connection, shop_id, sorted({change.document_id for change in found.rows}))
    return rows, {"cursor": found.cursor, "more": found.more}
