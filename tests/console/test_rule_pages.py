"""Rules · rule sets at the console: made, activated, tried on a share, rolled back, retired, shown in words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from tests.app.rule_sets import a_rule
from tests.console import factories, rule_forms
from tests.console.browsing import page_of, send
from tests.console.rule_forms import activate, fill, in_force, make, make_draft, next_in_force, set_path, version_of

FINANCE = a_rule("r1", "finance", name="都送财审")


@pytest.fixture
def place(hub: Hub, world: factories.World) -> str:
    """A shop that has no rules yet."""
    return rule_forms.a_place(hub, world)


def state_of(hub: Hub, path: str) -> tuple[str, int]:
    with hub.engine.connect() as connection:
        question = text("select state, canary from rule_set_version where id = :id")
        state, canary = connection.execute(question, {"id": version_of(path)}).one()
        return state, canary


def test_a_set_is_made_its_rules_read_and_put_in_force(client: FlaskClient, hub: Hub, place: str) -> None:
    path = make(client, place, name="货到付款先看")
    fill(hub, path, FINANCE | {"priority": 7, "stop": True})
    page = page_of(client, path)
    for words in ("都送财审", "转人工审核（级别：财审）", "不再看后面的规则", ">7</span>", "没有互相矛盾"):
        assert words in page
    assert activate(client, path).status_code == 303
    assert "v1 已启用，几秒内" in page_of(client, set_path(path))
    assert "v1 在管全部订单，青禾" in page_of(client, set_path(path))
    listed = page_of(client, "/rules")
    assert "货到付款先看" in listed
    assert f"店铺 {rule_forms.NAME}" in listed
    assert state_of(hub, path) == ("active", 100)


def test_spans_limits_and_rules_that_are_off_are_told(client: FlaskClient, hub: Hub, place: str) -> None:
    path = make(client, place)
    night = {"weekdays": [1], "from": "22:00", "to": "06:00", "time_zone": "Asia/Shanghai"}
    limits = [{"rule": "r1", "action": "send_to_tier", "per_hour": 50}]
    fill(hub, path, FINANCE | {"active": [night]}, a_rule("r2", "service", enabled=False), limits=limits)
    page = page_of(client, path)
    assert re.search("只在 .*22:00", page)
    assert "转人工审核：每小时最多 50 单" in page
    assert "关着" in page


def test_without_a_comment_nothing_comes_into_force(client: FlaskClient, hub: Hub, place: str) -> None:
    path = make(client, place)
    answer = activate(client, path, comment="")
    assert answer.status_code == 422
    assert "没保存：有一项填得不对" in answer.text
    assert 'name="comment" rows="2" maxlength="500" required aria-invalid="true"' in answer.text
    assert state_of(hub, path) == ("draft", 100)
    assert activate(client, path, comment="这样就行").status_code == 303
    assert "这样就行" in page_of(client, path)


def test_findings_keep_a_version_back_until_somebody_has_seen_them(client: FlaskClient, hub: Hub, place: str) -> None:
    path = make(client, place)
    fill(hub, path, a_rule("all", "finance", stop=True, priority=1), a_rule("late", "service"))
    page = page_of(client, path)
    assert "轮不到规则「rule late」" in page
    assert "有规则轮不到、永远不会命中或互相矛盾，先看发现" in page
    assert 'data-key="1"' not in page
    answer = activate(client, path)
    assert answer.status_code == 409
    assert "有 1 条规则永远不会命中、命中每一单，或与别的规则矛盾" in answer.text
    assert state_of(hub, path) == ("draft", 100)
    assert activate(client, path, despite="1").status_code == 303
    assert state_of(hub, path) == ("active", 100)


def test_a_canary_takes_its_share_and_is_promoted(client: FlaskClient, hub: Hub, place: str) -> None:
    first = in_force(client, hub, place, FINANCE)
    second = next_in_force(client, hub, first, a_rule("r1", "service"), **{"for": "part", "share": "10"})
    page = page_of(client, set_path(first))
    assert "v1 在管 90% 的单，v2 灰度 10%" in page
    assert "v2 10%" in page_of(client, "/rules")
    third = make_draft(client, set_path(first))
    assert "v2 正在灰度，先推全或结束它" in page_of(client, third)
    assert send(client, f"{set_path(first)}/promote").status_code == 303
    assert (state_of(hub, first)[0], state_of(hub, second)) == ("archived", ("active", 100))
    refused = send(client, f"{set_path(first)}/promote")
    assert refused.status_code == 409
    assert "没做成：这个规则集没有在试的版本" in refused.text


def test_a_canary_is_ended(client: FlaskClient, hub: Hub, place: str) -> None:
    first = in_force(client, hub, place, FINANCE)
    second = next_in_force(client, hub, first, a_rule("r1", "service"), **{"for": "part", "share": "50"})
    assert send(client, f"{set_path(first)}/end-canary").status_code == 303
    assert (state_of(hub, first), state_of(hub, second)[0]) == (("active", 100), "archived")
    assert "v1 在管全部订单" in page_of(client, set_path(first))


@pytest.mark.parametrize("share", ["0", "100", "x", ""])
def test_a_canarys_share_is_1_to_99(client: FlaskClient, hub: Hub, place: str, share: str) -> None:
    first = in_force(client, hub, place, FINANCE)
    draft = make_draft(client, set_path(first))
    answer = activate(client, draft, **{"for": "part", "share": share})
    assert answer.status_code == 422
    assert "要 1 到 99 之间的整数" in answer.text
    assert f'max="99" value="{share}" aria-invalid="true"' in answer.text


def test_a_rollback_wants_a_reason_which_stays_readable(client: FlaskClient, hub: Hub, place: str) -> None:
    first = in_force(client, hub, place, FINANCE)
    second = next_in_force(client, hub, first, a_rule("r1", "service"))
    address = f"{set_path(first)}/roll-back"
    refused = send(client, address, version_id=version_of(first), reason="")
    assert refused.status_code == 422
    assert "要写 2 到 200 个字的原因" in refused.text
    assert send(client, address, version_id=version_of(first), reason="客审忙不过来").status_code == 303
    page = page_of(client, set_path(first))
    assert "已回退，几秒内所有进程都按它判断" in page
    assert "青禾 回退到 v1</div><p>原来是 v2，客审忙不过来</p>" in page
    assert (state_of(hub, first)[0], state_of(hub, second)[0]) == ("active", "archived")


def test_a_version_of_another_set_is_not_rolled_back_to(
    client: FlaskClient, hub: Hub, world: factories.World, place: str
) -> None:
    here = in_force(client, hub, place, FINANCE)
    there = in_force(client, hub, rule_forms.a_place(hub, world), FINANCE)
    answer = send(client, f"{set_path(here)}/roll-back", version_id=version_of(there), reason="试试看")
    assert answer.status_code == 404
    assert client.get(f"{set_path(here)}/versions/{version_of(there)}").status_code == 404


def test_a_set_is_renamed_and_retired(client: FlaskClient, hub: Hub, place: str) -> None:
    path = in_force(client, hub, place, FINANCE)
    home = set_path(path)
    assert send(client, f"{home}/name", name="双十一审核").status_code == 303
    assert "双十一审核" in page_of(client, home)
    refused = send(client, f"{home}/name", name="")
    assert refused.status_code == 422
    assert 'name="name" value=""' in refused.text
    refused = send(client, f"{home}/retire", reason="", retiring="1")
    assert refused.status_code == 422
    assert "<details open><summary>停用这套规则" in refused.text
    assert send(client, f"{home}/retire", reason="活动结束了", retiring="1").status_code == 303
    page = page_of(client, home)
    assert "没有启用的版本，由更宽的范围判断" in page
    assert "青禾 停用了 v1</div><p>活动结束了</p>" in page
    assert state_of(hub, path)[0] == "archived"


def test_a_difference_names_what_changed_in_both_words(client: FlaskClient, hub: Hub, place: str) -> None:
    first = in_force(client, hub, place, FINANCE, a_rule("gone", "courier"))
    second = make_draft(client, set_path(first))
    fill(hub, second, FINANCE | {"actions": [{"action": "pass", "params": {}}]}, a_rule("new", "service"))
    page = page_of(client, second)
    found = re.findall(r'<li class="is-(new|gone|changed)"><b>. ([^<]+)</b>', page)
    assert sorted(found) == [("changed", "都送财审"), ("gone", "rule gone"), ("new", "rule new")]
    assert '<p class="was">如果货品行数大于0，那么转人工审核（级别：财审）</p>' in page
    back = page_of(client, f"{first}?against={version_of(second)}")
    assert ("gone", "rule new") in re.findall(r'<li class="is-(new|gone|changed)"><b>. ([^<]+)</b>', back)
    other = make(client, place, stage="merge")
    refused = page_of(client, f"{second}?against={version_of(other)}")
    assert "是合单" in refused or "merge" in refused


def test_a_draft_is_discarded(client: FlaskClient, hub: Hub, place: str) -> None:
    path = make(client, place)
    assert send(client, f"{path}/discard", revision="1").status_code == 303
    assert "v1 草稿已丢掉" in page_of(client, set_path(path))
    assert client.get(path).status_code == 404


def test_who_comes_second_hears_who_was_first_and_keeps_what_was_typed(
    client: FlaskClient, hub: Hub, place: str, app: Any
) -> None:
    path = make(client, place)
    me = app.config["CONSOLE_PERSON"].actor
    seen = rule_forms.revision_in(page_of(client, path))
    fill(hub, path, FINANCE, actor=me)
    for button, fields in (("activate", {"for": "all", "comment": "我写的说明"}), ("discard", {})):
        answer = send(client, f"{path}/{button}", revision=seen, **fields)
        assert answer.status_code == 409
        assert "没做成：青禾 18:42 先改了这份草稿" in answer.text
        assert "都送财审" in answer.text
        assert rule_forms.revision_in(answer.text) == "2"
    answer = send(client, f"{path}/activate", revision=seen, comment="我写的说明", **{"for": "all"})
    assert ">我写的说明</textarea>" in answer.text


def test_a_place_that_has_a_set_is_refused_where_it_was_typed(client: FlaskClient, hub: Hub, place: str) -> None:
    path = make(client, place, name="第一套")
    fill(hub, path, FINANCE)
    answer = send(client, "/rules/new", stage="review", place=place, name="又一套")
    assert answer.status_code == 409
    assert "已有规则集" in answer.text
    assert 'value="又一套"' in answer.text
    for typed, words in (({"stage": "x", "place": place}, "选一个环节"), ({"stage": "review"}, "选一个适用范围")):
        refused = send(client, "/rules/new", **typed)
        assert refused.status_code == 422
        assert words in refused.text


@pytest.mark.parametrize("before", [True, False])
def test_what_was_activated_by_mistake_is_taken_back_with_one_click(
    client: FlaskClient, hub: Hub, place: str, before: bool
) -> None:
    path = in_force(client, hub, place, FINANCE)
    first = path if before else ""
    if before:
        path = next_in_force(client, hub, path, a_rule("r1", "service"))
    toast = page_of(client, set_path(path)).split('class="toast"')[1].split("</form>")[0]
    address = re.search('action="([^"]+)"', toast)
    assert address
    fields = dict(re.findall('name="([a-z_]+)" value="([^"]+)"', toast))
    fields.pop("csrf_token")
    assert send(client, address[1], **fields).status_code == 303
    assert state_of(hub, path)[0] == "archived"
    if first:
        assert state_of(hub, first) == ("active", 100)
    assert "点错了，撤回" in page_of(client, set_path(path))


def test_a_version_that_is_no_draft_any_more_says_what_it_is(client: FlaskClient, hub: Hub, place: str) -> None:
    first = in_force(client, hub, place, FINANCE)
    next_in_force(client, hub, first, a_rule("r1", "service"))
    for button in ("activate", "discard"):
        answer = send(client, f"{first}/{button}", revision="2")
        assert answer.status_code == 409
        assert "没做成：这一版现在是「归档」" in answer.text


def test_a_set_that_somebody_changes_just_now_is_told_to_be_busy(client: FlaskClient, hub: Hub, place: str) -> None:
    path = in_force(client, hub, place, FINANCE)
    with hub.begin() as connection:
        question = text(
            "select 1 from rule_set_version v join rule_set s on s.id = v.rule_set_id where v.id = :id for update"
        )
        connection.execute(question, {"id": version_of(path)})
        answer = send(client, f"{set_path(path)}/retire", reason="试一下")
    assert answer.status_code == 409
    assert "没做成：有人正在改这套规则" in answer.text
    assert state_of(hub, path) == ("active", 100)


def test_what_is_not_there_is_said_of_rules_not_of_orders(client: FlaskClient) -> None:
    assert "没有这个规则集" in page_of(client, "/rules/99999999", 404)
    assert "没有这个版本" in page_of(client, "/rules/99999999/versions/99999999", 404)
