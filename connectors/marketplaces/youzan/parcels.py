"""Which lines have left, by an order's own `delivery_order`; read by parsing and by the look-up alike."""

from __future__ import annotations

from connectors.marketplaces.youzan.reading import Json, number, number_of, optional, rows, text

HAS_LEFT = 1


def parcels_of(document: Json) -> dict[str, str]:
    """Line → waybill of what has left; empty where the platform does not tell the number.

    That a parcel's number stands in `dists` under `express_info` is not published; it is looked for there.
    """
    found = {}
    for row in rows(document, "delivery_order"):
        if number(row, "express_state") != HAS_LEFT:
            continue
        waybill = next((told for each in rows(row, "dists") if (told := _waybill(each))), "")
        oids = row.get("oids")
        for each in oids if isinstance(oids, list) else []:
            found[number_of(each, "delivery_order.oid")] = waybill
    return found


def _waybill(dist: Json) -> str:
    return text(optional(dist, "express_info"), "express_no") or text(dist, "express_no")
