"""Outgoing HTTP of a twin: pushes and call-backs to the hub. Standard library only."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: HTTP status and raw body."""

    status: int
    body: bytes


def post(
    url: str,
    body: bytes,
    content_type: str = "application/json",
    timeout: float = 10.0,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """POST raw bytes and wait for the answer; OSError when nobody answers in time."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"a call-back address must be http(s)://host/path, got {url!r}")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=timeout)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body=body, headers={"Content-Type": content_type, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()
