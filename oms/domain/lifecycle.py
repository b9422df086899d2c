"""Every status of every document and the only ways it may change: rows of transition tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from oms.domain.errors import WrongState


@dataclass(frozen=True)
class Transition:
    """From any of `sources` to `target` by `action`; an action is a verb, a permission and an event."""

    action: str
    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True)
class Machine:
    """A document's states (first is where it starts, `terms` are the Chinese words) and transitions."""

    name: str
    terms: dict[str, str]
    transitions: tuple[Transition, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """All states, the initial one first."""
        return tuple(self.terms)

    @cached_property
    def _targets(self) -> dict[tuple[str, str], str]:
        return {(source, t.action): t.target for t in self.transitions for source in t.sources}

    def target(self, state: str, action: str) -> str:
        """Where an action leads from a state; WrongState when the table has no such row."""
        found = self._targets.get((state, action))
        if found is None:
            raise WrongState(self.name, state, action)
        return found

    def allows(self, state: str, action: str) -> bool:
        """Whether the table has a row for this action in this state."""
        return (state, action) in self._targets

    def path(self, state: str, wanted: str) -> tuple[str, ...]:
        """The fewest actions that lead from a state to another, empty when there are none."""
        paths: dict[str, tuple[str, ...]] = {state: ()}
        queue = [state]
        for here in queue:
            for action in self.actions(here):
                there = self._targets[here, action]
                if there not in paths:
                    paths[there] = (*paths[here], action)
                    queue.append(there)
        return paths.get(wanted, ())

    def actions(self, state: str) -> tuple[str, ...]:
        """What may be done in a state."""
        return tuple(t.action for t in self.transitions if state in t.sources)


def _t(action: str, sources: str, target: str) -> Transition:
    return Transition(action, tuple(sources.split()), target)


ORDER = Machine(
    "order",
    {"unpaid": "待付款", "open": "进行中", "completed": "已完成", "cancelled": "已取消"},
    (
        _t("pay", "unpaid", "open"),
        _t("complete", "open", "completed"),
        _t("cancel", "unpaid open", "cancelled"),
        _t("reopen", "cancelled completed", "open"),
    ),
)

REVIEW = Machine(
    "review",
    {"none": "未审核", "waiting": "待审核", "passed": "已通过", "sent_back": "已驳回"},
    (
        _t("ask_review", "none waiting sent_back", "waiting"),
        _t("pass_review", "none waiting", "passed"),
        _t("force_review", "none waiting sent_back", "passed"),
        _t("send_back", "waiting passed", "sent_back"),
        _t("revoke_review", "passed", "waiting"),
        _t("reset_review", "waiting passed sent_back", "none"),
    ),
)

FULFILMENT = Machine(
    "fulfilment",
    {
        "planned": "待下发",
        "sending": "下发中",
        "sent": "已下发",
        "accepted": "仓库已接单",
        "part_shipped": "部分发货",
        "shipped": "已发货",
        "on_hold": "挂起",
        "stopping": "截停中",
        "cancelled": "已取消",
        "merged": "已合入",
        "refused": "仓库拒单",
        "closed_short": "短发关闭",
    },
    (
        _t("dispatch", "planned", "sending"),
        _t("hold_fulfilment", "planned", "on_hold"),
        _t("resume_fulfilment", "on_hold", "planned"),
        _t("merge_into", "planned on_hold", "merged"),
        _t("come_apart", "merged", "planned"),
        _t("cancel_fulfilment", "planned on_hold sending stopping refused sent accepted", "cancelled"),
        _t("withdraw", "sending", "planned"),
        _t("warehouse_received", "sending", "sent"),
        _t("warehouse_accepted", "sending sent", "accepted"),
        _t("warehouse_refused", "sending sent accepted", "refused"),
        _t("ask_stop", "sending sent accepted part_shipped", "stopping"),
        _t("resume_sent", "stopping", "sent"),
        _t("resume_accepted", "stopping", "accepted"),
        _t("resume_part_shipped", "stopping", "part_shipped"),
        _t("renew", "stopping", "planned"),
        _t("ship_part", "sending sent accepted stopping part_shipped", "part_shipped"),
        _t("ship", "sending sent accepted stopping part_shipped closed_short", "shipped"),
        _t("close_short", "sending sent accepted stopping part_shipped", "closed_short"),
    ),
)

#: Stopping is its own field beside the push state (a stopped one may still turn out to have shipped).
STOP = Machine(
    "stop",
    {"none": "未截停", "asked": "截停中", "stopped": "已截停", "too_late": "截停失败"},
    (
        _t("ask", "none too_late", "asked"),
        _t("stopped", "none asked", "stopped"),
        _t("too_late", "asked", "too_late"),
        _t("withdraw", "asked", "none"),
        _t("renew", "stopped", "none"),
    ),
)

INTERCEPTION = Machine(
    "interception",
    {
        "asked": "已发起",
        "received": "对方已收到",
        "succeeded": "已拦下",
        "failed": "未拦下",
        "expired": "超时未答",
        "withdrawn": "已撤回",
    },
    (
        _t("receive", "asked", "received"),
        _t("succeed", "asked received expired", "succeeded"),
        _t("fail", "asked received expired", "failed"),
        _t("expire", "asked received", "expired"),
        _t("withdraw", "asked received expired", "withdrawn"),
    ),
)

PARCEL = Machine(
    "parcel",
    {
        "created": "已打单",
        "handed_over": "已交接",
        "on_the_way": "运输中",
        "at_store": "到店",
        "ready": "待自提",
        "out_for_delivery": "派送中",
        "delivered": "已签收",
        "trouble": "未妥投",
        "refused": "拒收",
        "returning": "退回中",
        "returned": "已退回",
        "lost": "丢失",
    },
    (
        _t("hand_over", "created", "handed_over"),
        _t("move", "created handed_over trouble out_for_delivery ready on_the_way", "on_the_way"),
        _t("arrive_at_store", "handed_over on_the_way trouble lost", "at_store"),
        _t("make_ready", "at_store on_the_way handed_over out_for_delivery trouble", "ready"),
        _t("go_out", "created handed_over on_the_way ready trouble refused", "out_for_delivery"),
        _t(
            "deliver",
            "created handed_over on_the_way at_store ready out_for_delivery trouble refused returning lost",
            "delivered",
        ),
        _t("report_trouble", "created handed_over on_the_way ready out_for_delivery", "trouble"),
        _t("refuse", "created handed_over on_the_way ready out_for_delivery trouble", "refused"),
        _t(
            "send_back",
            "created handed_over on_the_way at_store ready out_for_delivery delivered trouble refused",
            "returning",
        ),
        _t(
            "return",
            "handed_over on_the_way ready out_for_delivery delivered trouble refused returning",
            "returned",
        ),
        _t("lose", "created handed_over on_the_way ready out_for_delivery trouble refused returning", "lost"),
    ),
)

OUTBOUND = Machine(
    "outbound",
    {
        "waiting": "待推送",
        "sending": "推送中",
        "unknown": "结果未知",
        "done": "已送达",
        "refused": "被拒绝",
        "stuck": "卡住",
        "void": "已作废",
    },
    (
        _t("claim", "waiting unknown", "sending"),
        _t("succeed", "sending unknown", "done"),
        _t("back_off", "sending unknown", "waiting"),
        _t("lose_answer", "sending", "unknown"),
        _t("refuse", "sending unknown", "refused"),
        _t("give_up", "sending unknown waiting", "stuck"),
        _t("retry", "refused stuck unknown", "waiting"),
        _t("void", "waiting refused stuck unknown sending", "void"),
    ),
)

CASE_REVIEW = Machine(
    "case review",
    {"waiting": "待审核", "agreed": "已同意", "refused": "已拒绝"},
    (
        _t("agree", "waiting refused", "agreed"),
        _t("refuse", "waiting", "refused"),
        _t("apply_again", "refused", "waiting"),
    ),
)
CASE_GOODS = Machine(
    "case goods",
    {
        "none": "不退货",
        "awaiting_buyer": "待买家退货",
        "on_the_way": "退货在途",
        "arrived": "已到仓",
        "inspected": "已验货",
        "sent_back": "已退回买家",
    },
    (
        _t("expect", "none", "awaiting_buyer"),
        _t("send", "awaiting_buyer", "on_the_way"),
        _t("arrive", "awaiting_buyer on_the_way", "arrived"),
        _t("inspect", "arrived", "inspected"),
        _t("send_back", "arrived inspected", "sent_back"),
        _t("waive", "awaiting_buyer", "none"),
    ),
)
CASE_MONEY = Machine(
    "case money",
    {"none": "不退款", "due": "待退款", "submitted": "退款中", "paid": "已退款", "failed": "退款失败"},
    (
        _t("owe", "none", "due"),
        _t("submit", "due failed", "submitted"),
        _t("pay", "due submitted", "paid"),
        _t("fail", "submitted", "failed"),
        _t("waive", "due failed", "none"),
    ),
)
CASE_REMEDY = Machine(
    "case remedy",
    {"none": "无", "to_ship": "待发出", "shipped": "已发出"},
    (_t("plan", "none", "to_ship"), _t("ship", "to_ship", "shipped"), _t("drop", "to_ship", "none")),
)
CASE_OUTCOME = Machine(
    "case outcome",
    {"open": "处理中", "succeeded": "成功", "closed": "关闭", "withdrawn": "已撤销"},
    (
        _t("succeed", "open", "succeeded"),
        _t("close", "open", "closed"),
        _t("withdraw", "open", "withdrawn"),
        _t("reopen", "closed withdrawn", "open"),
    ),
)
RETURN_RECEIPT = Machine(
    "return receipt",
    {
        "expected": "待到货",
        "announced": "已通知仓库",
        "arrived": "已到货",
        "inspected": "已验货",
        "put_away": "已入库",
        "lost": "丢失",
        "withdrawn": "不退了",
    },
    (
        _t("announce", "expected", "announced"),
        _t("arrive", "expected announced", "arrived"),
        _t("inspect", "arrived", "inspected"),
        _t("put_away", "inspected arrived", "put_away"),
        _t("lose", "expected announced", "lost"),
        _t("withdraw", "expected announced", "withdrawn"),
        _t("reopen", "withdrawn", "expected"),
    ),
)
TRANSFER = Machine(
    "transfer",
    {"open": "待发出", "sent": "在途", "received": "已收货", "closed": "已关闭"},
    (_t("send", "open", "sent"), _t("receive", "sent", "received"), _t("close", "received open", "closed")),
)

MACHINES = (
    ORDER,
    REVIEW,
    FULFILMENT,
    STOP,
    INTERCEPTION,
    PARCEL,
    OUTBOUND,
    CASE_REVIEW,
    CASE_GOODS,
    CASE_MONEY,
    CASE_REMEDY,
    CASE_OUTCOME,
    RETURN_RECEIPT,
    TRANSFER,
)
