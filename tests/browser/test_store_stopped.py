"""A store's screens under an emergency stop: what it keeps is red and has no button, what comes back still has one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from oms.app.intercept import emergency
from oms.app.kernel.hub import Hub
from oms.app.pipeline.stores import notes, rounds, tasks
from tests.app.stores.kit import NEAR, carried, doing, note_of, through_store, with_stores
from tests.browser.at_stores import a_clerk, look
from tests.factories import World

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def papers(lived: World) -> dict[str, int]:
    """A task, a parcel to collect, one to bring, one that is out, a note on its way and one that waits to be sent."""
    world = with_stores(lived)
    made = [carried(world, leg) for leg in ("pickup", "delivery", "delivery", "pickup")]
    sent = note_of(world)
    notes.send_note(world.hub, doing(1), sent)
    for _, _, waybill in made[:3]:
        notes.receive_parcel(world.hub, doing(NEAR), sent, waybill, shelf="1")
    carried(world)
    own = world.fulfilments(through_store(world, "store_pickup", "pickup"))[0].id
    tasks.accept(world.hub, doing(NEAR), own)
    out = rounds.start_round(world.hub, doing(NEAR), [made[2][1]])
    return {"collected": made[0][1], "out": made[2][1], "round": out, "sent": sent, "open": note_of(world)}


@pytest.fixture(scope="module")
def hub(lived: World, papers: dict[str, int]) -> Hub:
    """That shop's hub, everything stopped."""
    emergency.place(lived.hub, "all", 0, "flood", "user:1")
    return lived.hub


@pytest.fixture(scope="module")
def day(hub: Hub) -> dict[str, int]:
    """A clerk of the near store and the east warehouse."""
    return {"user": a_clerk(hub, NEAR, 1)}


def test_what_a_stop_keeps_is_red_and_has_no_button(page: Page, papers: dict[str, int]) -> None:
    shown = {
        "tasks": ("/stores", "拣好了"),
        "collected": (f"/stores/parcels/{papers['collected']}", "交给买家"),
        "waiting": (f"/stores/hand-over?point={NEAR}", ""),
        "rounds": (f"/stores/rounds?point={NEAR}", ""),
        "round": (f"/stores/rounds/{papers['round']}", "买家签收了"),
        "out": (f"/stores/parcels/{papers['out']}", "买家签收了"),
        "sent": (f"/stores/notes/{papers['sent']}", ""),
        "open": (f"/stores/notes/{papers['open']}", "装车发出"),
        "carry": ("/stores/carry", "装车发出"),
    }
    for name, (address, button) in shown.items():
        page.goto(address)
        expect(page.get_by_role("alert").filter(has_text="紧急停发")).to_be_visible()
        if button:
            expect(page.get_by_role("button", name=button, exact=True)).to_have_count(0)
        look(page, f"stopped-{name}")
    page.goto(f"/stores/rounds?point={NEAR}")
    expect(page.get_by_role("checkbox")).to_be_disabled()
    page.goto(f"/stores/parcels/{papers['out']}")
    page.get_by_role("button", name="带回门店").click()
    expect(page.get_by_text("没碰上人，回到待送")).to_be_visible()
