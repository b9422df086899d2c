"""Which rules hold where, and which are in trouble, through the API."""

from __future__ import annotations

from typing import Any

from oms.api.access import caller, hub, require_shop, visible_shops
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.rule_sets_access import ACTIVATE, LARGEST_ID, VIEW, check_reach
from oms.api.rule_sets_asked import InheritanceQuestion, ReasonIn, StagesQuestion, TroublesQuestion
from oms.api.rule_sets_schemas import InheritancePage, StandingList, TroubleList, TroubleOut
from oms.app.rulebook import scopes, sets, troubles
from oms.db.rulebook import STAGES

SHOP_ID = f"<{LARGEST_ID}:shop_id>"
TROUBLE_ID = f"<{LARGEST_ID}:trouble_id>"
routes = Routes("rules_in_force", "Which rules hold for which shop, and which are in trouble")


@routes.get(f"/shops/{SHOP_ID}/rule-sets", VIEW, StandingList, asks=[(QUERY, StagesQuestion)], refuses=[404, 422])
def show_standing(asked: dict[str, str], shop_id: int) -> dict[str, Any]:
    """For each stage which rule set decides for a shop, and why the others do not."""
    require_shop(VIEW, shop_id, "shop")
    with hub().engine.connect() as connection:
        found = [scopes.find_standing(connection, shop_id, stage) for stage in _stages(asked)]
    return {"stages": found}


@routes.get("/rule-inheritance", VIEW, InheritancePage, asks=[(QUERY, InheritanceQuestion)], refuses=[422])
def show_inheritance(asked: dict[str, Any]) -> dict[str, Any]:
    """For each shop and stage which rule set decides, and how a copy has drifted from its source."""
    with hub().engine.connect() as connection:
        shops = visible_shops(connection, VIEW)
        found = sets.list_inherited(connection, shops, stages=_stages(asked), after=asked["after"])
    seen = sorted({row.standing.shop_id for row in found})
    return {
        "inherited": [
            {
                "shop_id": row.standing.shop_id, "shop_code": row.standing.shop_code, "stage": row.standing.stage,
                "winner": row.standing.winner, "drift": row.drift,
            }
            for row in found
        ],
        "next": seen[-1] if len(seen) == sets.SIZE else 0,
    }  # fmt: skip


@routes.get("/rule-troubles", VIEW, TroubleList, asks=[(QUERY, TroublesQuestion)], refuses=[422])
def list_troubles(asked: dict[str, bool]) -> dict[str, Any]:
    """Rules that raised and were skipped, and rules that are paused, newest first."""
    with hub().engine.connect() as connection:
        rows = troubles.list_troubles(connection, visible_shops(connection, VIEW), with_cleared=asked["cleared"])
    return {"troubles": rows}


@routes.post(f"/rule-troubles/{TROUBLE_ID}/resume", ACTIVATE, TroubleOut, asks=[(BODY, ReasonIn)], refuses=[404, 422])
def resume(asked: dict[str, str], trouble_id: int) -> Any:
    """Let a paused rule act again, or call an unhealthy one mended; twice does no harm."""
    row = _find(trouble_id)
    check_reach(ACTIVATE, row.scope, row.scope_id)
    troubles.resume(hub(), trouble_id, caller().actor, asked["reason"])
    return _find(trouble_id)


def _find(trouble_id: int) -> Any:
    with hub().engine.connect() as connection:
        return troubles.find_trouble(connection, trouble_id, visible_shops(connection, VIEW))


def _stages(asked: dict[str, Any]) -> tuple[str, ...]:
    return (asked["stage"],) if "stage" in asked else STAGES
