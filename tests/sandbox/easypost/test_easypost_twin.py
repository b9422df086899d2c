"""The EasyPost twin alone: the key, required parameters, every status, signed events."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

import connectors.sandbox.easypost.twin as module
from connectors.sandbox.easypost.twin import STATUSES, EasyPostTwin
from connectors.sandbox.kit import Answer, TwinOptions

SETTINGS = {"api_key": "ek", "webhook_secret": "es", "webhook": "http://127.0.0.1:1/hooks"}
KEY = {"Authorization": "Basic " + base64.b64encode(b"ek:").decode()}
WISH = {"tracker": {"tracking_code": "EZ1", "carrier": "USPS"}}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, dict[str, str]]]:
    """What went to the webhook; the network is cut."""
    found: list[tuple[bytes, dict[str, str]]] = []

    def post(url: str, body: bytes, *, headers: dict[str, str]) -> Answer:
        found.append((body, headers))
        return Answer(200, b"{}")

    monkeypatch.setattr(module, "post", post)
    return found


@pytest.fixture
def client(tmp_path: Path, sent: list[Any]) -> Iterator[Client]:
    twin = EasyPostTwin(TwinOptions(tmp_path, 1, 1.0, dict(SETTINGS)))
    yield Client(twin)
    twin.close()


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic d3Jvbmc6"}])
def test_nothing_is_told_without_the_key(client: Client, headers: dict[str, str]) -> None:
    for answer in (client.post("/v2/trackers", json=WISH, headers=headers), client.get("/v2/trackers", headers=headers)):
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "APIKEY.INACTIVE")


@pytest.mark.parametrize("name", ["tracking_code", "carrier"])
def test_code_and_carrier_are_needed(client: Client, name: str) -> None:
    wish = {"tracker": {key: value for key, value in WISH["tracker"].items() if key != name}}
    assert client.post("/v2/trackers", json=wish, headers=KEY).status_code == 422


def test_a_tracker_of_a_carrier_and_a_code_is_the_same_every_time(client: Client) -> None:
    first = client.post("/v2/trackers", json=WISH, headers=KEY).get_json()
    assert client.post("/v2/trackers", json=WISH, headers=KEY).get_json() == first
    other = {"tracker": {"tracking_code": "EZ1", "carrier": "UPS"}}
    assert client.post("/v2/trackers", json=other, headers=KEY).get_json()["id"] != first["id"]
    assert client.get(f"/v2/trackers/{first['id']}", headers=KEY).get_json() == first
    assert client.get("/v2/trackers/trk_0", headers=KEY).status_code == 404
    assert len(client.get("/v2/trackers", headers=KEY).get_json()["trackers"]) == 2


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_told_by_a_signed_event(client: Client, sent: list[Any], status: str) -> None:
    client.post("/v2/trackers", json=WISH, headers=KEY)
    assert client.post("/_twin/trackers/EZ1", json={"status": status}).get_json() == {"ok": True, "answered": True}
    ((body, headers),) = sent
    assert headers["X-Hmac-Signature"] == "hmac-sha256-hex=" + hmac.new(b"es", body, hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert (told["description"], told["result"]["status"]) == ("tracker.updated", status)
    assert told["result"]["tracking_details"][-1]["status"] == status
    assert client.post("/_twin/trackers/EZ1", json={"status": "teleported"}).status_code == 400
