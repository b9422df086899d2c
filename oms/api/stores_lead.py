"""What who leads stores does through the API: the day, cash handed in, answers of differences, a store's settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from marshmallow import Schema, fields, validate

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, HEADERS, Routes
from oms.api.schemas import ID, ActionHeaders, Body, plain_text
from oms.api.stores_schemas import Done
from oms.app.kernel.point_scope import store_points_of
from oms.app.kernel.queries import store_day as queries
from oms.app.kernel.queries import stores as store_queries
from oms.app.pipeline.stores import notes
from oms.app.pipeline.stores.acting import Doing
from oms.app.pipeline.stores.cash import cash_in_till, hand_in
from oms.app.pipeline.stores.days import begin_of_day
from oms.app.pipeline.stores.own_settings import (
    BOUNDS,
    MOST_CHARACTERS,
    OwnSettings,
    find_own_settings,
    mark_of_own,
    plain,
    save_own_settings,
)
from oms.app.stock.points import MOST_CLOSURES
from oms.domain.errors import NotFound
from oms.domain.opening_hours import DAYS

LEAD, SET_OWN = "store.lead", "store.set_own"
NUMBER: Final = "<int(min=1, max=9223372036854775807):{}>"
STORE: Final = f"/stores/{NUMBER.format('store_id')}"
ENDINGS: Final = ("found", "lost", "accepted", "sent_back")
REVISION: Final = {"description": "The revision that was read; another one by now is refused with 409"}
#: Numbers of the day as the screen shows them.
COUNTS: Final = ("expected", "findings", "tasks", "late_tasks", "to_make_ready", "slow", "to_collect", "to_bring", "out",
                 "overdue", "refused", "parcels_back", "units_back", "returns_waiting", "done_today")  # fmt: skip
routes = Routes(
    "stores_lead",
    "Stores for who leads them. A key works for the stores it is named for in the console; without any, only one that "
    "may also `store.edit` or `store.assign` in every shop sees them all.",
)


def _words(**kwargs: Any) -> fields.String:
    return fields.String(validate=[validate.Length(max=MOST_CHARACTERS), plain_text], **kwargs)


class TillOut(Schema):
    """Cash in the till, minor units; negative when more was paid back than taken."""

    currency = fields.String(required=True)
    amount = fields.Integer(required=True)


DayOut = Schema.from_dict(
    {name: fields.Integer(required=True) for name in COUNTS}
    | {"cash": fields.List(fields.Nested(TillOut), required=True)},
    name="StoreDayOut",
)


class CashIn(Body):
    """Cash that leaves the till with its slip, minor units."""

    amount = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=10**12))
    currency = fields.String(load_default="CNY", validate=validate.Regexp(r"[A-Z]{3}\Z"))
    reference = fields.String(load_default="", validate=[validate.Length(max=100), plain_text])


class FindingIn(Body):
    """How a difference ends: missing is `found` or `lost`, damaged `accepted` or `sent_back`."""

    store_id = fields.Integer(required=True, strict=True, validate=ID)
    resolution = fields.String(required=True, validate=validate.OneOf(ENDINGS))


def _number(name: str) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(*BOUNDS[name]))


class OwnSettingsIn(Body):
    """A store's settings, all of them; `hours` by weekday as two times: a day left empty is closed, none at all open."""

    address = _words(required=True)
    phone = _words(required=True)
    email = _words(required=True)
    hands_out = fields.Boolean(required=True)
    delivers = fields.Boolean(required=True)
    ready_min = _number("ready_min")
    overdue_days = _number("overdue_days")
    hours = fields.Dict(
        keys=fields.String(validate=validate.OneOf(DAYS)),
        values=fields.List(fields.String(validate=validate.Regexp(r"\d\d:\d\d\Z")), validate=validate.Length(max=2)),
        required=True,
    )
    closed_on = fields.List(fields.Date(), required=True, validate=validate.Length(max=MOST_CLOSURES))
    revision = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{32}\Z"), metadata=REVISION)


class OwnSettingsOut(Schema):
    """A store's settings; `revision` is another one whenever they are."""

    address = fields.String(required=True)
    phone = fields.String(required=True)
    email = fields.String(required=True)
    hands_out = fields.Boolean(required=True)
    delivers = fields.Boolean(required=True)
    ready_min = fields.Integer(required=True)
    overdue_days = fields.Integer(required=True)
    hours = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
    closed_on = fields.List(fields.Date(), required=True)
    revision = fields.String(required=True)


@routes.get(f"{STORE}/day", LEAD, DayOut, refuses=[404])
def show_day(store_id: int) -> dict[str, Any]:
    """A store in numbers: work that is open, what is late, the cash in its till."""
    _mine(store_id, LEAD)
    now = hub().clock()
    with hub().engine.connect() as connection:
        day = queries.day_of(connection, store_id, now, begin_of_day(connection, store_id, now))
        till = cash_in_till(connection, store_id)
    told = {name: getattr(day, name) for name in COUNTS}
    return told | {"cash": [{"currency": currency, "amount": amount} for currency, amount in till.items()]}


@routes.post(f"{STORE}/cash", LEAD, Done, asks=[(HEADERS, ActionHeaders), (BODY, CashIn)], refuses=[404, 409, 422])
def hand_in_cash(headers: dict[str, str], asked: dict[str, Any], store_id: int) -> dict[str, bool]:
    """Record cash that is handed in, never more than there is; repeating with the same key changes nothing."""
    _mine(store_id, LEAD)
    doing = Doing(store_id, caller().actor, headers["idempotency_key"])
    hand_in(hub(), doing, asked["amount"], asked["currency"], asked["reference"])
    return {"done": True}


@routes.post(
    f"/stores/findings/{NUMBER.format('finding_id')}", LEAD, Done, asks=[(HEADERS, ActionHeaders), (BODY, FindingIn)],
    refuses=[404, 409, 422],
)  # fmt: skip
def end_finding(headers: dict[str, str], asked: dict[str, Any], finding_id: int) -> dict[str, bool]:
    """Answer a difference of a delivery note to one of the caller's stores; a repeated key changes nothing."""
    _mine(asked["store_id"], LEAD)
    doing = Doing(asked["store_id"], caller().actor, headers["idempotency_key"])
    notes.resolve_finding(hub(), doing, finding_id, asked["resolution"])
    return {"done": True}


@routes.get(f"{STORE}/settings", SET_OWN, OwnSettingsOut, refuses=[404])
def show_settings(store_id: int) -> dict[str, Any]:
    """How a store is set: contact, what it does, times, opening hours, closed days."""
    _mine(store_id, SET_OWN)
    with hub().engine.connect() as connection:
        return _told(find_own_settings(connection, store_id))


@routes.put(f"{STORE}/settings", SET_OWN, OwnSettingsOut, asks=[(BODY, OwnSettingsIn)], refuses=[404, 409, 422])
def set_settings(asked: dict[str, Any], store_id: int) -> dict[str, Any]:
    """Put a store's settings in force; where it stands, how far it delivers and its people stay as they are."""
    _mine(store_id, SET_OWN)
    seen = asked.pop("revision")
    told = OwnSettings(**asked | {"closed_on": tuple(sorted(set(asked["closed_on"])))})
    save_own_settings(hub(), store_id, told, caller().actor, seen=seen)
    return _told(told)


def _told(settings: OwnSettings) -> dict[str, Any]:
    return plain(settings) | {"revision": mark_of_own(settings)}


def _mine(store_id: int, permission: str) -> None:
    with hub().engine.connect() as connection:
        mine = store_points_of(connection, caller(), permission)
        found: Sequence[Any] = store_queries.points(connection, mine)
    if all(row.id != store_id for row in found):
        raise NotFound("there is no such store", "ask for the stores that are yours")
