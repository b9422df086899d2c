"""What truly left the warehouse, for comparison with what others believe; and the means to falsify it for a test."""

import json
from collections import defaultdict
from collections.abc import Iterable
from sqlite3 import Row
from typing import Any

from connectors.sandbox.qimen import shipping
from connectors.sandbox.qimen.site import Refused, Site

ByCode = dict[str, list[dict[str, Any]]]


def ledger(site: Site) -> dict[str, Any]:
    """Every order with lines, parcels and cancels, every return, and how many reports are unanswered."""
    lines, parcels, cancels = _lines(site), _parcels(site), _cancels(site)
    orders = [
        {
            "code": row["code"],
            "id": row["id"],
            "status": row["status"],
            "stage": row["stage"],
            "on_hold": bool(row["on_hold"]),
            "warehouse": row["warehouse"],
            "order_type": row["order_type"],
            "receiver_mark": row["receiver_mark"],
            "oaid": row["oaid"],
            "source_orders": _distinct(line["source_order"] for line in lines[row["code"]]),
            "lines": lines[row["code"]],
            "parcels": parcels[row["code"]],
            "cancels": cancels[row["code"]],
            "created_times": row["create_count"],
        }
        for row in site.storage.rows("select * from delivery order by rowid")
    ]
    return {"orders": orders, "returns": _returns(site), "callbacks": _callbacks(site)}


def remove_shipment(site: Site, code: str) -> None:
    """Falsify: the order's goods never left, whatever has been confirmed."""
    site.delivery(code)
    with site.storage.write() as tx:
        tx.execute(
            "delete from parcel_item where express_code in (select express_code from parcel where delivery = ?)",
            (code,),
        )
        removed = tx.execute("delete from parcel where delivery = ?", (code,)).rowcount
        tx.execute("update line set actual = 0 where delivery = ?", (code,))
    if not removed:
        raise Refused(f"order {code} has no shipment to remove")


def double_shipment(site: Site, code: str) -> str:
    """Falsify: the order's goods left once more, in a parcel nobody was told of; its express number."""
    row = site.delivery(code)
    shipped = [(line, line["actual"]) for line in site.lines(code) if line["actual"]]
    if not shipped:
        raise Refused(f"order {code} has no shipment to double")
    with site.storage.write() as tx:
        shipment = shipping.add_shipment(site, code, is_final=True)
        number = shipping.add_parcel(site, row, shipment, shipped)
        tx.execute("update line set actual = actual * 2 where delivery = ?", (code,))
    return number


def _lines(site: Site) -> ByCode:
    found: ByCode = defaultdict(list)
    for row in site.storage.rows("select * from line order by rowid"):
        found[row["delivery"]].append(
            {
                "line_no": row["line_no"],
                "source_order": row["source_order"],
                "sub_source": row["sub_source"],
                "owner": row["owner"],
                "item": row["item"],
                "plan": row["plan"],
                "cancelled": row["cancelled"],
                "actual": row["actual"],
            }
        )
    return found


def _parcels(site: Site) -> ByCode:
    items: ByCode = defaultdict(list)
    for row in site.storage.rows(
        "select i.*, l.item from parcel_item i join parcel p on p.express_code = i.express_code"
        " join line l on l.delivery = p.delivery and l.line_no = i.line_no order by i.rowid"
    ):
        packed = {"line_no": row["line_no"], "item": row["item"], "quantity": row["quantity"]}
        items[row["express_code"]].append(packed)
    found: ByCode = defaultdict(list)
    for row in site.storage.rows("select p.*, s.at from parcel p join shipment s on s.id = p.shipment order by p.rowid"):
        found[row["delivery"]].append(_parcel(row, items[row["express_code"]]))
    return found


def _parcel(row: Row, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "express_code": row["express_code"],
        "company": row["company"],
        "at": row["at"],
        "intercepted": bool(row["intercepted"]),
        "items": items,
    }


def _cancels(site: Site) -> ByCode:
    found: ByCode = defaultdict(list)
    for row in site.storage.rows("select * from cancel order by id"):
        found[row["delivery"]].append(
            {"at": row["at"], "ok": bool(row["ok"]), "reason": row["reason"], "subs": json.loads(row["subs"])}
        )
    return found


def _returns(site: Site) -> list[dict[str, Any]]:
    lines: ByCode = defaultdict(list)
    for row in site.storage.rows("select * from return_line order by rowid"):
        names = ("line_no", "sub_source", "item", "plan", "good", "defective")
        lines[row["return_order"]].append({name: row[name] for name in names})
    return [
        {"code": row["code"], "id": row["id"], "status": row["status"], "warehouse": row["warehouse"],
         "express_code": row["express_code"], "lines": lines[row["code"]]}
        for row in site.storage.rows("select * from return_order order by rowid")
    ]  # fmt: skip


def _callbacks(site: Site) -> dict[str, int]:
    rows = site.storage.rows("select state, count(*) as n from outbox group by state")
    return {row["state"]: row["n"] for row in rows}


def _distinct(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name]
