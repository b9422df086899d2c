"""The left menu: entries the person may use, with the open work beside them."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import url_for

from oms.app.kernel.queries.work import OpenWork
from oms.console.messages import _l
from oms.console.security import Person


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the menu; `count` names a number of OpenWork, `late` says that it is red when not zero."""

    key: str
    label: object
    endpoint: str
    permission: str
    icon: str = ""
    count: str = ""
    late: bool = False
    tier: int | None = None
    inside: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as it is drawn."""

    key: str
    label: object
    href: str
    icon: str
    number: int
    late: bool
    inside: list[Shown] = field(default_factory=list)


def _tier(key: str, label: object, bit: int) -> Entry:
    return Entry(f"review.{bit}", label, "review.queue", "order.view", count=f"tier_{bit}", tier=bit)


MENU = (
    Entry("home", _l("工作台"), "home.home", "order.view", "home"),
    Entry(
        "review",
        _l("审核"),
        "review.queue",
        "order.view",
        "clipboard-check",
        "review",
        inside=(
            _tier("cs", _l("待客审"), 1),
            _tier("fin", _l("待财审"), 2),
            _tier("log", _l("待物流审"), 4),
            _tier("cour", _l("待快递审"), 8),
        ),
    ),
    Entry(
        "orders",
        _l("订单"),
        "orders.listing",
        "order.view",
        "list-check",
        inside=(
            Entry("enter", _l("新建订单"), "entering.form", "order.enter"),
            Entry("import", _l("批量导入"), "importing.listing", "order.import"),
            Entry("due", _l("时效"), "deadlines.listing", "order.view"),
            Entry("merging", _l("合单"), "merging.listing", "order.view"),
        ),
    ),
    Entry("packing", _l("打包"), "packing.listing", "packing.work", "package"),
    Entry(
        "stores",
        _l("门店"),
        "stores.today",
        "store.work",
        "building-store",
        inside=(
            Entry("store_today", _l("门店工作"), "stores.today", "store.work"),
            Entry("carry", _l("配送与退运"), "stores_notes.carry", "store.work"),
            Entry("unplaced", _l("待定门店"), "stores_desk.listing", "store.assign"),
        ),
    ),
    Entry("cod", _l("代收货款"), "remittances.listing", "cod.view", "cash"),
    Entry("partners", _l("代销分销"), "partners.listing", "partner.view", "users"),
    Entry("cases", _l("售后"), "cases.listing", "case.view", "receipt-refund", "cases"),
    Entry(
        "stock",
        _l("库存"),
        "stock_levels.listing",
        "stock.view",
        "database",
        inside=(
            Entry("stock_levels", _l("库存"), "stock_levels.listing", "stock.view"),
            Entry("stock_differences", _l("盘差"), "stock_differences.listing", "stock.view"),
            Entry("stock_counts", _l("盘点"), "stock_differences.counts", "stock.count"),
            Entry("stock_receipts", _l("采购入库"), "stock_papers.receipts_list", "stock.view"),
            Entry("stock_transfers", _l("调拨"), "stock_papers.transfers_list", "stock.view"),
            Entry("stock_adjustments", _l("调整"), "stock_papers.adjustments_list", "stock.view"),
            Entry("stock_points", _l("库存点"), "stock_points.listing", "stock.view"),
            Entry("stock_pools", _l("库存池"), "stock_points.pools", "stock.view"),
            Entry("quotas", _l("配额"), "quotas.listing", "stock.view"),
            Entry("promises", _l("预占"), "promises.listing", "stock.view"),
            Entry("replenishing", _l("补货建议"), "replenishing.listing", "stock.view"),
            Entry("stock_proofs", _l("核账"), "stock_differences.proofs", "stock.view"),
        ),
    ),
    Entry(
        "rules",
        _l("规则"),
        "rules.listing",
        "rule.view",
        "git-branch",
        "rule_troubles",
        True,
        inside=(
            Entry("sets", _l("规则集"), "rules.listing", "rule.view"),
            Entry("standing", _l("谁说了算"), "rule_standing.standing", "rule.view"),
            Entry("inheritance", _l("继承"), "rule_standing.inheritance", "rule.view"),
            Entry("copy", _l("复制规则"), "rule_copies.form", "rule.edit"),
            Entry("gifts", _l("赠品记录"), "gifts.listing", "rule.view"),
            Entry("troubles", _l("规则异常"), "rule_troubles.listing", "rule.view", count="rule_troubles", late=True),
            Entry("agreement", _l("一致率"), "trying.agreement", "rule.view"),
            Entry("coverage", _l("覆盖"), "trying.coverage", "rule.view"),
            Entry("variants", _l("试算"), "variants.listing", "sourcing.view"),
        ),
    ),
    Entry(
        "operations",
        _l("运行"),
        "sync.tiles",
        "operations.view",
        "activity",
        "trouble",
        True,
        inside=(
            Entry("sync", _l("同步"), "sync.tiles", "operations.view"),
            Entry("completeness", _l("完整性"), "completeness.listing", "operations.view"),
            Entry("parked", _l("待处理"), "parked.listing", "operations.view", count="unread", late=True),
            Entry("outbound", _l("待推送"), "outbound.listing", "operations.view", count="stuck", late=True),
            Entry(
                "interceptions",
                _l("截停"),
                "interceptions.listing",
                "operations.view",
                count="interceptions",
                late=True,
            ),
            Entry("stop", _l("紧急停发"), "stops.listing", "operations.view", count="stops", late=True),
            Entry("parcels", _l("跟踪异常"), "parcels.listing", "operations.view"),
            Entry("returns", _l("退件"), "coming_back.listing", "stock.view"),
        ),
    ),
    Entry(
        "settings",
        _l("设置"),
        "shops.listing",
        "shop.view",
        "settings",
        inside=(
            Entry("shops", _l("店铺"), "shops.listing", "shop.view"),
            Entry("listings", _l("货品匹配"), "listings.listing", "shop.view"),
            Entry("opening", _l("期初库存"), "opening.listing", "stock.open"),
            Entry("store_settings", _l("门店设置"), "stores_settings.overview", "store.edit"),
            Entry("detectors", _l("检测项"), "detectors.listing", "rule.view"),
            Entry("deadlines", _l("时效设置"), "deadlines.settings", "rule.view"),
            Entry("status_pages", _l("买家查询页"), "status_pages.settings", "shop.view"),
            Entry("merge_settings", _l("合单设置"), "merge_settings.page", "rule.view"),
            Entry("labels", _l("电子面单"), "label_settings.listing", "master.view"),
            Entry("masters", _l("基础资料"), "masters.first", "master.view"),
            Entry("sourcing", _l("寻源"), "sourcing.listing", "sourcing.view"),
            Entry("replanning", _l("重排"), "replanning.listing", "sourcing.view"),
            Entry("keys", _l("接口钥匙"), "keys.listing", "key.edit"),
            Entry("people", _l("人员"), "people.listing", "people.view"),
            Entry("review_settings", _l("审核设置"), "review_settings.overview", "review.edit"),
        ),
    ),
)


def menu_for(person: Person, work: OpenWork, entries: tuple[Entry, ...] = MENU) -> list[Shown]:
    """The entries this person may use."""
    return [
        Shown(
            entry.key,
            entry.label,
            url_for(entry.endpoint, tier=entry.tier),
            entry.icon,
            getattr(work, entry.count) if entry.count else 0,
            entry.late,
            menu_for(person, work, entry.inside),
        )
        for entry in entries
        if person.allows(entry.permission)
    ]
