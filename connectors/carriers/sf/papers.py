"""What SF is sent for an order, and what its answers say of numbers and routes; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from connectors.carriers.sf import codes
from connectors.contract.errors import BadRecord, Refused
from connectors.contract.labels import CannotCollect, Label, LabelNotice, ReceiverMasked, Sender
from connectors.contract.notices import ParcelState, TrackEvent, TrackReport
from connectors.contract.records import ReceiverRecord

#: SF writes wall-clock times of China, which has no summer time.
CHINA = timezone(timedelta(hours=8))
SENDING, RECEIVING = 1, 2
_ENDINGS: Final = frozenset({ParcelState.DELIVERED, ParcelState.RETURNED})


STARRED = "SF cannot open a masked receiver: take another carrier, or a warehouse whose system can"
UNCOLLECTED = "labels of SF do not collect money here: take another carrier, or let the warehouse take the number"


def order(notice: LabelNotice, settings: Mapping[str, str]) -> dict[str, Any]:
    """EXP_RECE_CREATE_ORDER: our number is the key.

    How SF is told to collect money is not published, and an order placed without that would collect nothing.
    """
    if notice.collect_amount:
        raise CannotCollect(UNCOLLECTED)
    require_readable(notice.receiver)
    terms = notice.terms
    found: dict[str, Any] = {
        "language": "zh-CN",
        "orderId": notice.number,
        "payMethod": int(settings.get("pay_method") or 1),
        "expressTypeId": int(terms.get("product_code") or settings.get("product") or 1),
        "parcelQty": 1,
        "isOneselfPickup": 0,
        "contactInfoList": [from_sender(notice.sender), to_receiver(notice.receiver)],
        "cargoDetails": cargo(notice),
    }
    card = terms.get("customer_code") or settings.get("monthly_card", "")
    if card:
        found["monthlyCard"] = card
    return found


def cargo(notice: LabelNotice) -> list[dict[str, Any]]:
    """The goods; the weight of the package stands with the first, in kilograms."""
    rows: list[dict[str, Any]] = [
        {"name": item.name[:60] or "商品", "count": item.units, "unit": "件"} for item in notice.items[:20]
    ] or [{"name": "商品", "count": 1, "unit": "件"}]
    if notice.weight_g:
        rows[0]["weight"] = round(notice.weight_g / 1000, 3)
    return rows


def from_sender(who: Sender) -> dict[str, Any]:
    """Where it is collected."""
    if not who.name or not who.phone or not who.street:
        raise Refused("fill in the sender of this stock point and carrier", code="sender")
    return {
        "contactType": SENDING, "contact": who.name, "mobile": who.phone, "country": "CN", "province": who.province,
        "city": who.city, "county": who.district, "address": f"{who.town}{who.street}",
    }  # fmt: skip


def require_readable(who: ReceiverRecord) -> None:
    """ReceiverMasked for stars: SF opens no platform's tokens."""
    if who.masked:
        raise ReceiverMasked(STARRED)


def to_receiver(who: ReceiverRecord) -> dict[str, Any]:
    """Where it goes."""
    return {
        "contactType": RECEIVING, "contact": who.name, "mobile": who.phone or who.telephone, "country": "CN",
        "province": who.state, "city": who.city, "county": who.district, "address": f"{who.town}{who.address}",
    }  # fmt: skip


def label_in(answer: Mapping[str, Any]) -> Label | None:
    """The mother number in an answer; None when SF gave none (its people look at the address first)."""
    rows = [row for row in answer.get("waybillNoInfoList") or [] if isinstance(row, dict) and row.get("waybillNo")]
    rows.sort(key=lambda row: str(row.get("waybillType", 1)))
    return Label(str(rows[0]["waybillNo"])) if rows else None


def report_in(answer: Mapping[str, Any], waybill_no: str) -> TrackReport:
    """The routes of one number, newest first. A number that SF has nothing of yet has no events."""
    rows = answer.get("routeResps")
    if not isinstance(rows, list):
        raise BadRecord("is not a list", field="routeResps")
    row = next((row for row in rows if isinstance(row, dict) and str(row.get("mailNo", "")) == waybill_no), {})
    alerts: list[str] = []
    # Routes are told oldest first, so that of one second the one told last is the newest.
    events = sorted(_events(row.get("routes") or [], alerts), key=lambda event: event.at)[::-1]
    state = next((event.state for event in events if event.state is not ParcelState.UNKNOWN), ParcelState.UNKNOWN)
    if any(event.code == codes.RETURNED_ANEW for event in events):
        alerts.append("goes back under a new waybill number")
    return TrackReport("SF", waybill_no, state, tuple(events), state in _ENDINGS, False, tuple(dict.fromkeys(alerts)))


def _events(routes: Any, alerts: list[str]) -> Iterator[TrackEvent]:
    for node in routes if isinstance(routes, list) else []:
        if not isinstance(node, dict):
            raise BadRecord("holds something else than scans", field="routes")
        at = _moment(str(node.get("acceptTime") or ""))
        if at is None:
            alerts.append("a scan without a readable time was left out")
            continue
        code, words = str(node.get("opCode") or ""), str(node.get("remark") or "")
        state = codes.state_of(code, words)
        if state is None:
            alerts.append(f"unknown state {code!r:.40}")
        yield TrackEvent(at, state or ParcelState.UNKNOWN, words, code, str(node.get("acceptAddress") or ""))


def _moment(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value).replace(tzinfo=CHINA).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
