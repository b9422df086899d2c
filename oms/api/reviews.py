"""Reviews through the API: queues, previews, bulk passes and their undo, taking, handing over, the forced ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from oms.api.access import caller, hub, visible_shops
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.reviews_schemas import (
    BulkOut,
    ChosenIn,
    ClaimIn,
    ClaimOut,
    ForcedList,
    ForcedQuestion,
    HandOverIn,
    PassIn,
    PreviewOut,
    QueueOut,
    QueueQuestion,
    ReviewOutcomeList,
    UndoIn,
)
from oms.app.kernel.queries.duty import teams_of
from oms.app.kernel.queries.forced import fate_of, forced_passes
from oms.app.kernel.queries.pages import read_place
from oms.app.kernel.queries.review import ReviewFilters, Whose, count_in_shops, review_queue
from oms.app.kernel.queries.reviewers import PASSES, load_desk, user_of
from oms.app.pipeline.previewing import preview_pass
from oms.app.pipeline.reviewing import bulk as bulk_passing
from oms.app.pipeline.reviewing import claiming
from oms.app.pipeline.reviewing.bulk import Bulk
from oms.app.pipeline.reviewing.guard import FORCE
from oms.app.pipeline.reviewing.passing import Outcome
from oms.domain.errors import Forbidden, Invalid, NotFound

VIEW = "order.view"
LONGEST = timedelta(days=31)
BULK_ID = "<int(min=1, max=9223372036854775807):bulk_id>"
routes = Routes("reviews", "Reviews: queues of the tiers, passing many at once, taking and handing over")


@routes.get("/reviews", VIEW, QueueOut, asks=[(QUERY, QueueQuestion)], refuses=[422])
def queue(asked: dict[str, Any]) -> dict[str, Any]:
    """What waits at a tier with who has taken it and who may pass it, the nearest deadline first, fifty a page."""
    if asked["cursor"] and read_place(asked["cursor"]) is None:
        raise Invalid("cursor", "this is no cursor of this list", "send `next` of the page before, or nothing")
    now = hub().clock()
    with hub().engine.connect() as connection:
        filters = ReviewFilters(asked["tier"], asked.get("shop_id"), whose=_whose(connection, asked["whose"]))
        page = review_queue(connection, visible_shops(connection, VIEW), filters, asked["cursor"], now)
        desk = load_desk(connection, asked["tier"])
    orders = [
        {
            **row._mapping,
            "tiers_next": [int(bit) for bit in row.tiers_next],
            "able": [person.name for person, _ in desk.able(row.shop_id, row.currency, row.paid_total)],
        }
        for row in page.rows
    ]
    return {"orders": orders, "next": page.after}


@routes.post("/review-previews", VIEW, PreviewOut, asks=[(BODY, ChosenIn)], refuses=[404, 422])
def preview(asked: dict[str, Any]) -> dict[str, Any]:
    """What passing these orders would do; nothing is changed."""
    with hub().engine.connect() as connection:
        shops = _own(connection, asked["order_ids"], VIEW)
        given = (asked["order_ids"], asked["tier"], caller().actor, caller().allows)
        found = preview_pass(hub(), connection, shops, *given)
    return {
        "passing": [row.id for row in found.passing],
        "held": [{"order_id": row.id, "hold": kind} for row, kind in found.held],
        "moving": [{"order_id": row.id, "tier": tier} for row, tier in found.moving],
        "refused": [Outcome(row.id, False, refusal.words) for row, refusal in found.staying],
    }


@routes.post("/review-passes", PASSES, BulkOut, asks=[(BODY, PassIn)], refuses=[404, 409, 422], status=201)
def pass_many(asked: dict[str, Any]) -> dict[str, Any]:
    """Pass up to 500 orders, each with its outcome; one that is passed already is refused, so twice does no harm."""
    with hub().engine.connect() as connection:
        _own(connection, asked["order_ids"], VIEW)
    given = (asked["order_ids"], asked["tier"], caller().actor, asked["reason"])
    return _told(bulk_passing.pass_all(hub(), *given, may=caller().allows))


@routes.get(f"/review-passes/{BULK_ID}", PASSES, BulkOut, refuses=[404])
def show_bulk(bulk_id: int) -> dict[str, Any]:
    """A bulk pass of the caller's own."""
    return _told(_own_bulk(bulk_id))


@routes.post(f"/review-passes/{BULK_ID}/undo", PASSES, ReviewOutcomeList, asks=[(BODY, UndoIn)], refuses=[404, 409, 422])
def undo(asked: dict[str, str], bulk_id: int) -> dict[str, Any]:
    """Take the whole back: orders of which nothing has left and nobody has decided anew."""
    _own_bulk(bulk_id)
    outcomes = bulk_passing.undo_bulk(hub(), bulk_id, caller().actor, asked["reason"], may=caller().allows)
    return {"outcomes": outcomes}


@routes.post("/review-claims", PASSES, ClaimOut, asks=[(BODY, ClaimIn)], refuses=[409, 422])
def claim(asked: dict[str, Any]) -> dict[str, Any]:
    """Take the next orders that nobody has; only people can."""
    with hub().engine.connect() as connection:
        shops = visible_shops(connection, PASSES)
    given = (asked["tier"], caller().actor, shops, asked["count"])
    return {"order_ids": claiming.claim_next(hub(), *given, may=caller().allows)}


@routes.post("/review-hand-overs", PASSES, ReviewOutcomeList, asks=[(BODY, HandOverIn)], refuses=[404, 409, 422])
def hand_over(asked: dict[str, Any]) -> dict[str, Any]:
    """Hand orders to a colleague or a team."""
    with hub().engine.connect() as connection:
        _own(connection, asked["order_ids"], VIEW)
    outcomes = claiming.hand_over(
        hub(), asked["order_ids"], asked["tier"], caller().actor, user_id=asked["user_id"],
        team_id=asked["user_group_id"], reason=asked["reason"], may=caller().allows,
    )  # fmt: skip
    return {"outcomes": outcomes}


@routes.post("/review-releases", PASSES, ReviewOutcomeList, asks=[(BODY, ChosenIn)], refuses=[404, 409, 422])
def give_back(asked: dict[str, Any]) -> dict[str, Any]:
    """Let orders go that the caller has taken."""
    with hub().engine.connect() as connection:
        _own(connection, asked["order_ids"], VIEW)
    given = (asked["order_ids"], asked["tier"], caller().actor)
    return {"outcomes": claiming.give_back(hub(), *given, may=caller().allows)}


@routes.get("/forced-passes", FORCE, ForcedList, asks=[(QUERY, ForcedQuestion)], refuses=[422])
def forced(asked: dict[str, Any]) -> dict[str, Any]:
    """What was passed by force in a span of a month at most: who, how much, why, and what became of it."""
    if not timedelta(0) < asked["until"] - asked["since"] <= LONGEST:
        raise Invalid("until", "the span is empty or longer than 31 days", "ask for one to 31 days")
    with hub().engine.connect() as connection:
        rows = forced_passes(connection, visible_shops(connection, FORCE), asked["since"], asked["until"])
    return {"forced": [{**row._mapping, "fate": fate_of(row)} for row in rows]}


def _whose(connection: Connection, kind: str) -> Whose:
    user_id = user_of(caller().actor)
    if kind in ("mine", "team") and user_id is None:
        raise Invalid("whose", "only people have orders of their own", "ask for all or free")
    if kind == "team":
        return Whose(kind, user_id or 0, tuple(teams_of(connection, user_id)))
    return Whose("" if kind == "all" else kind, user_id or 0)


def _own(connection: Connection, order_ids: Sequence[int], permission: str) -> list[int]:
    """The caller's shops; NotFound when an order is of another: whether it exists is not told either."""
    shops = visible_shops(connection, permission)
    if count_in_shops(connection, shops, order_ids) != len(set(order_ids)):
        raise NotFound("there is no such order", "look the numbers up again")
    return shops


def _own_bulk(bulk_id: int) -> Bulk:
    with hub().engine.connect() as connection:
        bulk = bulk_passing.load_bulk(connection, bulk_id)
    if bulk.actor != caller().actor:
        raise Forbidden("somebody else passed these orders", "ask them, or take the passes back one by one")
    return bulk


def _told(bulk: Bulk) -> dict[str, Any]:
    passed = set(bulk.passed_ids)
    outcomes = [
        Outcome(id_, id_ in passed, bulk.refused.get(id_, ""))
        for id_ in bulk.asked_ids
        if id_ in passed or id_ in bulk.refused
    ]
    return {
        "id": bulk.id, "tier": bulk.tier, "at": bulk.at, "reason": bulk.reason, "asked": len(bulk.asked_ids),
        "done": bulk.done, "undone_at": bulk.undone_at, "outcomes": outcomes,
    }  # fmt: skip
