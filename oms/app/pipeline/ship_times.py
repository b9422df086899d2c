"""When something left: a warehouse's clock is believed unless it tells of the future or of before the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from connectors.contract.notices import ShipmentReport
from oms.app.kernel.batch import Batch
from oms.app.kernel.work import FulfilmentWork

#: Clocks of two parties are never quite the same.
ASTRAY: Final = timedelta(minutes=5)


def believed(batch: Batch, work: FulfilmentWork, report: ShipmentReport) -> ShipmentReport:
    """The report with a time at which it can have left: now, in place of one that cannot be."""
    earliest = min(batch.orders[id_].ordered_at for id_ in work.order_ids)
    if earliest - ASTRAY <= report.shipped_at <= batch.now + ASTRAY:
        return report
    return replace(report, shipped_at=batch.now)


def note_unbelieved(batch: Batch, work: FulfilmentWork, told: ShipmentReport, used: ShipmentReport) -> None:
    """Keep the time the warehouse told where it was not used."""
    if told.shipped_at == used.shipped_at:
        return
    detail = {"told": told.shipped_at.isoformat(), "used": used.shipped_at.isoformat()}
    for order_id in work.order_ids:
        batch.note(batch.orders[order_id], "ship_time_odd", detail, fulfilment_id=work.id)
