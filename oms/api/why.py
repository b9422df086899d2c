"""Why an order went the way it went, through the API; the console's page tells the same."""

from __future__ import annotations

from oms.api.access import caller, hub, require_shop
from oms.api.blueprints import Routes
from oms.api.why_schemas import WhyOut
from oms.app.kernel.queries.order_page import load_order
from oms.app.rulebook.explaining import explain_order
from oms.app.rulebook.path import Path
from oms.domain.errors import NotFound

VIEW, RULES = "order.view", "rule.view"
ID = "<int(min=1, max=9223372036854775807):order_id>"
routes = Routes("why", "Why an order went the way it went")


@routes.get(f"/orders/{ID}/why", VIEW, WhyOut, refuses=[404])
def explain(order_id: int) -> Path:
    """Every decision about an order, judged again and compared with what is stored, with holds and people's words.

    Without the permission rule.view rules are told by name only, and only those that matched.
    """
    with hub().engine.connect() as connection:
        order = load_order(connection, order_id)
        if order is None:
            raise NotFound("there is no such order")
        require_shop(VIEW, order.shop_id, "order")
        return explain_order(hub(), connection, order, with_rules=caller().allows(RULES, order.shop_id))
