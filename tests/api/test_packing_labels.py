"""The labels of a warehouse without a system through the API: print data, number and receiver, or why there is none."""

from __future__ import annotations

from typing import Any

from oms.app.kernel.point_scope import name_points
from oms.app.pipeline.labels.packages import add_package
from tests.api.conftest import MakeCaller
from tests.app.labels import own_labels
from tests.app.shipping import number_of
from tests.factories import RECEIVER, World, a_line, advance, an_order, settle


def test_a_label_is_printed_by_who_works_there_and_refused_with_its_reason(world: World, ask: MakeCaller) -> None:
    world.run("update stock_point set account_id = null")
    own_labels(world)
    hands, others, workers = (
        ask("packing.receiver", "packing.edit"), ask("packing.receiver"), ask("packing.work", "packing.edit"),
    )  # fmt: skip
    order = an_order(world, [a_line("1", "A", 3, 3000)], is_cod=True)
    advance(world)
    (work,) = world.fulfilments(order)
    place = f"/packing/fulfilments/{work.id}/label"
    early = hands.get(place)
    assert (early.status_code, early.content_type, early.json["detail"]) == (
        409, "application/problem+json", "its number is still being asked for")  # fmt: skip
    settle(world)
    assert add_package(world.hub, work.id, 2, "user:7", [work.stock_point_id])
    settle(world)
    first, second = hands.get(place).json["labels"]
    key = number_of(work.id)
    assert [(one["package"], one["waybill_no"], one["collect_amount"]) for one in (first, second)] == [
        (1, f"WB{key}_1", 3000), (2, f"WB{key}_2", 0)]  # fmt: skip
    assert (first["carrier"], first["print_data"], first["prints"]) == ("ZTO", f"print {RECEIVER['name']}", 1)
    assert first["receiver"] == {name: RECEIVER.get(name, "") for name in first["receiver"]}
    assert first["sender"]["address"] == "浙江省杭州市余杭区示例路一号"
    assert "receiver_unmasked" in world.events(order)
    assert (others.get(place).status_code, workers.get(place).status_code) == (404, 403)
    world.run("update e_waybill set state = 'cancelled'")
    assert hands.get(place).json["detail"] == "its label was cancelled"
    world.run("update e_waybill set state = 'got'")
    world.run("update fulfilment set status = 'cancelled' where id = :id", id=work.id)
    assert hands.get(place).json["detail"].startswith("it does not leave any more")
    world.run("delete from e_waybill")
    assert hands.get(place).json["detail"] == "its label is not ours"


def test_a_key_prints_what_is_at_the_points_it_is_named_for(world: World, ask: MakeCaller) -> None:
    order = an_order(world)
    settle(world)
    (work,) = world.fulfilments(order)
    far = ask("packing.receiver")
    newest = world.rows("select max(id) as id from api_key")[0].id
    statuses: list[Any] = []
    for points in ((), (work.stock_point_id,)):
        with world.hub.begin() as connection:
            name_points(connection, f"api:{newest}", points)
        statuses.append(far.get(f"/packing/fulfilments/{work.id}/label").status_code)
    assert statuses == [404, 200]
