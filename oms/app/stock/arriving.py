"""What warehouses tell and what we ask them: their reports find their stock point and are taken over."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, text

from connectors.contract.errors import ConnectorError
from connectors.contract.families import Connector, Warehouse
from connectors.contract.stocking import StockReport
from oms.app.kernel.batch import Batch
from oms.app.kernel.connectors import connector_of, raise_alert
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.stock.reports import take_report
from oms.app.stock.told import Told, ToldLine
from oms.db.bulk import psycopg_connection
from oms.domain.errors import HubError, Implausible

#: SKUs asked about in one call, and how long nobody else asks for the same point meanwhile.
ASKED, CLAIM = 50, timedelta(minutes=5)
#: Between two calls of one round.
NEXT: Final = timedelta(seconds=1)
#: How old what a warehouse sends may be, and how far its clock may be ahead of ours.
OLDEST, AHEAD = timedelta(days=31), timedelta(minutes=5)
LOG = structlog.get_logger("stock")

CLAIM_NEXT: Final = text("""
with due as (select p.id from stock_point p join account a on a.id = p.account_id and a.state = 'active'
  where p.query_every_s is not null and p.state <> 'closed' and coalesce(p.query_due_at, :now) <= :now
  order by p.query_due_at nulls first, p.id limit 1 for update of p skip locked)
update stock_point p set query_due_at = :until from due where p.id = due.id
returning p.id, p.account_id, p.warehouse_code, p.owner_code, p.query_every_s, p.query_after""")
#: SKUs that lie there or were ever booked there, by code.
SKUS: Final = """
select k.code from sku k where k.code > %s and not k.is_virtual and not k.is_archived
  and exists (select from stock_level s where s.stock_point_id = %s and s.sku_id = k.id)
order by k.code limit %s"""
READY: Final = """exists (select from stock_point p join account a on a.id = p.account_id and a.state = 'active'
where p.query_every_s is not null and p.state <> 'closed' and coalesce(p.query_due_at, now()) <= now())"""


def point_of(connection: Connection, account_id: int, warehouse_code: str, owner_code: str = "") -> int:
    """The stock point that a warehouse's account calls so; HubError when there is none or more than one."""
    rows = fetch(
        connection,
        """select id from stock_point where account_id = %s and warehouse_code = %s and state <> 'closed'
             and (%s = '' or owner_code in ('', %s)) order by owner_code = '', id""",
        (account_id, warehouse_code, owner_code, owner_code),
    )
    if not rows:
        raise HubError(
            f"no stock point has the warehouse code {warehouse_code[:40]}",
            "enter the code at the stock point, then work on the message again",
        )
    return int(rows[0][0])


def told_by(point_id: int, report: StockReport, source: str = "push") -> Told:
    """A connector's report as the stock room takes it: a total that is told is a level, anything else a change."""
    told = Told(
        point_id, source, f"{source}|{report.key}", report.as_of, number=report.number, page=report.page,
        pages=report.pages, is_check=report.is_check,
    )  # fmt: skip
    for change in report.changes:
        units, is_delta = (change.units, True) if change.total is None else (change.total, False)
        told.lines.append(
            ToldLine(change.sku_code, change.kind, units, change.key, change.at, is_delta, change.document_no,
                     change.words[:200])
        )  # fmt: skip
    if not report.changes:
        for sku, kind, units in report.levels:
            key = f"{source}|{report.key}|{sku}|{kind}"
            told.lines.append(ToldLine(sku, kind, units, key, report.as_of, report.is_delta))
    return told


def take_pushed(hub: Hub, connection: Connection, account_id: int, report: StockReport) -> set[str]:
    """Take over what a warehouse sent; answers the pumps to wake."""
    _require_plausible(hub, report)
    point_id = point_of(connection, account_id, report.warehouse_code, report.owner_code)
    batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock())
    take_report(batch, told_by(point_id, report))
    return batch.pokes | {"advance"}


def _require_plausible(hub: Hub, report: StockReport) -> None:
    """Implausible where a moment is to come or older than a month, as for counts by API: then nothing of it is booked."""
    now = hub.clock()
    if not all(now - OLDEST <= at <= now + AHEAD for at in (report.as_of, *(change.at for change in report.changes))):
        raise Implausible(
            "at", "this is not within the last 31 days", "have the warehouse say when it was, and send it again"
        )


def can_be_asked(connector: type[Connector] | None) -> bool:
    """Whether a vendor's connector tells the levels of its warehouse when asked."""
    return connector is not None and "pull_stock" in connector.capabilities()


def ask_next(hub: Hub) -> int:
    """Ask the warehouse that waits longest about its next SKUs; answers 1, or 0 when none is due."""
    now = hub.clock()
    with hub.begin() as connection:
        rows = connection.execute(CLAIM_NEXT, {"now": now, "until": now + CLAIM}).all()
        codes = [row[0] for row in fetch(connection, SKUS, (rows[0][5], rows[0][0], ASKED))] if rows else []
    if not rows:
        return 0
    point_id, account_id, warehouse_code, owner_code, every_s, _ = rows[0]
    pause = timedelta(seconds=every_s)
    if not codes:
        _put_off(hub, point_id, pause, "")
        return 1
    try:
        connector = connector_of(hub, account_id=account_id)
        if not isinstance(connector, Warehouse):
            raise HubError("the account is not a warehouse's", "choose another account at the stock point")
        report = connector.pull_stock(codes, warehouse_code, owner_code)
        with hub.begin() as connection:
            batch = Batch(hub, connection, hub.masters.get(connection, now), hub.clock())
            take_report(batch, told_by(point_id, report, "query"))
    except (ConnectorError, HubError) as error:
        LOG.warning("stock not asked", point=point_id, error=type(error).__name__)
        with hub.begin() as connection:
            raise_alert(connection, "stock_not_asked", warehouse_code, error.words)
        _put_off(hub, point_id, pause, "")
        return 1
    is_last = len(codes) < ASKED
    _put_off(hub, point_id, pause if is_last else NEXT, "" if is_last else codes[-1])
    hub.poke("advance")
    return 1


def _put_off(hub: Hub, point_id: int, pause: timedelta, after: str) -> None:
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "update stock_point set query_due_at = %s, query_after = %s where id = %s",
            (hub.clock() + pause, after, point_id),
        )
