"""Every permission with its words, and the built-in roles; the verbs of actions are permission names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

PERMISSIONS: Final = {
    "order.view": ("看订单", "View orders"),
    "order.unmask": ("看明文", "See receivers in plain text"),
    "order.enter": ("新建订单", "Enter orders"),
    "order.import": ("批量导入订单", "Import orders"),
    "order.cancel": ("取消订单", "Cancel orders"),
    "order.lift_hold": ("解除挂起", "Lift holds"),
    "order.pass_review": ("审核通过", "Pass review"),
    "order.send_back": ("驳回", "Send back"),
    "order.pass_any_amount": ("不限额通过", "Pass review of any amount"),
    "order.force_review": ("强制通过审核", "Pass review by force"),
    "order.assign_review": ("分派审核", "Assign reviews, also those of others"),
    "review.edit": ("改审核设置", "Edit tiers, limits and shifts of review"),
    "fulfilment.view": ("看发货单", "View fulfilments"),
    "fulfilment.merge": ("手工合单", "Merge by hand"),
    "fulfilment.split": ("手工拆单", "Split by hand"),
    "stock.view": ("看库存", "View stock"),
    "operations.view": ("看运行", "View operations"),
    "metrics.view": ("看指标", "Read metrics"),
    "sync.pull_now": ("立即拉取", "Pull now"),
    "sync.edit_schedule": ("改拉取计划", "Edit pull schedules"),
    "completeness.ask": ("核对完整性和补抓", "Check completeness and backfill"),
    "parked.retry": ("重试待处理报文", "Retry parked records"),
    "parked.discard": ("放弃待处理报文", "Discard parked records"),
    "outbound.retry": ("重推", "Send again"),
    "outbound.void": ("作废推送", "Void outbound"),
    "interception.acknowledge": ("确认截停结果", "Acknowledge interceptions"),
    "interception.call_back": ("让快递召回包裹", "Ask couriers to bring parcels back"),
    "label.change": ("改面单", "Change receiver or carrier on its way out"),
    "label.edit": ("改电子面单设置", "Edit where we take waybill numbers"),
    "packing.work": ("仓库拣货打包", "Pick, pack and ship at warehouses without a system"),
    "packing.receiver": ("打印装箱单", "Print packing slips with receivers"),
    "packing.swap": ("仓内换货", "Swap missing gifts and bundle parts"),
    "packing.edit": ("改仓库设置", "Edit settings and people of warehouses without a system"),
    "stop.place": ("紧急停发", "Place an emergency stop"),
    "stop.release": ("放行停发", "Release an emergency stop"),
    "store.work": ("门店干活：接单、收货、交付、退运", "Work at stores: tasks, arrivals, handing over, sending back"),
    "store.assign": ("定门店、改配送", "Choose stores for orders and change how they are delivered"),
    "store.lead": ("管门店：总览、交款、定差异", "Lead stores: the day, cash handed in, answers of differences"),
    "store.set_own": ("改自己门店的设置", "Edit the settings of one's own stores"),
    "store.edit": ("改门店设置", "Edit settings of stores and notices to buyers"),
    "cod.view": ("看代收货款", "View money that couriers collected"),
    "cod.book": ("记代收回款", "Book what couriers pay over"),
    "partner.view": ("看合作方和结算", "View partners and what was settled"),
    "partner.edit": ("改合作方、改结算金额", "Edit partners and settlement amounts"),
    "partner.state": ("给合作方出结算单", "Make statements for partners"),
    "case.view": ("看售后", "View cases"),
    "case.decide": ("处理售后", "Decide cases"),
    "case.refund": ("退款给买家", "Pay buyers back"),
    "feed.view": ("读变更流", "Read the change feed"),
    "order.push": ("推送订单和售后", "Push orders and cases"),
    "sale.push": ("推送门店销售", "Push store sales"),
    "stock.push": ("推送盘点库存", "Push stock counts"),
    "webhook.edit": ("改推送地址", "Edit webhooks"),
    "key.edit": ("发接口钥匙、收回钥匙", "Make and revoke API keys"),
    "shop.view": ("看店铺", "View shops"),
    "shop.edit": ("接入店铺、改店铺", "Connect and edit shops"),
    "stock.open": ("记期初库存", "Open stock"),
    "stock.count": ("盘点、处理盘差", "Count stock and settle differences"),
    "stock.move": ("采购入库、调拨、调整库存", "Receive, transfer and adjust stock"),
    "stock.edit": ("改库存点和库存池", "Edit stock points and pools"),
    "stock.promise": ("改配额、超卖策略和预售库存", "Edit quotas, oversell policy and presale stock"),
    "stock.replenish": ("处理补货建议", "Decide proposals of what to buy"),
    "stock.reserve": ("限时预占库存", "Keep stock for a time"),
    "listing.match": ("匹配货品", "Match listings to SKUs"),
    "account.edit": ("改店铺账号", "Edit accounts"),
    "rule.view": ("看规则", "View rules"),
    "rule.edit": ("写规则草稿", "Write drafts of rules"),
    "rule.activate": ("启用、回退、停用规则", "Put rules in force, roll back, retire"),
    "sourcing.view": ("看寻源、重排和试算", "View sourcing, replanning and what if"),
    "sourcing.try": ("试算寻源", "Try routing over orders without changing it"),
    "sourcing.edit": ("改寻源、重排、运费和运输时长", "Edit sourcing, replanning, tariffs and transit hours"),
    "people.view": ("看人员", "View people"),
    "master.view": ("看基础资料", "View master rows"),
    "master.edit": ("改基础资料", "Edit master rows"),
}

#: Permission → the one that allowed the same before it was split off: whoever was given that keeps what they could do.
SPLIT_OFF: Final = {
    "sourcing.view": "rule.view",
    "sourcing.try": "rule.edit",
    "sourcing.edit": "rule.activate",
    "store.lead": "store.work",
}


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    """A role the program brings along; its permissions follow the program, not the database."""

    name: str
    label_zh: str
    label_en: str
    permissions: frozenset[str]


def _role(name: str, zh: str, en: str, permissions: Iterable[str]) -> BuiltInRole:
    return BuiltInRole(name, zh, en, frozenset(permissions))


_LOOK = ("order.view", "fulfilment.view", "stock.view", "shop.view", "case.view")
_REVIEW = ("order.pass_review", "order.send_back", "order.lift_hold", "rule.view", "sourcing.view")
_LEAD = ("order.pass_any_amount", "order.force_review", "order.assign_review", "review.edit")
_ROUTING = ("sourcing.view", "sourcing.try", "sourcing.edit")
_RUN = (
    "operations.view",
    "sync.pull_now",
    "sync.edit_schedule",
    "completeness.ask",
    "parked.retry",
    "parked.discard",
    "outbound.retry",
    "outbound.void",
    "interception.acknowledge",
    "stop.place",
    "stop.release",
    "listing.match",
    "store.work",
    "store.lead",
    "store.set_own",
    "store.assign",
    "store.edit",
    "stock.open",
    "stock.count",
    "stock.move",
    "stock.edit",
    "stock.promise",
    "stock.replenish",
    "rule.edit",
    "rule.activate",
    *_ROUTING,
    "master.view",
    "master.edit",
)
_BRING = ("order.enter", "order.import")
_JOIN = ("fulfilment.merge", "fulfilment.split")
_PACK = ("packing.work", "packing.receiver", "packing.swap")
_PARTNER = ("order.push", "sale.push", "stock.push", "stock.reserve", "webhook.edit", "feed.view")

BUILT_IN_ROLES: Final = {
    role.name: role
    for role in (
        _role("admin", "管理员", "Administrator", PERMISSIONS),
        _role(
            "ops_lead",
            "运营主管",
            "Operations lead",
            (
                *_LOOK,
                *_REVIEW,
                *_LEAD,
                *_RUN,
                *_BRING,
                *_JOIN,
                "order.cancel",
                "order.unmask",
                "case.decide",
                "case.refund",
                "cod.view",
                "cod.book",
                "partner.view",
                "partner.edit",
                "interception.call_back",
                *_PACK,
                "packing.edit",
                "label.change",
                "label.edit",
            ),
        ),
        _role(
            "customer_service",
            "客服",
            "Customer service",
            (
                *_LOOK,
                *_REVIEW,
                *_BRING,
                *_JOIN,
                "order.cancel",
                "order.unmask",
                "case.decide",
                "operations.view",
                "interception.acknowledge",
                "interception.call_back",
                "label.change",
            ),
        ),
        _role(
            "finance",
            "财务",
            "Finance",
            (
                *_LOOK,
                *_REVIEW,
                "case.refund",
                "master.view",
                "cod.view",
                "cod.book",
                "partner.view",
                "partner.edit",
                "partner.state",
            ),
        ),
        _role(
            "logistics",
            "物流",
            "Logistics",
            (
                *_LOOK,
                *_REVIEW,
                "store.assign",
                "operations.view",
                "outbound.retry",
                "interception.acknowledge",
                "stop.place",
                "master.view",
                *_ROUTING,
                *_JOIN,
            ),
        ),
        _role("courier_desk", "快递", "Courier desk", (*_LOOK, *_REVIEW, "order.unmask", "operations.view")),
        _role("store_lead", "店长", "Store lead", ("store.work", "store.lead", "store.set_own")),
        _role("store_clerk", "店员", "Store clerk", ("store.work",)),
        _role("warehouse", "仓库", "Warehouse", ("order.view", "fulfilment.view", "stock.view", "store.work", *_PACK)),
        _role("viewer", "只看", "Viewer", (*_LOOK, "rule.view", "sourcing.view")),
        _role("partner", "接口对接方", "Interface partner", (*_LOOK, *_PARTNER)),
        _role("developer", "开发", "Developer", (*_LOOK, "operations.view", "metrics.view", "feed.view")),
    )
}


def permissions_of(role: str, stored: Iterable[str]) -> frozenset[str]:
    """What a role may do: a built-in one what this program says, any other what is stored."""
    built_in = BUILT_IN_ROLES.get(role)
    return built_in.permissions if built_in else frozenset(stored) & PERMISSIONS.keys()
