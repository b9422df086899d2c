"""The documents of kuaidi100: trails, pushes and answers. No storage."""

import json
from collections.abc import Sequence
from sqlite3 import Row
from typing import Any

from connectors.sandbox.kuaidi100.codes import STATES, base

AREA_CODES = {"杭州市": "CN330100000000", "上海市": "CN310000000000", "北京市": "CN110000000000"}


def compact(document: object) -> str:
    """JSON text as it is signed and sent."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def reply(code: str, message: str) -> dict[str, Any]:
    """The answer to a subscription, also the shape of a failed enquiry."""
    return {"result": code == "200", "returnCode": code, "message": message}


def push_param(subscription: Row, parcel: Row, events: Sequence[Row]) -> str:
    """The param text of a push: the whole trail, newest first."""
    is_corrected = bool(subscription["company"]) and subscription["company"] != parcel["company"]
    return compact(
        {
            "status": parcel["ended"] or "polling",
            "billstatus": "check" if _is_signed(events) else "got",
            "message": parcel["message"],
            "autoCheck": "1" if is_corrected else "0",
            "comOld": subscription["company"] if is_corrected else "",
            "comNew": parcel["company"] if is_corrected else "",
            "lastResult": trail(parcel, events, subscription["resultv2"]),
        }
    )


def trail(parcel: Row, events: Sequence[Row], resultv2: str, is_oldest_first: bool = False) -> dict[str, Any]:
    """The state of a parcel and its events; `events` come oldest first, the document has them newest first."""
    shown = [_event(event, resultv2) for event in (events if is_oldest_first else reversed(events))]
    return {
        "message": "ok",
        "state": _state(events, resultv2),
        "status": "200",
        "condition": "F00",
        "ischeck": "1" if _is_signed(events) else "0",
        "com": parcel["company"],
        "nu": parcel["number"],
        "data": shown,
    }


def _state(events: Sequence[Row], resultv2: str) -> str:
    if not events:
        return "0"
    code = str(events[-1]["code"])
    return code if resultv2 == "4" else base(code)


def _is_signed(events: Sequence[Row]) -> bool:
    return bool(events) and base(events[-1]["code"]) == "3"


def _event(event: Row, resultv2: str) -> dict[str, str]:
    plain = {"context": event["context"], "time": event["at"], "ftime": event["at"]}
    if resultv2 not in ("1", "4"):
        return plain
    code = event["code"] if resultv2 == "4" else base(event["code"])
    return {
        **plain,
        "status": STATES[code][1],
        "statusCode": code,
        "areaCode": AREA_CODES.get(event["city"], "CN100000000000"),
        "areaName": event["city"],
        "areaCenter": "",
        "areaPinYin": "",
        "location": "",
    }
