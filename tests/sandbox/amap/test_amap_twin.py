"""The Amap twin alone: a wrong key, a wrong signature and a missing address get the platform's own infocodes."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from connectors.sandbox.amap import describe
from connectors.sandbox.amap.twin import AmapTwin
from connectors.sandbox.kit import TwinOptions


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[AmapTwin]:
    twin = AmapTwin(TwinOptions(tmp_path, 7))
    yield twin
    twin.close()


def ask(twin: AmapTwin, **changes: str) -> Any:
    told = describe("", 7)
    params = {"key": told["key"], "address": "杭州市文三路1号", **changes}
    params = {name: value for name, value in params.items() if value}
    plain = "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "sig")
    params.setdefault("sig", hashlib.md5((plain + told["private_key"]).encode(), usedforsecurity=False).hexdigest())
    return Client(twin).get("/v3/geocode/geo", query_string=params).get_json()


def test_an_address_has_always_the_same_place_and_the_ledger_never_the_address(twin: AmapTwin) -> None:
    first, again = ask(twin), ask(twin)
    assert first == again
    assert first["infocode"] == "10000"
    assert "文三路" not in str(twin.ledger())
    Client(twin).post("/_twin/places", json={"address": "杭州市文三路1号", "location": "1.0,2.0"})
    assert ask(twin)["geocodes"][0]["location"] == "1.0,2.0"


@pytest.mark.parametrize(
    ("changes", "infocode"),
    [({"key": "x"}, "10001"), ({"key": ""}, "20001"), ({"sig": "x"}, "10007"), ({"address": ""}, "20001"),
     ({"address": "杭" * 201}, "20000"), ({"address": "火星"}, "30001")],
)  # fmt: skip
def test_it_refuses_with_the_platform_s_codes(twin: AmapTwin, changes: dict[str, str], infocode: str) -> None:
    assert ask(twin, **changes)["infocode"] == infocode
