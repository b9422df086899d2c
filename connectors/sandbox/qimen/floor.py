"""The warehouse floor: an order moves from stage to stage as time passes, unless something holds it."""

from sqlite3 import Row
from typing import Any

from connectors.sandbox.qimen import outbox, reports, shipping, stockroom
from connectors.sandbox.qimen.lifecycle import ENDED, STAGES, next_stage, seconds_in, status_at
from connectors.sandbox.qimen.site import Refused, Site, now_text


def bind(site: Site) -> None:
    """Tell the timer which functions the floor's tasks are."""
    site.scheduler.on("step", lambda payload: _step_when_due(site, payload))
    site.scheduler.on("confirm", lambda payload: confirm(site, int(payload["shipment"])))


def schedule_step(site: Site, code: str, stage: str, seconds: float | None = None) -> None:
    """Let the order leave `stage` after its usual time there, or after `seconds` of twin time."""
    usual = seconds_in(stage, site.settings.order_minutes, site.random(f"time:{stage}", code))
    site.scheduler.after(usual if seconds is None else seconds, "step", {"code": code, "stage": stage})


def advance(site: Site, code: str, to: str | None = None) -> Row:
    """Move an order by hand, one stage or up to stage `to`, past stalls but not past a hold."""
    row = site.delivery(code)
    if to is not None and to not in STAGES:
        raise Refused(f"stage must be one of {', '.join(STAGES)}")
    while True:
        if row["status"] in ENDED or row["on_hold"]:
            raise Refused(f"the order cannot move: status {row['status']}, on_hold {row['on_hold']}")
        if row["status"] == "EXCEPTION":
            _find_goods(site, row)
        leave(site, site.delivery(code))
        row = site.delivery(code)
        if to is None or row["status"] in (*ENDED, "EXCEPTION") or row["stage"] == to:
            return row


def leave(site: Site, row: Row) -> None:
    """Finish the work of the order's present stage and move it on."""
    code, stage = row["code"], row["stage"]
    with site.storage.write():
        site.storage.execute("update delivery set parked = 0 where code = ?", (code,))
        if stage == "NEW" and site.happens("reject", code):
            set_status(site, row, "REJECT")
        elif stage == "PICK" and not stockroom.pick(site, row):
            set_status(site, row, "EXCEPTION")
            _tell_exception(site, row)
        elif stage == "WEIGH" and not _ship(site, row):
            return
        else:
            _enter(site, row, next_stage(stage) or stage)


def set_status(site: Site, row: Row, status: str) -> None:
    """Give the order a status outside its stages and report it."""
    site.storage.execute("update delivery set status = ? where code = ?", (status, row["code"]))
    note_process(site, row, status)


def note_process(site: Site, row: Row, status: str) -> None:
    """Write a step into the order's trail and report it when reports are on."""
    at = now_text()
    site.storage.execute("insert into process (delivery, status, at) values (?, ?, ?)", (row["code"], status, at))
    if site.settings.process_reports:
        body = reports.order_process(row, status, at)
        outbox.send(site, "orderprocess.report", row["customer"], row["code"], body)


def confirm(site: Site, shipment_id: int) -> None:
    """Report a shipment to the hub, unless the order is stalled at DELIVERED."""
    with site.storage.write():
        shipment = site.storage.one("select * from shipment where id = ?", (shipment_id,))
        if shipment is None:
            return
        is_parked = is_stalled(site, shipment["delivery"], "DELIVERED")
        site.storage.execute("update shipment set parked = ? where id = ?", (int(is_parked), shipment_id))
        if not is_parked:
            shipping.send_confirm(site, shipment)


def is_stalled(site: Site, code: str, stage: str) -> bool:
    """Whether somebody asked that this order, or one of its platform orders, stop before leaving `stage`."""
    found = site.storage.one(
        "select 1 from stall where stage = ? and ((kind = 'order' and value = ?) or (kind = 'source_order'"
        " and value in (select source_order from line where delivery = ?)))",
        (stage, code, code),
    )
    return found is not None


def resume(site: Site, code: str) -> None:
    """Let an order go on that a stall or a hold had parked, if nothing else holds it."""
    row = site.delivery(code)
    if row["parked"] and not row["on_hold"] and not is_stalled(site, code, row["stage"]):
        schedule_step(site, code, row["stage"], seconds=0)
    for shipment in site.storage.rows("select id from shipment where delivery = ? and parked = 1", (code,)):
        site.scheduler.after(0, "confirm", {"shipment": shipment["id"]})


def _step_when_due(site: Site, payload: dict[str, Any]) -> None:
    with site.storage.write():
        row = site.storage.one("select * from delivery where code = ?", (payload["code"],))
        if row is None or row["stage"] != payload["stage"] or row["status"] in (*ENDED, "EXCEPTION"):
            return
        if row["on_hold"] or is_stalled(site, row["code"], row["stage"]):
            site.storage.execute("update delivery set parked = 1 where code = ?", (row["code"],))
            return
        leave(site, row)


def _enter(site: Site, row: Row, stage: str) -> None:
    site.storage.execute(
        "update delivery set stage = ?, status = ? where code = ?", (stage, status_at(stage), row["code"])
    )
    note_process(site, row, stage)
    if stage != "DELIVERED":
        schedule_step(site, row["code"], stage)


def _ship(site: Site, row: Row) -> bool:
    """Ship what is next; whether that was the last of the order."""
    shipment, is_final = shipping.ship_next(site, row)
    late = site.settings.partial_minutes * 60 + 120 if site.happens("out_of_order", row["code"]) else 0
    site.scheduler.after(0 if is_final else late, "confirm", {"shipment": shipment})
    if not is_final:
        site.storage.execute("update delivery set status = 'PARTDELIVERED' where code = ?", (row["code"],))
        note_process(site, row, "PARTDELIVERED")
        schedule_step(site, row["code"], "WEIGH", site.settings.partial_minutes * 60)
    return is_final


def _tell_exception(site: Site, row: Row) -> None:
    if site.settings.exception_reports:
        number = site.storage.next_number("message", 1)
        body = reports.order_exception(row, f"EX-{number}", now_text())
        outbox.send(site, "orderexception.report", row["customer"], row["code"], body)


def _find_goods(site: Site, row: Row) -> None:
    site.storage.execute("update delivery set status = 'ACCEPT' where code = ?", (row["code"],))
    stockroom.refill(site, row)
