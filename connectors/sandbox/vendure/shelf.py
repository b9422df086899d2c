"""Saving orders as the platform does: its stamp of change is that of the order's own row, not of what hangs on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from connectors.sandbox.kit.faults import FaultPlan
from connectors.sandbox.kit.market import Case, Sale, Shelves
from connectors.sandbox.kit.storage import Storage
from connectors.sandbox.vendure import booking, books

Doc = dict[str, Any]


class VendureShelves(Shelves):
    """Books what follows from a change when it is saved; unless `children_touch`, children leave the stamp alone."""

    def __init__(self, storage: Storage, faults: FaultPlan, clock: Any, *, children_touch: bool) -> None:
        super().__init__(storage, faults, clock)
        self.children_touch = children_touch

    def add_sales(self, sales: Sequence[Sale]) -> None:
        for sale in sales:
            sale.doc["face"] = face_of(sale)
        super().add_sales(sales)

    def save(self, sale: Sale, topic: str = "order") -> None:
        booking.settle(sale.doc, self.clock())
        face = face_of(sale)
        if face != sale.doc["face"] or self.children_touch:
            sale.doc["face"] = face
            super().save(sale, topic)
            return
        text = json.dumps(sale.doc, ensure_ascii=False)
        self.storage.execute(
            "update sale set status = ?, doc = ? where number = ?", (sale.doc["status"], text, sale.number)
        )

    def save_case(self, case: Case) -> None:
        """Save a case; one that succeeded is paid back, and its goods come off the order."""
        super().save_case(case)
        sale = self.sale(case.doc["order"])
        if sale is None or case.doc["state"] != "succeeded" or case.number in sale.doc["cases_booked"]:
            return
        sale.doc["cases_booked"].append(case.number)
        if case.doc["received"]:
            for part in case.doc["lines"]:
                sale.doc["returned"][part["no"]] = sale.doc["returned"].get(part["no"], 0) + part["num"]
        if not case.doc["paid_back"]:
            booking.pay_back(sale.doc, owed(sale.doc, case.doc), self.clock(), reason=case.doc["reason"],
                             case=case.number, lines={part["no"]: part["num"] for part in case.doc["lines"]})  # fmt: skip
        self.save(sale)

    def _move_one(self, table: str, stamp: str, since_ms: int, until_ms: int) -> None:
        """The fault `moving_rows` moves a row by itself, so it has to count as touched."""
        if table != "sale" or stamp != "changed_ms" or self.faults.draw("moving_rows", table) is None:
            return
        where = "select number from sale where changed_ms between ? and ? order by changed_ms limit 1"
        row = self.storage.one(where, (since_ms, until_ms))
        sale = self.sale(row["number"]) if row is not None else None
        if sale is not None:
            sale.doc["touches"] += 1
            self.save(sale)


def owed(doc: Doc, case: Doc) -> int:
    """What a case pays back: its amount with tax, and the shipping when nothing of the order is left."""
    cents = books.both(doc, case["amount"])[1]
    gone = all(books.units(doc, line) == 0 for line in doc["lines"])
    if gone and not any(line["shipped_num"] for line in doc["lines"]):
        doc["shipping_cancelled"] = True
        return sum(books.refundable(doc, one) for one in doc["payments"] if one["state"] == "Settled")
    return cents


def face_of(sale: Sale) -> str:
    """What moves the stamp of the order's row: a new state does not, the server writes the stamp before it back."""
    doc = sale.doc
    units = [(line["no"], line["num"], books.units(doc, line)) for line in doc["lines"]]
    told = [doc["payment"], books.total(doc), units, doc["receiver"],
            doc["message"], doc["touches"], sale.spoil]  # fmt: skip
    return json.dumps(told, ensure_ascii=False)
