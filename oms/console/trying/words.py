"""How trials of rules read on screen: kinds of change, what is asked for, what people then did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from oms.app.rulebook.trying.outcomes import PEOPLE, Asked
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.console.messages import _, _l
from oms.console.rendering import amount, label, span
from oms.console.translating import language
from oms.domain.review import BY_CODE
from rules.phrases import Language, word_action

#: Kind of change → its words and tone, in the order of the page.
KINDS: Final = {
    "newly_held": (_l("新拦下"), "warn"),
    "newly_passed": (_l("新放行"), "ok"),
    "other_tier": (_l("换级别"), "accent"),
    "other_action": (_l("换动作"), "accent"),
    "not_comparable": (_l("无法比较"), ""),
    "unknown": (_l("当时未知"), ""),
    "same": (_l("不变"), ""),
    "not_reached": (_l("没走到这个环节"), ""),
}
STATES: Final = {
    "waiting": (_l("排队中"), ""),
    "running": (_l("正在比较"), "now"),
    "done": (_l("比完了"), "ok"),
    "failed": (_l("没比完"), "late"),
    "stopped": (_l("已停下"), "warn"),
}
#: What people, and the world, then did.
PEOPLE_WORDS: Final = {
    "passed_at_once": _l("一分钟内放行"),
    "passed": _l("人放行"),
    "forced": _l("强制放行"),
    "lifted": _l("人解除挂起"),
    "sent_back": _l("人驳回"),
    "cancelled": _l("后来取消"),
    "refunded": _l("后来退款"),
    "intercepted": _l("后来截停"),
    "waiting": _l("还等着人"),
    "nobody": _l("没人动过"),
}
#: The first decided anew beside what was stored.
STORED: Final = {
    "same": _l("和当时一致"),
    "differs": _l("和当时不一致"),
    "other_version": _l("当时是另一版，结果不同"),
    "other_engine": _l("引擎已更新，结果不同"),
    "not_kept": _l("当时没留够条件值"),
    "none": _l("当时没有规则判断"),
}
LATER: Final = {
    "kept": _l("到不了"),
    "reached": _l("提前到达，结果已知"),
    "same": _l("结果不变"),
    "not_comparable": _l("无法比较"),
}


def kind_word(kind: str) -> str:
    """A kind of change in words."""
    return str(KINDS[kind][0]) if kind in KINDS else kind


def asked_words(asked: Sequence[Asked]) -> str:
    """What is asked for, in a few words; nothing means that the order goes on."""
    return _("、").join(_asked(name, params) for name, params in asked) or _("自动过")


def person_words(word: str, seconds: int | None) -> str:
    """What people did, with how long it took."""
    told = str(PEOPLE_WORDS.get(word or "nobody", word))
    return told if seconds is None else _("%(did)s，用了 %(span)s", did=told, span=span(timedelta(seconds=seconds)))


def fact_words(names: Iterable[str]) -> str:
    """Facts by their labels."""
    return _("、").join(fact_word(name) for name in names)


def fact_word(name: str) -> str:
    """A fact by its label; one that the vocabulary knows no more by its name."""
    spec = VOCABULARY.facts.get(name)
    return label(spec.label_zh, spec.label_en) if spec else name


def money_words(by_currency: Mapping[str, int]) -> str:
    """Amounts of several currencies, never added together."""
    return _("、").join(amount(minor, currency, sign=True) for currency, minor in sorted(by_currency.items()))


def _asked(name: str, params: Mapping[str, Any]) -> str:
    if name == PEOPLE:
        return _("规则判断不了，转人")
    if name == "send_to_tier" and params.get("tier") in BY_CODE:
        tier = BY_CODE[str(params["tier"])]
        return _("转%(tier)s", tier=label(tier.zh, tier.en))
    tongue: Language = "en" if language() == "en" else "zh"
    return word_action(name, tuple(sorted(params.items())), VOCABULARY, tongue)


def verdict_word(code: str) -> str:
    """A stored verdict to narrow by."""
    if code in BY_CODE:
        return _asked("send_to_tier", {"tier": code})
    return _("自动过的") if code == "passed" else _("拦下的")


def changed_count(counts: Mapping[str, Any]) -> int:
    """How many orders come out otherwise."""
    return sum(int(number) for kind, number in counts.get("kinds", {}).items() if kind in _CHANGED)


def conclusion(row: Any) -> str:
    """What came out, in one sentence."""
    changed, kinds = changed_count(row.counts), row.counts.get("kinds", {})
    open_ = kinds.get("not_comparable", 0) + kinds.get("unknown", 0)
    compared = sum(kinds.values()) - kinds.get("not_reached", 0)
    if not compared:
        return _("这段时间里没有这样的单") if row.state == "done" else _("还没有比到单")
    told = (
        _("%(all)s 单里 %(n)s 单的结果变了（%(share)s%%）", all=f"{compared:,}", n=f"{changed:,}",
          share=f"{changed * 100 / compared:.1f}")
        if changed
        else _("比过的 %(all)s 单，结果都不变", all=f"{compared - open_:,}")
    )  # fmt: skip
    return told + _("，另有 %(n)s 单无法比较", n=f"{open_:,}") if open_ else told


_CHANGED: Final = frozenset({"newly_held", "newly_passed", "other_tier", "other_action"})
