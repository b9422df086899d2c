"""The pages of cases: what waits for us by deadline, one case with its evidence, agreed or refused by a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text, update

from connectors.contract.families import Marketplace
from connectors.contract.manifest import Manifest
from connectors.contract.notices import Receipt, RefundNotice, ShipmentNotice
from oms.app.kernel.hub import Hub
from oms.console.permissions import PERMISSIONS
from oms.console.security import Person
from oms.db.activity import Outbound
from oms.db.aftersales import Case, CaseStep
from oms.db.channels import Shop
from tests.console import factories
from tests.console.browsing import page_of, send
from tests.console.factories import NOW


class Deciding(Marketplace):
    """A platform that takes decisions."""

    manifest = Manifest("taobao", "marketplace", "淘宝天猫", "Taobao", "天", "https://eco.example/rest")

    def decide_case(self, case_no: str, agree: bool, words: str, facts: Any) -> Receipt:
        """Agree, by `address_no` of where the goods go back to, or refuse."""
        return Receipt(case_no)

    def goods_received(self, case_no: str, facts: Any) -> Receipt:
        return Receipt(case_no)

    def refund_case(self, notice: RefundNotice) -> Receipt:
        return Receipt(notice.key)

    def ship_exchange(self, case_no: str, notice: ShipmentNotice) -> Receipt:
        return Receipt(notice.waybill_no)


@pytest.fixture(autouse=True)
def vendor(hub: Hub, app: Flask) -> Iterator[None]:
    before, somebody = dict(hub.vendors), app.config["CONSOLE_PERSON"]
    hub.vendors["taobao"] = Deciding
    with hub.begin() as connection:
        connection.execute(update(Shop).values(mode="live"))
    hub.masters.forget()
    yield
    hub.vendors.clear()
    hub.vendors.update(before)
    app.config["CONSOLE_PERSON"] = somebody


def a_case(hub: Hub, world: factories.World, no: str, **changes: Any) -> int:
    allows = changes.pop("allows", ["agree", "refuse"])
    with hub.begin() as connection:
        order_id = factories.an_order(connection, world, "captured")
        shop_id, order_no = connection.execute(
            text("select shop_id, external_no from orders where id = :id"), {"id": order_id}
        ).one()
        connection.execute(text("update order_line set case_no = :no where order_id = :id"), {"no": no, "id": order_id})
        values = {"shop_id": shop_id, "external_no": no, "order_id": order_id, "order_no": order_no, "kind": "return",
                  "platform_state": "asked", "asked_amount": 12300, "reason": "尺寸不合适", "opened_at": NOW,
                  "changed_at": NOW, "respond_by": NOW + timedelta(hours=5)}  # fmt: skip
        case_id = factories.add(connection, Case, **(values | changes))
        urls = ["https://pictures.example/1.jpg", "javascript:alert(1)", "http:///nowhere"]
        connection.execute(
            insert(CaseStep).values(case_id=case_id, actor_kind="buyer", action="asked", words="有点小", at=NOW,
                                    evidence={"allows": allows, "urls": urls, "lines": []})
        )  # fmt: skip
    return case_id


def answer_of(hub: Hub, case_id: int) -> Any:
    with hub.begin() as connection:
        statement = select(*Outbound.__table__.c).where(Outbound.key.like(f"decide_case-{case_id}-%"))
        return connection.execute(statement.order_by(Outbound.id.desc())).first()


def test_what_waits_for_us_is_listed_by_deadline(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    a_case(hub, world, "L-LATER")
    a_case(hub, world, "L-NEVER", respond_by=None)
    a_case(hub, world, "L-SOON", respond_by=NOW + timedelta(minutes=30))
    a_case(hub, world, "L-AGREED", review="agreed", platform_state="agreed")
    a_case(hub, world, "L-OVER", outcome="succeeded")
    page = page_of(client, "/cases")
    assert re.findall(r">(L-\w+)</a>", page) == ["L-SOON", "L-LATER", "L-NEVER"]
    assert "尺寸不合适" in page
    assert "123.00" in page
    assert "30:00" in page
    assert 'href="/cases"' in page_of(client, "/").partition("<main")[0]
    assert "L-AGREED" in page_of(client, "/cases?show=all")
    assert "L-OVER" not in page_of(client, "/cases?show=all")


def test_a_case_shows_its_evidence_and_only_web_addresses_are_links(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    page = page_of(client, f"/cases/{a_case(hub, world, 'E-1')}")
    assert '<a href="https://pictures.example/1.jpg" target="_blank" rel="noopener noreferrer">' in page
    assert "javascript:" not in page
    assert "nowhere" not in page
    assert "有点小" in page
    assert re.search(r'退货地址号 .*?name="fact\.address_no"', page)
    assert "fact.reason_no" not in page
    assert not re.search(r"<[^>]+\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)


def test_an_agreed_case_is_on_its_way_with_words_and_facts(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    case_id = a_case(hub, world, "A-1")
    sent = send(
        client,
        f"/cases/{case_id}/agree",
        version=1,
        words="寄回来吧",
        facts="\ncode = 1234\n",
        **{"fact.address_no": " 9 ", "fact.reason_no": ""},
    )
    assert sent.status_code == 303
    row = answer_of(hub, case_id)
    assert (row.kind, row.state, row.detail["verb"], row.detail["words"]) == (
        "decide_case",
        "waiting",
        "agree",
        "寄回来吧",
    )
    assert {"address_no": "9", "code": "1234", "state": "asked"}.items() <= row.detail["facts"].items()
    assert "reason_no" not in row.detail["facts"]
    page = page_of(client, f"/cases/{case_id}")
    assert "已决定：同意" in page
    assert "青禾" in page
    assert f"/cases/{case_id}/refuse" not in page
    order = page_of(client, f"/orders/{row.order_id}")
    assert f'href="/cases/{case_id}"' in order
    assert "同意售后" in order


def test_a_refused_decision_shows_the_platform_s_words_and_may_be_taken_anew(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    case_id = a_case(hub, world, "R-1")
    assert send(client, f"/cases/{case_id}/refuse", version=1, words="已经发货").status_code == 303
    with hub.begin() as connection:
        row = update(Outbound).where(Outbound.key.like(f"decide_case-{case_id}-%"))
        connection.execute(row.values(state="refused", words="缺少凭证"))
    assert "缺少凭证" in page_of(client, f"/cases/{case_id}")
    assert send(client, f"/cases/{case_id}/refuse", version=2, words="补了凭证").status_code == 303
    assert answer_of(hub, case_id).detail["words"] == "补了凭证"


def test_what_changed_meanwhile_or_cannot_be_read_is_refused(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    case_id = a_case(hub, world, "S-1")
    assert send(client, f"/cases/{case_id}/agree", version=4).status_code == 409
    answer = send(
        client, f"/cases/{case_id}/agree", version=1, words="留着", facts="nonsense", **{"fact.address_no": "8"}
    )
    assert answer.status_code == 422
    assert 'value="留着"' in answer.text
    assert 'value="8"' in answer.text
    assert "每行写成" in answer.text
    assert send(client, f"/cases/{case_id}/received", version=1).status_code == 409
    assert answer_of(hub, case_id) is None


def test_goods_that_came_back_are_confirmed(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    case_id = a_case(hub, world, "G-1", platform_state="returned", goods="on_the_way", review="agreed",
                     allows=["goods_received"])  # fmt: skip
    assert f"/cases/{case_id}/agree" not in page_of(client, f"/cases/{case_id}")
    assert send(client, f"/cases/{case_id}/received", version=1).status_code == 303
    assert answer_of(hub, case_id).detail["verb"] == "goods_received"


def test_a_refund_shows_its_amount_and_wants_it_confirmed(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    back = {"platform_state": "returned", "review": "agreed", "asked_amount": 1230}
    case_id = a_case(hub, world, "M-1", allows=["refund"], **back)
    page = page_of(client, f"/cases/{case_id}")
    assert re.search(r'name="amount"[^>]* value="12\.30"', page)
    assert "退出去收不回来" in page
    assert f"/cases/{case_id}/agree" not in page
    asked = {"version": 1, "amount": "9.90"}
    unsure = send(client, f"/cases/{case_id}/refund", **asked)
    assert unsure.status_code == 422
    assert 'value="9.90"' in unsure.text
    for amount in ("九块九", "9.999", "-1", "12.31"):
        assert send(client, f"/cases/{case_id}/refund", version=1, amount=amount, sure="yes").status_code == 422
    assert answer_of(hub, case_id) is None
    assert send(client, f"/cases/{case_id}/refund", **asked, sure="yes", words="折痕").status_code == 303
    detail = answer_of(hub, case_id).detail
    assert (detail["verb"], detail["amount"], detail["words"]) == ("refund", 990, "折痕")
    page = page_of(client, f"/cases/{case_id}")
    assert "已决定：退款给买家" in page
    assert "退款中" in page
    assert f"/cases/{case_id}/refund" not in page
    assert "退款给买家" in page_of(client, f"/orders/{answer_of(hub, case_id).order_id}")


def test_the_parcel_of_an_exchange_is_told_on_its_page(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    case_id = a_case(hub, world, "X-1", kind="exchange", platform_state="returned", allows=["ship_exchange"])
    assert '<option value="ZTO">中通</option>' in page_of(client, f"/cases/{case_id}")
    wrong = send(client, f"/cases/{case_id}/exchange", version=1, carrier="ZTO", waybill="??")
    assert wrong.status_code == 422
    told = send(client, f"/cases/{case_id}/exchange", version=1, carrier="ZTO", waybill="ZT100000009")
    assert told.status_code == 303
    assert answer_of(hub, case_id).detail["waybill"] == "ZT100000009"


def test_paying_back_asks_for_its_own_permission(
    app: Flask, client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    case_id = a_case(hub, world, "M-2", platform_state="returned", allows=["refund"])
    somebody = app.config["CONSOLE_PERSON"]
    looks = frozenset(PERMISSIONS) - {"case.refund"}
    app.config["CONSOLE_PERSON"] = Person(somebody.id, "阿柚", permissions=looks)
    assert "要「退款给买家」权限" in page_of(client, f"/cases/{case_id}")
    assert send(client, f"/cases/{case_id}/refund", version=1, amount="1.00", sure="yes").status_code == 403
    assert answer_of(hub, case_id) is None


def test_deciding_asks_for_its_own_permission_in_the_case_s_shop(
    app: Flask, client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    case_id = a_case(hub, world, "P-1")
    somebody = app.config["CONSOLE_PERSON"]
    looks = frozenset(PERMISSIONS) - {"case.decide"}
    app.config["CONSOLE_PERSON"] = Person(somebody.id, "阿柚", permissions=looks)
    assert "要「处理售后」权限" in page_of(client, f"/cases/{case_id}")
    assert send(client, f"/cases/{case_id}/agree", version=1).status_code == 403
    app.config["CONSOLE_PERSON"] = Person(somebody.id, "阿柚", permissions=frozenset(PERMISSIONS), shop_ids=[0])
    page_of(client, f"/cases/{case_id}", 404)
    assert answer_of(hub, case_id) is None


def test_a_case_is_english_for_who_reads_english(
    app: Flask, client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    case_id = a_case(hub, world, "EN-1", reason="", phase="onsale")
    somebody = app.config["CONSOLE_PERSON"]
    app.config["CONSOLE_PERSON"] = Person(somebody.id, "Ann", locale="en", permissions=frozenset(PERMISSIONS))
    left = set(re.findall(r"[\u3400-\u9fff]+", page_of(client, f"/cases/{case_id}")))
    stored = "罗雅天猫旗舰店家居专营店中文有点小" + "".join(
        f"{name}{variant}" for _code, name, variant in factories.GOODS
    )
    assert {word for word in left if not set(word) <= set(stored)} == set()
