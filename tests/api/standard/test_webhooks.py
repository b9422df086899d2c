"""Webhooks: kept by shop, signed as Standard Webhooks says, sent again and in the end given up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from oms.app.capture.webhooks.addresses import look_up
from oms.app.capture.webhooks.announcing import announce_next
from oms.app.capture.webhooks.delivering import SHARE, deliver_batch, wait_after
from oms.app.capture.webhooks.signing import signature
from oms.domain.errors import Invalid
from oms.jobs.upkeep import forget_webhook_messages
from tests.api.standard.kit import Inbox, Partner, an_inbox, is_signed
from tests.connectors.marketplaces.standard.papers import a_case, an_order
from tests.factories import World, advance, drain


@pytest.fixture
def inbox(world: World) -> Iterator[Inbox]:
    world.hub.allow_private_addresses = True
    with an_inbox() as inbox:
        yield inbox
    world.run("delete from webhook")


def register(partner: Partner, url: str, *topics: str) -> dict[str, Any]:
    answer = partner.post("/webhooks", json={"url": url, "topics": topics or ["order.changed"]})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def tell(world: World) -> None:
    drain(announce_next, world)
    drain(deliver_batch, world)


def the_message(world: World) -> Any:
    (row,) = world.rows("select state, attempts, answer, due_at from webhook_message")
    return row


def test_the_signature_is_the_one_of_the_specification() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    found = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_arrives_signed_and_without_any_receiver(world: World, partner: Partner, inbox: Inbox) -> None:
    made = register(partner, inbox.url)
    partner.put("/orders/W-1", json=an_order("W-1"))
    tell(world)
    ((headers, body),) = inbox.seen
    assert is_signed(made["secret"], headers, body)
    assert inbox.bodies("order.changed")[0]["order_no"] == "W-1"
    assert not any(word in body.decode() for word in ("林小雨", "13900001234", "滨江路"))


def test_what_happened_before_is_not_told_and_nothing_is_told_twice(world: World, partner: Partner, inbox: Inbox) -> None:
    partner.put("/orders/W-2", json=an_order("W-2"))
    register(partner, inbox.url)
    tell(world)
    assert inbox.seen == []
    partner.put("/orders/W-3", json=an_order("W-3"))
    tell(world)
    tell(world)
    assert [told["order_no"] for told in inbox.bodies("order.changed")] == ["W-3"]


def test_only_the_topics_that_are_wanted_are_told(world: World, partner: Partner, inbox: Inbox) -> None:
    register(partner, inbox.url, "shipment.created")
    partner.put("/orders/W-4", json=an_order("W-4"))
    tell(world)
    assert inbox.seen == []


def test_a_refused_message_is_sent_again_later_with_the_same_id(world: World, partner: Partner, inbox: Inbox) -> None:
    register(partner, inbox.url)
    inbox.answers = [500, 429]
    partner.put("/orders/W-5", json=an_order("W-5"))
    tell(world)
    assert (the_message(world).state, the_message(world).answer) == ("waiting", "http-500")
    assert len(inbox.seen) == 1
    for _ in range(2):
        world.clock.forward(60)
        tell(world)
    assert the_message(world).state == "sent"
    assert len({headers["webhook-id"] for headers, _ in inbox.seen}) == 1
    assert len({body for _, body in inbox.seen}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in inbox.seen}) == 3


def test_a_webhook_gets_its_share_of_a_batch_and_one_message_while_it_is_in_trouble(
    world: World, partner: Partner, inbox: Inbox
) -> None:
    register(partner, inbox.url)
    for number in range(SHARE + 3):
        partner.put(f"/orders/S-{number}", json=an_order(f"S-{number}"))
    drain(announce_next, world)
    inbox.answers = [500]
    assert [deliver_batch(world.hub) for _ in range(5)] == [SHARE, 1, 1, 1, 0]
    world.clock.forward(60)
    assert deliver_batch(world.hub) == 1
    assert world.one("select count(*) from webhook_message where state = 'sent'") == SHARE + 3


def test_after_a_day_it_is_given_up_and_people_are_told(world: World, partner: Partner, inbox: Inbox) -> None:
    made = register(partner, inbox.url)
    inbox.answers = [503] * 50
    partner.put("/orders/W-6", json=an_order("W-6"))
    for _ in range(40):
        tell(world)
        world.clock.forward(3600)
        if the_message(world).state == "dead":
            break
    assert the_message(world).state == "dead"
    assert 10 < the_message(world).attempts < 26
    assert "took no message" in world.one("select words from alert where kind = 'webhook_dead'")
    assert partner.get(f"/webhooks/{made['id']}").json["dead"] == 1


def test_an_address_that_is_gone_is_not_asked_again(world: World, partner: Partner, inbox: Inbox) -> None:
    made = register(partner, inbox.url)
    inbox.answers = [410]
    partner.put("/orders/W-7", json=an_order("W-7"))
    tell(world)
    shown = partner.get(f"/webhooks/{made['id']}").json
    assert (shown["state"], "gone" in shown["paused_reason"]) == ("paused", True)
    partner.put("/orders/W-8", json=an_order("W-8"))
    tell(world)
    assert len(inbox.seen) == 1


def test_a_paused_webhook_goes_on_with_what_comes_then(world: World, partner: Partner, inbox: Inbox) -> None:
    made = register(partner, inbox.url)
    change = {"url": inbox.url, "topics": ["order.changed"]}
    partner.put(f"/webhooks/{made['id']}", json=change | {"paused": True})
    partner.put("/orders/W-9", json=an_order("W-9"))
    tell(world)
    assert partner.put(f"/webhooks/{made['id']}", json=change).json["state"] == "active"
    partner.put("/orders/W-10", json=an_order("W-10"))
    tell(world)
    assert [told["order_no"] for told in inbox.bodies("order.changed")] == ["W-10"]


def test_a_test_call_says_how_it_ended(partner: Partner, inbox: Inbox) -> None:
    made = register(partner, inbox.url)
    inbox.answers = [200, 500]
    answers = [partner.post(f"/webhooks/{made['id']}/test").json for _ in range(2)]
    assert answers == [{"delivered": True, "answer": "http-200"}, {"delivered": False, "answer": "http-500"}]
    assert all(is_signed(made["secret"], headers, body) for headers, body in inbox.seen)
    assert partner.get("/webhooks").json["webhooks"][0]["dead"] == 0


def test_the_secret_is_shown_once_and_kept_sealed(world: World, partner: Partner, inbox: Inbox) -> None:
    made = register(partner, inbox.url)
    assert made["secret"].startswith("whsec_")
    assert made["secret"] not in partner.get(f"/webhooks/{made['id']}").text + partner.get("/webhooks").text
    assert made["secret"].encode() not in bytes(world.one("select sealed_secret from webhook"))


def test_one_address_is_registered_once_a_shop_and_can_be_removed(partner: Partner, inbox: Inbox) -> None:
    made = register(partner, inbox.url)
    again = partner.post("/webhooks", json={"url": inbox.url, "topics": ["case.changed"]})
    assert (again.status_code, bool(again.json["remedy"])) == (409, True)
    assert partner.ask("DELETE", f"/webhooks/{made['id']}").status_code == 204
    assert partner.get(f"/webhooks/{made['id']}").status_code == 404
    assert partner.ask("DELETE", f"/webhooks/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/hooks",
        "https://localhost/hooks",
        "https://127.0.0.1/hooks",
        "https://10.1.2.3:8443/hooks",
        "https://[::1]/hooks",
        "https://[::ffff:192.168.0.1]/hooks",
        "https://169.254.169.254/latest",
        "https://intranet/hooks",
        "ftp://shop.example.com/hooks",
        "https://user:word@shop.example.com/",
        "https://shop.example.com:99999/",
        "https://[bad/hooks",
        "nonsense",
    ],
)
def test_private_and_broken_addresses_are_refused(world: World, partner: Partner, url: str) -> None:
    world.hub.allow_private_addresses = False
    answer = partner.post("/webhooks", json={"url": url, "topics": ["order.changed"]})
    assert (answer.status_code, answer.json["field"]) == (422, "url")
    assert answer.json["remedy"]


def test_a_name_that_leads_into_a_private_network_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    from oms.app.capture.webhooks import addresses

    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("10.0.0.5", 443))])
    assert "private" in look_up("https://shop.example.com/hooks", allow_private=False).trouble
    assert look_up("https://shop.example.com/hooks", allow_private=True).trouble == ""
    with pytest.raises(Invalid):
        addresses.host_of("https://127.0.0.1/", allow_private=False)


def test_a_name_that_changes_its_meaning_after_the_check_leads_nowhere_else(
    world: World, partner: Partner, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is public when it is checked; whoever asks a second time would be led to the inbox inside."""
    from oms.app.capture.webhooks import addresses

    asked: list[str] = []
    port = int(inbox.url.rsplit(":", 1)[1].partition("/")[0])
    name, public = "rebind.example.com", "93.184.215.14"
    usual = addresses.socket.getaddrinfo

    def changing(host: str, *given: Any, **more: Any) -> list[Any]:
        if host not in (name, public):
            return list(usual(host, *given, **more))
        asked.append(host)
        if host == public:
            raise OSError("there is no way to it from a test")
        return [(2, 1, 6, "", (public if len(asked) == 1 else "127.0.0.1", port))]

    register(partner, f"https://{name}:{port}/hooks")
    partner.put("/orders/R-1", json=an_order("R-1"))
    world.hub.allow_private_addresses = False
    monkeypatch.setattr(addresses.socket, "getaddrinfo", changing)
    tell(world)
    assert asked == [name, public]
    assert inbox.seen == []


def test_waits_grow_and_are_spread() -> None:
    waits = [wait_after(attempt, 0.5) for attempt in range(1, 10)]
    assert waits == sorted(waits)
    assert waits[0] == 5
    assert wait_after(3, 0.0) < wait_after(3, 1.0)


def test_messages_are_forgotten_after_ninety_days_but_not_while_they_wait(
    world: World, partner: Partner, inbox: Inbox
) -> None:
    register(partner, inbox.url)
    partner.put("/orders/W-20", json=an_order("W-20"))
    drain(announce_next, world)
    world.run("update webhook_message set created_at = now() - interval '91 days'")
    assert forget_webhook_messages(world.hub) == 0
    world.run("update webhook_message set state = 'sent'")
    assert forget_webhook_messages(world.hub) == 1


def test_what_people_decide_about_a_case_is_told(world: World, partner: Partner, inbox: Inbox) -> None:
    register(partner, inbox.url, "case.changed")
    partner.put("/orders/W-21", json=an_order("W-21"))
    partner.put("/cases/WC-21", json=a_case("WC-21", "W-21"))
    tell(world)
    world.run(
        """update cases set review = 'agreed', agreed_amount = 900, version = version + 1
           where external_no = 'WC-21'"""
    )
    world.run("update orders set ready_at = :now where external_no = 'W-21'", now=world.clock())
    advance(world)
    tell(world)
    told = [body for body in inbox.bodies("case.changed") if body["review"] == "agreed"]
    assert told[0]["agreed_amount"] == 900
