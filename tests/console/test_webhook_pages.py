"""Settings · webhooks and API keys: secrets shown once, deliveries brought again, nothing beyond one's own rights."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from connectors.marketplaces.standard import CONNECTOR
from oms.app.capture.webhooks.delivering import Delivery
from oms.app.capture.webhooks.registering import secret_name
from oms.app.capture.webhooks.rotating import BOTH, secrets_in
from oms.app.kernel.api_keys import find_key
from oms.app.kernel.hub import Hub
from oms.console.permissions import PERMISSIONS
from oms.db.channels import Shop
from oms.db.completeness import Webhook, WebhookMessage
from oms.db.people import ApiKey
from tests.console import factories
from tests.console.browsing import page_of, send
from tests.web_kit import an_app

SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")
KEY = re.compile(r"oms_[A-Za-z0-9_-]{30,}")
URL = "https://shop.example.com/hooks"


@pytest.fixture
def path(world: factories.World) -> str:
    return f"/settings/shops/{world.shops[0]}/webhooks"


@pytest.fixture(autouse=True)
def nothing_left(hub: Hub) -> Iterator[None]:
    yield
    with hub.begin() as connection:
        connection.execute(Webhook.__table__.delete())  # type: ignore[attr-defined]
        connection.execute(ApiKey.__table__.delete())  # type: ignore[attr-defined]


def add(client: FlaskClient, path: str, url: str = URL) -> tuple[int, str]:
    """A webhook by its form: its number and its secret."""
    answer = send(client, path, url=url, **{"topic.order.changed": "1"})
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["Cache-Control"] == "no-store"
    found = SECRET.search(answer.text)
    number = re.search(r"/webhooks/(\d+)/rotate", answer.text)
    assert found
    assert number
    return int(number[1]), found[0]


def test_a_webhook_is_added_its_secret_shown_once(client: FlaskClient, path: str) -> None:
    number, secret = add(client, path)
    assert URL in page_of(client, path)
    for page in (page_of(client, path), page_of(client, f"{path}/{number}")):
        assert secret not in page
    again = send(client, path, url=URL, **{"topic.order.changed": "1"})
    assert again.status_code == 409
    assert "已经有这个地址" in again.text


@pytest.mark.parametrize(
    ("url", "topic", "words"),
    [("http://shop.example.com", "order.changed", "只往 https 地址送"), (URL, "", "没选要告诉什么")],
)
def test_a_wrong_webhook_is_refused_with_what_was_typed(
    client: FlaskClient, path: str, url: str, topic: str, words: str
) -> None:
    answer = send(client, path, url=url, **({f"topic.{topic}": "1"} if topic else {}))
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{url}"' in answer.text


def test_it_is_paused_changed_and_removed(client: FlaskClient, path: str) -> None:
    number, _secret = add(client, path)
    changed = {"url": f"{URL}/2", "topic.case.changed": "1"}
    assert send(client, f"{path}/{number}", **changed).status_code == 303
    page = page_of(client, f"{path}/{number}")
    assert "已停：人工" in page
    assert f'value="{URL}/2"' in page
    assert send(client, f"{path}/{number}/remove").status_code == 303
    assert client.get(f"{path}/{number}").status_code == 404


def test_a_new_secret_signs_beside_the_old_one_for_a_day(client: FlaskClient, hub: Hub, path: str) -> None:
    number, first = add(client, path)
    answer = send(client, f"{path}/{number}/rotate")
    found = SECRET.search(answer.text)
    assert found
    assert answer.headers["Cache-Control"] == "no-store"
    with hub.begin() as connection:
        row = connection.execute(select(Webhook).where(Webhook.id == number)).one()
    opened = hub.keys.open_secret(row.sealed_secret, row.secret_key_id, secret_name(number)).decode()
    assert secrets_in(opened, factories.NOW) == [found[0], first]
    assert secrets_in(opened, factories.NOW + BOTH) == [found[0]]
    assert secrets_in(first, factories.NOW) == [first]


def test_messages_given_up_are_shown_first_and_go_again(client: FlaskClient, hub: Hub, path: str) -> None:
    number, _secret = add(client, path)
    with hub.begin() as connection:
        for id_, state in ((880_001, "sent"), (880_002, "dead"), (880_003, "sent")):
            told = {"order_no": f"N-{id_}"}
            connection.execute(
                insert(WebhookMessage).values(
                    id=id_, webhook_id=number, key=str(id_), topic="order.changed", body=told, state=state, attempts=9
                )
            )
    page = page_of(client, f"{path}/{number}")
    assert re.findall(r"N-(\d+)</td>", page) == ["880002", "880003", "880001"]
    assert re.findall(r'name="id" value="(\d+)"', page) == ["880002"]
    assert send(client, f"{path}/{number}/again").status_code == 422
    assert send(client, f"{path}/{number}/again", id=["880002", "880001"]).status_code == 303
    with hub.begin() as connection:
        states = connection.execute(select(WebhookMessage.state, WebhookMessage.attempts).order_by(WebhookMessage.id))
        assert [tuple(row) for row in states] == [("sent", 9), ("waiting", 0), ("sent", 9)]


def test_a_test_message_tells_how_it_ended(client: FlaskClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from oms.app.capture.webhooks import delivering

    number, _secret = add(client, path)
    monkeypatch.setattr(delivering, "post", lambda *_: Delivery(False, "http-500"))
    assert send(client, f"{path}/{number}/try").status_code == 303
    assert "没送到：http-500" in page_of(client, f"{path}/{number}")


def test_webhooks_are_for_who_may_edit_them_in_this_shop(
    client: FlaskClient, world: factories.World, path: str, somebody: Any
) -> None:
    somebody(shop_ids={world.shops[1]})
    assert client.get(path).status_code == 404
    somebody(permissions=frozenset(PERMISSIONS) - {"webhook.edit"})
    assert client.get(path).status_code == 403
    assert "/webhooks" not in page_of(client, f"/settings/shops/{world.shops[0]}")


def test_a_key_is_shown_once_works_and_is_revoked(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    answer = send(client, "/settings/keys", name="收银机", role="partner", shop=[str(world.shops[0])])
    found = KEY.search(answer.text)
    assert found
    assert answer.headers["Cache-Control"] == "no-store"
    assert found[0] not in page_of(client, "/settings/keys")
    with hub.begin() as connection:
        key = find_key(connection, found[0], factories.NOW)
    assert key is not None
    assert (key.name, key.allows("order.push", world.shops[0])) == ("收银机", True)
    assert not key.allows("order.push", world.shops[1])
    assert "18:42" in page_of(client, "/settings/keys")
    assert send(client, f"/settings/keys/{key.id}/revoke").status_code == 303
    assert "已收回" in page_of(client, "/settings/keys")
    with hub.begin() as connection:
        assert find_key(connection, found[0], factories.NOW) is None
    assert send(client, f"/settings/keys/{key.id}/revoke").status_code == 404


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"name": "", "role": "partner", "every": "1"}, "1 到 80 个字"),
        ({"name": "x", "role": "admin", "every": "1"}, "什么也做不了"),
        ({"name": "x", "role": "partner"}, "没选店铺"),
    ],
)
def test_a_wrong_key_is_not_made(client: FlaskClient, hub: Hub, sent: dict[str, str], words: str) -> None:
    answer = send(client, "/settings/keys", **sent)
    assert answer.status_code == 422
    assert words in answer.text
    with hub.begin() as connection:
        assert connection.execute(select(ApiKey.id)).all() == []


def test_a_key_can_do_no_more_than_its_maker_and_is_seen_by_no_other_shops_people(
    client: FlaskClient, hub: Hub, world: factories.World, somebody: Any
) -> None:
    send(client, "/settings/keys", name="全部", role="viewer", every="1")
    with hub.begin() as connection:
        key_id = connection.execute(select(ApiKey.id)).scalar_one()
    somebody(shop_ids={world.shops[0]})
    page = page_of(client, "/settings/keys")
    assert "全部</b>" not in page
    assert 'name="every"' not in page
    assert send(client, f"/settings/keys/{key_id}/revoke").status_code == 404
    for sent in ({"every": "1"}, {"shop": [str(world.shops[1])]}):
        assert send(client, "/settings/keys", name="x", role="viewer", **sent).status_code == 403
    somebody(permissions=frozenset({"key.edit", "shop.view", "order.view"}))
    assert send(client, "/settings/keys", name="x", role="partner", every="1").status_code == 403


def test_a_standard_shop_is_connected_with_its_key_and_a_call_to_try(
    client: FlaskClient, hub: Hub, world: factories.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(hub.vendors, "standard", CONNECTOR)
    fields = {"code": "MP-1", "name": "小程序", "currency": "CNY", "timezone": "Asia/Shanghai", "mode": "live"}
    answer = send(client, "/settings/shops/new/standard", **fields, is_active="1")
    assert answer.status_code == 200, answer.text[:400]
    found = KEY.search(answer.text)
    assert found
    assert f'Authorization: Bearer {found[0]}"' in answer.text
    shop_id = int(re.findall(r"/api/v1/shops/(\d+)/orders/TRY-1", answer.text)[0])
    with hub.begin() as connection:
        key = find_key(connection, found[0], factories.NOW)
    assert key is not None
    assert list(key.shop_ids or ()) == [shop_id]
    assert found[0] not in page_of(client, f"/settings/shops/{shop_id}")


def test_the_call_to_try_is_taken_by_the_api_as_it_is_printed(
    client: FlaskClient, hub: Hub, world: factories.World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(hub.vendors, "standard", CONNECTOR)
    fields = {"code": "MP-2", "name": "小程序二", "currency": "CNY", "timezone": "Asia/Shanghai", "mode": "live"}
    page = html.unescape(send(client, "/settings/shops/new/standard", **fields, is_active="1").text)
    call = re.search(
        r"curl -X PUT \"https?://[^/]+([^\"]+)\" .*?-H \"Authorization: ([^\"]+)\".*?-d '([^']+)'", page, re.S
    )
    assert call, page
    address, proof, body = call.groups()
    api = an_app(hub, tmp_path).test_client()
    headers = {"Authorization": proof, "Content-Type": "application/json"}
    answer = api.put(address, data=body.encode(), headers=headers)
    assert (answer.status_code, answer.json) == (200, answer.json | {"external_no": "TRY-1", "outcome": "new"})


def test_the_pages_are_english_for_who_reads_english(
    client: FlaskClient, hub: Hub, world: factories.World, path: str, somebody: Any
) -> None:
    number, _secret = add(client, path)
    with hub.begin() as connection:
        names = "".join(connection.execute(select(Shop.name)).scalars())
    somebody(display_name="Ann", locale="en")
    for address in ("/settings/keys", path, f"{path}/{number}"):
        page = page_of(client, address)
        words = re.findall(r"[\u3400-\u9fff]+", page)
        assert [word for word in words if word not in names and word != "中文"] == []
        assert not re.search(r"<[^>]+\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
