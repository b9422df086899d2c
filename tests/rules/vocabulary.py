"""A small vocabulary with every type of fact, and generators of trees and facts for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from rules.facts import UNKNOWN
from rules.model import (
    Action,
    ActionSpec,
    Choice,
    Condition,
    FactSpec,
    Group,
    GroupKind,
    Node,
    ParamSpec,
    Period,
    Rule,
    RuleSet,
    ValueType,
    Vocabulary,
    Window,
)
from rules.operators import OPERATORS, Shape, operators_for

STAGES = frozenset({"review"})
NOW = datetime(2026, 11, 11, 2, 30, tzinfo=UTC)  # Wednesday, 10:30 in Shanghai
ZONES = ("Asia/Shanghai", "UTC", "America/New_York")
CODES = ("cod", "online", "credit")
_LETTERS = "ab1发票-."
_T = ValueType


def _fact(name: str, kind: ValueType, label_zh: str, label_en: str, **more: Any) -> FactSpec:
    return FactSpec(name, kind, label_zh, label_en, STAGES, **({"sql": name.replace(".", "_")} | more))


FACTS = (
    _fact("order.exchange", _T.BOOL, "换货单", "exchange"),
    _fact("order.lines", _T.COUNT, "明细行数", "line count", unit="行", unit_en="lines"),
    _fact("order.score", _T.INTEGER, "风险分", "risk score"),
    _fact("order.paid", _T.MONEY, "实付金额", "amount paid", unit="CNY"),
    _fact("order.weight", _T.DECIMAL, "重量", "weight", unit="千克", unit_en="kg"),
    _fact("order.memo", _T.TEXT, "买家留言", "buyer memo"),
    _fact(
        "order.payment",
        _T.CODE,
        "付款方式",
        "payment term",
        choices=(
            Choice("cod", "货到付款", "COD"),
            Choice("online", "在线支付", "online"),
            Choice("credit", "挂账", "credit"),
        ),
    ),
    _fact("order.tags", _T.SET, "订单标签", "tags"),
    _fact("order.paid_at", _T.DATETIME, "付款时间", "time of payment"),
    _fact("order.waited", _T.DURATION, "等待时长", "waiting time"),
    _fact(
        "buyer.level",
        _T.CODE,
        "会员等级",
        "member level",
        choices=(Choice("vip", "VIP", "VIP"), Choice("new", "新客", "newcomer")),
    ),
    _fact("receiver.door", _T.TEXT, "门牌", "door", sql=None, python_only_reason="the receiver is sealed"),
)
ACTIONS = (
    ActionSpec("hold", "挂起", "hold", STAGES, (ParamSpec("reason", _T.TEXT, "原因", "reason"),)),
    ActionSpec(
        "send_to",
        "送审",
        "send to",
        STAGES,
        (
            ParamSpec(
                "tier",
                _T.CODE,
                "级别",
                "tier",
                choices=(Choice("finance", "财务审核", "finance"), Choice("service", "客服审核", "service")),
            ),
            ParamSpec("within", _T.DURATION, "时限", "time limit", required=False),
        ),
    ),
    ActionSpec("pass", "放行", "pass", STAGES, contradicts=frozenset({"hold", "send_to"})),
)
VOCABULARY = Vocabulary.of(FACTS, ACTIONS)

times = st.integers(-400_000, 400_000).map(lambda seconds: NOW + timedelta(seconds=seconds))
texts = st.text(_LETTERS, min_size=1, max_size=6)
patterns = st.sampled_from(
    ("发票", r"^a", r"1$", r"\d+-\d", "[ab]{2}", "(发票|a.)1?", r"[^a]b", r"\.$", r"^a.*b$", "-|1a")
)
windows = st.builds(
    lambda days, start, length, zone: Window(days, start, (start + length) % 1440 or 1440, zone),
    st.frozensets(st.integers(1, 7), min_size=1),
    st.integers(0, 1439),
    st.integers(1, 1439),
    st.sampled_from(ZONES),
)
periods = st.one_of(
    st.builds(Period, times, st.none()),
    st.builds(lambda start, seconds: Period(start, start + timedelta(seconds=seconds)), times, st.integers(1, 9**6)),
)
spans = st.one_of(windows, periods)

_SCALARS: dict[ValueType, st.SearchStrategy[Any]] = {
    _T.BOOL: st.booleans(),
    _T.COUNT: st.integers(0, 5),
    _T.INTEGER: st.integers(-3, 3),
    _T.MONEY: st.sampled_from((-1, 0, 29_999, 30_000, 30_001)),
    _T.DECIMAL: st.integers(-20, 20).map(lambda tenths: Decimal(tenths) / 10),
    _T.TEXT: texts,
    _T.DATETIME: times,
    _T.DURATION: st.sampled_from((0, 59, 60, 3600, 90_061)),
}


def _choices(spec: FactSpec | ParamSpec) -> tuple[str, ...]:
    return tuple(choice.code for choice in spec.choices) or CODES


def scalars(spec: FactSpec | ParamSpec) -> st.SearchStrategy[Any]:
    """A value that a condition or a parameter may hold."""
    return _SCALARS[spec.type] if spec.type in _SCALARS else st.sampled_from(_choices(spec))


def _values(spec: FactSpec, shape: Shape) -> st.SearchStrategy[Any]:
    scalar = scalars(spec)
    return {
        Shape.NOTHING: st.none(),
        Shape.SCALAR: scalar,
        Shape.LIST: st.lists(scalar, min_size=1, max_size=3, unique=True).map(lambda items: tuple(sorted(items))),
        Shape.PAIR: st.tuples(scalar, scalar).map(lambda pair: tuple(sorted(pair))),
        Shape.PREFIX: texts,
        Shape.PATTERN: patterns,
        Shape.WINDOW: windows,
        Shape.SECONDS: st.integers(0, 300_000),
    }[shape]


def conditions(facts: tuple[FactSpec, ...] = FACTS) -> st.SearchStrategy[Condition]:
    """Any condition that the codec accepts."""
    pairs = [(spec, OPERATORS[name]) for spec in facts for name in operators_for(spec.type)]
    return st.sampled_from(pairs).flatmap(
        lambda pair: st.builds(Condition, st.just(pair[0].name), st.just(pair[1].name), _values(pair[0], pair[1].shape))
    )


def trees(facts: tuple[FactSpec, ...] = FACTS) -> st.SearchStrategy[Node]:
    """Any tree that the codec accepts, empty `all` included."""
    return st.recursive(conditions(facts), _groups, max_leaves=10)


def _groups(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    some = st.lists(children, min_size=1, max_size=4).map(tuple)
    return st.one_of(st.builds(Group, st.sampled_from(GroupKind), some), st.just(Group(GroupKind.ALL, ())))


def _seen(spec: FactSpec) -> st.SearchStrategy[Any]:
    if spec.type is _T.SET:
        return st.frozensets(st.sampled_from(_choices(spec)))
    return st.one_of(scalars(spec), st.just("")) if spec.type in (_T.TEXT, _T.CODE) else scalars(spec)


def facts_of(facts: tuple[FactSpec, ...] = FACTS) -> st.SearchStrategy[dict[str, Any]]:
    """Facts by name, some None."""
    return st.fixed_dictionaries({spec.name: st.one_of(st.none(), _seen(spec)) for spec in facts})


class Spoilt:
    """A value that no operator can compare with anything."""

    def __repr__(self) -> str:
        return "Spoilt()"

    def __eq__(self, other: object) -> bool:
        raise TypeError("spoilt")

    __hash__ = None  # type: ignore[assignment]


def rough_facts() -> st.SearchStrategy[dict[str, Any]]:
    """Facts as life brings them: absent, None, unknown, of a type that no operator understands."""
    odd = st.one_of(st.none(), st.builds(lambda: UNKNOWN), st.builds(Spoilt))
    return st.fixed_dictionaries({}, optional={spec.name: st.one_of(_seen(spec), odd) for spec in FACTS})


def _params(spec: ActionSpec) -> st.SearchStrategy[Action]:
    required = {param.name: scalars(param) for param in spec.params if param.required}
    optional = {param.name: scalars(param) for param in spec.params if not param.required}
    return st.fixed_dictionaries(required, optional=optional).map(
        lambda params: Action(spec.name, tuple(sorted(params.items())))
    )


actions = st.sampled_from(ACTIONS).flatmap(_params)
_rules = st.builds(
    Rule,
    id=st.just(""),
    name=texts,
    when=trees(),
    actions=st.lists(actions, min_size=1, max_size=2).map(tuple),
    stop=st.booleans(),
    priority=st.integers(1, 3),
    active=st.lists(spans, max_size=1).map(tuple),
    excluded=st.lists(spans, max_size=1).map(tuple),
    enabled=st.sampled_from((True, True, True, False)),
)


def _numbered(rules: list[Rule]) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            f"r{at}",
            rule.name,
            rule.when,
            rule.actions,
            rule.stop,
            rule.priority,
            rule.active,
            rule.excluded,
            rule.enabled,
        )
        for at, rule in enumerate(rules)
    )


rule_sets = st.builds(
    RuleSet,
    st.just("review"),
    st.lists(_rules, max_size=5).map(_numbered),
    st.integers(0, 9),
    st.sampled_from(("", "shop 12")),
)
