"""What stages write as their verdict: the words for people, and whether a stored one is what its rules asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from oms.app.rulebook.vocabulary import VOCABULARY
from oms.domain.holds import KINDS
from oms.domain.review import BY_CODE
from rules.model import Action

#: Stages of decisions, also of those that no rule set takes: 中文, English.
STAGES: Final = {
    "fetch": ("抓单", "Fetch"),
    "preprocess": ("预处理", "Preprocess"),
    "gift": ("赠品", "Gifts"),
    "route": ("分仓", "Routing"),
    "carrier": ("承运商", "Carrier"),
    "review": ("审核", "Review"),
    "merge": ("合单", "Merge"),
    "intercept": ("截停", "Intercept"),
    "aftersales": ("售后", "After-sales"),
    "sla": ("时效", "Deadlines"),
    "observe": ("平台发货", "The platform's way"),
}
_VERDICTS: Final = {
    "passed": ("直接通过", "passed"),
    "nothing": ("没有要做的", "nothing asked for"),
    "sourced": ("已选仓", "sourced"),
    "observed": ("观察：会这样发", "observed: would leave so"),
    "replanned": ("重排后改这样发", "planned anew to leave so"),
    "shown": ("平台显示怎样发的", "the platform shows how it left"),
    "untold": ("平台没说怎样发的", "the platform does not tell how it left"),
}
#: What a stage keeps beside its verdict: 中文, English.
NOTES: Final = {
    "skipped": ("店铺设置跳过", "skipped by the shop's plan"),
    "manual": ("店铺设置必看", "always looked at by the shop's plan"),
    "in_order": ("依次审核", "one after the other"),
    "exchanged": ("和这些订单换了库存", "exchanged stock with these orders"),
    "gave_way": ("把库存让给这些订单", "gave stock to these orders"),
    "parcels_saved": ("少发的包裹", "parcels saved"),
    "set": ("按哪条寻源设置", "sourcing setting"),
    "plan": ("按哪次寻源计划", "sourcing plan"),
    "guide": ("由谁决定", "guided by"),
    "gone": ("规则点名的已经没有了", "named by rules and gone"),
    "place": ("收货地点", "the receiver's place"),
    "leaves": ("预计出库日", "leaves on"),
    "unpriced": ("没有运费模板的快递", "carriers without a freight tariff"),
}
#: Words for codes that a stage keeps beside its verdict: 中文, English.
SAID: Final = {
    "by_platform": ("平台给的坐标", "the platform's coordinates"),
    "by_geocoder": ("地图查到的坐标", "coordinates of a map service"),
    "by_division": (
        "只知道在哪个城市，按市中心算，可能差几十公里",
        "only the city is known: reckoned from its middle, which may be tens of kilometres off",
    ),
    "no_place": (
        "不知道在哪，按半径和围栏送的库存点没算",
        "unknown: points that deliver by radius or polygon are left out",
    ),
}
_BACK: Final = {
    "paused": ("规则已暂停", "the rule is paused"),
    "limit": ("超过限额", "past its limit"),
    "band": ("金额超出范围", "outside its band"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What rules ask for, and how sure that is; `passed` are the tiers that people had passed before.

    `kept_back` are actions of rules that were paused or past their limit: asked for, not done.
    """

    actions: tuple[Action, ...]
    kept_back: tuple[Action, ...] = ()
    is_unsure: bool = False
    may_be_unsure: bool = False
    lacks_actions: bool = False
    passed: frozenset[str] = frozenset()


def word_stage(stage: str) -> tuple[str, str]:
    """中文 and English of a stage; one that nobody knows shows its code."""
    return STAGES.get(stage, (stage, stage))


def word_verdict(stage: str, verdict: str) -> tuple[str, str]:
    """A verdict in words: tiers of review, a hold, actions; one that nobody knows shows its code."""
    if verdict in _VERDICTS:
        return _VERDICTS[verdict]
    if verdict in KINDS:
        return KINDS[verdict].zh, KINDS[verdict].en
    tiers = [BY_CODE.get(code) for code in verdict.split(",")]
    if stage == "review" and all(tiers):
        known = [tier for tier in tiers if tier]
        return f"转{'、'.join(tier.zh for tier in known)}", f"to {', '.join(tier.en for tier in known)}"
    actions = [VOCABULARY.actions.get(code) for code in verdict.split(",")]
    if all(actions):
        asked = [action for action in actions if action]
        return "、".join(action.label_zh for action in asked), ", ".join(action.label_en for action in asked)
    return verdict, verdict


def word_kept_back(reason: str) -> tuple[str, str]:
    """Why a rule's actions were kept back."""
    return _BACK.get(reason, (reason, reason))


def check_verdict(stage: str, stored: str, asked: Asked) -> Iterator[tuple[str, str, str]]:
    """(verdict, stored, now) of a verdict that the rules cannot have led to."""
    if asked.lacks_actions:
        return
    least, most = _tiers(asked) if stage == "review" else _names(asked)
    found = {code for code in stored.split(",") if code not in ("passed", "nothing")}
    if not least <= found <= most:
        yield "verdict", stored, ",".join(sorted(least)) or ("passed" if stage == "review" else "nothing")


def _tiers(asked: Asked) -> tuple[set[str], set[str]]:
    """The tiers that review must have written down, and those that it may have."""
    wanted = {str(dict(action.params)["tier"]) for action in asked.actions if action.name == "send_to_tier"}
    least = (wanted | ({"service"} if asked.is_unsure else set())) - asked.passed
    return least, wanted | ({"service"} if asked.may_be_unsure else set())


def _names(asked: Asked) -> tuple[set[str], set[str]]:
    """The actions that any other stage must have written down, and those that it may have."""
    least = {action.name for action in asked.actions}
    return least, least | {action.name for action in asked.kept_back}
