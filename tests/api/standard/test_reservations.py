"""Units kept for a time over the API: all or none, replaced by the same reference, let go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.api.standard.kit import Partner
from tests.factories import World


def keep(partner: Partner, world: World, reference: str, hours: int = 2, **units: int) -> Any:
    until = (world.clock() + timedelta(hours=hours)).isoformat()
    items = [{"sku": sku, "units": count} for sku, count in units.items()]
    return partner.put(f"/reservations/{reference}", json={"items": items, "expires_at": until})


def sellable(partner: Partner, sku: str = "A") -> int:
    return int(partner.get("/stock", query_string={"sku": sku}).json["levels"][0]["sellable"])


def test_units_are_kept_all_or_none_until_they_are_let_go(world: World, partner: Partner) -> None:
    before = sellable(partner)
    assert keep(partner, world, "H-1", A=4).json["reservations"][0]["units"] == 4
    assert keep(partner, world, "H-1", A=3).status_code == 200
    assert sellable(partner) == before - 3
    refused = keep(partner, world, "H-2", A=1, B=10_000)
    assert (refused.status_code, refused.json["field"]) == (422, "units")
    assert keep(partner, world, "H-3", hours=24 * 40, A=1).json["field"] == "expires_at"
    assert [one["reference"] for one in partner.get("/reservations").json["reservations"]] == ["H-1"]
    assert partner.ask("DELETE", "/reservations/H-1").status_code == 204
    assert partner.ask("DELETE", "/reservations/H-1").status_code == 404
    assert sellable(partner) == before
