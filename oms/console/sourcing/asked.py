"""What the form of a setting of sourcing sent: points numbered by hand, codes of SKUs, amounts as people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from flask import request
from sqlalchemy import text

from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.steering.setting import BOUNDS, FLAGS, Setting
from oms.console.context import connection
from oms.console.forms import money, read_whole, whole
from oms.console.messages import _
from oms.console.sourcing.words import AMOUNTS
from oms.domain.errors import Invalid

COUNTS: Final = ("gain_hours", "handling_percent", "scarcity_percent", "most_refusals")
BETWEEN: Final = re.compile(r"[\s,，、+;；]+")


def read_form(points: Sequence[AnyRow]) -> Setting:
    """The setting that was typed in; Invalid names the field that cannot be read."""
    form = request.form
    values: dict[str, Any] = {"policy": form.get("policy", ""), "points": _points(points)}
    values |= {name: form.get(name) == "on" for name in FLAGS}
    values["ships_whole"] = form.get("ships_whole") == "whole"
    values |= {name: _amount(name) for name in AMOUNTS}
    for name in COUNTS:
        least, most = BOUNDS[name]
        values[name] = whole(name, low=least, high=most)
    least, most = BOUNDS["max_parcels"]
    values["max_parcels"] = whole("max_parcels", low=least, high=most) if form.get("max_parcels", "").strip() else None
    values["together_skus"] = _lists(form.get("together_skus", ""))
    return Setting(**values)


def read_revision() -> int:
    """The revision that the form was drawn from."""
    return read_whole(request.form.get("revision", "")) or 0


def _amount(name: str) -> int:
    found, (least, most) = money(name, "CNY"), BOUNDS[name]
    if not least <= found <= most:
        raise Invalid(name, _("最多 %(most)s", most=f"{most / 100:,.2f}"))
    return found


def _points(points: Sequence[AnyRow]) -> tuple[int, ...]:
    """The points that were numbered, in the order of their numbers."""
    numbered: dict[int, int] = {}
    for row in points:
        typed = request.form.get(f"point_{row.id}", "").strip()
        if not typed:
            continue
        number = read_whole(typed)
        if not number or number > 99:
            raise Invalid(f"point_{row.id}", _("要写 1 到 99 之间的整数，1 是主仓"))
        if number in numbered:
            raise Invalid(f"point_{row.id}", _("两个仓都写了 %(n)s，换一个数", n=number))
        numbered[number] = row.id
    return tuple([numbered[number] for number in sorted(numbered)])


def _lists(typed: str) -> tuple[tuple[int, ...], ...]:
    """SKU ids of each line of codes."""
    lines = [[code for code in BETWEEN.split(line.strip()) if code] for line in typed[:20_000].splitlines()]
    codes = {code for line in lines for code in line}
    rows = connection().execute(text("select code, id from sku where code = any(:codes)"), {"codes": sorted(codes)})
    known = {row.code: row.id for row in rows}
    for code in codes:
        if code not in known:
            raise Invalid("together_skus", _("没有编码是 %(code)s 的货品，看看有没有写错", code=code[:60]))
    return tuple([tuple([known[code] for code in line]) for line in lines if line])
