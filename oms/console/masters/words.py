"""What the pages of master rows show of a row, and what to write in each column of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from oms.app.capture.entered.rows import Row
from oms.app.capture.masters_kind import Kind
from oms.console.messages import _, _l
from oms.console.orders.columns import name_of
from oms.console.rendering import amount, label, moment

#: What to write, by table and column.
HINTS: Final = {
    "cost.valid_from": _l("空着就是现在起"),
    "cost.cost": _l("一件的成本，单位元，如 12.50"),
    "cost.currency": _l("三个字母，空着就是 CNY"),
    "floor.shop": _l("店铺的编号或名称，空着就是全部店铺"),
    "floor.floor": _l("一件最低卖多少，单位元"),
    "floor.currency": _l("三个字母，空着就是 CNY"),
    "blacklist.kind": _l("电话、地址或买家"),
    "blacklist.value": _l("电话、省市区加详细地址，或买家号；只存指纹，存了就看不到原文"),
    "blacklist.source": _l("谁报的，如 客服"),
    "blacklist.expires_at": _l("空着就是一直有效"),
    "level.discount": _l("少收百分之几，如 5 就是 95 折"),
    "level.rank": _l("大的等级高"),
    "member.channel": _l("渠道的编号或名称"),
    "member.buyer": _l("平台的买家号；和会员号二选一"),
    "member.level": _l("空着就是取消等级"),
    "sku.weight_g": _l("空着不改"),
    "sku.volume_cm3": _l("空着不改"),
    "sku.size_class": _l("小、中或大；空着不改"),
    "coverage.carrier": _l("承运商的编号或名称"),
    "coverage.division": _l("地区代码的前几位，如 33 或 330106；空着就是全国"),
    "coverage.is_deliverable": _l("是或否；越长的代码越算数"),
    "carrier.rank": _l("运费一样时小的先"),
    "carrier.is_suspended": _l("是或否；停用的不再分单"),
    "carrier.allows_cod": _l("是或否；空着就是能"),
    "tariff.carrier": _l("承运商的编号或名称"),
    "tariff.stock_point": _l("库存点编码，空着就是哪发都一样"),
    "tariff.division": _l("地区代码的前几位，如 33 或 330106；空着就是全国"),
    "tariff.first_g": _l("空着就是 1000"),
    "tariff.first_amount": _l("单位元"),
    "tariff.step_g": _l("空着就是 1000"),
    "transit.from_division": _l("省市名或地区代码的前几位，如 浙江省 或 3301；空着就是哪发都一样"),
    "transit.to_division": _l("省市名或地区代码的前几位；空着就是全国。写得细的先算"),
    "transit.hours": _l("从出库到签收的整小时数"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of a table on the page."""

    heading: object
    cell: Callable[[Any], str]
    is_number: bool = False
    is_code: bool = False
    is_minor: bool = False  # It leaves narrow screens first.


def _money(row: Any) -> str:
    return str(amount(row.amount, row.currency))


def _settlement(row: Any) -> str:
    if row.basis == "price":
        return _money(row)
    share = f"{row.rate_bp / 100:g}%"
    return _("标价的 %(share)s", share=share) if row.basis == "list" else _("实付的 %(share)s", share=share)


def _when(name: str) -> Callable[[Any], str]:
    return lambda row: str(moment(getattr(row, name)))


def _plain(name: str) -> Callable[[Any], str]:
    return lambda row: str(getattr(row, name) or "–")


def _size(row: Any) -> str:
    return {"small": _("小件"), "medium": _("中件"), "large": _("大件")}[row.size_class]


def _listed(row: Any) -> str:
    return {"phone": _("电话"), "address": _("地址"), "buyer": _("买家")}[row.kind]


_SKU: Final = Shown(_l("货品编码"), _plain("sku"), is_code=True)
_NAME: Final = Shown(_l("名称"), _plain("name"))
SHOWN: Final = {
    "cost": (_SKU, _NAME, Shown(_l("成本价"), _money, is_number=True), Shown(_l("生效时间"), _when("valid_from")),
             Shown(_l("状态"), lambda row: _("现在算这个") if row.is_valid else "–")),
    "floor": (Shown(_l("店铺"), lambda row: row.shop or _("全部店铺")), _SKU, _NAME,
              Shown(_l("最低价"), _money, is_number=True)),
    "blacklist": (Shown(_l("编号"), lambda row: str(row.id), is_code=True), Shown(_l("类型"), _listed),
                  Shown(_l("原因"), _plain("reason")), Shown(_l("来源"), _plain("source"), is_minor=True),
                  Shown(_l("加入"), _when("created_at"), is_minor=True),
                  Shown(_l("到期"), lambda row: str(moment(row.expires_at)) if row.expires_at else _("一直有效")),
                  Shown(_l("命中"), lambda row: str(row.hits), is_number=True),
                  Shown(_l("状态"), lambda row: _("有效") if row.is_valid else _("已结束"))),
    "level": (Shown(_l("等级编码"), _plain("code"), is_code=True), _NAME,
              Shown(_l("排序"), lambda row: str(row.rank), is_number=True),
              Shown(_l("优惠"), lambda row: f"{row.discount_bp / 100:g}%", is_number=True),
              Shown(_l("会员数"), lambda row: str(row.members), is_number=True)),
    "member": (Shown(_l("渠道"), lambda row: str(label(row.label_zh, row.label_en))),
               Shown(_l("买家号"), _plain("external_id"), is_code=True),
               Shown(_l("会员号"), _plain("member_no"), is_code=True), Shown(_l("昵称"), _plain("nick"), is_minor=True),
               Shown(_l("等级"), lambda row: row.level_name or row.member_level)),
    "sku": (_SKU, _NAME, Shown(_l("重量克"), lambda row: f"{row.weight_g:,}", is_number=True),
            Shown(_l("体积立方厘米"), lambda row: f"{row.volume_cm3:,}", is_number=True), Shown(_l("尺寸等级"), _size)),
    "coverage": (Shown(_l("承运商"), lambda row: f"{row.code} {row.name}"),
                 Shown(_l("地区代码"), lambda row: row.division_prefix or _("全国"), is_code=True),
                 Shown(_l("地区"), _plain("division")),
                 Shown(_l("能否送达"), lambda row: _("送") if row.is_deliverable else _("不送"))),
    "carrier": (Shown(_l("承运商编码"), _plain("code"), is_code=True), _NAME,
                Shown(_l("排序"), lambda row: str(row.rank), is_number=True),
                Shown(_l("到付"), lambda row: _("能") if row.allows_cod else _("不能")),
                Shown(_l("状态"), lambda row: _("停用") if row.is_suspended else _("在用"))),
    "tariff": (Shown(_l("承运商"), lambda row: f"{row.code} {row.name}"),
               Shown(_l("发货库存点"), lambda row: row.point or _("哪都一样")),
               Shown(_l("地区"), lambda row: f"{row.division_prefix} {row.division}".strip() or _("全国")),
               Shown(_l("首重"), lambda row: f"{row.first_g:,} g · {amount(row.first_amount, 'CNY')}", is_number=True),
               Shown(_l("续重"), lambda row: f"{row.step_g:,} g · {amount(row.step_amount, 'CNY')}", is_number=True),
               Shown(_l("附加费"), lambda row: str(amount(row.surcharge, "CNY")), is_number=True, is_minor=True)),
    "settlement": (Shown(_l("合作方"), lambda row: f"{row.partner} {row.name}"),
                   Shown(_l("货品编码"), lambda row: row.sku or _("全部货品"), is_code=True),
                   Shown(_l("名称"), _plain("goods"), is_minor=True),
                   Shown(_l("结算价"), _settlement, is_number=True), Shown(_l("生效时间"), _when("valid_from")),
                   Shown(_l("失效时间"), lambda row: str(moment(row.valid_until)) if row.valid_until else _("一直有效")),
                   Shown(_l("状态"), lambda row: _("现在算这个") if row.is_valid else "–")),
    "partner_goods": (Shown(_l("合作方"), lambda row: f"{row.partner} {row.name}"), _SKU,
                      Shown(_l("名称"), _plain("goods")),
                      Shown(_l("状态"), lambda row: _("合作方自发") if row.counts else _("没有按货品分，暂不算"))),
    "transit": (Shown(_l("始发地区"), lambda row: f"{row.from_prefix} {row.from_name}".strip() or _("哪都一样")),
                Shown(_l("地区"), lambda row: f"{row.to_prefix} {row.to_name}".strip() or _("全国")),
                Shown(_l("小时"), lambda row: f"{row.hours:,}", is_number=True)),
}  # fmt: skip
#: The button that takes a row away; sizes are only ever changed.
REMOVES: Final = {
    "cost": _l("删掉"), "floor": _l("删掉"), "blacklist": _l("结束"), "level": _l("删掉"), "member": _l("取消等级"),
    "coverage": _l("删掉"), "tariff": _l("删掉"),
    "settlement": _l("删掉"), "partner_goods": _l("删掉"), "transit": _l("删掉"),
}  # fmt: skip


def told(kind: Kind, row: Row) -> str:
    """What is wrong with a row, in one cell."""
    named = {column.key: name_of(column) for column in kind.columns}
    problems = [
        _("%(column)s：%(problem)s", column=named[key], problem=_(words)) if key else _(words)
        for key, words in row.problems
    ]
    return _("；").join(problems)
