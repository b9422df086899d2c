"""How events read on a timeline: who, what, and one line of detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oms.app.kernel.queries.names import people_names
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.queries.reviewers import names_of_actors
from oms.console import refusals
from oms.console.context import connection
from oms.console.messages import _, _l
from oms.console.rendering import amount, word
from oms.console.telling import words
from oms.console.telling.gifts import REASON
from oms.console.telling.labels import told_of_label
from oms.console.telling.rule_holds import told_by_rules
from oms.console.telling.words import STOP_REASONS
from oms.domain.holds import KINDS as HOLDS
from oms.domain.review import BY_CODE

#: What happened, by the event's kind, and the tone of its dot. A kind that is not here shows its code.
KINDS: Final = {
    "captured": (_l("归集"), ""),
    "imported": (_l("从文件导入"), ""),
    "entered": (_l("手工录入"), ""),
    "changed": (_l("平台有变更"), ""),
    "history": (_l("作为历史订单存入"), ""),
    "pay": (_l("买家付款"), "ok"),
    "paid": (_l("买家付款"), "ok"),
    "complete": (_l("订单完成"), "ok"),
    "cancel": (_l("订单取消"), "late"),
    "reopen": (_l("订单恢复"), ""),
    "matched": (_l("货品已匹配"), ""),
    "preprocessed": (_l("预处理完成"), ""),
    "reserved": (_l("已预占"), ""),
    "routed": (_l("已选仓"), ""),
    "planned": (_l("选仓，建发货单"), ""),
    "replanned": (_l("重排，换了仓"), ""),
    "gift_given": (_l("送赠品"), "ok"),
    "gift_dropped": (_l("撤回赠品"), "warn"),
    "gift_out": (_l("赠品没送上"), "warn"),
    "discounted": (_l("规则改价"), ""),
    "short": (_l("仓库少发"), "warn"),
    "alert": (_l("提醒"), "warn"),
    "carrier_alert": (_l("快递提醒"), "warn"),
    "rule_unhealthy": (_l("规则读不到条件，转人工"), "warn"),
    "goods_changed": (_l("买家改了商品"), "warn"),
    "memo_changed": (_l("备注变更"), ""),
    "invoice_changed": (_l("发票要求变更"), ""),
    "interception_asked": (_l("发起截停"), "warn"),
    "interception_received": (_l("对方收到截停"), "warn"),
    "interception_succeeded": (_l("截停成功"), "ok"),
    "interception_failed": (_l("没拦下，货已发出"), "late"),
    "interception_withdrawn": (_l("截停撤回"), ""),
    "interception_expired": (_l("截停超时未答"), "late"),
    "ask_review": (_l("转人工审核"), ""),
    "pass_review": (_l("审核通过"), "ok"),
    "force_review": (_l("强制通过审核"), "warn"),
    "tier_passed": (_l("一级审核通过"), "ok"),
    "tier_forced": (_l("强制通过一级审核"), "warn"),
    "claim_review": (_l("领取审核"), ""),
    "hand_over_review": (_l("转交审核"), ""),
    "give_back_review": (_l("放回审核"), ""),
    "send_back": (_l("驳回"), "warn"),
    "revoke_review": (_l("反审核"), "warn"),
    "reset_review": (_l("审核作废，重新判断"), ""),
    "hold_placed": (_l("挂起"), "warn"),
    "hold_cleared": (_l("解除挂起"), "ok"),
    "held_again": (_l("撤回解除，重新挂起"), "warn"),
    "sent_elsewhere": (_l("别处已发，发其余"), "ok"),
    "merged": (_l("合单"), ""),
    "merge_into": (_l("合入另一张发货单"), ""),
    "merged_by_hand": (_l("手工合单"), ""),
    "merge_undone": (_l("撤回合单"), "warn"),
    "undo_asked": (_l("撤回中，先取消面单号"), "warn"),
    "undo_refused": (_l("没撤回成"), "late"),
    "merge_ended": (_l("合单不再等"), ""),
    "split_by_hand": (_l("手工拆单"), ""),
    "split_undone": (_l("撤回拆单"), "warn"),
    "come_apart": (_l("从合单里分出来"), ""),
    "merging_changed": (_l("改了合单设置"), "warn"),
    "dispatch": (_l("下发"), ""),
    "hold_fulfilment": (_l("发货单挂起"), "warn"),
    "resume_fulfilment": (_l("发货单恢复"), ""),
    "cancel_fulfilment": (_l("发货单取消"), "late"),
    "withdraw": (_l("撤回下发"), "warn"),
    "warehouse_received": (_l("仓库已收到"), ""),
    "warehouse_accepted": (_l("仓库已接单"), ""),
    "warehouse_refused": (_l("仓库拒单"), "late"),
    "ask_stop": (_l("要求截停"), "warn"),
    "resume_sent": (_l("截停撤回"), ""),
    "resume_accepted": (_l("截停撤回"), ""),
    "resume_part_shipped": (_l("截停撤回"), ""),
    "stopped": (_l("已截停"), "ok"),
    "too_late": (_l("截停失败，货已发出"), "late"),
    "ship_part": (_l("部分发货"), "ok"),
    "ship": (_l("已发货"), "ok"),
    "close_short": (_l("短发关闭"), "warn"),
    "shortage": (_l("仓库报缺货"), "warn"),
    "part_swapped": (_l("仓库换了货"), "warn"),
    "warehouse_exception": (_l("仓库报异常"), "late"),
    "packing_changed": (_l("改了仓库设置"), "warn"),
    "call_back_asked": (_l("让快递召回"), "warn"),
    "cod_remitted": (_l("代收货款已回款"), "ok"),
    "return_expected": (_l("等退件回仓"), "warn"),
    "unplanned_units": (_l("仓库多发了没下发的货"), "late"),
    "ship_time_odd": (_l("仓库报的发货时间不可信"), "warn"),
    "shipped_after_cancel": (_l("取消后仍发出"), "late"),
    "carrier_left_out": (_l("承运商到不了，没选它"), "warn"),
    "waybill_got": (_l("取到面单号"), ""),
    "package_refused": (_l("加的包裹没取到面单号"), "late"),
    "label_asked": (_l("要求改面单"), "warn"),
    "label_told": (_l("承运商已改面单，等仓库换上"), "warn"),
    "label_confirmed": (_l("面单已改，对方已确认"), "ok"),
    "label_refused": (_l("改面单没成，仍按原来的发"), "late"),
    "label_called_back": (_l("改面单没成，改成让仓库退回再发"), "late"),
    "receiver_changed": (_l("改了收件人"), "warn"),
    "renew": (_l("仓库已退回，换新版本重新下发"), ""),
    "parcel_left": (_l("包裹已交快递"), "ok"),
    "parcel_created": (_l("包裹已打单"), ""),
    "parcel_handed_over": (_l("包裹已交接"), ""),
    "parcel_on_the_way": (_l("包裹运输中"), ""),
    "parcel_at_store": (_l("包裹到店"), ""),
    "parcel_ready": (_l("包裹待自提"), ""),
    "parcel_out_for_delivery": (_l("包裹派送中"), ""),
    "parcel_delivered": (_l("签收"), "ok"),
    "parcel_trouble": (_l("未妥投"), "late"),
    "return_arrived": (_l("退件到仓"), ""),
    "return_withdrawn": (_l("退件不退了"), ""),
    "return_put_away": (_l("退件入库"), ""),
    "return_lost": (_l("退件丢失"), "late"),
    "parcel_refused": (_l("拒收"), "late"),
    "parcel_returning": (_l("包裹退回中"), "warn"),
    "parcel_returned": (_l("包裹已退回"), "warn"),
    "parcel_lost": (_l("包裹丢失"), "late"),
    "parcel_overdue": (_l("逾期未取"), "warn"),
    "parcel_bring_late": (_l("门店没按时送"), "late"),
    "put_on_note": (_l("列入配送单"), ""),
    "put_on_transfer": (_l("列入退运单"), "warn"),
    "arrived_missing": (_l("到店缺件"), "late"),
    "arrived_damaged": (_l("到店破损"), "late"),
    "store_chosen": (_l("定了门店"), "ok"),
    "delivery_changed": (_l("改配送"), "warn"),
    "store_paid": (_l("门店收款"), "ok"),
    "ready_promised": (_l("门店答应了备好的时间"), ""),
    "task_late": (_l("门店没按时备好"), "late"),
    "goods_brought_back": (_l("买家把货退到门店"), "case"),
    "returned_goods_sent": (_l("退货随退运单发出"), ""),
    "returned_goods_arrived": (_l("退货到仓"), ""),
    "goods_given_back": (_l("退货还给买家"), "warn"),
    "store_paid_back": (_l("门店柜台退款"), "ok"),
    "case_paid_by_hand": (_l("另外转账退款"), "ok"),
    "case_paid_on_platform": (_l("平台退完了"), "ok"),
    "code_renewed": (_l("重发取货码"), ""),
    "task_picked": (_l("门店拣好了"), ""),
    "notice_sent": (_l("已通知"), ""),
    "notice_failed": (_l("通知没发出去"), "warn"),
    "written_back": (_l("回传平台成功"), "ok"),
    "write_back_failed": (_l("回传平台没成"), "late"),
    "refund_asked": (_l("买家申请退款"), "case"),
    "refund_none": (_l("退款已取消"), ""),
    "refund_agreed": (_l("同意退款，等买家退货"), "case"),
    "refund_returned": (_l("买家已退货"), "case"),
    "refund_refused": (_l("退款被拒绝"), "case"),
    "refund_succeeded": (_l("已退款"), "case"),
    "refund_closed": (_l("买家撤销退款"), ""),
    "case_agree": (_l("同意售后"), "case"),
    "case_refuse": (_l("拒绝售后"), "case"),
    "case_goods_received": (_l("确认收到退货"), "case"),
    "case_refund": (_l("退款给买家"), "case"),
    "case_ship_exchange": (_l("换货已寄出"), "case"),
    "case_told": (_l("平台收到售后决定"), "ok"),
    "case_decision_refused": (_l("售后决定没生效"), "late"),
    "address_changed": (_l("买家改了地址"), "warn"),
    "receiver_unmasked": (_l("看明文"), ""),
    "sold_in_store": (_l("门店售出"), "ok"),
    "stop_placed": (_l("紧急停发"), "late"),
    "stop_ended": (_l("停发结束"), "ok"),
    "shop_changed": (_l("改了店铺"), ""),
    "account_changed": (_l("改了账号"), ""),
    "webhook_made": (_l("加了推送地址"), ""),
    "webhook_changed": (_l("改了推送地址"), ""),
    "webhook_removed": (_l("删了推送地址"), "warn"),
    "secret_rotated": (_l("换了推送密钥"), "warn"),
    "set_priority": (_l("设了优先级"), ""),
    "set_is_sealed": (_l("设为不拆不合"), ""),
    "set_ship_by": (_l("改了最晚发货"), ""),
    "set_owner": (_l("改了归属"), ""),
    "set_fulfiller": (_l("改了发货方"), "warn"),
    "partner_set": (_l("定了合作方"), ""),
    "lines_left": (_l("留给合作方发"), ""),
    "settlement_changed": (_l("结算金额变了"), "warn"),
    "partner_changed": (_l("改了合作方"), "warn"),
    "partner_stated": (_l("出了结算单"), ""),
    "review_changed": (_l("改了审核级"), "warn"),
    "limits_changed": (_l("改了审核限额"), "warn"),
    "shift_added": (_l("加了班次"), ""),
    "shift_removed": (_l("删了班次"), ""),
    "team_made": (_l("建了组"), ""),
    "labels_changed": (_l("改了电子面单设置"), ""),
    "masters_changed": (_l("改了基础资料"), ""),
    "point_changed": (_l("改了库存点"), "warn"),
    "pool_changed": (_l("改了库存池"), "warn"),
    "safety_changed": (_l("改了安全库存"), "warn"),
    "coverage_imported": (_l("导入了覆盖范围"), "warn"),
    "oversold_held": (_l("超卖挂单"), "warn"),
    "oversold_undone": (_l("撤销超卖挂单"), ""),
    "detector_changed": (_l("改了检测项"), "warn"),
    "replanning_changed": (_l("改了重排设置"), "warn"),
    "sourcing_changed": (_l("改了寻源设置"), "warn"),
    "plan_asked": (_l("要马上算寻源计划"), ""),
    "status_page_changed": (_l("改了买家查询页"), "warn"),
    "deadlines_changed": (_l("改了时效设置"), "warn"),
    "deadline_pause_added": (_l("加了停表"), "warn"),
    "deadline_pause_removed": (_l("去掉了停表"), "warn"),
    "key_made": (_l("发了接口钥匙"), "warn"),
    "key_revoked": (_l("收回接口钥匙"), "warn"),
    "shop_stores_changed": (_l("改了店铺的门店设置"), "warn"),
    "store_profile_changed": (_l("改了门店资料"), ""),
    "buyer_notice_changed": (_l("改了通知模板"), "warn"),
}
#: Facts of an event that are worth a line, with how each reads.
FACTS: Final = {
    "gives": _l("赠品"),
    "gift": _l("原因"),
    "reason": _l("原因"),
    "words": _l("对方说"),
    "tier": _l("级别"),
    "to": _l("转给"),
    "was_at": _l("原来从"),
    "goes_from": _l("改从"),
    "saved_parcels": _l("少发包裹"),
    "exchanged_with": _l("和这些单换库存"),
    "skipped": _l("店铺设为跳过"),
    "manual": _l("店铺设为必看"),
    "in_order": _l("依次"),
    "rule": _l("规则"),
    "state": _l("状态"),
    "case": _l("售后单"),
    "waybill": _l("运单号"),
    "waybill_no": _l("运单号"),
    "field": _l("变更"),
    "way": _l("做法"),
    "import": _l("导入批次"),
    "partner": _l("合作方"),
    "amount": _l("金额"),
    "was_amount": _l("原来"),
    "units": _l("件数"),
    "lines": _l("明细"),
    "value": _l("改为"),
    "orders": _l("单数"),
    "parcels": _l("包裹数"),
    "leaves_on": _l("预计出库"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words."""

    at: datetime
    who: str
    what: str
    detail: str
    tone: str


def tell_events(rows: Sequence[AnyRow]) -> list[Told]:
    """Events in words, with people's names."""
    people = _names([row.actor for row in rows])
    keys = names_of_actors(connection(), [row.actor for row in rows if row.actor.startswith("api:")])
    return [_tell(row, people, keys) for row in rows]


def people_of(actors: Sequence[str]) -> dict[str, str]:
    """Who these actors are, as far as they are people."""
    names = _names(actors)
    ids = {actor: _user_id(actor) for actor in actors}
    return {actor: names.get(id_, _("离职的同事")) for actor, id_ in ids.items() if id_ is not None}


def _names(actors: Sequence[str]) -> dict[int, str]:
    ids = {_user_id(actor) for actor in actors}
    return people_names(connection(), [id_ for id_ in ids if id_ is not None])


def _tell(row: AnyRow, people: dict[int, str], keys: dict[str, str]) -> Told:
    what, tone = KINDS.get(row.kind, (row.kind, ""))
    user_id = _user_id(row.actor)
    who = people.get(user_id, _("离职的同事")) if user_id is not None else _other(row.actor, keys)
    return Told(row.at, who, str(what), _detail(row.kind, row.detail or {}), tone or ("person" if user_id else ""))


def _user_id(actor: str) -> int | None:
    kind, _colon, number = actor.partition(":")
    return int(number) if kind == "user" and number.isdecimal() else None


def _other(actor: str, keys: dict[str, str]) -> str:
    kind, _colon, name = actor.partition(":")
    name = keys.get(actor, name)
    known = {
        "system": "",
        "rule": _("规则 %(name)s", name=name),
        "platform": _("平台"),
        "warehouse": _("仓库"),
        "carrier": _("快递"),
        "buyer": _("买家"),
        "api": _("接口 %(name)s", name=name),
    }
    return known.get(kind, actor)


def _detail(kind: str, facts: dict[str, Any]) -> str:
    parts = []
    facts = told_of_label(kind, told_by_rules(facts))
    if kind in ("hold_placed", "hold_cleared", "held_again") and "kind" in facts:
        parts.append(words.hold(str(facts["kind"]), 1).word)
    for name, told in FACTS.items():
        if name in facts and facts[name] not in (None, "", [], {}):
            parts.append(f"{told} {_value(name, facts[name])}")
    return _("，").join(parts)


def _value(name: str, value: Any) -> str:
    if name in ("amount", "was_amount") and isinstance(value, int):
        return amount(value, sign=True)
    if name == "gift":
        return str(REASON.get(str(value), value))
    if name == "tier" and str(value) in BY_CODE:
        return word(BY_CODE[str(value)])
    if name in ("skipped", "manual", "in_order") and isinstance(value, list):
        return _("、").join(word(BY_CODE[code]) for code in value if code in BY_CODE)
    if isinstance(value, list):
        return _("、").join(_line(part) if isinstance(part, dict) else str(part) for part in value)
    if name == "reason" and (value in STOP_REASONS or value in HOLDS):
        return words.hold(value, 1).word
    return refusals.told(str(value)) if name in ("reason", "words") else str(value)


def _line(line: dict[str, Any]) -> str:
    """A line of goods: its SKU and how many."""
    units = next((line[name] for name in ("short", "units") if name in line), "")
    return f"{line.get('sku', '')} ×{units}" if units != "" else str(line.get("sku", ""))
