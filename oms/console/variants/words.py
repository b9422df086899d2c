"""How variants of sourcing and their trials read on screen: what is changed, the conclusion, the columns of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from oms.app.pipeline.variants.changes import read_changes
from oms.app.pipeline.variants.known import Known
from oms.console.messages import _, _l
from oms.console.rendering import amount
from oms.console.sourcing.words import SCOPES
from oms.console.telling import words
from oms.domain.errors import HubError
from oms.domain.holds import KINDS
from oms.domain.money import FREIGHT_CURRENCY

STATES: Final = {
    "waiting": (_l("排队中"), ""),
    "running": (_l("正在算"), "now"),
    "done": (_l("算完了"), "ok"),
    "failed": (_l("没算完"), "late"),
    "stopped": (_l("已停下"), "warn"),
}
POLICIES: Final = {
    "whole_first": _l("能整单发就整单发"),
    "cheapest": _l("总费用最低"),
    "main_first": _l("主仓优先"),
    "fastest": _l("最快送到"),
}
#: Why an order would not be served, beside the kinds of holds.
PEOPLE: Final = _l("规则判断不了，要人看")


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of one side, and how it differs from what is in force; `tone` says whether that is good."""

    text: str
    more: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of sides."""

    name: str
    cells: tuple[Cell, ...]


def tell_changes(document: Mapping[str, Any], known: Known) -> str:
    """What a variant changes, in one sentence."""
    try:
        changes = read_changes(dict(document))
    except HubError:
        return _("这个方案写的内容现在读不懂了，重新填一下")
    told = [_("分仓规则按 %(version)s", version=known.version(changes.route_version))] if changes.route_version else []
    if changes.carrier_version:
        told.append(_("快递规则按 %(version)s", version=known.version(changes.carrier_version)))
    for pool_id, point_id in changes.main_points.items():
        told.append(
            _("%(pool)s 主仓换成 %(point)s", pool=known.name("pools", pool_id), point=known.name("points", point_id))
        )
    for pool_id, rule in changes.policies.items():
        told.append(_("%(pool)s 改为%(rule)s", pool=known.name("pools", pool_id), rule=POLICIES[rule]))
    for key, setting in changes.settings.items():
        scope, _colon, number = key.partition(":")
        named = known.name("pools", int(number)) if scope == "pool" else f"#{number}"
        chosen = POLICIES[setting["policy"]]
        told.append(_("%(scope)s %(name)s 的寻源设置照试改的（%(rule)s）", scope=SCOPES[scope], name=named, rule=chosen))
    if changes.points_out:
        told.append(_("停用 %(names)s", names=_("、").join(known.name("points", id_) for id_ in changes.points_out)))
    if changes.carriers_out:
        told.append(_("停发 %(names)s", names=_("、").join(known.name("carriers", id_) for id_ in changes.carriers_out)))
    for carrier_id, percent in changes.tariffs.items():
        told.append(_("%(name)s 运费 × %(n)s%%", name=known.name("carriers", carrier_id), n=percent))
    if changes.most_parcels is not None:
        told.append(_("一单最多 %(n)s 包", n=changes.most_parcels))
    return _("；").join(told)


def cost(figures: Mapping[str, Any]) -> int:
    """What parcels of a side cost, minor units."""
    return int(figures.get("freight", 0)) + int(figures.get("handling", 0))


def conclude(row: Any) -> str:
    """What came out, in a sentence; the best of the variants that serve no fewer orders is named."""
    if row.state != "done" or not row.figures:
        return ""
    force, *sides = row.figures
    if not force.get("orders"):
        return _("没有可算的单：没有还没发的，或者都挂起着")
    able = [side for side in sides if side.get("served", 0) >= force.get("served", 0)]
    best = min(able, key=cost, default=None)
    if best is None:
        return _("每个方案都有单发不出去，看下面哪些单、为什么")
    name = row.variants[sides.index(best)]["name"]
    saved, parcels = cost(force) - cost(best), force.get("parcels", 0) - best.get("parcels", 0)
    if saved > 0:
        return _(
            "「%(name)s」最省：比现在少花 %(money)s，少 %(n)s 个包裹",
            name=name,
            money=_money(saved),
            n=parcels,
        )
    return _("没有一个方案比现在省；最接近的是「%(name)s」，多花 %(money)s", name=name, money=_money(-saved))


def lines_of(figures: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The rows of the table: each side's number with its difference from the first."""
    orders = max([one.get("orders", 0) for one in figures], default=0)
    return [
        _line(_("整单能发（共 %(n)s 单）", n=orders), figures, lambda one: one.get("served", 0), str, more_is_good=True),
        _line(_("满足率（按单）"), figures, _fill_of_orders, _percent, more_is_good=True),
        _line(_("满足率（按件）"), figures, _fill, _percent, more_is_good=True),
        _line(_("总费用"), figures, cost, _money),
        _line(_("运费"), figures, lambda one: one.get("freight", 0), _money),
        _line(_("操作费"), figures, lambda one: one.get("handling", 0), _money),
        _line(_("平均每单费用"), figures, lambda one: cost(one) // max(1, one.get("served", 0)), _money),
        *_unpriced(figures),
        _line(_("包裹数"), figures, lambda one: one.get("parcels", 0), str),
        _line(_("每单包裹"), figures, _parcels, lambda value: f"{value / 1000:.3f}"),
        _line(_("拆单"), figures, _split, str),
        _line(_("会晚发"), figures, lambda one: one.get("late", 0), str),
    ]


def _unpriced(figures: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Parcels whose freight is not known and counts as nothing, where there are any."""
    if not any(one.get("unpriced") for one in figures):
        return []
    return [_line(_("没有运费模板的包裹，运费按 0 算"), figures, lambda one: one.get("unpriced", 0), str)]


def places_of(figures: Sequence[Mapping[str, Any]], kind: str, known: Known) -> list[Line]:
    """Parcels by stock point or carrier, the largest first."""
    ids = sorted(
        {id_ for one in figures for id_ in one.get(kind, {})}, key=lambda id_: -figures[0].get(kind, {}).get(id_, 0)
    )
    return [
        _line(known.name(kind, int(id_)), figures, lambda one, id_=id_: one.get(kind, {}).get(id_, 0), str, tones=False)
        for id_ in ids
    ]


def unserved_of(figures: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Orders that would not be served, by reason."""
    reasons = sorted({code for one in figures for code in one.get("unserved", {})})
    return [
        _line(reason_word(code), figures, lambda one, code=code: one.get("unserved", {}).get(code, 0), str)
        for code in reasons
    ]


def reason_word(code: str) -> str:
    """Why an order would not be served."""
    return words.hold(code, 0).word if code in KINDS else str(PEOPLE)


def _line(
    name: str,
    figures: Sequence[Mapping[str, Any]],
    value: Any,
    write: Any,
    *,
    more_is_good: bool = False,
    tones: bool = True,
) -> Line:
    first = value(figures[0])
    cells = [Cell(write(first))]
    for one in figures[1:]:
        mine = value(one)
        more = mine - first
        sign = "+" if more > 0 else "−"
        # Less of anything is nothing to be glad of where orders are left behind.
        is_fair = tones and (more_is_good or more > 0 or one.get("served", 0) >= figures[0].get("served", 0))
        tone = "" if not more or not is_fair else "ok" if (more > 0) is more_is_good else "warn"
        cells.append(Cell(write(mine), f"{sign}{write(abs(more))}" if more else "", tone))
    return Line(name, tuple(cells))


def _money(value: int) -> str:
    return amount(value, FREIGHT_CURRENCY, sign=True)


def _percent(value: int) -> str:
    return f"{value / 100:.2f}%"


def _fill_of_orders(one: Mapping[str, Any]) -> int:
    """Orders served in full of all, in hundredths of a percent; a huge order counts as one here."""
    return int(one.get("served", 0) * 10_000 // max(1, one.get("orders", 0)))


def _fill(one: Mapping[str, Any]) -> int:
    """Units served of those wanted, in hundredths of a percent."""
    return int(one.get("units_served", 0) * 10_000 // max(1, one.get("units", 0)))


def _parcels(one: Mapping[str, Any]) -> int:
    """Parcels per order served, in thousandths."""
    return int(one.get("parcels", 0) * 1_000 // max(1, one.get("served", 0)))


def _split(one: Mapping[str, Any]) -> int:
    return sum(count for parcels, count in one.get("by_parcels", {}).items() if parcels != "1")


def tell_way(way: Mapping[str, Any], known: Known) -> str:
    """How an order leaves: points with carriers and units by name, or why it does not; what is gone keeps its code."""
    if way.get("failure"):
        return _("发不出：%(why)s", why=reason_word(way["failure"]))
    parts = [_("%(point)s · %(carrier)s × %(n)s", point=_named(known.points, one["point"]),
               carrier=_named(known.carriers, one["carrier"]), n=one["units"])
             + (_("（会晚）") if one.get("late") else "") for one in way.get("parcels", ())]  # fmt: skip
    return " + ".join(parts)


def _named(rows: Sequence[Any], code: str) -> str:
    return next((str(row.name) for row in rows if row.code == code), code)
