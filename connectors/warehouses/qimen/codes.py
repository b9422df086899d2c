"""Qimen's code tables, both ways, and the words by which partners say the same thing."""

from __future__ import annotations

from connectors.contract.notices import WarehouseState as State

#: Kind of a fulfilment → orderType.
ORDER_TYPES = {
    "sale": "JYCK",  # 一般交易出库单
    "exchange": "HHCK",  # 换货出库单
    "reship": "BFCK",  # 补发出库单
    "other": "QTCK",  # 其他出库单
    "return": "THRK",  # 退货入库
    "exchange_return": "HHRK",  # 换货入库
}

#: Status of an outbound document in confirm and query.
STATUSES = {
    "NEW": State.ACCEPTED,  # 未开始处理
    "ACCEPT": State.ACCEPTED,  # 仓库接单
    "PARTDELIVERED": State.PART_SHIPPED,  # 部分发货完成
    "DELIVERED": State.SHIPPED,  # 发货完成
    "EXCEPTION": State.FAILED,  # 异常
    "CANCELED": State.CANCELLED,  # 取消
    "CLOSED": State.CANCELLED,  # 关闭
    "REJECT": State.REFUSED,  # 拒单
    "CANCELEDFAIL": State.WORKING,  # 取消失败: the warehouse works on
}

#: Steps of orderprocess.report; what happens after hand-over is the parcel's matter, so it stays shipped.
STEPS = STATUSES | {
    "PRINT": State.WORKING,  # 打印
    "PICK": State.WORKING,  # 捡货
    "CHECK": State.WORKING,  # 复核
    "PACKAGE": State.WORKING,  # 打包
    "WEIGH": State.WORKING,  # 称重
    "READY": State.WORKING,  # 待提货
    "SIGN": State.SHIPPED,  # 签收
    "REFUSE": State.SHIPPED,  # 买家拒签
    "TMSCANCELED": State.SHIPPED,  # 快递拦截
    "TMSCANCELFAILED": State.SHIPPED,  # 快递拦截失败
    "PARTFULFILLED": State.WORKING,  # 部分收货完成
    "FULFILLED": State.WORKING,  # 收货完成
    "OTHER": State.WORKING,  # 其他
}

#: inventoryType → the hub's kind of stock; an unknown type keeps its own text.
STOCK_KINDS = {
    "ZP": "good",  # 正品
    "CC": "defective",  # 残次
    "JS": "defective",  # 机损
    "XS": "defective",  # 箱损
    "ZT": "in_transit",  # 在途
}

#: Names of carriers by hub code, which is Qimen's own logisticsCode.
CARRIER_NAMES = {
    "SF": "顺丰速运",
    "EMS": "邮政特快",
    "EYB": "经济快件",
    "ZJS": "宅急送",
    "YTO": "圆通速递",
    "ZTO": "中通快递",
    "HTKY": "百世汇通",
    "UC": "优速快递",
    "STO": "申通快递",
    "TTKDEX": "天天快递",
    "POSTB": "邮政小包",
    "GTO": "国通快递",
    "YUNDA": "韵达快递",
    "JD": "京东配送",
    "JT": "极兔速递",
    "DBKD": "德邦快递",
}

#: Reports that a warehouse may send; those the hub cannot read yet are stored and answered all the same.
PUSHED = frozenset(
    {
        "deliveryorder.confirm",
        "deliveryorder.batchconfirm",
        "deliveryorder.batchcreate.answer",
        "orderprocess.report",
        "itemlack.report",
        "stockchange.report",
        "inventory.report",
        "orderexception.report",
        "returnorder.confirm",
        "returnpackage.report",
        "entryorder.confirm",
        "stockout.confirm",
        "sn.report",
        "wavenum.report",
    }
)

# There is no global code list, so these three readings of the partner's words are only ever hints:
# whatever they suggest is looked up before the hub believes it.
DUPLICATE_WORDS = ("已存在", "重复", "already exist", "duplicate")
UNKNOWN_WORDS = ("不存在", "未找到", "找不到", "查无", "无此", "not exist", "not found", "no such", "unknown order")
CANCELLED_WORDS = ("已取消", "已经取消", "重复取消", "already cancel")


def says(words: str, hints: tuple[str, ...]) -> bool:
    """Whether a partner's words hold one of the hints."""
    lowered = words.lower()
    return any(hint in lowered for hint in hints)


def stock_kind(inventory_type: str) -> str:
    """The hub's kind of stock; Qimen's default is good."""
    return STOCK_KINDS.get(inventory_type or "ZP", inventory_type)
