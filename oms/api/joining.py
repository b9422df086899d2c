"""Merging and splitting through the API: an order's companions, merging, splitting, taking either back."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields, validate
from sqlalchemy import Connection

from oms.api.access import caller, hub, require_shop, visible_shops
from oms.api.blueprints import BODY, Routes
from oms.api.schemas import ID, Body, plain_text
from oms.app.kernel.queries.joining import joinings_of, kin_of, open_lines_of
from oms.app.kernel.queries.order_page import load_order
from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.merging.by_hand import MOST, join_orders
from oms.app.pipeline.merging.reasons import WHY, Kin, kin_reasons
from oms.app.pipeline.splitting.by_hand import preview_split, split_fulfilment
from oms.app.pipeline.splitting.coming_apart import undo
from oms.domain.errors import Invalid, NotFound

routes = Routes("joining", "Merging and splitting by hand: what leaves as one, and taking it back until it is sent")
VIEW, MERGE, SPLIT = "order.view", "fulfilment.merge", "fulfilment.split"
_ID: Final = "int(min=1, max=9223372036854775807)"
ORDER: Final = f"<{_ID}:order_id>"
MOST_PARCELS, MOST_LINES = 9, 200


def _reason(**kwargs: Any) -> fields.String:
    return fields.String(validate=[validate.Length(max=200), plain_text], **kwargs)


class CompanionOut(Schema):
    """An order of the same buyer or phone that has not left.

    `refusal` forbids merging by hand as well. Without one `why` says why no rule joins them: "together" if one will.
    """

    order_id = fields.Integer(required=True)
    external_no = fields.String(required=True)
    shop_id = fields.Integer(required=True)
    fulfilment_id = fields.Integer(required=True, allow_none=True)
    refusal = fields.String(required=True)
    remedy = fields.String(required=True)
    why = fields.String(required=True, validate=validate.OneOf(["", *WHY]))


class CompanionList(Schema):
    """Those that might leave with an order."""

    companions = fields.List(fields.Nested(CompanionOut), required=True)


class MergeIn(Body):
    """Orders to leave with this one."""

    order_ids = fields.List(
        fields.Integer(validate=ID, strict=True), required=True, validate=validate.Length(min=1, max=MOST)
    )
    reason = _reason(load_default="")


class MergeOut(Schema):
    """The fulfilment that all leave in. It is dispatched after two minutes, or when all its orders may leave."""

    fulfilment_id = fields.Integer(required=True)


class SplitUnitsIn(Body):
    """Units of one line of the fulfilment."""

    line_id = fields.Integer(required=True, validate=ID, strict=True)
    units = fields.Integer(required=True, validate=validate.Range(min=1, max=1_000_000), strict=True)


class SplitParcelIn(Body):
    """A further parcel."""

    lines = fields.List(fields.Nested(SplitUnitsIn), required=True, validate=validate.Length(min=1, max=MOST_LINES))


class SplitIn(Body):
    """Further parcels; what is in none of them stays, and a gift goes with its line. `dry_run` changes nothing."""

    parcels = fields.List(fields.Nested(SplitParcelIn), required=True, validate=validate.Length(min=1, max=MOST_PARCELS))
    reason = _reason(load_default="")
    dry_run = fields.Boolean(load_default=False)


class SplitParcelOut(Schema):
    """A parcel with its money in minor units."""

    units = fields.Integer(required=True)
    goods_amount = fields.Integer(required=True)
    freight_amount = fields.Integer(required=True)
    collect_amount = fields.Integer(required=True)


class SplitOut(Schema):
    """The parcels, the rest first, and the new fulfilments; none of a dry run."""

    parcels = fields.List(fields.Nested(SplitParcelOut), required=True)
    fulfilment_ids = fields.List(fields.Integer(), required=True)


class JoiningOut(Schema):
    """Something that was merged or split, by rule or by hand."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["merge", "split"]))
    way = fields.String(required=True, validate=validate.OneOf(["rule", "hand"]))
    fulfilment_id = fields.Integer(required=True)
    order_ids = fields.List(fields.Integer(), required=True)
    reason = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)
    made_by = fields.String(required=True)
    undone_at = fields.AwareDateTime(required=True, allow_none=True)
    undone_by = fields.String(required=True)
    has_numbers = fields.Boolean(required=True)
    is_waiting = fields.Boolean(required=True)


class JoiningList(Schema):
    """The newest twenty, newest first."""

    joinings = fields.List(fields.Nested(JoiningOut), required=True)


class UndoJoiningIn(Body):
    """Why it is taken back."""

    reason = fields.String(required=True, validate=[validate.Length(min=2, max=200), plain_text])


@routes.get(f"/orders/{ORDER}/companions", VIEW, CompanionList, refuses=[404])
def list_companions(order_id: int) -> dict[str, Any]:
    """Orders that might leave with this one, each with what keeps it from that."""
    with hub().engine.connect() as connection:
        order = _order(connection, order_id)
        others = kin_of(connection, order, visible_shops(connection, VIEW))
        return {"companions": [_told(it) for it in kin_reasons(hub(), connection, order.id, others)]}


@routes.post(f"/orders/{ORDER}/merge", MERGE, MergeOut, asks=[(BODY, MergeIn)], refuses=[404, 409, 422])
def merge_orders(asked: dict[str, Any], order_id: int) -> dict[str, Any]:
    """Merge the planned fulfilments of orders into one."""
    ids = [order_id, *asked["order_ids"]]
    with hub().engine.connect() as connection:
        for id_ in ids:
            _order(connection, id_, MERGE)
    return {"fulfilment_id": join_orders(hub(), ids, caller().actor, asked["reason"], caller().allows)}


@routes.post(f"/orders/{ORDER}/fulfilments/<{_ID}:fulfilment_id>/split", SPLIT, SplitOut,
             asks=[(BODY, SplitIn)], refuses=[404, 409, 422])  # fmt: skip
def split_order(asked: dict[str, Any], order_id: int, fulfilment_id: int) -> dict[str, Any]:
    """Split a planned fulfilment into parcels, also one of several orders: each keeps its money to the cent."""
    chosen = [_chosen(parcel["lines"]) for parcel in asked["parcels"]]
    with hub().engine.connect() as connection:
        order = _order(connection, order_id, SPLIT)
        for line in open_lines_of(connection, fulfilment_id):
            _order(connection, line.order_id, SPLIT)
        parcels = preview_split(hub(), connection, fulfilment_id, chosen, order_id=order.id)
    made = []
    if not asked["dry_run"]:
        made = split_fulfilment(hub(), fulfilment_id, chosen, caller().actor, asked["reason"])
    told = [{"units": sum(one.units.values()), "goods_amount": one.goods, "freight_amount": one.freight,
             "collect_amount": one.collect} for one in parcels]  # fmt: skip
    return {"parcels": told, "fulfilment_ids": made}


@routes.get(f"/orders/{ORDER}/joinings", VIEW, JoiningList, refuses=[404])
def list_joinings(order_id: int) -> dict[str, Any]:
    """What of an order was merged or split."""
    with hub().engine.connect() as connection:
        order = _order(connection, order_id)
        return {"joinings": [dict(row._mapping) for row in joinings_of(connection, order.id)]}


@routes.post(f"/orders/{ORDER}/joinings/<{_ID}:joining_id>/undo", VIEW, JoiningList,
             asks=[(BODY, UndoJoiningIn)], refuses=[404, 409, 422])  # fmt: skip
def undo_joining(asked: dict[str, Any], order_id: int, joining_id: int) -> dict[str, Any]:
    """Take a merge or a split back until the warehouse was told: each part is what it was.

    Where waybill numbers were taken (`has_numbers`) carriers cancel them first: `is_waiting` until they have confirmed.
    """
    with hub().engine.connect() as connection:
        order = _order(connection, order_id)
        row = next((it for it in joinings_of(connection, order.id) if it.id == joining_id), None)
        if row is None:
            raise NotFound("this order has no such merge or split", "read the order's joinings again")
        for id_ in row.order_ids:
            _order(connection, id_, MERGE if row.kind == "merge" else SPLIT)
    undo(hub(), joining_id, caller().actor, asked["reason"])
    return list_joinings(order_id)


def _order(connection: Connection, order_id: int, permission: str = VIEW) -> AnyRow:
    order = load_order(connection, order_id)
    if order is None:
        raise NotFound("there is no such order")
    require_shop(permission, order.shop_id, "order")
    return order


def _chosen(lines: list[dict[str, int]]) -> dict[int, int]:
    chosen = {line["line_id"]: line["units"] for line in lines}
    if len(chosen) < len(lines):
        raise Invalid("parcels", "a line stands twice in one parcel", "name each line once, with all its units")
    return chosen


def _told(kin: Kin) -> dict[str, Any]:
    order, work = kin.candidate.order, kin.candidate.work
    return {
        "order_id": order.id, "external_no": order.external_no, "shop_id": order.shop_id,
        "fulfilment_id": work.id if work else None, "refusal": kin.refusal.words if kin.refusal else "",
        "remedy": kin.refusal.remedy if kin.refusal else "", "why": kin.why,
    }  # fmt: skip
