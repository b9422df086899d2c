"""The editor of a draft: what it shows, saves and refuses; hostile bodies get a clear sentence."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from oms.app.kernel.hub import Hub
from oms.app.rulebook.drafts import Content, edit_draft
from oms.app.rulebook.sets import place_of
from oms.app.rulebook.versions import activate
from oms.console.rules.editor.known import SOURCES
from oms.db.channels import Shop
from oms.db.parties import Customer
from oms.db.people import User
from oms.db.rulebook import RuleSetVersion
from tests.console import factories
from tests.console.browsing import page_of
from tests.console.rule_drafts import RULE, TYPED, Post, a_draft, address, faults_of, poster, stored


@pytest.fixture
def draft(hub: Hub, world: factories.World) -> tuple[int, int]:
    return a_draft(hub, world)


@pytest.fixture
def post(client: FlaskClient, draft: tuple[int, int]) -> Post:
    return poster(client, draft)


def test_the_page_carries_the_rules_as_people_type_them(client: FlaskClient, draft: tuple[int, int]) -> None:
    page = page_of(client, address(draft))
    given = json.loads(page.partition('id="red-given">')[2].partition("</script>")[0])
    assert given["rules"][0]["when"]["all"][1]["value"] == "300.00"
    assert given["rules"][0]["when"]["all"][0]["value"] == "true"
    facts = {fact["name"]: fact for fact in given["pickers"]["facts"]}
    assert facts["order.paid"]["label"] == "实付金额"
    assert facts["order.paid"]["unit"] == "元"
    assert facts["order.is_cod"]["ops"][0]["label"] == "为"
    assert "send_to_tier" in [action["name"] for action in given["pickers"]["actions"]]


def test_what_was_typed_is_stored_in_minor_units(hub: Hub, draft: tuple[int, int], post: Post) -> None:
    conditions = [
        {"fact": "order.paid", "op": "between", "value": ["1.5", "20,000"]},
        {"fact": "order.age", "op": "gt", "value": {"count": "90", "unit": "60"}},
        {"fact": "order.ordered_at", "op": "lt", "value": "2026-11-11T00:00"},
        {"fact": "order.origin", "op": "in", "value": ["exchange", "reship"]},
        {"fact": "order.lines", "op": "ge", "value": "３"},
        {"fact": "order.discount_percent", "op": "le", "value": "12.50"},
    ]
    answer = post("", {"revision": 1, "comment": "改了", "rules": [TYPED | {"when": {"any": conditions}}]})
    assert answer.get_json()["revision"] == 2, answer.text
    kept = stored(hub, draft).body["rules"][0]
    assert kept["priority"] == 30
    assert [leaf["value"] for leaf in kept["when"]["any"]] == [
        [150, 2000000], 5400, "2026-11-10T16:00:00Z", ["exchange", "reship"], 3, "12.5",
    ]  # fmt: skip


def test_what_is_stored_is_typed_and_stored_again_as_it_was(
    client: FlaskClient, hub: Hub, draft: tuple[int, int], post: Post
) -> None:
    window = {"weekdays": [1, 5], "from": "22:00", "to": "06:00", "time_zone": "Asia/Shanghai"}
    leaves = [
        {"fact": "order.age", "op": "between", "value": [0, 90061]},
        {"fact": "order.paid_at", "op": "within_window", "value": window},
        {"fact": "order.paid_at", "op": "older_than", "value": 172800},
        {"fact": "order.ship_by", "op": "ge", "value": "2026-11-10T16:00:00.250000Z"},
        {"fact": "order.margin", "op": "lt", "value": -1},
        {"fact": "buyer.level", "op": "is_empty"},
        {"fact": "order.memo", "op": "matches", "value": "急|加急"},
        {"fact": "goods.skus", "op": "contains_all", "value": ["LY-1", "LY-2"]},
        {"fact": "goods.weight", "op": "not_in", "value": [1, 2]},
    ]
    spans = {"active": [window], "excluded": [{"from": "2026-11-10T16:00:00Z", "until": None}]}
    rule = RULE | {"when": {"none": leaves}, "stop": True, "enabled": False, "priority": -3} | spans
    limit = {"rule": "cod", "action": "send_to_tier", "per_hour": 50}
    edit_draft(hub, draft[1], Content([rule], [limit], "写满"), 1, "user:1")
    before = stored(hub, draft)
    given = json.loads(page_of(client, address(draft)).partition('id="red-given">')[2].partition("</script>")[0])
    answer = post("", {"revision": 2, "comment": "写满了", "rules": given["rules"]})
    assert answer.status_code == 200, answer.text
    after = stored(hub, draft)
    assert after.body == before.body
    assert after.limits == before.limits == [limit]


def test_faults_are_told_at_every_row_at_once(post: Post) -> None:
    leaves = [
        {"fact": "", "op": "", "value": ""},
        {"fact": "order.paid", "op": "gt", "value": "三百"},
        {"fact": "order.paid", "op": "between", "value": ["2", "1"]},
        {"any": [{"fact": "order.origin", "op": "eq", "value": "moon"}, {"any": []}]},
        {"fact": "order.memo", "op": "matches", "value": "(a+)+$"},
    ]
    actions = [{"action": "send_to_tier", "params": {"tier": ""}}, {"action": "", "params": {}}]
    rule = TYPED | {"when": {"all": leaves}, "actions": actions, "excluded": [{"from": "", "until": ""}]}
    answer = post("/check", {"at": 0, "rule": rule})
    faults = faults_of(answer)
    assert set(faults) >= {
        "/rules/0/when/all/0/fact", "/rules/0/when/all/1/value", "/rules/0/when/all/2/value",
        "/rules/0/when/all/3/any/0/value", "/rules/0/when/all/3/any/1/any", "/rules/0/when/all/4/value",
        "/rules/0/actions/0/params/tier", "/rules/0/actions/1/action", "/rules/0/excluded/0",
    }  # fmt: skip
    assert "300.00" in faults["/rules/0/when/all/1/value"]
    assert "对调" in faults["/rules/0/when/all/2/value"]


def test_the_sentence_marks_the_gap_and_is_the_wording_when_it_is_whole(post: Post) -> None:
    whole = post("/check", {"at": 0, "rule": TYPED}).get_json()
    text = "".join(piece["text"] for piece in whole["sentence"]["zh"])
    assert text == "如果货到付款为是，而且实付金额大于300.00元，那么转人工审核（级别：财审）"
    english = "".join(piece["text"] for piece in whole["sentence"]["en"])
    assert english.startswith("If cash on delivery is yes, and amount paid is over 300.00 CNY, then ")
    assert whole["conditions"]["zh"] == "货到付款为是，而且实付金额大于300.00元"
    gap = TYPED | {"when": {"all": [TYPED["when"]["all"][0], {"fact": "order.paid", "op": "gt", "value": ""}]}}
    told = post("/check", {"at": 0, "rule": gap}).get_json()
    (hole,) = [piece for piece in told["sentence"]["zh"] if piece.get("gap")]
    assert (hole["path"], hole["text"]) == ("/rules/0/when/all/1", "实付金额大于＿＿")
    assert told["conditions"]["zh"] == ""


def test_a_typed_sentence_is_read_back_to_conditions(post: Post) -> None:
    sentence = "货到付款为是，或者（订单来源是换货而且实付金额大于300.00元）"
    told = post("/read", {"sentence": sentence, "language": "zh"}).get_json()
    assert told["faults"], "brackets stand only from the third level on"
    sentence = "货到付款为是，或者订单来源是换货而且实付金额大于300.00元。"
    told = post("/read", {"sentence": sentence, "language": "zh"}).get_json()
    assert told["faults"] == []
    assert told["when"]["any"][1]["all"][1] == {"fact": "order.paid", "op": "gt", "value": "300.00"}
    told = post("/read", {"sentence": "member level is “VIP”", "language": "en"}).get_json()
    assert told["when"] == {"fact": "buyer.level", "op": "eq", "value": "VIP"}


def test_who_comes_second_is_told_who_was_first_and_may_save_over_it(
    hub: Hub, draft: tuple[int, int], post: Post
) -> None:
    with hub.begin() as connection:
        other = factories.add(
            connection, User, email=f"y{draft[0]}@example.com", display_name="阿柚", fs_uniquifier=f"y{draft[0]}"
        )
    edit_draft(hub, draft[1], Content([], comment="清空"), 1, f"user:{other}")
    answer = post("", {"revision": 1, "comment": "我的", "rules": [TYPED]})
    told = answer.get_json()
    assert answer.status_code == 409
    assert "阿柚" in told["note"]
    assert told["remedy"] == "不同的有 1 条：「货到付款送财审」"
    assert stored(hub, draft).body["rules"] == []
    again = post("", {"revision": told["revision"], "comment": "我的", "rules": [TYPED]})
    assert again.status_code == 200
    assert stored(hub, draft).body["rules"][0]["id"] == "cod"


def test_limits_are_typed_at_their_rule_and_kept_with_the_version(hub: Hub, draft: tuple[int, int], post: Post) -> None:
    blank = {"amount_per_hour": "", "least": "", "most": ""}
    limits = [{"action": "send_to_tier", "per_hour": "20"} | blank, {"action": "pass", "per_hour": ""} | blank]
    assert post("", {"revision": 1, "comment": "x", "rules": [TYPED | {"limits": limits}]}).status_code == 200
    assert stored(hub, draft).limits == [{"rule": "cod", "action": "send_to_tier", "per_hour": 20}]
    wrong = [{"action": "send_to_tier", "per_hour": "-2"} | blank]
    answer = post("", {"revision": 2, "comment": "x", "rules": [TYPED | {"limits": wrong}]})
    assert list(faults_of(answer)) == ["/rules/0/limits/0/per_hour"]
    stray = [limits[1], {"action": "pass", "per_hour": "2"} | blank]
    answer = post("", {"revision": 2, "comment": "x", "rules": [TYPED | {"limits": stray}]})
    assert faults_of(answer) == {"/rules/0/limits/1": "没有规则带这个动作 写上规则和它的动作"}


def test_a_version_in_force_cannot_be_edited(client: FlaskClient, hub: Hub, draft: tuple[int, int]) -> None:
    activate(hub, draft[1], "user:1", despite_findings=True)
    page_of(client, address(draft), 409)


def test_who_may_not_edit_this_shop_is_refused(
    client: FlaskClient, hub: Hub, draft: tuple[int, int], world: factories.World, somebody: Callable[..., None]
) -> None:
    with hub.begin() as connection:
        _scope, shop = place_of(connection, draft[0])
    somebody(shop_ids=[world.shops[0]])
    page_of(client, address(draft), 404)
    somebody(scopes={"rule.edit": frozenset({world.shops[0]})})
    page_of(client, address(draft), 403)
    somebody(permissions=frozenset({"rule.view"}))
    page_of(client, address(draft), 403)
    assert shop not in world.shops


def test_the_draft_can_be_written_as_json(client: FlaskClient, hub: Hub, draft: tuple[int, int]) -> None:
    page = page_of(client, f"{address(draft)}/text")
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]

    def send(document: str, revision: int) -> TestResponse:
        fields = {"csrf_token": token, "document": document, "comment": "写成文字", "revision": revision}
        return client.post(f"{address(draft)}/text", data=fields)

    assert "&#34;value&#34;: 30000" in page
    refused = send(json.dumps({"rules": [RULE | {"when": {"fact": "order.pay", "op": "eq", "value": 1}}]}), 1)
    assert refused.status_code == 422
    assert "/rules/0/when/fact" in refused.text
    assert "order.pay" in refused.text
    assert send('{"rules": [], "rules": []}', 1).status_code == 422
    assert send(json.dumps({"rules": [RULE | {"name": "改名"}]}), 1).status_code == 303
    assert stored(hub, draft).body["rules"][0]["name"] == "改名"
    late = send(json.dumps({"rules": [], "limits": []}), 1)
    assert late.status_code == 409
    assert '"rules": []' in late.text.replace("&#34;", '"')


def test_codes_that_the_hub_knows_are_offered(
    client: FlaskClient, hub: Hub, draft: tuple[int, int], somebody: Callable[..., None]
) -> None:
    def offered(kind: str, typed: str = "") -> list[str]:
        answer = client.get(f"{address(draft)}/known", query_string={"kind": kind, "typed": typed})
        assert answer.status_code == 200
        return [one["code"] for one in answer.get_json()["known"]]

    with hub.begin() as connection:
        factories.add(connection, Customer, channel_id=1, external_id=f"vip{draft[0]}", nick="林**", member_level="VIP")
    assert offered("sku", "枕") == ["LY-PIL-02"]
    assert offered("sku", "ly-")[0].startswith("LY-")
    assert offered("sku", "%_\\") == []
    assert "east" in offered("point")
    assert offered("carrier") == ["ZTO"]
    assert offered("level", "vi") == ["VIP"]
    assert offered("shop", "TM1") == ["tm1"]
    for kind in SOURCES:
        assert len(offered(kind)) <= 50
    assert offered("no such kind") == []
    assert offered("sku", "\0") == offered("sku")
    mine = place_of_set(hub, draft)
    somebody(shop_ids=[mine])
    assert offered("shop") == [code_of(hub, mine)]


def place_of_set(hub: Hub, draft: tuple[int, int]) -> int:
    with hub.begin() as connection:
        return place_of(connection, draft[0])[1]


def code_of(hub: Hub, shop: int) -> str:
    with hub.begin() as connection:
        return str(connection.execute(select(Shop.code).where(Shop.id == shop)).scalar_one())


def test_a_rule_that_the_vocabulary_does_not_know_any_more_is_shown_and_named(
    client: FlaskClient, hub: Hub, draft: tuple[int, int], post: Post
) -> None:
    gone = RULE | {
        "when": {
            "any": [{"fact": "order.gone", "op": "eq", "value": 5}, {"fact": "order.paid", "op": "near", "value": 5}]
        },
        "actions": [{"action": "vanish", "params": {"to": 1}}, RULE["actions"][0]],
    }
    with hub.begin() as connection:
        values = {"body": stored(hub, draft).body | {"rules": [gone]}}
        connection.execute(update(RuleSetVersion).where(RuleSetVersion.id == draft[1]).values(**values))
    given = json.loads(page_of(client, address(draft)).partition('id="red-given">')[2].partition("</script>")[0])
    faults = faults_of(post("", {"revision": 1, "comment": "x", "rules": given["rules"]}))
    assert set(faults) == {
        "/rules/0/when/any/0/fact", "/rules/0/when/any/1/op", "/rules/0/actions/0/action",
    }  # fmt: skip
    assert "order.gone" in page_of(client, f"{address(draft)}/text")
