"""Promises of stock through the API: quotas, what shops are told of a SKU and why, proposals of what to buy."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from marshmallow import fields, validate

from oms.api.access import caller, hub, visible_shops
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.promises_schemas import (
    KeepIn,
    KeptPage,
    KeptQuestion,
    ProposalPage,
    QuotaIn,
    QuotaList,
    QuotaOut,
    QuotaQuestion,
    ToldPreview,
)
from oms.api.schemas import Question
from oms.api.standard.shops import SHOP, seen_shop
from oms.app.kernel.queries.promises import proposals
from oms.app.stock.quotas import (
    FIRST,
    PAGE,
    Place,
    QuotaForm,
    find_quota,
    list_quotas,
    place_of,
    preview,
    remove_quota,
    set_quota,
)
from oms.app.stock.timed import keep_units, list_kept, release_units
from oms.domain.errors import Forbidden, Invalid

VIEW, EDIT, KEEP = "stock.view", "stock.promise", "stock.reserve"
KEPT_PAGE: Final = 200
routes = Routes("promises", "Promises of stock: quotas, reservations for a time, what to buy")


class SkuQuestion(Question):
    """Which SKU, by its code."""

    sku = fields.String(required=True, validate=validate.Length(min=1, max=100))


def _check_everywhere(permission: str) -> None:
    """What one shop is given is taken from all others."""
    with hub().engine.connect() as connection:
        shops = {row for row in hub().masters.get(connection, hub().clock()).shops}
        if shops - set(visible_shops(connection, permission)):
            raise Forbidden(f"the permission {permission} is missing in some shops", "ask an administrator for it")


@routes.get("/stock-quotas", VIEW, QuotaList, asks=[(QUERY, QuotaQuestion)], refuses=[422])
def list_all(asked: dict[str, Any]) -> dict[str, Any]:
    """Quotas of all SKUs first, then SKU by SKU; a more exact place counts before a wider one, field by field."""
    _check_everywhere(VIEW)
    with hub().engine.connect() as connection:
        quotas = list_quotas(connection, after=_read_cursor(asked.get("cursor", "")))
    return {"quotas": quotas, "next": _write_cursor(place_of(quotas[-1])) if len(quotas) == PAGE else ""}


def _write_cursor(place: Place) -> str:
    sku, exactness, scope_id = place
    return base64.urlsafe_b64encode(f"{exactness}.{scope_id}.{sku}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> Place:
    if not cursor:
        return FIRST
    try:
        plain = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
        exactness, scope_id, sku = plain.split(".", 2)
        place = sku, int(exactness), int(scope_id)
    except (ValueError, binascii.Error):
        place = ("", -1, -1)
    if not (0 <= place[1] <= 2 and 0 <= place[2] < 2**63) or "\0" in place[0]:
        raise Invalid("cursor", "this is no cursor of this list", "send `next` of the page before, or nothing")
    return place


@routes.put("/stock-quotas", EDIT, QuotaOut, asks=[(BODY, QuotaIn)], refuses=[400, 404, 415, 422])
def put_quota(asked: dict[str, Any]) -> dict[str, Any]:
    """Set a place's quota on a SKU; fields that are left out are left to the wider place."""
    _check_everywhere(EDIT)
    form = QuotaForm(*(asked.get(name) for name in ("exclusive", "ratio_bp", "threshold", "threshold_units")))
    id_ = set_quota(hub(), asked["scope"], asked["scope_id"], asked["sku"], form, caller().actor)
    with hub().engine.connect() as connection:
        return find_quota(connection, id_)


@routes.delete("/stock-quotas/<int(min=1, max=9223372036854775807):quota_id>", EDIT, refuses=[404])
def delete_quota(quota_id: int) -> str:
    """Take a quota away; the wider place counts again."""
    _check_everywhere(EDIT)
    remove_quota(hub(), quota_id, caller().actor)
    return ""


@routes.get("/stock-preview", VIEW, ToldPreview, asks=[(QUERY, SkuQuestion)], refuses=[404, 422])
def show_preview(asked: dict[str, Any]) -> dict[str, Any]:
    """What each live shop would be told of a SKU now, with the steps that lead to it."""
    with hub().engine.connect() as connection:
        masters = hub().masters.get(connection, hub().clock())
        seen = set(visible_shops(connection, VIEW))
        told = preview(connection, masters, asked["sku"], seen)
    return {"pools": [
        {"pool": name, "there": supply.there, "promised": supply.promised, "available": supply.available, "shops": [
            {"shop_id": row.shop.id, "told": row.told.units, "exclusive": row.own, "worth": row.worth,
             "steps": [{"step": step, "units": units} for step, units in row.told.steps]} for row in rows]}
        for name, supply, rows in told if rows
    ]}  # fmt: skip


@routes.get("/replenishment-proposals", VIEW, ProposalPage)
def list_proposals() -> dict[str, Any]:
    """Open proposals of what to buy, those whose goods run out first at the top; at most five hundred."""
    _check_everywhere(VIEW)
    with hub().engine.connect() as connection:
        return {"proposals": [row._mapping for row in proposals(connection, ("open",), 500)]}


@routes.get(f"{SHOP}/reservations", KEEP, KeptPage, asks=[(QUERY, KeptQuestion)], refuses=[404, 422])
def list_reservations(asked: dict[str, Any], shop_id: int) -> dict[str, Any]:
    """What the shop has had kept for a time, in the order of its references."""
    shop = seen_shop(KEEP, shop_id)
    with hub().engine.connect() as connection:
        kept = list_kept(connection, shop, asked.get("cursor", ""), KEPT_PAGE)
    return {"reservations": kept, "next": kept[-1].reference if len(kept) >= KEPT_PAGE else ""}


@routes.put(
    f"{SHOP}/reservations/<string(maxlength=100):reference>", KEEP, KeptPage, asks=[(BODY, KeepIn)],
    refuses=[400, 404, 415, 422],
)  # fmt: skip
def put_reservation(asked: dict[str, Any], shop_id: int, reference: str) -> dict[str, Any]:
    """Keep units for a time, all or none; the order with this reference as its number takes them. Again replaces it."""
    shop = seen_shop(KEEP, shop_id)
    wanted = {item["sku"]: item["units"] for item in asked["items"]}
    if len(wanted) < len(asked["items"]):
        raise Invalid("items", "a SKU is named twice", "send one number for each SKU")
    if "\0" in reference:
        raise Invalid("reference", "this is no number of a document", "use printable characters")
    return {"reservations": keep_units(hub(), shop, reference, wanted, asked["expires_at"]), "next": ""}


@routes.delete(f"{SHOP}/reservations/<string(maxlength=100):reference>", KEEP, refuses=[404])
def delete_reservation(shop_id: int, reference: str) -> str:
    """Let go of what is kept under a reference."""
    release_units(hub(), seen_shop(KEEP, shop_id), reference.replace("\0", ""))
    return ""
