"""Rules · where they hold: who decides for a shop, copies and their drift, troubles, and how far a person may reach."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text, update

from oms.app.kernel.hub import Hub
from oms.app.rulebook.troubles import Noticed, pause
from oms.console.permissions import PERMISSIONS
from oms.db.channels import Shop, ShopGroup, UserGroup
from tests.app.rule_sets import a_rule
from tests.console import factories, rule_forms
from tests.console.browsing import page_of, send
from tests.console.rule_forms import activate, fill, in_force, make, make_draft, next_in_force, set_path, version_of

FINANCE = a_rule("r1", "finance", name="都送财审")
CHINESE = re.compile(r"[\u3400-\u9fff]+")
LOOKS = frozenset({"order.view", "rule.view"})


@pytest.fixture
def place(hub: Hub, world: factories.World) -> str:
    """A shop that has no rules yet."""
    return rule_forms.a_place(hub, world)


def id_of(place: str) -> int:
    return int(place.rsplit(":", 1)[1])


def set_id(path: str) -> int:
    return int(set_path(path).rsplit("/", 1)[1])


def a_group(hub: Hub, table: Any, name: str, *places: str) -> str:
    """A group of these shops, as forms name it."""
    with hub.begin() as connection:
        number = factories.add(connection, table, code=f"g{factories.new_id(connection)}", name=name)
        column = {"shop_group_id": number} if table is ShopGroup else {"user_group_id": number}
        connection.execute(update(Shop).where(Shop.id.in_([id_of(place) for place in places])).values(**column))
    return f"{'shop_group' if table is ShopGroup else 'user_group'}:{number}"


def a_trouble(hub: Hub, path: str, reason: str = "limit of send_to_tier", rule: str = "r1") -> int:
    """A paused rule; answers the trouble's id."""
    with hub.begin() as connection:
        pause(hub, connection, set_id(path), version_of(path), rule, reason, hub.clock())
        question = text("select max(id) from rule_trouble where rule_set_id = :id")
        return int(connection.execute(question, {"id": set_id(path)}).scalar_one())


def test_the_most_exact_place_decides_and_the_others_say_why_not(client: FlaskClient, hub: Hub, place: str) -> None:
    group = a_group(hub, ShopGroup, "旗舰店组", place)
    team = a_group(hub, UserGroup, "华东组", place)
    shared = in_force(client, hub, group, FINANCE, name="组里的审核")
    make(client, team, name="还没启用的审核")
    exact = in_force(client, hub, place, FINANCE, name="店里的审核")
    page = page_of(client, f"/rules/standing?shop={id_of(place)}")
    row = re.split("<tbody>|</tbody>", page)[1]
    for words in ("店里的审核</a> <span", "生效中", "没有启用的版本", "被更具体的范围覆盖", "这里没有规则集"):
        assert words in row
    assert "抓单、预处理、合单" in page
    narrowed = page_of(client, f"/rules?place={place}&stage=review")
    names = ("店里的审核", "还没启用的审核", "组里的审核")
    assert [name for name in re.findall("(?:店里|还没启用|组里)的审核", narrowed) if name in names] == list(names)
    assert send(client, f"{set_path(exact)}/retire", reason="归到组里").status_code == 303
    page = page_of(client, f"/rules/standing?shop={id_of(place)}")
    assert f'<td class="wraps is-won"><a href="{set_path(shared)}">' in page


def test_the_reach_is_told_before_and_after_activating(
    client: FlaskClient, hub: Hub, world: factories.World, place: str
) -> None:
    other = rule_forms.a_place(hub, world, name="另一家分店")
    group = a_group(hub, ShopGroup, "两店组", place, other)
    in_force(client, hub, place, FINANCE)
    path = make(client, group)
    fill(hub, path, FINANCE)
    page = page_of(client, path)
    assert "启用后管 1 家店：另一家分店" in page
    assert f"1 家店由更具体的范围判断：{rule_forms.NAME}" in page
    assert activate(client, path).status_code == 303
    assert ">管 1 家店：另一家分店<" in page_of(client, set_path(path))


def test_who_may_activate_but_not_edit_needs_a_comment_of_the_writer(
    client: FlaskClient, hub: Hub, place: str, somebody: Any
) -> None:
    bare, path = make(client, place, stage="merge"), make(client, place)
    fill(hub, path, FINANCE)
    somebody(permissions=LOOKS | {"rule.activate"})
    assert "草稿还没写说明，写草稿的人补上才能启用" in page_of(client, bare)
    page = page_of(client, path)
    assert "<textarea" not in page
    revision = rule_forms.revision_in(page)
    answer = send(client, f"{path}/activate", revision=revision, comment="偷偷改说明", **{"for": "all"})
    assert answer.status_code == 403
    assert send(client, f"{path}/activate", revision=revision, **{"for": "all"}).status_code == 303
    assert rule_forms.COMMENT in page_of(client, path)


def test_all_that_is_in_force_in_a_shop_is_copied_and_drifts(
    client: FlaskClient, hub: Hub, world: factories.World, place: str
) -> None:
    there = in_force(client, hub, place, FINANCE, name="来源审核")
    target = rule_forms.a_place(hub, world)
    preview = page_of(client, f"/rules/copy?from={place}&to={target}")
    assert "会建 1 份草稿" in preview
    assert "没有这个环节的规则集，会建一套" in preview
    answer = send(client, "/rules/copy", **{"from": place, "to": target, "comment": "照搬"})
    assert answer.headers["Location"].startswith("/rules?place=shop")
    listed = page_of(client, str(answer.headers["Location"]))
    assert "1 份草稿已建" in listed
    here = re.search(r'data-href="(/rules/\d+)"', listed)
    assert here
    draft = re.search(rf"{here[1]}/versions/\d+", page_of(client, here[1]))
    assert draft
    assert activate(client, draft[0]).status_code == 303
    assert "与来源一致" in page_of(client, here[1])
    next_in_force(client, hub, draft[0], a_rule("r1", "service", name="都送客审"))
    drifted = page_of(client, here[1])
    assert "本地已改" in drifted
    assert "这边改了" in drifted
    next_in_force(client, hub, there, FINANCE, a_rule("r2", "courier"))
    drifted = page_of(client, here[1])
    assert "两边都改了" in drifted
    assert "那边现在是 v2" in drifted
    inherited = page_of(client, f"/rules/inheritance?stage=review&after={id_of(target) - 1}")
    assert "两边都改了" in inherited
    assert "来源 来源审核 v1" in inherited


def test_groups_are_copied_to_groups(client: FlaskClient, hub: Hub, place: str) -> None:
    source, target = a_group(hub, UserGroup, "华东组"), a_group(hub, UserGroup, "华南组")
    in_force(client, hub, source, FINANCE)
    assert send(client, "/rules/copy", **{"from": source, "to": target}).status_code == 303
    assert "用户组 华南组" in page_of(client, f"/rules?place={target}")


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("", "channel", "选一个适用范围"),
        ("place", "place", "来源和目标是同一个范围"),
        ("place", "bare", "那里没有生效的规则"),
    ],
)
def test_a_copy_that_cannot_be_made_says_why(
    client: FlaskClient, hub: Hub, world: factories.World, place: str, source: str, target: str, words: str
) -> None:
    known = {"place": place, "bare": rule_forms.a_place(hub, world), "channel": f"channel:{world.channel}", "": ""}
    typed = {"from": known[source], "to": known[target], "comment": "记一笔"}
    answer = send(client, "/rules/copy", **typed)
    assert answer.status_code in (409, 422)
    assert words in answer.text


def test_a_version_is_copied_to_another_place(client: FlaskClient, hub: Hub, world: factories.World, place: str) -> None:
    path = in_force(client, hub, place, FINANCE)
    target = rule_forms.a_place(hub, world)
    answer = send(client, f"{path}/copy", place=target)
    assert answer.status_code == 303
    page = page_of(client, str(answer.headers["Location"]))
    assert "复制来的" in page
    assert "都送财审" in page
    here = send(client, f"{path}/copy", place=place)
    assert set_path(str(here.headers["Location"])) == set_path(path)


def test_a_paused_rule_is_named_and_resumed_with_a_reason(client: FlaskClient, hub: Hub, place: str) -> None:
    path = in_force(client, hub, place, FINANCE)
    trouble = a_trouble(hub, path)
    for page in (page_of(client, "/rules/troubles"), page_of(client, set_path(path))):
        assert "规则 都送财审 停了：一小时内「转人工审核」的量超过限额" in page
    assert 'href="/rules/troubles">查看' in page_of(client, "/")
    refused = send(client, f"/rules/troubles/{trouble}/resume", reason="好")
    assert refused.status_code == 422
    assert 'value="好"' in refused.text
    assert send(client, f"/rules/troubles/{trouble}/resume", reason="上限调高了").status_code == 303
    assert f'id="t{trouble}"' not in page_of(client, "/rules/troubles")
    assert f'id="t{trouble}"' in page_of(client, "/rules/troubles?show=all")
    assert "上限调高了" in page_of(client, set_path(path))


def test_a_failing_rule_says_how_often_and_why(client: FlaskClient, hub: Hub, place: str) -> None:
    path = in_force(client, hub, place, FINANCE)
    noticed = Noticed()
    for reason in ("KeyError", "KeyError"):
        noticed.note((set_id(path), version_of(path), "r1", reason))
    with hub.begin() as connection:
        noticed.write(connection, hub.clock())
    assert "规则 都送财审 出错 2 次：计算时出错 KeyError" in page_of(client, set_path(path))


def test_who_only_looks_sees_every_button_off_with_its_reason(
    client: FlaskClient, hub: Hub, place: str, somebody: Any
) -> None:
    path = in_force(client, hub, place, FINANCE)
    trouble = a_trouble(hub, path)
    draft = make_draft(client, set_path(path))
    somebody(permissions=LOOKS)
    for page in (page_of(client, set_path(path)), page_of(client, draft), page_of(client, "/rules")):
        assert '<form method="post"' not in page.split('id="main"')[1]
        assert 'aria-disabled="true"' in page
        assert "权限" in page
    assert "要「启用、回退、停用规则」权限，找管理员" in page_of(client, draft)
    assert 'aria-disabled="true"' in page_of(client, "/rules/troubles")
    sent = {
        "/rules/new": {"stage": "review", "place": place},
        f"{set_path(path)}/drafts": {},
        f"{set_path(path)}/name": {"name": "x"},
        f"{set_path(path)}/roll-back": {"version_id": "1", "reason": "试试"},
        f"{set_path(path)}/retire": {"reason": "试试"},
        f"{set_path(path)}/promote": {},
        f"{set_path(path)}/end-canary": {},
        f"{draft}/activate": {"revision": "1"},
        f"{draft}/discard": {"revision": "1"},
        f"{draft}/copy": {"place": place},
        "/rules/copy": {"from": place, "to": place},
        f"/rules/troubles/{trouble}/resume": {"reason": "试试"},
    }
    assert {path: send(client, path, **fields).status_code for path, fields in sent.items()} == dict.fromkeys(sent, 403)


def test_somebody_for_one_shop_changes_its_rules_alone(
    client: FlaskClient, hub: Hub, world: factories.World, place: str, somebody: Any
) -> None:
    other = rule_forms.a_place(hub, world, name="别人的店")
    group = a_group(hub, ShopGroup, "共用组", place, other)
    hidden = in_force(client, hub, other, FINANCE, name="别人的审核")
    shared = in_force(client, hub, group, FINANCE, name="共用的审核")
    somebody(shop_ids={id_of(place)})
    listed = page_of(client, "/rules")
    assert "共用的审核" in listed
    assert "别人的" not in listed
    assert client.get(set_path(hidden)).status_code == 404
    assert client.get(hidden).status_code == 404
    assert "别人的店" not in page_of(client, "/rules/inheritance") + page_of(client, "/rules/standing")
    page = page_of(client, set_path(shared))
    assert "多家店共用的规则，要在所有店铺都有「写规则草稿」权限" in page
    answer = send(client, f"{set_path(shared)}/drafts")
    assert answer.status_code == 403
    assert "多家店共用的规则" in answer.text
    assert send(client, "/rules/copy", **{"from": other, "to": place}).status_code == 404
    answer = send(client, f"{shared}/copy", place=place)
    assert answer.status_code == 303
    mine = str(answer.headers["Location"])
    fill(hub, mine, a_rule("r1", "service"))
    assert activate(client, mine).status_code == 303
    offered = re.findall(r'value="((?:shop|global|channel|shop_group|user_group):\d+)"', page_of(client, "/rules/new"))
    assert offered == [place]
    assert send(client, "/rules/new", stage="merge", place=other).status_code == 403
    assert f"shop:{id_of(other)}" not in page_of(client, mine)


def test_the_menu_hides_rules_from_who_may_not_see_them(client: FlaskClient, somebody: Any) -> None:
    assert 'href="/rules"' in page_of(client, "/")
    somebody(permissions=frozenset(PERMISSIONS) - {"rule.view"})
    assert 'href="/rules"' not in page_of(client, "/")
    assert client.get("/rules").status_code == 403


def test_every_page_is_english_for_who_reads_english_and_keeps_the_policy(
    client: FlaskClient, hub: Hub, world: factories.World, place: str, somebody: Any
) -> None:
    first = in_force(client, hub, place, a_rule("r1", "finance"), name="one")
    second = next_in_force(client, hub, first, a_rule("r1", "service"), **{"for": "part", "share": "10"})
    copy = str(send(client, f"{first}/copy", place=rule_forms.a_place(hub, world, name="two")).headers["Location"])
    limits = [{"rule": "a", "action": "send_to_tier", "per_hour": 5}]
    fill(hub, copy, a_rule("a", "finance", stop=True, priority=1), a_rule("b", "service"), limits=limits)
    a_trouble(hub, first)
    page_of(client, "/rules")  # What was said of the clicks above stays behind.
    somebody(display_name="Ann", locale="en")
    paths = (
        "",
        "/new",
        "/standing",
        "/inheritance",
        "/troubles?show=all",
        f"/copy?from={place}&to={place}",
        f"?place={place}",
    )
    for path in (*(f"/rules{each}" for each in paths), set_path(first), first, second, copy, set_path(copy)):
        page = page_of(client, path)
        assert (path, set(CHINESE.findall(page)) - {"中文", "青禾", "天"} - typed(hub)) == (path, set())
        assert not re.search(r"<[^>]+\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)


def typed(hub: Hub) -> set[str]:
    """Chinese that people typed: names, comments, and the names of rules."""
    tables = ("shop", "rule_set", "shop_group", "user_group")
    asked = [f"select name from {table}" for table in tables] + ["select comment || body from rule_set_version"]
    with hub.engine.connect() as connection:
        words = connection.execute(text(" union ".join(asked))).scalars()
        return {word for each in words for word in CHINESE.findall(each)}
