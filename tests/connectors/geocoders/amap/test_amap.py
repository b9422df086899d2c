"""Amap keeps the promises of every connector, signs as documented, and is understood by a twin of another hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import orjson
import pytest
import responses
from werkzeug.serving import make_server

from connectors.contract import errors as e
from connectors.contract.manifest import Account
from connectors.geocoders.amap import Amap
from connectors.geocoders.amap.signing import sign
from connectors.sandbox.amap.twin import AmapTwin, signature
from connectors.sandbox.kit import TwinOptions
from tests.connectors.contract_suite import ConnectorSuite, Kit, Refusal

ADDRESS = "浙江省杭州市西湖区文三路 1 号"


def refused(code: str) -> bytes:
    return orjson.dumps({"status": "0", "info": "NO", "infocode": code})


class TestContract(ConnectorSuite):
    connector: ClassVar = Amap
    kit: ClassVar = Kit(
        read=lambda vendor: vendor.geocode(ADDRESS),
        refusals=(
            Refusal(refused("10001"), e.AuthFailed),
            Refusal(refused("10007"), e.AuthFailed),
            Refusal(refused("10021"), e.RateLimited, retry_after=2.0),
            Refusal(refused("10044"), e.RateLimited, retry_after=3600.0),
            Refusal(refused("10016"), e.Retryable),
            Refusal(refused("20000"), e.Refused),
        ),
        private=(ADDRESS,),
    )


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[tuple[str, AmapTwin]]:
    twin = AmapTwin(TwinOptions(tmp_path, 7))
    server = make_server("127.0.0.1", 0, twin, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", twin
    server.shutdown()
    thread.join()
    server.server_close()
    twin.close()


def account(twin: tuple[str, AmapTwin]) -> Account:
    return Account(secrets={"key": twin[1].key, "private_key": twin[1].private_key}, gateway=twin[0])


def test_both_hands_sign_alike() -> None:
    params = {"key": "k", "city": "杭州", "address": "文三路 1 号&x=y", "output": "JSON"}
    assert sign(params, "secret") == signature(params | {"sig": "?"}, "secret")


def test_an_address_is_found_and_a_city_alone_is_rough(twin: tuple[str, AmapTwin]) -> None:
    amap = Amap(account(twin))
    assert amap.check().ok
    exact, rough, none = (amap.geocode(text) for text in (ADDRESS, "浙江省杭州市", "火星一号基地"))
    assert exact is not None
    assert (exact.level, exact.is_rough) == ("门牌号", False)
    assert abs(exact.latitude - 30.27) < 0.1
    assert rough is not None
    assert rough.is_rough
    assert none is None


@pytest.mark.parametrize("wrong", [{"key": "nobody"}, {"private_key": "another"}])
def test_wrong_credentials_are_refused(twin: tuple[str, AmapTwin], wrong: dict[str, str]) -> None:
    good = account(twin)
    amap = Amap(replace(good, secrets={**good.secrets, **wrong}))
    with pytest.raises(e.AuthFailed):
        amap.geocode(ADDRESS)
    assert not amap.check().ok


@responses.activate
def test_coordinates_that_cannot_be_read_are_refused() -> None:
    body = {"status": "1", "infocode": "10000", "geocodes": [{"location": "120.1"}]}
    responses.add(responses.GET, "https://restapi.amap.com/v3/geocode/geo", json=body)
    with pytest.raises(e.BadRecord, match="location"):
        Amap(Account(secrets={"key": "k"})).geocode(ADDRESS)
