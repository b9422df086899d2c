"""Reads kuaidi100's trails, from a push or a query, into track reports; pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson

from connectors.carriers.kuaidi100.codes import carrier_of, parcel_state, refines
from connectors.contract.errors import BadRecord
from connectors.contract.notices import ParcelState, TrackEvent, TrackReport

#: The vendor writes wall-clock times of China, which has no summer time.
CHINA = timezone(timedelta(hours=8))
_ENDINGS = frozenset({ParcelState.DELIVERED, ParcelState.RETURNED, ParcelState.CANCELLED})


def read_push(param: str) -> TrackReport:
    """The report in a push's param text; its list is the whole trail and replaces what was known."""
    push = load(param)
    status, latest = _text(push, "status"), _object(push, "lastResult")
    alerts = []
    company = _text(latest, "com")
    if _text(push, "autoCheck") == "1" and _text(push, "comNew"):
        company = _text(push, "comNew")
        alerts.append(f"company corrected: {_text(push, 'comOld')} to {company}")
    if status == "abort":
        alerts.append(f"tracking given up: {_text(push, 'message')}")
    elif status not in ("polling", "shutdown", "updateall"):
        alerts.append(f"unknown status {status!r:.40}")
    return _report(latest, company, alerts, ended=status == "shutdown", aborted=status == "abort")


def read_answer(answer: dict[str, Any]) -> TrackReport:
    """The report in a query's answer."""
    report = _report(answer, _text(answer, "com"), [], ended=False, aborted=False)
    ended = _text(answer, "ischeck") == "1" or report.state in _ENDINGS
    return TrackReport(report.carrier_code, report.waybill_no, report.state, report.events, ended, False, report.alerts)


def load(text: str | bytes) -> dict[str, Any]:
    """A JSON object; BadRecord for anything else."""
    try:
        tree = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRecord("not readable JSON", field="param") from None
    if not isinstance(tree, dict):
        raise BadRecord("not a JSON object", field="param")
    return tree


def _report(trail: dict[str, Any], company: str, alerts: list[str], *, ended: bool, aborted: bool) -> TrackReport:
    waybill_no = _text(trail, "nu")
    if not waybill_no:
        raise BadRecord("is missing", field="lastResult.nu")
    events = sorted(_events(trail, alerts), key=lambda event: event.at, reverse=True)
    return TrackReport(
        carrier_code=carrier_of(company),
        waybill_no=waybill_no,
        state=_state(_text(trail, "state"), events, alerts),
        events=tuple(events),
        ended=ended,
        aborted=aborted,
        alerts=tuple(dict.fromkeys(alerts)),
    )


def _state(code: str, events: list[TrackEvent], alerts: list[str]) -> ParcelState:
    """The parcel's state: of the newest scan where that only says the same more exactly."""
    if events and refines(events[0].code, code):
        code = events[0].code
    if not code:
        return events[0].state if events else ParcelState.UNKNOWN
    return _known(code, alerts)


def _known(code: str, alerts: list[str]) -> ParcelState:
    state = parcel_state(code)
    if state is None:
        alerts.append(f"unknown state {code!r:.40}")
    return state or ParcelState.UNKNOWN


def _events(trail: dict[str, Any], alerts: list[str]) -> Iterator[TrackEvent]:
    nodes = trail.get("data") or []
    if not isinstance(nodes, list):
        raise BadRecord("is not a list", field="lastResult.data")
    for node in nodes:
        if not isinstance(node, dict):
            raise BadRecord("holds something else than scans", field="lastResult.data")
        at = _moment(_text(node, "ftime") or _text(node, "time"))
        if at is None:
            alerts.append("a scan without a readable time was left out")
            continue
        code = _text(node, "statusCode")
        yield TrackEvent(
            at=at,
            state=_known(code, alerts) if code else ParcelState.UNKNOWN,
            words=_text(node, "context"),
            code=code,
            place=_text(node, "areaName") or _text(node, "location"),
        )


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=CHINA)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _object(tree: dict[str, Any], name: str) -> dict[str, Any]:
    value = tree.get(name)
    if not isinstance(value, dict):
        raise BadRecord("is not an object", field=name)
    return value


def _text(tree: dict[str, Any], name: str) -> str:
    """A value as text; the vendor writes codes as text or as numbers, and 0 is a code."""
    value = tree.get(name)
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).strip()
