"""Variants of sourcing and the switch of replanning through the API: the whole way, and who may see and do what."""

from __future__ import annotations

from oms.app.kernel.hub import Hub
from oms.app.pipeline.variants.running import trial_next
from tests.api.conftest import Caller, MakeCaller
from tests.api.rows import an_order


def test_a_variant_is_kept_tried_and_forgotten(
    caller: Caller, make_caller: MakeCaller, hub: Hub, shops: tuple[int, int]
) -> None:
    with hub.begin() as connection:
        an_order(connection, shops[0], "VAR1")
    made = caller.post("/routing-variants", json={"name": "one parcel", "changes": {"most_parcels": 1}})
    assert (made.status_code, made.get_json()["changes"]) == (201, {"most_parcels": 1}), made.text
    variant = made.get_json()["id"]
    refused = caller.post("/routing-variants", json={"name": "none", "changes": {"points_out": [10**9]}})
    assert (refused.status_code, refused.get_json()["field"]) == (422, "changes.points_out")
    asked = caller.post("/variant-trials", json={"variant_ids": [variant], "shop_ids": [shops[0]]})
    assert (asked.status_code, asked.get_json()["state"]) == (201, "waiting"), asked.text
    address = f"/variant-trials/{asked.get_json()['id']}"
    while trial_next(hub):
        pass
    told = caller.get(address).get_json()
    assert (told["state"], len(told["figures"]), told["variants"][0]["name"]) == ("done", 2, "one parcel")
    assert caller.get(f"{address}/changes").get_json() == {"changes": [], "next": 0}
    assert [trial["id"] for trial in caller.get("/variant-trials").get_json()["trials"]] == [told["id"]]
    assert caller.post(f"{address}/stop").status_code == 404
    other = make_caller("sourcing.view", "order.view", shop_ids=[shops[1]])
    assert other.get(address).status_code == 404
    assert other.post("/variant-trials", json={"variant_ids": [variant]}).status_code == 403
    changed = caller.ask("PUT", f"/routing-variants/{variant}", json={"name": "two", "changes": {"most_parcels": 2}})
    assert changed.get_json()["name"] == "two"
    assert caller.ask("DELETE", f"/routing-variants/{variant}").status_code == 204
    assert caller.get(f"/routing-variants/{variant}").status_code == 404


def test_replanning_is_switched_by_who_may_for_every_shop(
    caller: Caller, make_caller: MakeCaller, hub: Hub, shops: tuple[int, int]
) -> None:
    with hub.begin() as connection:
        pool = connection.exec_driver_sql(
            "insert into stock_pool (code, name) values ('again', 'again') returning id"
        ).scalar_one()
    wanted = {"is_on": True, "least_amount": 500, "quiet_min": 30}
    one_shop = make_caller("sourcing.view", "sourcing.edit", shop_ids=[shops[0]])
    assert one_shop.ask("PUT", f"/replanning/{pool}", json=wanted).status_code == 403
    told = caller.ask("PUT", f"/replanning/{pool}", json=wanted).get_json()
    assert (told["is_on"], told["least_amount"], told["every_min"], told["quiet_min"]) == (True, 500, 10, 30)
    assert (told["orders"], told["parcels"], told["waiting"]) == (0, 0, 0)
    assert caller.ask("PUT", "/replanning/999999", json=wanted).status_code == 404
    assert caller.ask("PUT", f"/replanning/{pool}", json=wanted | {"every_min": 0}).status_code == 422
    assert [row["code"] for row in caller.get("/replanning").get_json()["pools"] if row["is_on"]] == ["again"]
