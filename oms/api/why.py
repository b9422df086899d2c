"""Why an order went the way it went, through the API; the console's page tells the same."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import orjson
from flask import Response

from oms.api.access import caller, hub, require_shop
from oms.api.blueprints import Routes
from oms.api.why_schemas import WhyOut
from oms.app.kernel.queries.order_page import load_order
from oms.app.rulebook.explaining import explain_order
from oms.app.rulebook.path import Path, Step
from oms.domain.errors import NotFound

VIEW, RULES = "order.view", "rule.view"
ID = "<int(min=1, max=9223372036854775807):order_id>"
routes = Routes("why", "Why an order went the way it went")


@routes.get(f"/orders/{ID}/why", VIEW, WhyOut, refuses=[404])
def explain(order_id: int) -> Response:
    """Every decision about an order, judged again and compared with what is stored, with holds and people's words.

    Without the permission rule.view rules are told by name only, and only those that matched.
    """
    with hub().engine.connect() as connection:
        order = load_order(connection, order_id)
        if order is None:
            raise NotFound("there is no such order")
        require_shop(VIEW, order.shop_id, "order")
        path = explain_order(hub(), connection, order, with_rules=caller().allows(RULES, order.shop_id))
    return Response(orjson.dumps(_written(path), default=_plain), content_type="application/json")


def _written(path: Path) -> dict[str, Any]:
    """The answer as WhyOut describes it; written without it, since two hundred rules are thousands of fields."""
    return {
        "order_id": path.order_id, "order_no": path.order_no, "shop_id": path.shop_id, "is_cut": path.is_cut,
        "decisions": [_fields(step) | {"is_default": step.is_default} for step in path.decisions],
        "holds": [_fields(step) | {"is_open": step.is_open} for step in path.holds],
        "reviews": [_fields(step) for step in path.reviews],
        "carriers_out": path.carriers_out,
    }  # fmt: skip


def _fields(step: Step) -> dict[str, Any]:
    return {"kind": step.kind} | {field.name: getattr(step, field.name) for field in fields(step)}


def _plain(value: object) -> object:
    """What JSON has no word for."""
    return str(value)
