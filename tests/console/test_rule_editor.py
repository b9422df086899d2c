"""The editor of a draft: what it shows, saves and refuses; hostile bodies get a clear sentence."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from oms.app.kernel.hub import Hub
from oms.app.rulebook.drafts import Content, create_set, edit_draft
from oms.app.rulebook.sets import place_of
from oms.app.rulebook.versions import activate
from oms.console.rule_editor_known import SOURCES
from oms.db.channels import Shop
from oms.db.parties import Customer
from oms.db.people import User
from oms.db.rulebook import RuleSetVersion
from tests.console import factories
from tests.console.browsing import page_of

COD = {"fact": "order.is_cod", "op": "eq", "value": True}
RULE: dict[str, Any] = {
    "id": "cod", "name": "货到付款送财审", "when": {"all": [COD, {"fact": "order.paid", "op": "gt", "value": 30000}]},
    "actions": [{"action": "send_to_tier", "params": {"tier": "finance"}}],
}  # fmt: skip
#: The same as the editor sends it.
TYPED = RULE | {
    "when": {"all": [COD | {"value": "true"}, {"fact": "order.paid", "op": "gt", "value": "300.00"}]},
    "priority": "30", "stop": False, "enabled": True, "active": [], "excluded": [], "limits": [],
}  # fmt: skip
_scopes = itertools.count(1)


@pytest.fixture
def draft(hub: Hub, world: factories.World) -> tuple[int, int]:
    """(set, version) of a draft in a place of its own."""
    with hub.begin() as connection:
        shop = factories.add(
            connection, Shop, code=f"r{next(_scopes)}", name="规则店", channel_id=world.channel,
            account_id=world.account,
        )  # fmt: skip
    version = create_set(hub, "review", "shop", shop, "财务审核", Content([RULE], comment="第一版"), "user:1")
    with hub.begin() as connection:
        row = connection.execute(RuleSetVersion.__table__.select().where(RuleSetVersion.id == version)).one()
    return int(row.rule_set_id), version


@pytest.fixture
def post(client: FlaskClient, draft: tuple[int, int]) -> Callable[..., TestResponse]:
    """Sends JSON as the page does."""
    token = page_of(client, address(draft)).partition('data-token="')[2].partition('"')[0]

    def send(where: str, body: Any) -> TestResponse:
        sent = body if isinstance(body, str | bytes) else json.dumps(body)
        headers = {"X-CSRFToken": token, "Content-Type": "application/json"}
        return client.post(address(draft) + where, data=sent, headers=headers)

    return send


def address(draft: tuple[int, int]) -> str:
    return f"/rules/{draft[0]}/versions/{draft[1]}/edit"


def stored(hub: Hub, draft: tuple[int, int]) -> Any:
    with hub.begin() as connection:
        return connection.execute(RuleSetVersion.__table__.select().where(RuleSetVersion.id == draft[1])).one()


def faults_of(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code in (200, 422), answer.text[:300]
    return {fault["path"]: f"{fault['reason']} {fault['remedy']}" for fault in answer.get_json()["faults"]}


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


def test_what_was_typed_is_stored_in_minor_units(
    hub: Hub, draft: tuple[int, int], post: Callable[..., TestResponse]
) -> None:
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
    client: FlaskClient, hub: Hub, draft: tuple[int, int], post: Callable[..., TestResponse]
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


def test_faults_are_told_at_every_row_at_once(post: Callable[..., TestResponse]) -> None:
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


def test_the_sentence_marks_the_gap_and_is_the_wording_when_it_is_whole(post: Callable[..., TestResponse]) -> None:
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


def test_a_typed_sentence_is_read_back_to_conditions(post: Callable[..., TestResponse]) -> None:
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
    hub: Hub, draft: tuple[int, int], post: Callable[..., TestResponse]
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


def test_limits_are_typed_at_their_rule_and_kept_with_the_version(
    hub: Hub, draft: tuple[int, int], post: Callable[..., TestResponse]
) -> None:
    blank = {"amount_per_hour": "", "least": "", "most": ""}
    limits = [{"action": "send_to_tier", "per_hour": "20"} | blank, {"action": "pass", "per_hour": ""} | blank]
    assert post("", {"revision": 1, "comment": "x", "rules": [TYPED | {"limits": limits}]}).status_code == 200
    assert stored(hub, draft).limits == [{"rule": "cod", "action": "send_to_tier", "per_hour": 20}]
    wrong = [{"action": "send_to_tier", "per_hour": "-2"} | blank]
    answer = post("", {"revision": 2, "comment": "x", "rules": [TYPED | {"limits": wrong}]})
    assert list(faults_of(answer)) == ["/rules/0/limits/0/per_hour"]
    stray = [{"action": "pass", "per_hour": "2"} | blank]
    answer = post("", {"revision": 2, "comment": "x", "rules": [TYPED | {"limits": stray}]})
    assert list(faults_of(answer)) == ["/rules/0/limits/0"]


def nested(depth: int) -> Any:
    tree: Any = COD
    for _ in range(depth):
        tree = {"all": [tree]}
    return tree


HOSTILE: dict[str, Any] = {
    "no rule": None,
    "a number": 7,
    "a list": [],
    "no keys": {},
    "wrong types": {"id": 1, "name": [], "when": "x", "actions": {}, "stop": "no", "priority": {}, "active": 3},
    "unknown key": TYPED | {"script": "alert(1)"},
    "deep": TYPED | {"when": nested(21)},
    "very deep": TYPED | {"when": nested(300)},
    "wide": TYPED | {"when": {"all": [COD] * 5000}},
    "empty groups": TYPED | {"when": {"all": [{"all": []}] * 5000}},
    "value of another type": TYPED | {"when": {"fact": "order.paid", "op": "gt", "value": {"$gt": 0}}},
    "a list for a number": TYPED | {"when": {"fact": "order.lines", "op": "gt", "value": [1]}},
    "two kinds": TYPED | {"when": {"all": [COD], "any": [COD]}},
    "catastrophic": TYPED | {"when": {"fact": "order.memo", "op": "matches", "value": "(a|a)*(a|a)*b" * 10}},
    "long pattern": TYPED | {"when": {"fact": "order.memo", "op": "matches", "value": "a" * 100_000}},
    "half a character": TYPED | {"name": "\ud800"},
    "control characters": TYPED | {"when": {"fact": "order.memo", "op": "eq", "value": "\x00"}},
    "huge number": TYPED | {"when": {"fact": "order.lines", "op": "gt", "value": "9" * 400}},
    "marks of the sentence": TYPED
    | {"when": {"fact": "\ue0000", "op": "", "value": ""}, "actions": [{"action": "\ue0001"}]},
    "fact of another stage": TYPED | {"when": {"fact": "no.such.fact", "op": "eq", "value": 1}},
    "limits that are none": TYPED | {"limits": [{"action": {"x": 1}, "per_hour": [1]}, 3, None]},
    "bad spans": TYPED | {"active": [{"from": "tomorrow", "until": 7}, "x"], "excluded": [{"time_zone": "/etc/passwd"}]},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_rules_get_a_clear_sentence(
    hub: Hub, draft: tuple[int, int], post: Callable[..., TestResponse], name: str
) -> None:
    checked = post("/check", {"at": 0, "rule": HOSTILE[name]})
    assert checked.status_code == 200
    if name != "limits that are none":
        assert all(faults_of(checked).values())
        assert faults_of(checked)
    answer = post("", {"revision": 1, "comment": "x", "rules": [HOSTILE[name]]})
    assert answer.status_code == 422, answer.text[:300]
    assert faults_of(answer)
    assert len(answer.data) < 60_000
    assert stored(hub, draft).revision == 1


@pytest.mark.parametrize("where", ["", "/check", "/read"])
@pytest.mark.parametrize(
    "body", ["", "[" * 100_000, "{", "[]", '"x"', "1" * 5000, b"\xff\xfe", "{}", "x" * 4_000_001]
)  # fmt: skip
def test_hostile_bodies_get_a_clear_sentence(post: Callable[..., TestResponse], where: str, body: Any) -> None:
    assert faults_of(post(where, body))


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
