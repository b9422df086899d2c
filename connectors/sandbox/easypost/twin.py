"""The EasyPost twin: trackers by carrier and code, their scans, and events to one webhook."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from http.client import HTTPException
from sqlite3 import Row
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.easypost import default_keys
from connectors.sandbox.kit import Call, Route, Twin, TwinOptions, json_answer, post

SCHEMA = """
create table if not exists tracker (id text primary key, code text not null, carrier text not null, status text not null,
    detail text not null default '', unique (carrier, code));
create table if not exists scan (id integer primary key, tracker text not null, at text not null, status text not null,
    detail text not null, words text not null);
create table if not exists event (id text primary key, tracker text not null, body text not null,
    answered integer not null);
"""
STATUSES = ("unknown", "pre_transit", "in_transit", "out_for_delivery", "delivered", "available_for_pickup",
            "return_to_sender", "failure", "cancelled", "error")  # fmt: skip


class EasyPostTwin(Twin):
    """Settings: the keys of `describe`, `webhook` (where events go; none without)."""

    name = "easypost"
    schema = SCHEMA

    def __init__(self, options: TwinOptions) -> None:
        super().__init__(options)
        self.keys = {name: str(options.settings.get(name, key)) for name, key in default_keys(options.seed).items()}

    def routes(self) -> Iterable[Route]:
        yield Route("/v2/trackers", self._trackers, ("GET", "POST"))
        yield Route("/v2/trackers/<id_>", self._one, ("GET",))

    def control_routes(self) -> Iterable[Route]:
        yield Route("/_twin/trackers/<code>", self._move)

    def ledger(self) -> dict[str, Any]:
        """Every tracker, and every event with whether it was answered."""
        events = self.storage.rows("select id, tracker, answered from event order by rowid")
        trackers = self.storage.rows("select * from tracker order by rowid")
        return {"trackers": [dict(row) for row in trackers], "events": [dict(row) for row in events]}

    def rate_limited(self, seconds: int) -> Response:
        return _error("RATE_LIMITED", "too many requests", 429)

    def session_expired(self) -> Response:
        return _error("APIKEY.INACTIVE", "This api key is no longer active", 401)

    def _trackers(self, request: Request) -> Response:
        if request.method == "GET":
            rows = self.storage.rows("select * from tracker order by rowid desc limit 20")
            return self._guarded(
                request, "list", lambda: json_answer({"trackers": [self._document(row) for row in rows]})
            )
        return self._guarded(request, "create", lambda: self._create(request))

    def _one(self, request: Request, id_: str) -> Response:
        def work() -> Response:
            row = self.storage.one("select * from tracker where id = ?", (id_,))
            return _error("TRACKER.NOT_FOUND", "not found", 404) if row is None else json_answer(self._document(row))

        return self._guarded(request, "retrieve", work)

    def _create(self, request: Request) -> Response:
        wish = (request.get_json(silent=True) or {}).get("tracker")
        code = str(wish.get("tracking_code") or "") if isinstance(wish, dict) else ""
        carrier = str(wish.get("carrier") or "") if isinstance(wish, dict) else ""
        if not code:
            return _error("PARAMETER.REQUIRED", "Missing required parameter: tracking_code", 422)
        if not carrier:
            return _error("TRACKER.CREATE.ERROR", "the carrier could not be determined", 422)
        return json_answer(self._document(self._tracker(carrier, code)), 201)

    def _tracker(self, carrier: str, code: str) -> Row:
        """The tracker of a carrier and a code; asked for again it is the same."""
        with self.storage.write():
            id_ = f"trk_{hashlib.sha256(f'{carrier}:{code}'.encode()).hexdigest()[:32]}"
            self.storage.execute(
                "insert or ignore into tracker (id, code, carrier, status) values (?, ?, ?, 'unknown')",
                (id_, code, carrier),
            )
            return self.storage.rows("select * from tracker where id = ?", (id_,))[0]

    def _document(self, row: Row) -> dict[str, Any]:
        scans = self.storage.rows("select * from scan where tracker = ? order by id", (row["id"],))
        return {
            "id": row["id"], "object": "Tracker", "mode": "test", "tracking_code": row["code"], "status": row["status"],
            "status_detail": row["detail"], "carrier": row["carrier"], "signed_by": None,
            "tracking_details": [_scan(scan) for scan in scans],
        }  # fmt: skip

    def _guarded(self, request: Request, method: str, work: Any) -> Response:
        def call() -> Call:
            if not self._is_ours(request):
                return Call(_error("APIKEY.INACTIVE", "Your request could not be authenticated", 401), "refused: key")
            answer = work()
            return Call(answer, "ok" if answer.status_code < 400 else f"refused: {answer.status_code}")

        return self.call(request, method, call)

    def _is_ours(self, request: Request) -> bool:
        wanted = base64.b64encode(f"{self.keys['api_key']}:".encode()).decode()
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Basic {wanted}".encode())

    def _move(self, request: Request, code: str) -> Response:
        """{"status", "detail", "words"}: a scan of the tracker of that code, and an event to the webhook."""
        wish = request.get_json(silent=True) or {}
        row = self.storage.one("select * from tracker where code = ?", (code,))
        status = str(wish.get("status", ""))
        if row is None or status not in STATUSES:
            return json_answer({"ok": False, "error": f"status must be one of {', '.join(STATUSES)}"}, 400)
        detail, at = str(wish.get("detail", "")), str(wish.get("at", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")))
        with self.storage.write():
            self.storage.execute("update tracker set status = ?, detail = ? where id = ?", (status, detail, row["id"]))
            self.storage.execute(
                "insert into scan (tracker, at, status, detail, words) values (?, ?, ?, ?, ?)",
                (row["id"], at, status, detail, str(wish.get("words", status))),
            )
        return json_answer({"ok": True, "answered": self._tell(row["id"])})

    def _tell(self, tracker_id: str) -> bool:
        webhook = str(self.options.settings.get("webhook", ""))
        row = self.storage.one("select * from tracker where id = ?", (tracker_id,))
        if not webhook or row is None:
            return False
        id_ = f"evt_{self.storage.next_number('event', 1):08d}"
        event = {"id": id_, "object": "Event", "description": "tracker.updated", "result": self._document(row)}
        body = json.dumps(event).encode()
        mark = hmac.new(self.keys["webhook_secret"].encode(), body, hashlib.sha256).hexdigest()
        try:
            answer = post(webhook, body, headers={"X-Hmac-Signature": f"hmac-sha256-hex={mark}"})
            is_answered = 200 <= answer.status < 300
        except (OSError, HTTPException):
            is_answered = False
        self.storage.execute(
            "insert into event (id, tracker, body, answered) values (?, ?, ?, ?)",
            (id_, tracker_id, body.decode(), int(is_answered)),
        )
        return is_answered


def _scan(row: Row) -> dict[str, Any]:
    where = {"city": "HOUSTON", "state": "TX", "country": None, "zip": "77063"}
    return {"object": "TrackingDetail", "message": row["words"], "status": row["status"], "status_detail": row["detail"],
            "datetime": row["at"], "tracking_location": where}  # fmt: skip


def _error(code: str, words: str, status: int) -> Response:
    return json_answer({"error": {"code": code, "message": words, "errors": []}}, status)
