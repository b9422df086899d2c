"""Warehouses without a system through the API: read open work, accept, ship, report short, refuse, answer stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from flask import jsonify, make_response
from sqlalchemy import Connection, text

from connectors.contract.records import ReceiverRecord
from oms.api.access import caller, hub
from oms.api.blueprints import BODY, HEADERS, QUERY, Routes
from oms.api.packing_schemas import (
    LabelList,
    ReceiverOut,
    RelabelIn,
    RelabelList,
    VerbIn,
    WorkChanges,
    WorkChangesQuestion,
    WorkFull,
    WorkPage,
    WorkQuestion,
)
from oms.api.schemas import ActionHeaders
from oms.app.kernel.feed_reader import read_changes
from oms.app.kernel.point_scope import points_of
from oms.app.kernel.queries import packing as queries
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.receivers import unmask
from oms.app.pipeline.labels.acknowledged import acknowledge, relabellings
from oms.app.pipeline.labels.printing import PrintLabel, labels_of
from oms.app.pipeline.packing import desk as packing
from oms.app.pipeline.packing.desk import Teller
from oms.app.pipeline.packing.parcels import PackedParcel
from oms.domain.errors import Invalid, NotFound
from oms.domain.numbers import document_no

WORK, RECEIVER = "packing.work", "packing.receiver"
ID = "<int(min=1, max=9223372036854775807):fulfilment_id>"
CHANGE = "<int(min=1, max=9223372036854775807):change_id>"
SIZE = 100
routes = Routes(
    "packing",
    "Work of warehouses without a system: read open work once, then what changed since; say what was done. "
    "A key works for the stock points it is named for in the console.",
)


@routes.get("/packing/fulfilments", WORK, WorkPage, asks=[(QUERY, WorkQuestion)], refuses=[422])
def list_work(asked: dict[str, Any]) -> dict[str, Any]:
    """Open work at the caller's stock points, a hundred a page; what is being stopped is among it."""
    with hub().engine.connect() as connection:
        points = _points(connection)
        if "stock_point_id" in asked:
            points = [id_ for id_ in points if id_ == asked["stock_point_id"]]
        cursor = read_changes(connection, [], "now").cursor
        rows = queries.work_by_id(connection, points, asked["after"], SIZE)
        return {"work": [_brief(row) for row in rows], "next": rows[-1].id if len(rows) == SIZE else 0, "cursor": cursor}


@routes.get("/packing/changes", WORK, WorkChanges, asks=[(QUERY, WorkChangesQuestion)], refuses=[422])
def list_changes(asked: dict[str, Any]) -> dict[str, Any]:
    """Fulfilments at the caller's stock points that changed since a cursor: new work, stops, cancellations."""
    with hub().engine.connect() as connection:
        shops = list(connection.execute(text("select id from shop")).scalars())
        changes = read_changes(connection, shops, asked["cursor"], kind="fulfilment")
        ids = [row.document_id for row in changes.rows]
        rows = queries.works(connection, _points(connection), ids)
        return {"work": [_brief(row) for row in rows], "cursor": changes.cursor, "more": changes.more}


@routes.get(f"/packing/fulfilments/{ID}", WORK, WorkFull, refuses=[404])
def show(fulfilment_id: int) -> dict[str, Any]:
    """One fulfilment with its goods and parcels."""
    with hub().engine.connect() as connection:
        return _full(connection, fulfilment_id)


@routes.get(f"/packing/fulfilments/{ID}/receiver", RECEIVER, ReceiverOut, refuses=[404])
def receiver(fulfilment_id: int) -> Any:
    """Where it goes, for the label; who asked stands in the order's timeline."""
    with hub().begin() as connection:
        found = _to_print(connection, fulfilment_id)
        return _person(unmask(hub(), connection, found.work.lead_order_id, caller().actor, "packing label"))


@routes.get(f"/packing/fulfilments/{ID}/label", RECEIVER, LabelList, refuses=[404, 409])
def label(fulfilment_id: int) -> dict[str, Any]:
    """The labels of ours for a printer, one for each package; who asked stands in the order's timeline.

    409 says why there is none: the number is still being asked for, was refused or cancelled, or is not ours.
    """
    with hub().begin() as connection:
        found = _to_print(connection, fulfilment_id)
        labels = labels_of(hub(), connection, fulfilment_id)
        unmask(hub(), connection, found.work.lead_order_id, caller().actor, "packing label")
    return {"labels": [_label(one) for one in labels]}


def _to_print(connection: Connection, fulfilment_id: int) -> queries.PackingPage:
    """A fulfilment at the points for which the caller may print."""
    found = queries.load_work(connection, points_of(connection, caller(), RECEIVER), fulfilment_id)
    if found is None:
        raise NotFound("there is no such fulfilment at your stock points")
    return found


def _person(person: ReceiverRecord) -> dict[str, Any]:
    names = ("name", "state", "city", "district", "town", "address", "postcode")
    return {name: getattr(person, name) for name in names} | {"phone": person.phone or person.telephone}


def _label(label: PrintLabel) -> dict[str, Any]:
    names = ("package", "waybill_no", "parent_no", "prints", "collect_amount", "currency", "template_url", "print_data")
    sender = dict(zip(("name", "phone", "address"), label.sender, strict=True))
    people = {"sender": sender, "receiver": _person(label.receiver)}
    return {name: getattr(label, name) for name in names} | people | {"carrier": label.carrier_code}


def _accept(fulfilment_id: int, teller: Teller, asked: dict[str, Any]) -> bool:
    return packing.accept(hub(), fulfilment_id, teller)


def _ship(fulfilment_id: int, teller: Teller, asked: dict[str, Any]) -> bool:
    parcels = [
        PackedParcel(one["carrier"], one["waybill_no"], one["items"], one["weight_g"])
        for one in _need(asked, "parcels", "there is no parcel")
    ]
    return packing.ship(hub(), fulfilment_id, parcels, teller, final=asked["final"])


def _short(fulfilment_id: int, teller: Teller, asked: dict[str, Any]) -> bool:
    lack = _need(asked, "lack", "the missing units are not named")
    return packing.report_short(hub(), fulfilment_id, lack, teller, left=asked["left"])


def _refuse(fulfilment_id: int, teller: Teller, asked: dict[str, Any]) -> bool:
    return packing.refuse(hub(), fulfilment_id, asked["reason"], teller)


def _answer_stop(fulfilment_id: int, teller: Teller, asked: dict[str, Any]) -> bool:
    stopped = _need(asked, "stopped", "whether it was stopped is not said")
    return packing.answer_stop(hub(), fulfilment_id, stopped, teller, asked["reason"])


VERBS: Final[dict[str, Callable[[int, Teller, dict[str, Any]], bool]]] = {
    "accept": _accept,
    "ship": _ship,
    "short": _short,
    "refuse": _refuse,
    "answer-stop": _answer_stop,
}
VERB = f"<any({', '.join(map(repr, VERBS))}):verb>"


@routes.post(
    f"/packing/fulfilments/{ID}/{VERB}",
    WORK,
    WorkFull,
    asks=[(HEADERS, ActionHeaders), (BODY, VerbIn)],
    refuses=[404, 409, 422],
)
def say(headers: dict[str, str], asked: dict[str, Any], fulfilment_id: int, verb: str) -> Any:
    """Say what was done with a fulfilment, and read it as it is now; repeating with the same key changes nothing more."""
    with hub().engine.connect() as connection:
        points = _points(connection)
    is_new = VERBS[verb](fulfilment_id, Teller(caller().actor, points, headers["idempotency_key"]), asked)
    with hub().engine.connect() as connection:
        answer = make_response(jsonify(WorkFull().dump(_full(connection, fulfilment_id, is_answered=True))))
    if not is_new:
        answer.headers["Idempotent-Replay"] = "true"
    return answer


@routes.get("/packing/label-changes", WORK, RelabelList)
def list_relabellings() -> dict[str, Any]:
    """Labels that carriers have changed, at all the caller's stock points, until somebody says that they are on."""
    with hub().engine.connect() as connection:
        rows = relabellings(connection, points_of(connection, caller(), WORK))
    told = [{**asdict(row), "number": document_no("fulfilment", row.fulfilment_id, row.version)} for row in rows]
    return {"changes": told}


@routes.post(f"/packing/label-changes/{CHANGE}", WORK, RelabelList, asks=[(BODY, RelabelIn)], refuses=[404, 409, 422])
def answer_relabelling(asked: dict[str, Any], change_id: int) -> dict[str, Any]:
    """Say that a parcel bears its new label, or that it cannot be put on; only a yes changes the order's receiver."""
    with hub().engine.connect() as connection:
        points = points_of(connection, caller(), WORK)
    acknowledge(hub(), change_id, caller().actor, points, is_done=asked["is_done"], words=asked["words"])
    return list_relabellings()


def _points(connection: Connection) -> list[int]:
    own = points_of(connection, caller(), WORK)
    return [row.id for row in queries.points_by_hand(connection, own)]


def _need(asked: dict[str, Any], field: str, words: str) -> Any:
    if field not in asked:
        raise Invalid(field, words, f"send {field} in the body")
    return asked[field]


def _brief(row: AnyRow) -> dict[str, Any]:
    return {**row._mapping, "number": document_no("fulfilment", row.id, row.version), "units": row.units or 0}


def _full(connection: Connection, fulfilment_id: int, *, is_answered: bool = False) -> dict[str, Any]:
    """As it is now. What was stopped for a change is planned anew, and still shown to who has answered."""
    found = queries.load_work(connection, _points(connection), fulfilment_id, is_answered=is_answered)
    if found is None:
        raise NotFound("there is no such fulfilment at your stock points")
    return {**_brief(found.work), "lines": found.lines, "parcels": found.parcels}
