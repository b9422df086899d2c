"""The review desk: whose orders, taking, handing over, limits with who may pass, bulk passes, forcing, its report."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, text

from oms.app.kernel.hub import Hub
from oms.console.permissions import PERMISSIONS
from oms.db.channels import UserGroup
from oms.db.people import Role, User, UserGroupMember, UserRole
from oms.db.reviewing import DutyShift, ReviewLimit
from tests.console import factories
from tests.console.browsing import page_of, send

CLERK = frozenset(PERMISSIONS) - {"order.pass_any_amount", "order.assign_review", "order.force_review", "review.edit"}
LOGISTICS = 4
SHARED = "review_claim, review_limit, duty_shift, user_group_member, user_role, bulk_pass"


@pytest.fixture
def staff(hub: Hub, world: factories.World) -> Iterator[dict[str, int]]:
    """A clerk up to 100.00 at the logistics tier, and somebody who may pass more; both in one team, one on duty."""
    made: dict[str, int] = {}
    with hub.begin() as connection:
        for name, most in (("clerk", 10000), ("boss", 900000)):
            role = factories.add(
                connection, Role, name=f"r-{name}", label_zh=f"{name}组", label_en=name, permissions=["order.pass_review"]
            )
            factories.add(connection, ReviewLimit, tier=LOGISTICS, role_id=role, most_amount=most)
            made[name] = factories.add(
                connection, User, email=f"{name}@example.com", display_name=f"小{name}", fs_uniquifier=name
            )
            factories.add(connection, UserRole, user_id=made[name], role_id=role)
        made["team"] = factories.add(connection, UserGroup, code="white", name="白班")
        for name in ("clerk", "boss"):
            connection.execute(insert(UserGroupMember).values(user_group_id=made["team"], user_id=made[name]))
        factories.add(
            connection, DutyShift, user_group_id=made["team"], user_id=made["boss"], weekdays=list(range(1, 8)),
            starts_min=0, ends_min=1440, timezone="Asia/Shanghai",
        )  # fmt: skip
    yield made
    with hub.begin() as connection:
        connection.execute(text(f"truncate {SHARED}"))
        connection.execute(text("delete from user_group where code = 'white'"))
        connection.execute(text("delete from role where name like 'r-%'"))
        connection.execute(text("delete from users where fs_uniquifier in ('clerk', 'boss')"))
        connection.execute(text("update orders set phase = 'merging', review = 'passed', tiers_waiting = 0"))


@pytest.fixture
def queue(hub: Hub, world: factories.World) -> list[int]:
    """Two cheap orders and a dear one at the logistics tier."""
    with hub.begin() as connection:
        return [
            factories.an_order(connection, world, "review", tiers_waiting=LOGISTICS, paid_total=paid)
            for paid in (5000, 10000, 10001)
        ]


def the_clerk(somebody: Any, staff: dict[str, int]) -> None:
    somebody(id=staff["clerk"], permissions=CLERK)


def shown(page: str) -> list[int]:
    return [int(id_) for id_ in re.findall(r'data-href="/orders/(\d+)"', page)]


def test_taking_and_the_tabs(
    client: FlaskClient, staff: dict[str, int], queue: list[int], somebody: Any, hub: Hub
) -> None:
    the_clerk(somebody, staff)
    answer = send(client, "/review/claim", tier=str(LOGISTICS))
    assert answer.location == f"/review?tier={LOGISTICS}&whose=mine"
    page = page_of(client, answer.location)
    assert "领取了 2 单" in page  # The third is over the clerk's limit.
    assert sorted(shown(page)) == queue[:2]
    assert shown(page_of(client, f"/review?tier={LOGISTICS}&whose=free")) == queue[2:]
    assert sorted(shown(page_of(client, f"/review?tier={LOGISTICS}"))) == queue
    send(client, "/review/claim", tier=str(LOGISTICS))
    assert "没有可领的" in page_of(client, f"/review?tier={LOGISTICS}")
    somebody(id=staff["boss"], permissions=CLERK)
    page = page_of(client, f"/review?tier={LOGISTICS}")
    assert page.count("小clerk</td>") == 2
    assert shown(page_of(client, f"/review?tier={LOGISTICS}&whose=mine")) == []


def test_the_queue_shows_who_may_pass_and_the_click_is_refused_with_the_sentence(
    client: FlaskClient, staff: dict[str, int], queue: list[int], somebody: Any
) -> None:
    the_clerk(somebody, staff)
    page = page_of(client, f"/review?tier={LOGISTICS}")
    assert page.count('title="小boss"') >= 1
    assert "boss组" in page
    preview = send(client, "/review/preview", tier=str(LOGISTICS), id=[str(queue[2])]).text
    sentence = "¥100.01 超过你的限额 ¥100.00；小boss 可以通过"
    assert sentence in preview
    assert 'aria-disabled="true"' in preview
    preview = send(client, "/review/preview", tier=str(LOGISTICS), id=[str(id_) for id_ in queue]).text
    assert "通过 2 单" in preview
    assert "¥150.00" in preview
    send(client, "/review/pass", tier=str(LOGISTICS), id=[str(queue[2])])
    assert sentence in page_of(client, f"/review?tier={LOGISTICS}")
    assert sentence in page_of(client, f"/orders/{queue[2]}")
    assert "强制物流审通过" in page_of(client, f"/orders/{queue[2]}")


def test_what_another_has_taken_is_shown_with_the_name_and_refused(
    client: FlaskClient, staff: dict[str, int], queue: list[int], somebody: Any
) -> None:
    the_clerk(somebody, staff)
    send(client, "/review/claim", tier=str(LOGISTICS))
    somebody(id=staff["boss"], permissions=CLERK)
    send(client, "/review/pass", tier=str(LOGISTICS), id=[str(queue[0])])
    assert "小clerk 2026-11-21 18:42 已领取" in page_of(client, f"/review?tier={LOGISTICS}")
    page = page_of(client, f"/orders/{queue[0]}")
    assert "等小clerk" in page
    assert page.count("小clerk 2026-11-21 18:42 已领取；") == 2  # Beside passing and beside sending back.


def test_the_order_s_page_says_which_tier_looks_next(
    client: FlaskClient, hub: Hub, world: factories.World, staff: dict[str, int]
) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "review", tiers_waiting=2, tiers_next="8")
    page = page_of(client, f"/orders/{order}")
    assert "财审；之后快递审" in page
    assert "通过后等快递审" in page
    send(client, f"/orders/{order}/pass", tier="2")
    page = page_of(client, f"/orders/{order}")
    assert "快递审通过" in page
    assert "通过后进入合单窗口" in page


def test_handing_over_to_who_is_on_duty_and_giving_back(
    client: FlaskClient, staff: dict[str, int], queue: list[int], somebody: Any
) -> None:
    the_clerk(somebody, staff)
    bar = send(client, "/review/preview", tier=str(LOGISTICS), id=[str(queue[0])]).text
    options = re.findall(r'<option value="(\w*)">([^<]+)</option>', bar)
    assert options[1] == (f"u{staff['boss']}", "小boss，在班到 00:00")
    assert (f"t{staff['team']}", "组：白班") in options
    refused = send(client, "/review/hand-over", tier=str(LOGISTICS), id=[str(queue[0])], to="")
    assert refused.status_code == 422
    assert "选转交给谁" in refused.text
    send(client, "/review/hand-over", tier=str(LOGISTICS), id=[str(queue[0])], to=f"u{staff['boss']}", why="吃饭去")
    page = page_of(client, f"/review?tier={LOGISTICS}")
    assert "1 单已转交" in page
    assert "小boss</td>" in page
    timeline = page_of(client, f"/orders/{queue[0]}")
    assert "转交审核" in timeline
    assert "吃饭去" in timeline
    somebody(id=staff["boss"], permissions=CLERK)
    send(client, "/review/give-back", tier=str(LOGISTICS), id=[str(queue[0])])
    assert "1 单已放回" in page_of(client, f"/review?tier={LOGISTICS}")
    assert shown(page_of(client, f"/review?tier={LOGISTICS}&whose=team")) == queue[:1]


def test_many_are_passed_step_by_step_with_a_result_for_each(
    client: FlaskClient, hub: Hub, world: factories.World, staff: dict[str, int], somebody: Any
) -> None:
    with hub.begin() as connection:
        ids = [factories.an_order(connection, world, "review", tiers_waiting=8) for _ in range(103)]
        factories.a_hold(connection, world, ids[0], "blacklist")
    assert len(shown(page_of(client, "/review?tier=8"))) == 50
    assert len(shown(page_of(client, "/review?tier=8&rows=500"))) == 103
    answer = send(client, "/review/pass", tier="8", id=[str(id_) for id_ in ids])
    page = page_of(client, answer.location)
    assert "0 / 103 单" in page
    half = send(client, f"{answer.location}/next")
    assert half.status_code == 303
    assert "100 / 103 单" in page_of(client, answer.location)
    somebody(id=staff["boss"], permissions=CLERK)
    assert client.get(answer.location).status_code == 403
    assert send(client, f"{answer.location}/undo").status_code == 403
    somebody()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page_of(client, "/"))
    assert token is not None
    last = client.post(f"{answer.location}/next", data={"csrf_token": token[1]}, headers={"HX-Request": "true"}).text
    assert "全部处理完" in last
    assert last.count("已通过</span>") == 102
    assert "有挂起拦住审核" in html.unescape(last)
    send(client, f"{answer.location}/undo")
    assert "102 单已收回通过" in page_of(client, "/review?tier=8")
    assert "已撤销" in page_of(client, answer.location)


def test_many_reasons_are_told_order_by_order(
    client: FlaskClient, hub: Hub, world: factories.World, staff: dict[str, int], somebody: Any
) -> None:
    with hub.begin() as connection:
        ids = [
            factories.an_order(connection, world, "review", tiers_waiting=LOGISTICS, paid_total=20000 + number)
            for number in range(5)
        ]
    the_clerk(somebody, staff)
    answer = send(client, "/review/pass", tier=str(LOGISTICS), id=[str(id_) for id_ in ids])
    page = page_of(client, answer.location)
    assert page.count("超过你的限额 ¥100.00") == 5
    assert "没通过 5 单" in page


def test_forcing_asks_for_a_reason_and_stands_in_the_report_of_the_day(
    client: FlaskClient, staff: dict[str, int], queue: list[int], hub: Hub, world: factories.World
) -> None:
    with hub.begin() as connection:
        factories.a_hold(connection, world, queue[0], "blacklist")
    assert "强制物流审通过" in page_of(client, f"/orders/{queue[0]}")
    assert send(client, f"/orders/{queue[0]}/force", tier=str(LOGISTICS), reason="").status_code == 422
    send(client, f"/orders/{queue[0]}/force", tier=str(LOGISTICS), reason="老客户，核实过")
    assert "已强制通过，记进日报" in page_of(client, f"/orders/{queue[0]}")
    page = page_of(client, "/review/forced")
    assert "2026-11-21 强制通过 1 单" in page
    assert "老客户，核实过" in page
    assert "没有人强制通过" in page_of(client, "/review/forced?day=2026-11-20")
    assert "2026-11-21" in page_of(client, "/review/forced?day=nonsense")


def test_forcing_without_the_permission_is_off_and_refused(
    client: FlaskClient, staff: dict[str, int], queue: list[int], somebody: Any
) -> None:
    the_clerk(somebody, staff)
    assert "要「强制物流审通过」权限" in page_of(client, f"/orders/{queue[2]}")
    assert send(client, f"/orders/{queue[2]}/force", tier=str(LOGISTICS), reason="非过不可").status_code == 403
    assert client.get("/review/forced").status_code == 403
