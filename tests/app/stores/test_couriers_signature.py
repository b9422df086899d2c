"""A courier that brings goods to a store delivers them to the store, not to the buyer."""

from __future__ import annotations

import pytest

from connectors.contract.notices import ParcelState as S
from oms.app.pipeline.stores import handing, notes
from tests.app.shipping import a_trail
from tests.app.stores.kit import NEAR, carried, code_of, doing, note_of, parcel_state, with_stores
from tests.factories import World, report


def test_the_stores_signature_keeps_no_clerk_from_receiving_the_goods(world: World) -> None:
    with_stores(world)
    id_, parcel, waybill = carried(world)
    notes.send_note(world.hub, doing(1), note_of(world))
    report(world, a_trail(world, waybill, S.COLLECTED, S.OUT_FOR_DELIVERY, S.DELIVERED))
    assert (parcel_state(world, parcel), world.phase(id_)) == ("on_the_way", "shipped")
    assert world.one("select count(*) from parcel_event where parcel_id = :id", id=parcel) == 3
    assert world.one("select delivered_at from parcel where id = :id", id=parcel) is None
    notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill, shelf="1")
    report(world, a_trail(world, waybill, S.COLLECTED, S.OUT_FOR_DELIVERY, S.DELIVERED, S.RETURNED))
    assert parcel_state(world, parcel) == "ready"
    handing.hand_over(world.hub, doing(NEAR), parcel, code_of(world, parcel))
    assert (parcel_state(world, parcel), world.phase(id_)) == ("delivered", "completed")


@pytest.mark.parametrize(("said", "state"), [(S.REFUSED, "trouble"), (S.LOST, "lost")])
def test_what_goes_wrong_on_the_way_is_seen_and_the_store_may_still_receive_it(world: World, said: S, state: str) -> None:
    with_stores(world)
    _, parcel, waybill = carried(world)
    notes.send_note(world.hub, doing(1), note_of(world))
    report(world, a_trail(world, waybill, S.COLLECTED, said))
    assert parcel_state(world, parcel) == state
    notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill)
    assert parcel_state(world, parcel) == "at_store"


def test_what_the_courier_brought_back_to_its_warehouse_is_taken_in_there(world: World) -> None:
    with_stores(world)
    _, parcel, waybill = carried(world)
    report(world, a_trail(world, waybill, S.COLLECTED, S.RETURNING, S.RETURNED))
    assert parcel_state(world, parcel) == "returned"
    assert world.one("select count(*) from return_receipt where waybill_no = :no", no=waybill) == 1
