"""What the forms of variants and their trials sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request

from oms.app.pipeline.variants.known import Known
from oms.console.forms import read_whole, ticked
from oms.console.messages import _
from oms.console.trying.asked import read_period
from oms.domain.errors import Invalid


def read_variant(known: Known) -> dict[str, Any]:
    """The changes of a variant's form as the document that is kept; what is left empty is not changed."""
    form = request.form
    document: dict[str, Any] = {
        name: number for name in ("route_version", "carrier_version") if (number := read_whole(form.get(name, "")))
    }
    mains = {str(pool.id): read_whole(form.get(f"main_{pool.id}", "")) for pool in known.pools}
    document["main_points"] = {key: point for key, point in mains.items() if point}
    policies = {str(pool.id): form.get(f"policy_{pool.id}", "") for pool in known.pools}
    document["policies"] = {key: rule for key, rule in policies.items() if rule}
    document["points_out"] = ticked("point_out")
    document["carriers_out"] = ticked("carrier_out")
    document["tariffs"] = _tariffs(form, known)
    if form.get("most_parcels", "").strip():
        document["most_parcels"] = _count("most_parcels", form)
    return {name: value for name, value in document.items() if value not in (None, [], {})}


def _tariffs(form: Mapping[str, str], known: Known) -> dict[str, int]:
    found = {}
    for carrier in known.carriers:
        if form.get(f"tariff_{carrier.id}", "").strip():
            percent = _count(f"tariff_{carrier.id}", form)
            if percent != 100:
                found[str(carrier.id)] = percent
    return found


def _count(name: str, form: Mapping[str, str]) -> int:
    number = read_whole(form[name].strip())
    if not number:
        raise Invalid(name, _("要写大于 0 的整数"))
    return number


def read_asked_period() -> tuple[datetime | None, datetime | None]:
    """The period of past orders; nothing of open ones."""
    if request.form.get("which") != "past":
        return None, None
    period = read_period(request.form)
    return period.since, period.until
