"""Stores through the API: what they have before them, and the verbs of their screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from oms.api.access import caller, hub, visible_shops
from oms.api.blueprints import BODY, HEADERS, Routes
from oms.api.schemas import ActionHeaders
from oms.api.stores_schemas import Done, NoteIn, ParcelIn, StoreIn, StoreList, StoreWork, TaskIn
from oms.app.kernel.point_scope import store_points_of
from oms.app.kernel.queries import stores as queries
from oms.app.pipeline.stores import handing, notes, tasks
from oms.app.pipeline.stores.acting import Doing
from oms.app.pipeline.stores.money import Taken
from oms.app.pipeline.stores.placing import choose_store
from oms.domain.errors import NotFound

WORK, ASSIGN = "store.work", "store.assign"
NUMBER: Final = "<int(min=1, max=9223372036854775807):{}>"
Asked = dict[str, Any]
routes = Routes(
    "stores",
    "Stores: orders for their own goods, parcels to hand over, delivery notes to receive. A key works for the stock "
    "points it is named for in the console.",
)
#: What a click is refused with, and what it wants.
CHANGES: Final[dict[str, Any]] = {"refuses": [404, 409, 422]}


@routes.get("/stores", WORK, StoreList)
def list_stores() -> dict[str, Any]:
    """The caller's stores, with how much each has to do."""
    with hub().engine.connect() as connection:
        return {"stores": queries.points(connection, store_points_of(connection, caller(), WORK))}


@routes.get(f"/stores/{NUMBER.format('store_id')}/work", WORK, StoreWork, refuses=[404])
def show_work(store_id: int) -> dict[str, Any]:
    """Open tasks and parcels of a store, what is due first."""
    with hub().engine.connect() as connection:
        if store_id not in store_points_of(connection, caller(), WORK):
            raise NotFound("there is no such store", "ask for the stores that are yours")
        rows = [
            {**row._mapping, "picked": row.warehouse_step == tasks.PICKED} for row in queries.tasks(connection, store_id)
        ]
        return {"tasks": rows, "parcels": queries.parcels(connection, store_id)}


TASKS: Final[dict[str, Callable[[Doing, int, Asked], None]]] = {
    "accept": lambda doing, id_, asked: tasks.accept(hub(), doing, id_),
    "refuse": lambda doing, id_, asked: tasks.refuse(hub(), doing, id_, asked["reason"]),
    "pick": lambda doing, id_, asked: tasks.pick(hub(), doing, id_),
    "finish": lambda doing, id_, asked: tasks.finish(hub(), doing, id_, asked["shelf"]),
    "give-back": lambda doing, id_, asked: tasks.give_stopped_back(hub(), doing, id_),
}
PARCELS: Final[dict[str, Callable[[Doing, int, Asked], None]]] = {
    "ready": lambda doing, id_, asked: handing.ready(hub(), doing, id_, asked["shelf"]),
    "hand-over": lambda doing, id_, asked: handing.hand_over(hub(), doing, id_, asked["code"], _taken(asked)),
    "go-out": lambda doing, id_, asked: handing.go_out(hub(), doing, id_),
    "not-met": lambda doing, id_, asked: handing.not_met(hub(), doing, id_),
    "refuse": lambda doing, id_, asked: handing.refuse(hub(), doing, id_, asked["reason"]),
    "put-back": lambda doing, id_, asked: handing.put_back(hub(), doing, id_),
    "renew-code": lambda doing, id_, asked: handing.renew_code(hub(), doing, id_),
}


def _receive(doing: Doing, note_id: int, asked: Asked) -> None:
    notes.receive_parcel(hub(), doing, note_id, asked["waybill_no"], damage=asked["damage"], shelf=asked["shelf"])


NOTES: Final[dict[str, Callable[[Doing, int, Asked], Any]]] = {
    "send": lambda doing, id_, asked: notes.send_note(hub(), doing, id_),
    "receive": _receive,
    "finish": lambda doing, id_, asked: notes.finish_receiving(hub(), doing, id_),
}


def _verb(verbs: dict[str, Any]) -> str:
    return f"<any({', '.join(map(repr, verbs))}):verb>"


@routes.post(f"/stores/tasks/{NUMBER.format('fulfilment_id')}/{_verb(TASKS)}", WORK, Done,
             asks=[(HEADERS, ActionHeaders), (BODY, TaskIn)], **CHANGES)  # fmt: skip
def act_on_task(headers: dict[str, str], asked: Asked, fulfilment_id: int, verb: str) -> dict[str, bool]:
    """Accept, refuse, pick or finish an order for the store's own goods; repeating with the same key changes nothing."""
    TASKS[verb](_doing(headers, asked["store_id"]), fulfilment_id, asked)
    return {"done": True}


@routes.post(f"/stores/parcels/{NUMBER.format('parcel_id')}/{_verb(PARCELS)}", WORK, Done,
             asks=[(HEADERS, ActionHeaders), (BODY, ParcelIn)], **CHANGES)  # fmt: skip
def act_on_parcel(headers: dict[str, str], asked: Asked, parcel_id: int, verb: str) -> dict[str, bool]:
    """Make a parcel ready, hand it over, take it out, note a refusal; repeating with the same key changes nothing."""
    PARCELS[verb](_doing(headers, asked["store_id"]), parcel_id, asked)
    return {"done": True}


@routes.post(f"/stores/notes/{NUMBER.format('note_id')}/{_verb(NOTES)}", WORK, Done,
             asks=[(HEADERS, ActionHeaders), (BODY, NoteIn)], **CHANGES)  # fmt: skip
def act_on_note(headers: dict[str, str], asked: Asked, note_id: int, verb: str) -> dict[str, bool]:
    """Send a delivery note, receive a parcel of it, or say that all has come; a repeated key changes nothing."""
    NOTES[verb](_doing(headers, asked["point_id"]), note_id, asked)
    return {"done": True}


@routes.put(f"/orders/{NUMBER.format('order_id')}/store", ASSIGN, Done, asks=[(BODY, StoreIn)], **CHANGES)
def set_store(asked: Asked, order_id: int) -> dict[str, bool]:
    """Give an order its store, or another one as long as nobody works on it."""
    with hub().engine.connect() as connection:
        shop_id = queries.shop_of(connection, order_id)
        if shop_id is None or shop_id not in visible_shops(connection, ASSIGN):
            raise NotFound("there is no such order")
    choose_store(hub(), order_id, asked["store_id"], caller().actor, mode=asked["mode"], leg=asked["leg"])
    return {"done": True}


def _doing(headers: dict[str, str], point_id: int) -> Doing:
    with hub().engine.connect() as connection:
        if point_id not in store_points_of(connection, caller(), WORK):
            raise NotFound("there is no such store", "ask for the stores that are yours")
    return Doing(point_id, caller().actor, headers["idempotency_key"])


def _taken(asked: Asked) -> Taken | None:
    return Taken(asked["amount"], asked["method"], asked["reference"]) if asked["amount"] else None
