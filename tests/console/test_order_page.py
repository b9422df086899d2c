"""The page of one order: masked receivers, holds, guards on buttons, the timeline and the drawing."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from oms.app.kernel.hub import Hub
from oms.console.orders.drawing import MOST, Box, draw
from oms.console.orders.receivers import mask_name, mask_phone
from oms.console.security import Person
from oms.db.orders import Hold, OrderLine
from tests.console import factories
from tests.console.browsing import page_of, send


@pytest.fixture
def order(hub: Hub, world: factories.World) -> int:
    """An order waiting for review with a buyer's message."""
    with hub.begin() as connection:
        return factories.an_order(connection, world, "review", lines=2, has_message=True)


def events_of(hub: Hub, order_id: int) -> list[str]:
    with hub.begin() as connection:
        found = connection.execute(text("select kind from event where order_id = :id order by id"), {"id": order_id})
        return list(found.scalars())


def test_a_receiver_is_masked_until_asked_for(client: FlaskClient, order: int) -> None:
    page = page_of(client, f"/orders/{order}")
    assert "林** 138****2207" in page
    assert "浙江省 杭州市 西湖区 文新街道 ****" in page
    assert "请放前台，到了打 ****" in page
    for secret in ("林小满", "13812342207", "桂花里"):
        assert secret not in page


def test_plain_text_needs_a_reason_and_leaves_an_event(client: FlaskClient, hub: Hub, order: int) -> None:
    refused = send(client, f"/orders/{order}/receiver", reason="  ")
    assert refused.status_code == 422
    assert "桂花里" not in refused.text
    assert events_of(hub, order) == ["captured"]
    shown = send(client, f"/orders/{order}/receiver", reason="买家来电核对门牌")
    assert "林小满 13812342207" in shown.text
    assert "桂花里 8 幢 302" in shown.text
    assert events_of(hub, order) == ["captured", "receiver_unmasked"]
    assert "买家来电核对门牌" in page_of(client, f"/orders/{order}")


def test_plain_text_is_refused_without_the_permission(app: Flask, client: FlaskClient, order: int) -> None:
    everything = app.config["CONSOLE_PERSON"]
    app.config["CONSOLE_PERSON"] = Person(everything.id, "阿柚", permissions=frozenset({"order.view"}))
    try:
        page = page_of(client, f"/orders/{order}")
        assert "要「看明文」权限，找管理员" in page
        assert "要「取消订单」权限，找管理员" in page
        assert send(client, f"/orders/{order}/receiver", reason="想看看").status_code == 403
    finally:
        app.config["CONSOLE_PERSON"] = everything


def test_an_order_of_another_persons_shop_is_not_there(app: Flask, client: FlaskClient, hub: Hub, order: int) -> None:
    everything = app.config["CONSOLE_PERSON"]
    with hub.begin() as connection:
        shop = connection.execute(text("select shop_id from orders where id = :id"), {"id": order}).scalar_one()
    app.config["CONSOLE_PERSON"] = Person(1, "阿柚", permissions=everything.permissions, shop_ids={shop + 1})
    try:
        page_of(client, f"/orders/{order}", 404)
        page_of(client, f"/orders/{order}/timeline", 404)
    finally:
        app.config["CONSOLE_PERSON"] = everything


def test_a_hold_says_what_it_saw_and_is_lifted_with_a_reason(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "held")
        lifted = factories.a_hold(connection, world, order, "blacklist", seen={"reason": "三次拒收"})
        kept = factories.a_hold(connection, world, order, "bad_phone")
        alone = factories.a_hold(connection, world, order, "refund_asked")
    page = page_of(client, f"/orders/{order}")
    for words in ("黑名单", "原因 三次拒收", "审核、下发、打单、发货", "原因消失后自动解除"):
        assert words in page
    assert send(client, f"/orders/{order}/holds/{lifted}/lift", reason="").status_code == 422
    assert send(client, f"/orders/{order}/holds/{lifted}/lift", reason="核实过本人").status_code == 303
    with hub.begin() as connection:
        statement = select(Hold.id).where(Hold.order_id == order, Hold.cleared_at.is_(None)).order_by(Hold.id)
        assert list(connection.execute(statement).scalars()) == [kept, alone]
    again = send(client, f"/orders/{order}/holds/{lifted}/lift", reason="再来一次")
    assert again.status_code == 404
    assert "这个挂起已经解除" in again.text
    refused = send(client, f"/orders/{order}/holds/{alone}/lift", reason="手工解除")
    assert refused.status_code == 422


def test_a_button_that_cannot_be_used_says_why(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        shipped = factories.an_order(connection, world, "shipped", review="passed")
        factories.a_fulfilment(connection, world, [shipped], "shipped")
        done = factories.an_order(connection, world, "completed", status="completed", review="passed")
        held = factories.an_order(connection, world, "review")
        factories.a_hold(connection, world, held, "blacklist")
    why = re.compile(r'aria-disabled="true" aria-describedby="why-(\w+)">.*?<span class="why" id="why-\1">([^<]+)<', re.S)
    assert dict(why.findall(page_of(client, f"/orders/{shipped}")))["cancel"] == "已有货发出，其余的截停或走售后退货"
    assert dict(why.findall(page_of(client, f"/orders/{done}")))["cancel"] == "订单已完成，不能再取消"
    assert dict(why.findall(page_of(client, f"/orders/{held}")))["pass_review"] == "先解除「黑名单」"


def test_freight_is_no_goods(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "delivered", review="passed")
        factories.a_fulfilment(connection, world, [order], "shipped")
        factories.add(connection, OrderLine, order_id=order, line_no=9, external_no="f", kind="freight", title="运费",
                      ordered=1, list_amount=500, paid_amount=500, platform_state="paid")  # fmt: skip
    page = page_of(client, f"/orders/{order}")
    assert "不发货" in page
    assert "货品未匹配" not in page
    assert "货已经全部发出" in page
    assert send(client, f"/orders/{order}/hold", reason="等买家补拍").status_code == 409


def test_a_click_that_came_too_late_is_told_why(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        held, gone, shipped = (factories.an_order(connection, world) for _ in range(3))
        factories.a_fulfilment(connection, world, [shipped], "shipped")
    assert send(client, f"/orders/{held}/hold", reason="等买家补拍").status_code == 303
    assert send(client, f"/orders/{gone}/cancel", reason="买家不要了").status_code == 303
    for order, words in ((held, "已经人工挂起"), (gone, "现在是「已取消」"), (shipped, "货已经全部发出，没有可挂起的")):
        late = send(client, f"/orders/{order}/hold", reason="等买家补拍")
        assert late.status_code == 409
        assert re.search(rf'role="alert".*{words}', late.text, re.S)


@pytest.mark.parametrize(("status", "words"), [("cancelled", "订单取消了，不会再发货"), ("completed", "交易已完成")])
def test_an_order_that_is_over_asks_nothing_of_people(
    client: FlaskClient, hub: Hub, world: factories.World, status: str, words: str
) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world, status, status=status, review="waiting")
        factories.a_hold(connection, world, order, "blacklist")
        factories.an_event(
            connection, world, order, "hold_cleared", detail={"kind": "bad_phone", "reason": "order closed"}
        )
    page = page_of(client, f"/orders/{order}")
    assert words in page
    assert "原因 订单已关闭" in page
    assert "核实买家后解除" not in page.split('class="story"')[1]


def test_an_order_is_cancelled_from_its_page(client: FlaskClient, hub: Hub, order: int) -> None:
    assert send(client, f"/orders/{order}/cancel", reason="买家不要了").status_code == 303
    page = page_of(client, f"/orders/{order}")
    assert "已取消" in page
    assert "买家不要了" in page
    refused = send(client, f"/orders/{order}/cancel", reason="再取消一次")
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text


def test_review_is_passed_and_sent_back_from_the_page(client: FlaskClient, hub: Hub, order: int) -> None:
    assert send(client, f"/orders/{order}/send-back", tier="1", reason="电话打不通").status_code == 303
    page = page_of(client, f"/orders/{order}")
    assert "被驳回" in page
    assert "电话打不通" in page
    refused = send(client, f"/orders/{order}/pass", tier="1")
    assert refused.status_code == 409


def test_the_timeline_is_filtered_by_who(client: FlaskClient, app: Flask, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world)
        person = app.config["CONSOLE_PERSON"]
        factories.an_event(connection, world, order, "memo_changed", actor=person.actor, detail={"reason": "改过"})
        factories.an_event(connection, world, order, "ship", actor="warehouse:7")
    whole = page_of(client, f"/orders/{order}/timeline")
    assert all(words in whole for words in ("归集", "青禾 备注变更", "仓库 已发货"))
    assert "已发货" not in page_of(client, f"/orders/{order}/timeline?whose=people")
    assert "青禾" not in page_of(client, f"/orders/{order}/timeline?whose=system")
    assert "归集" not in page_of(client, f"/orders/{order}/timeline?whose=platform")


def test_the_drawing_joins_merged_orders_fulfilments_and_parcels(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    with hub.begin() as connection:
        first, second = (factories.an_order(connection, world, "shipped") for _ in range(2))
        together = factories.a_fulfilment(connection, world, [first, second], "shipped")
        factories.a_parcel(connection, world, together)
    page = page_of(client, f"/orders/{first}")
    assert page.count('<path class="edge"') == 3
    assert f'<a href="/orders/{second}"><rect' in page
    assert "运输中" in page
    assert "与 1 单合发" in page


def test_a_drawing_never_shows_more_than_twelve_boxes() -> None:
    boxes = [Box(f"p{number}", 2, "包裹", "") for number in range(15)]
    drawing = draw(boxes, [("p0", "p14")], "")
    assert len(drawing.boxes) == MOST
    assert drawing.hidden == 3
    assert drawing.edges == []


def test_masks_give_away_only_the_ends() -> None:
    assert mask_name("欧阳小满") == "欧**"
    assert mask_phone("13812342207") == "138****2207"
    assert mask_phone("8812345") == "****"
    assert mask_name("") == "**"
