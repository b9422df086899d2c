"""Reads EasyPost's trackers, from answers and events, into track reports; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.carriers.easypost.codes import ENDINGS, state_of
from connectors.contract import reading as r
from connectors.contract.errors import BadRecord
from connectors.contract.notices import ParcelState, TrackEvent, TrackReport


def report_of(tracker: r.Json, own: Mapping[str, str]) -> TrackReport:
    """The whole trail of a tracker; `own` are EasyPost's names of carriers → the hub's codes."""
    alerts: list[str] = []
    # Scans are told oldest first, so that of one second the one told last is the newest.
    events = sorted(_events(tracker, alerts), key=lambda event: event.at)[::-1]
    state = _state(r.required(tracker, "status", "tracker.status"), r.text(tracker, "status_detail"), alerts)
    carrier = r.text(tracker, "carrier")
    return TrackReport(
        own.get(carrier, carrier.upper()),
        r.required(tracker, "tracking_code", "tracker.tracking_code"),
        state,
        tuple(events),
        state in ENDINGS,
        False,
        tuple(dict.fromkeys(alerts)),
    )


def tracker_in(event: r.Json) -> r.Json:
    """The tracker an event tells of; empty for events of other things."""
    if not r.text(event, "description").startswith("tracker."):
        return r.EMPTY
    tracker = r.inner(event, "result")
    if tracker is r.EMPTY:
        raise BadRecord("is missing", field="result")
    return tracker


def _events(tracker: r.Json, alerts: list[str]) -> Iterator[TrackEvent]:
    for row in r.rows(tracker, "tracking_details"):
        at = r.moment(row, "datetime")
        if at is None:
            alerts.append("a scan without a time was left out")
            continue
        status, detail = r.text(row, "status"), r.text(row, "status_detail")
        where = r.inner(row, "tracking_location")
        place = ", ".join(filter(None, (r.text(where, name) for name in ("city", "state", "country"))))
        words = r.text(row, "message") or r.text(row, "description")
        yield TrackEvent(at, _state(status, detail, alerts), words, status, place)


def _state(status: str, detail: str, alerts: list[str]) -> ParcelState:
    state = state_of(status, detail)
    if state is None:
        alerts.append(f"unknown state {status!r:.40}")
    return state or ParcelState.UNKNOWN
