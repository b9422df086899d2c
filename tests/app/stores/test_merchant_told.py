"""What the merchant hears of stores: in the console and by webhook; and templates that would reach nobody."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oms.app.capture.webhooks.registering import add_webhook
from oms.app.kernel.queries.notices import list_notices
from oms.app.pipeline.stores import handing, notes
from oms.app.pipeline.stores.announcing import TOPIC
from oms.app.pipeline.stores.notice_settings import save_notice
from oms.domain.errors import Invalid
from tests.app.stores.kit import NEAR, carried, code_of, doing, note_of, through_store, with_stores
from tests.app.stores.test_notices import MAIL, SMS, a_template
from tests.factories import World, settle


def template(**changes: Any) -> dict[str, Any]:
    """A template as the form sends it."""
    return {"shop_id": 0, "event": "ready", "audience": "merchant", "account_id": 0, "team_id": None, "template": "",
            "words": "", "after_min": 0, "is_on": True, **changes}  # fmt: skip


def arrived(world: World) -> tuple[int, int]:
    id_, parcel, waybill = carried(world)
    notes.send_note(world.hub, doing(1), note_of(world))
    notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill, shelf="1")
    settle(world)
    return id_, parcel


def test_a_team_or_everybody_reads_it_in_the_console_once(world: World) -> None:
    with_stores(world)
    world.run("insert into user_group (id, code, name) values (91, 'leads', 'leads')")
    save_notice(world.hub, "user:1", template(team_id=91))
    save_notice(world.hub, "user:1", template())
    save_notice(world.hub, "user:1", template())
    id_, _ = arrived(world)
    told = world.rows("select kind, shop_id, order_id, user_group_id, words from notice order by user_group_id")
    assert told == [("store_ready", 1, id_, team, f"store 11 · YT{id_}") for team in (91, None)]
    assert world.script.asked("notify") == []
    with world.hub.engine.connect() as connection:
        assert [row.kind for row in list_notices(connection, 1, [1])] == ["store_ready"]


def test_the_merchant_is_told_at_once_and_of_a_team_that_is_there(world: World) -> None:
    with_stores(world)
    for wrong in ({"event": "overdue_soon"}, {"after_min": 5}, {"team_id": 4711}):
        with pytest.raises(Invalid):
            save_notice(world.hub, "user:1", template(**wrong))
    assert world.rows("select 1 from buyer_notice") == []


def test_a_mail_to_buyers_is_refused_where_no_platform_tells_their_addresses(world: World) -> None:
    with_stores(world)
    a_template(world, "new_task", on=False)
    mail = template(audience="buyer", account_id=MAIL, template="Ready")
    for shop in (0, 1):
        with pytest.raises(Invalid, match="mail addresses"):
            save_notice(world.hub, "user:1", {**mail, "shop_id": shop})
    save_notice(world.hub, "user:1", {**mail, "audience": "store"})
    save_notice(world.hub, "user:1", {**mail, "account_id": SMS})
    vendor = world.one("select a.vendor from shop s join account a on a.id = s.account_id where s.id = 1")
    world.hub.vendors[vendor] = type("Telling", (world.hub.vendors[vendor],), {"tells_email": True})
    save_notice(world.hub, "user:1", mail)
    assert world.one("select count(*) from buyer_notice where event = 'ready'") == 3


def test_a_webhook_hears_of_what_happens_at_stores_and_nothing_of_the_buyer(world: World) -> None:
    with_stores(world)
    world.hub.allow_private_addresses = True
    add_webhook(world.hub, 1, "http://127.0.0.1:1/hooks", [TOPIC], "user:1")
    add_webhook(world.hub, 1, "http://127.0.0.1:1/others", ["case.changed"], "user:1")
    id_, parcel = arrived(world)
    code = code_of(world, parcel)
    handing.hand_over(world.hub, doing(NEAR), parcel, code)
    rows = world.rows("select topic, state, body from webhook_message order by id")
    assert [(topic, state, body["event"]) for topic, state, body in rows] == [
        (TOPIC, "waiting", "ready"), (TOPIC, "waiting", "handed_over")
    ]  # fmt: skip
    body = rows[0][2]
    assert (body["order_id"], body["store"], body["shipment_id"]) == (id_, "S11", f"{parcel}-{id_}")
    assert (body["leg"], body["mode"], body["until"]) == ("pickup", "unified", "2026-11-28T02:00:00+00:00")
    said = orjson.dumps([row[2] for row in rows]).decode()
    assert not any(word in said for word in (code, "13800000001", "周明"))


def test_a_task_is_announced_with_the_time_it_is_due(world: World) -> None:
    with_stores(world)
    world.hub.allow_private_addresses = True
    add_webhook(world.hub, 1, "http://127.0.0.1:1/hooks", [TOPIC], "user:1")
    through_store(world, "store_pickup", "pickup")
    bodies = {body["event"]: body for (body,) in world.rows("select body from webhook_message")}
    assert set(bodies) == {"new_task", "promised"}
    assert bodies["promised"]["ready_by"] == "2026-11-21T03:00:00+00:00"
    assert bodies["promised"]["shipment_id"] is None
