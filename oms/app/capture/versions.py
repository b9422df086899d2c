"""Decides what a fetched document is to the hub: new, a newer version, the same, or old."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract.errors import BadRecord, ConnectorError
from connectors.contract.families import Marketplace
from connectors.contract.records import OrderRecord, RawDocument
from oms.db.sealed import content_hash


@dataclass(slots=True)
class Parsed:
    """A document with what it says."""

    document: RawDocument
    record: OrderRecord
    hash: bytes


@dataclass(slots=True)
class Sorted:
    """Documents of one intake by what must be done with them."""

    new: list[Parsed] = field(default_factory=list)
    newer: list[tuple[int, Parsed]] = field(default_factory=list)
    unreadable: list[tuple[RawDocument, BadRecord]] = field(default_factory=list)
    same: int = 0
    reread: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Known:
    """What the hub holds of an order."""

    id: int
    changed_at: datetime
    fetched_at: datetime
    hash: bytes


def parse_all(connector: Marketplace, documents: tuple[RawDocument, ...]) -> tuple[list[Parsed], Sorted]:
    """Parse each document on its own; the latest fetched of one order wins."""
    outcome = Sorted()
    latest: dict[str, Parsed] = {}
    for document in documents:
        try:
            record = connector.parse_order(document.body)
            check_record(record)
        except BadRecord as error:
            outcome.unreadable.append((document, _bare(error)))
            continue
        except (ConnectorError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            broken = BadRecord(f"cannot be read ({type(error).__name__})", field="document")
            outcome.unreadable.append((document, broken))
            continue
        parsed = Parsed(document, record, content_hash(document.body))
        known = latest.get(record.external_no)
        if known is None or (known.record.changed_at, known.document.fetched_at) <= (
            record.changed_at,
            document.fetched_at,
        ):
            latest[record.external_no] = parsed
    return list(latest.values()), outcome


def _bare(error: BadRecord) -> BadRecord:
    """The error without its traceback, whose frames hold the whole page, and the page the error."""
    error.__context__ = None
    return error.with_traceback(None)


def sort_by_version(parsed: list[Parsed], known: dict[str, Known], outcome: Sorted) -> Sorted:
    """Apply when newer, or equal with another hash and fetched later; equal and fetched earlier is read again once."""
    for item in parsed:
        held = known.get(item.record.external_no)
        if held is None:
            outcome.new.append(item)
        elif item.record.changed_at < held.changed_at or item.hash == held.hash:
            outcome.same += 1
        elif item.record.changed_at > held.changed_at or item.document.fetched_at >= held.fetched_at:
            outcome.newer.append((held.id, item))
        else:
            outcome.reread.append(item.record.external_no)
    return outcome


def check_record(record: OrderRecord) -> None:
    """Refuse what the database would refuse, so that one bad document never fails a page."""
    if not record.lines:
        raise BadRecord("an order needs at least one line", field="lines")
    total = 0
    for line in record.lines:
        if line.units <= 0:
            raise BadRecord("units must be positive", field=f"lines[{line.external_no}].units")
        discounts = (
            line.discount_merchant
            + line.discount_platform
            + line.discount_coin
            + line.discount_member
            + line.discount_distributor
        )
        tax = 0 if line.tax_included else line.tax_amount
        if line.list_amount - discounts + tax != line.paid_amount:
            raise BadRecord("amounts do not add up", field=f"lines[{line.external_no}].paid_amount")
        total += line.paid_amount
    if total != record.paid_total:
        raise BadRecord(f"lines sum to {total}, the order to {record.paid_total}", field="paid_total")
