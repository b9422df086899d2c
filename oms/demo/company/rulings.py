"""The company's rules by stage, with a draft and a canary to try; written as an ops lead would write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.rulebook.drafts import Content, create_draft, create_set, edit_draft
from oms.app.rulebook.versions import activate
from oms.demo.rules import AMOUNT_LIMIT, review_rules

Rule = dict[str, Any]
MINUTE: Final = 60
#: What a buyer writes who wants the order kept back.
KEEP_BACK: Final = ("先别发", "暂缓发货")
#: Provinces of the south, and those that only EMS reaches well.
SOUTH: Final = ("440000", "450000", "460000")
FAR: Final = ("540000", "650000", "630000")
DUTY_TEAM: Final = "仓配值班组"
LIVE_SHOP, GROUP_SHOP, OWN_SHOP = "DY-LIVE", "PDD-01", "MINI-01"


def rule(rule_id: str, name: str, when: Rule, *actions: Rule, **more: Any) -> Rule:
    """A rule of one condition or group."""
    return {"id": rule_id, "name": name, "when": when, "actions": list(actions), **more}


def on(fact: str, op: str, value: Any) -> Rule:
    """A condition."""
    return {"fact": fact, "op": op, "value": value}


def act(name: str, **params: Any) -> Rule:
    """An action with its parameters."""
    return {"action": name, "params": params}


def all_of(*parts: Rule) -> Rule:
    """A group of which all must be true."""
    return {"all": list(parts)}


RULES: Final[Mapping[str, tuple[str, Sequence[Rule]]]] = {
    "preprocess": ("预处理 · 全公司", (
        rule("big-order-tag", "实付满2000元打标签", on("order.paid", "ge", 200_000), act("add_tag", tag="大单")),
        rule("very-big-order", "实付满4000元告诉值班组", on("order.paid", "ge", 400_000),
             act("notify", team=DUTY_TEAM, words="来了一单大单，先看一眼")),
        rule("live-first", "直播间的单优先", on("shop.code", "eq", LIVE_SHOP), act("set_priority", priority=8)),
    )),
    "intercept": ("拦截 · 全公司", (
        rule("buyer-says-wait", "买家留言说先别发", on("order.message", "contains_any", list(KEEP_BACK)),
             act("stop", reason="买家留言要先别发，客服联系后放行")),
        rule("many-refunds", "近30天退款满5次", on("buyer.refunds_30d", "ge", 5),
             act("stop", reason="买家近30天退款太多，先核实")),
    )),
    "gift": ("赠品 · 全公司", (
        rule("gift-per-300", "每满300元送旅行装面膜", on("order.origin", "eq", "platform"),
             act("add_gift_per_amount", sku="GF002", units=1, amount=30_000, most=2, stock=150, per_buyer=4,
                 instead="GF003")),
        rule("gift-live", "直播间下单送钥匙扣", on("shop.code", "eq", LIVE_SHOP),
             act("add_gift", sku="GF003", units=1, stock=200)),
    )),
    "route": ("分仓 · 全公司", (
        rule("south-from-guangzhou", "华南的单优先广州仓，贵5元以内", on("receiver.province", "in", list(SOUTH)),
             act("prefer_point", point="WH-GZ-01", extra=500)),
        rule("bulky-from-hangzhou", "大件优先杭州仓", on("goods.sizes", "contains_any", ["large"]),
             act("prefer_point", point="WH-HZ-01", extra=3_000)),
    )),
    "carrier": ("选快递 · 全公司", (
        rule("far-by-ems", "西藏新疆青海只走EMS", on("receiver.province", "in", list(FAR)),
             act("only_carrier", carrier="EMS")),
        rule("dear-by-sf", "实付满2000元优先顺丰，贵15元以内",
             all_of(on("order.paid", "ge", 200_000), on("order.is_cod", "eq", False)),
             act("prefer_carrier", carrier="SF", extra=1_500)),
        rule("heavy-not-yunda", "超过5公斤不走韵达", on("goods.weight", "gt", 5_000),
             act("forbid_carrier", carrier="YUNDA")),
    )),
    "merge": ("合单 · 全公司", (
        rule("group-buy-waits", "拼多多等一分钟再合",
             all_of(on("shop.code", "eq", GROUP_SHOP), on("order.is_cod", "eq", False)),
             act("wait_for_merge", span=MINUTE)),
        rule("cod-alone", "货到付款单独发", on("order.is_cod", "eq", True), act("never_merge")),
    )),
    "sla": ("时效 · 全公司", (
        rule("live-within-12h", "直播间付款后12小时内发，还剩11小时58分就提醒", on("shop.code", "eq", LIVE_SHOP),
             act("set_deadline", after=12 * 60 * MINUTE),
             act("escalate", before=12 * 60 * MINUTE - 2 * MINUTE, team=DUTY_TEAM, words="直播间的单还没出库")),
    )),
    "aftersales": ("售后 · 全公司", (
        rule("small-unsent-refund", "自营商城没发货、300元以内的退款直接同意",
             all_of(on("shop.code", "eq", OWN_SHOP), on("case.kind", "eq", "refund"),
                    on("case.goods_have_left", "eq", False), on("case.amount", "le", 30_000)),
             act("agree_case", words="已同意退款")),
    )),
}  # fmt: skip
#: Of one rule's action: no more than so many orders, or so much money, within an hour.
LIMITS: Final[Mapping[str, Sequence[Rule]]] = {
    "gift": ({"rule": "gift-live", "action": "add_gift", "per_hour": 100},),
    "aftersales": ({"rule": "small-unsent-refund", "action": "agree_case", "per_hour": 20, "amount_per_hour": 300_000},),
}
MEMO: Final = rule(
    "memo-to-service", "有卖家备注转客审", on("order.has_memo", "eq", True), act("send_to_tier", tier="service")
)
DRAFT_WORDS: Final = "财审门槛从1000元降到600元：先用已有订单试一遍"
CANARY_WORDS: Final = "灰度：实付满1000元就优先顺丰，看运费多多少"
CANARY_SHARE: Final = 20


def publish_rules(hub: Hub, actor: str) -> None:
    """Put every stage's rules in force that has none yet, then begin the draft and the canary."""
    with hub.engine.connect() as connection:
        known = {row[0] for row in fetch(connection, "select stage from rule_set where scope = 'global'")}
    for stage, (name, rules) in RULES.items():
        if stage in known:
            continue
        content = Content(list(rules), list(LIMITS.get(stage, ())), "开张时的规则")
        activate(hub, create_set(hub, stage, "global", 0, name, content, actor), actor)
        if stage == "carrier":
            _canary(hub, actor)
    _draft(hub, actor)


def _canary(hub: Hub, actor: str) -> None:
    """A second version of the carriers' rules, for some of the orders."""
    rules = [dict(one) for one in RULES["carrier"][1]]
    rules[1] = rule(
        "dear-by-sf", "实付满1000元优先顺丰，贵15元以内",
        all_of(on("order.paid", "ge", 100_000), on("order.is_cod", "eq", False)),
        act("prefer_carrier", carrier="SF", extra=1_500),
    )  # fmt: skip
    version_id = _begun(hub, "carrier", rules, CANARY_WORDS, actor)
    if version_id:
        activate(hub, version_id, actor, share=CANARY_SHARE)


def _draft(hub: Hub, actor: str) -> None:
    """A draft of the review rules that nobody has tried yet."""
    _begun(hub, "review", [*review_rules(AMOUNT_LIMIT * 6 // 10)["rules"], MEMO], DRAFT_WORDS, actor)


def _begun(hub: Hub, stage: str, rules: Sequence[Rule], words: str, actor: str) -> int:
    """A draft of a stage's one set that says this; 0 where the set has had a second version before."""
    with hub.engine.connect() as connection:
        question = """select s.id, count(v.id) from rule_set s join rule_set_version v on v.rule_set_id = s.id
                      where s.stage = %s and s.scope = 'global' group by 1"""
        ((rule_set_id, versions),) = fetch(connection, question, (stage,))
    if versions != 1:
        return 0
    version_id = create_draft(hub, rule_set_id, actor, comment=words)
    edit_draft(hub, version_id, Content(list(rules), [], words), 1, actor)
    return version_id
