"""How shops review, through the API: tiers of a shop, limits of a tier, shifts."""

from __future__ import annotations

from typing import Any

from oms.api.access import caller, hub, require_shop
from oms.api.blueprints import BODY, Routes
from oms.api.reviews_schemas import LimitsIn, LimitsOut, ShiftIn, ShiftList, ShiftMade, ShopReviewIn, ShopReviewOut
from oms.app.kernel import review_settings
from oms.app.kernel.queries.duty import DutyTurn, duty_turns
from oms.app.kernel.queries.reviewers import UNLIMITED, load_limits
from oms.domain.errors import Forbidden, Invalid, NotFound
from oms.domain.review import BY_BIT, ReviewPlan

EDIT = "review.edit"
WIDE = "int(min=1, max=9223372036854775807)"
TIER = f"<any({', '.join(map(repr, map(str, BY_BIT)))}):tier>"
routes = Routes("reviews_settings", "How shops review: tiers, limits, shifts")


@routes.get(f"/shops/<{WIDE}:shop_id>/review", EDIT, ShopReviewOut, refuses=[404])
def show_shop(shop_id: int) -> dict[str, Any]:
    """How a shop reviews."""
    require_shop(EDIT, shop_id, "shop")
    return _shop(shop_id)


@routes.put(f"/shops/<{WIDE}:shop_id>/review", EDIT, ShopReviewOut, asks=[(BODY, ShopReviewIn)], refuses=[404, 422])
def change_shop(asked: dict[str, Any], shop_id: int) -> dict[str, Any]:
    """Change how a shop reviews from now on; orders that wait already stay as they are."""
    require_shop(EDIT, shop_id, "shop")
    if len({row["position"] for row in asked["tiers"]}) != len(BY_BIT):
        raise Invalid("tiers", "each tier has one place in the order", "use the positions 1 to 4 once each")
    modes = {row["tier"]: row["mode"] for row in asked["tiers"]}
    order = [row["tier"] for row in sorted(asked["tiers"], key=lambda row: row["position"])]
    review_settings.change_tiers(hub(), shop_id, modes, order, in_order=asked["in_order"], actor=caller().actor)
    return _shop(shop_id)


@routes.get(f"/review-limits/{TIER}", EDIT, LimitsOut, refuses=[404])
def show_limits(tier: str) -> dict[str, Any]:
    """What roles may pass at a tier."""
    return _limits(int(tier))


@routes.put(f"/review-limits/{TIER}", EDIT, LimitsOut, asks=[(BODY, LimitsIn)], refuses=[404, 422])
def change_limits(asked: dict[str, Any], tier: str) -> dict[str, Any]:
    """Set all limits of a tier, in force at once."""
    _check_everywhere()
    rows = [(row["role_id"], row["currency"], row["most_amount"]) for row in asked["limits"]]
    review_settings.change_limits(hub(), int(tier), rows, caller().actor)
    return _limits(int(tier))


@routes.get("/duty-shifts", EDIT, ShiftList)
def shifts() -> dict[str, Any]:
    """Every shift, and who is on duty now."""
    with hub().engine.connect() as connection:
        return {"shifts": [_shift(one) for one in duty_turns(connection, hub().clock())]}


@routes.post("/duty-shifts", EDIT, ShiftMade, asks=[(BODY, ShiftIn)], refuses=[422], status=201)
def make_shift(asked: dict[str, Any]) -> dict[str, Any]:
    """Add a shift; the person becomes a member of the team."""
    _check_everywhere()
    shift_id = review_settings.add_shift(
        hub(), asked["user_group_id"], asked["user_id"], asked["weekdays"], asked["starts_min"], asked["ends_min"],
        asked["timezone"], caller().actor,
    )  # fmt: skip
    return {"id": shift_id}


@routes.delete(f"/duty-shifts/<{WIDE}:shift_id>", EDIT, refuses=[404])
def remove_shift(shift_id: int) -> None:
    """Remove a shift."""
    _check_everywhere()
    review_settings.remove_shift(hub(), shift_id, caller().actor)


def _check_everywhere() -> None:
    """What all shops share is changed by callers for every shop."""
    if not caller().allows(EDIT, 0):
        raise Forbidden(f"the permission {EDIT} does not reach this far", "ask somebody who has it for every shop")


def _shop(shop_id: int) -> dict[str, Any]:
    hub().masters.forget()
    with hub().engine.connect() as connection:
        card = hub().masters.get(connection, hub().clock()).shops.get(shop_id)
    if card is None:
        raise NotFound("there is no such shop")
    places = {bit: place for place, bit in enumerate(card.plan.order or BY_BIT, 1)}
    tiers = [{"tier": bit, "mode": _mode(card.plan, bit), "position": places[bit]} for bit in BY_BIT]
    return {"shop_id": shop_id, "in_order": bool(card.plan.order), "tiers": tiers}


def _mode(plan: ReviewPlan, bit: int) -> str:
    if bit & plan.skipped:
        return "skip"
    return "manual" if bit & plan.manual else "auto"


def _limits(tier: int) -> dict[str, Any]:
    with hub().engine.connect() as connection:
        held = load_limits(connection, tier)
    rows = [
        {"role_id": role_id, "currency": currency, "most_amount": None if most >= UNLIMITED else most}
        for (role_id, currency), most in sorted(held.items())
    ]
    return {"tier": tier, "limits": rows}


def _shift(one: DutyTurn) -> dict[str, Any]:
    return {
        "id": one.id, "user_group_id": one.team_id, "team": one.team, "user_id": one.user_id, "person": one.person,
        "weekdays": sorted(one.shift.weekdays), "starts_min": one.shift.starts_min, "ends_min": one.shift.ends_min,
        "timezone": one.shift.timezone, "is_on": one.is_on, "ends_at": one.turn.ends_at if one.turn else None,
    }  # fmt: skip
