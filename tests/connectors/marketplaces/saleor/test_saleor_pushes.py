"""Webhooks of Saleor: published signatures, forged, old and replayed ones, changed keys; what they hint at."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
import responses
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from connectors.contract.errors import BadRecord, BadSignature
from connectors.contract.manifest import Account
from connectors.contract.notices import ChangeHint, PushRequest
from connectors.marketplaces.saleor import Saleor
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.saleor.papers import GRANT, ORDER
from tests.connectors.marketplaces.saleor.stage import GATE

KEYS = f"{GATE}/.well-known/jwks.json"
PUBLISHED = b'{"__typename":"OrderUpdated","order":{"id":"T3JkZXI6MQ=="}}'
JWS = (
    "eyJhbGciOiJSUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il0sImtpZCI6IjEiLCJ0eXAiOiJKV1QifQ..C99kRzP7FOiT3_cCMSALMJFq"
    "og9H_rABNnd_9kEKKs2kXsz_YoffWaQANoMJcY1Vxr6rbODKwkMaqX4rivUAvi4iuckZfbBgy57jSOgVKeJlCaHQwtjbqCYSaR-Ghbkns0rdmgHA"
    "bAADSR4SMdx8kKe5UlV44Wesrs0Baz_s9x_ZUUfFMQzlK3VsefzuF-g8P28Cuxq9XcDfgH86ku6eZEW4SfLa6IIoDJ-IH2cdfmf508hekYQsStdn"
    "g90cOuPmvEp3iRU0H5K5zx-0eBnT7BYpMMti0QJLwEkQ76Wer2TltJeWMFC1AwaZMCu1cU52zMVbo4yuGCX-dWr2aeMXPw"
)
JWKS = {
    "keys": [
        {
            "kty": "RSA",
            "n": "qiM5TqtQG1QYNdmH9wpl2WWiU5v9WwRUeGuacBNC-dgFwKK64K4o5LMmdRhdtYqvf6E1LgDor0QtKAdLdFp2b44AlOQjBJTOZEsM35"
            "b-RGkx23IMZ2r3ow9IH0UP2JhqazSfMjexekoUL4EoZKy22DIDjwO0MAw6ia3g5cjGgXjY0EFG0d9iF3au2VmV95XcNVUVIiov52wVpetgnTR_"
            "P6FdGTPhR0JnR2OblqK42NX_oJbls29Z7rAa_JUgMYwS1gTSBLSz69lF905CrAZXsuDouIolfx7nnJEA4MTHtExQbccsGQe0ZPJGkxSIsU5Z"
            "nAgU_stQmdXH-hyCx_RZEQ",
            "e": "AQAB",
            "kid": "1",
        }
    ]
}
SALEOR = Saleor(Account({"api_url": GATE, "jwks": orjson.dumps(JWKS).decode()}, {"webhook_secret": "saleor-secret"}))


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def a_push(body: Any, signature: str = "", event: str = "order_updated") -> PushRequest:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return PushRequest("POST", "/push", {}, {"saleor-event": event, "saleor-signature": signature}, raw, NOW)


@pytest.fixture(scope="module")
def private_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def signed(key: RSAPrivateKey, body: bytes, **header: Any) -> PushRequest:
    told = {"alg": "RS256", "b64": False, "crit": ["b64"], "kid": "new", "typ": "JWT"} | header
    head = b64(orjson.dumps(told))
    return a_push(body, f"{head}..{b64(key.sign(head.encode() + b'.' + body, PKCS1v15(), SHA256()))}")


def jwks_of(key: RSAPrivateKey, **changes: Any) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    row = {"kty": "RSA", "kid": "new", "n": b64(numbers.n.to_bytes(256, "big")), "e": b64(numbers.e.to_bytes(3, "big"))}
    return {"keys": [row | changes]}


def hints(body: Any) -> tuple[Any, ...]:
    return SALEOR.parse_push_reports(a_push(body))


def test_the_published_jws_is_genuine():
    envelope = SALEOR.verify_push(a_push(PUBLISHED, JWS))
    assert (envelope.topic, envelope.answer.status) == ("order_updated", 200)


def test_the_published_hmac_is_genuine():
    signature = "594ae3605fda04286d21ad6721e00c016ee4ad57d5a38284c7c69623ee24112e"
    assert SALEOR.verify_push(a_push(PUBLISHED, signature)).key
    older = replace(a_push(PUBLISHED), headers={"X-Saleor-Event": "order_updated", "X-Saleor-Signature": signature})
    assert SALEOR.verify_push(older).topic == "order_updated"


@pytest.mark.parametrize(
    "signature",
    ["", "594a", JWS[:-4], JWS.replace("..", ".x."), "a.b", "..", "!!..!!", f"{b64(b'[]')}..AAAA", "é..é"],
)
def test_what_is_not_signed_so_is_refused(signature: str):
    with pytest.raises(BadSignature):
        SALEOR.verify_push(a_push(PUBLISHED, signature))


@pytest.mark.parametrize("header", [{"alg": "HS256"}, {"alg": "none"}, {"b64": True}, {"crit": ["b64", "exp"]}])
def test_a_signature_of_another_kind_is_refused(private_key: RSAPrivateKey, header: dict[str, Any]):
    saleor = Saleor(Account({"jwks": orjson.dumps(jwks_of(private_key)).decode()}))
    assert saleor.verify_push(signed(private_key, PUBLISHED)).key
    with pytest.raises(BadSignature):
        saleor.verify_push(signed(private_key, PUBLISHED, **header))


def test_no_secret_signs_nothing():
    with pytest.raises(BadSignature):
        Saleor(Account({"jwks": "{}"})).verify_push(a_push(PUBLISHED, "00"))


def test_keys_that_changed_are_read_again_but_not_for_every_forgery(private_key: RSAPrivateKey):
    now = [NOW]

    def clock() -> datetime:
        return now[0]

    saleor = Saleor(Account({"api_url": GATE}), clock=clock)
    push = signed(private_key, PUBLISHED)
    with responses.RequestsMock() as platform:
        platform.add(responses.GET, KEYS, json={"keys": []})
        platform.add(responses.GET, KEYS, json=jwks_of(private_key))
        for _ in range(3):
            with pytest.raises(BadSignature, match="does not show"):
                saleor.verify_push(push)
        assert len(platform.calls) == 1
        now[0] += timedelta(minutes=6)
        assert saleor.verify_push(push).key == saleor.verify_push(push).key
        assert len(platform.calls) == 2


@pytest.mark.parametrize("changes", [{"n": "é"}, {"e": None}, {"kty": "EC"}, {"n": ""}])
def test_keys_that_cannot_be_read_are_left_out(private_key: RSAPrivateKey, changes: dict[str, Any]):
    saleor = Saleor(Account({"jwks": orjson.dumps(jwks_of(private_key, **changes)).decode()}))
    with pytest.raises(BadSignature, match="does not show"):
        saleor.verify_push(signed(private_key, PUBLISHED))


def test_keys_that_were_pasted_wrongly_say_so():
    with pytest.raises(BadRecord) as caught:
        Saleor(Account({"jwks": "{keys"})).verify_push(a_push(PUBLISHED, JWS))
    assert caught.value.field == "jwks"


def test_an_old_push_is_refused_though_it_is_genuine(private_key: RSAPrivateKey):
    saleor = Saleor(Account({"jwks": orjson.dumps(jwks_of(private_key)).decode()}))
    for age, is_good in ((timedelta(minutes=6), True), (timedelta(days=2), False), (timedelta(hours=-1), False)):
        body = orjson.dumps({"issuedAt": (NOW - age).isoformat(), "order": {"id": ORDER}})
        if is_good:
            assert saleor.verify_push(signed(private_key, body)).key
        else:
            with pytest.raises(BadSignature, match="too long ago"):
                saleor.verify_push(signed(private_key, body))


@pytest.mark.parametrize(
    "body",
    [
        {"order": {"id": ORDER}},
        {"transaction": {"id": "t", "order": {"id": ORDER}}},
        {"fulfillment": {"id": "f", "order": {"id": ORDER}}, "order": None},
        {"orders": [{"id": ORDER}, "odd"]},
        [{"type": "Order", "id": ORDER}, {"type": "User", "id": "u"}],
    ],
)
def test_an_order_is_found_wherever_a_payload_names_it(body: Any):
    assert hints(body) == (ChangeHint("order", ORDER),)


def test_a_granted_refund_is_hinted_at_beside_its_order():
    body = {"order": {"id": ORDER, "updatedAt": "2026-03-02T03:59:00+00:00", "grantedRefunds": [{"id": GRANT}, {}]}}
    order, case = hints(body)
    assert (order.kind, order.changed_at.isoformat()) == ("order", "2026-03-02T03:59:00+00:00")
    assert case == ChangeHint("case", f"{ORDER}:{GRANT}")


@pytest.mark.parametrize("body", [b"", b"nonsense", b"7", {"order": "x"}, {"order": {"id": 7}}, {"product": {"id": "p"}}])
def test_what_is_about_no_order_hints_at_nothing(body: Any):
    assert hints(body) == ()
    assert SALEOR.parse_push(a_push(body)) is None
