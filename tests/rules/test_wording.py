"""Trees and rules as sentences, fixed word for word."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from rules.model import Action, Condition, Group, GroupKind, Node, Period, Rule, Window, simplify
from rules.reading import read_sentence
from rules.wording import word_rule, word_tree
from tests.rules.vocabulary import NOW, VOCABULARY

COD = Condition("order.payment", "eq", "cod")
EXCHANGE = Condition("order.exchange", "eq", True)
OVER = Condition("order.paid", "gt", 30_000)
VIP = Condition("buyer.level", "eq", "vip")
MEMO = Condition("order.memo", "contains_any", ("a」b", "发票"))


def _all(*children: Node) -> Group:
    return Group(GroupKind.ALL, children)


def _any(*children: Node) -> Group:
    return Group(GroupKind.ANY, children)


def _none(*children: Node) -> Group:
    return Group(GroupKind.NONE, children)


@pytest.mark.parametrize(
    ("tree", "chinese", "english"),
    [
        (COD, "付款方式是货到付款", "payment term is COD"),
        (
            _all(_any(COD, _all(EXCHANGE, OVER)), _none(VIP)),
            "付款方式是货到付款或者（换货单为是而且实付金额大于300.00元），而且不是会员等级是VIP",
            "payment term is COD or (exchange is yes and amount paid is over 300.00 CNY), and not member level is VIP",
        ),
        (
            _none(COD, OVER),
            "以下都不是：付款方式是货到付款，或者实付金额大于300.00元",
            "none of these: payment term is COD, or amount paid is over 300.00 CNY",
        ),
        (
            _any(MEMO, _none(COD, VIP)),
            "买家留言含有任一「a」」b」、「发票」，或者不是：付款方式是货到付款或者会员等级是VIP",
            "buyer memo contains any of “a」b” / “发票”, or none of: payment term is COD or member level is VIP",
        ),
        (
            _all(COD, _any(VIP, _none(EXCHANGE, OVER))),
            "付款方式是货到付款，而且会员等级是VIP或者（不是：换货单为是或者实付金额大于300.00元）",
            "payment term is COD, and member level is VIP or "
            "(none of: exchange is yes or amount paid is over 300.00 CNY)",
        ),
        (Condition("order.tags", "contains_any", ("cod",)), "订单标签含有「cod」", "tags contains “cod”"),
        (_all(), "始终", "always"),
        (
            _all(_any(_all(COD, VIP))),
            "付款方式是货到付款，而且会员等级是VIP",
            "payment term is COD, and member level is VIP",
        ),
        (
            Condition("order.weight", "between", (Decimal("0.5"), Decimal(2))),
            "重量在0.5千克到2千克之间",
            "weight is from 0.5 kg to 2 kg",
        ),
        (
            Condition("order.paid_at", "older_than", 93_784),
            "付款时间已过1天2小时3分4秒",
            "time of payment is older than 1 d 2 h 3 min 4 s",
        ),
        (
            Condition("order.paid_at", "le", NOW),
            "付款时间不晚于2026-11-11 02:30:00 UTC",
            "time of payment is not after 2026-11-11 02:30:00 UTC",
        ),
        (
            Condition("order.paid_at", "within_window", Window(frozenset({1, 5}), 1320, 360, "Asia/Shanghai")),
            "付款时间落在周一、五22:00至次日06:00 Asia/Shanghai",
            "time of payment falls on Mon / Fri from 22:00 to 06:00 the next day Asia/Shanghai time",
        ),
    ],
)
def test_a_tree_reads_as_a_sentence(tree: Node, chinese: str, english: str) -> None:
    assert word_tree(tree, VOCABULARY, "zh") == chinese
    assert word_tree(tree, VOCABULARY, "en") == english
    assert read_sentence(chinese, VOCABULARY, "review", "zh") == simplify(tree)
    assert read_sentence(english, VOCABULARY, "review", "en") == simplify(tree)


def test_a_rule_reads_with_its_actions_and_spans() -> None:
    actions = (Action("send_to", (("tier", "finance"), ("within", 7200))), Action("pass"))
    rule = Rule("r", "r", COD, actions, stop=True, active=(Period(NOW, NOW + timedelta(days=1)),))
    assert word_rule(rule, VOCABULARY, "zh") == (
        "如果付款方式是货到付款，那么送审（级别：财务审核；时限：2小时）、放行、停止后续规则"
        "；生效：自2026-11-11 02:30:00 UTC起至2026-11-12 02:30:00 UTC前"
    )
    assert word_rule(rule, VOCABULARY, "en") == (
        "If payment term is COD, then send to (tier: finance; time limit: 2 h), pass, stop"
        "; active from 2026-11-11 02:30:00 UTC until 2026-11-12 02:30:00 UTC"
    )


def test_words_that_left_the_vocabulary_are_shown_by_name() -> None:
    gone = Rule("r", "r", Condition("order.gone", "eq", 1), (Action("gone"),))
    assert word_rule(gone, VOCABULARY, "zh") == "如果「order.gone eq」，那么「gone」"
    assert "「cash」" in word_tree(Condition("order.payment", "eq", "cash"), VOCABULARY, "zh")
