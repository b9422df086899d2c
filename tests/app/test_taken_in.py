"""How many documents a stream says it has taken in: what was new or newer, however often a platform lists it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import pytest

from connectors.contract.records import Page, RawDocument, Reference
from oms.app.capture.references import fetch_details
from oms.app.capture.sync import sync_next
from tests.factories import START, World, a_document, raw
from tests.fakes import PlainMarket


class Listing(PlainMarket):
    """Every pull answers the same page, as pulls that overlap do."""

    page: ClassVar[dict[str, tuple[Any, ...]]] = {}
    changed: ClassVar[int] = 0

    def pull_orders(self, cursor: str) -> Page:
        return Page(f"{cursor}.", more=False, **self.page)

    def get_order(self, external_no: str) -> RawDocument:
        return raw(a_document(external_no, at=self.changed))


@pytest.fixture
def listing(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setitem(world.hub.vendors, "plain", Listing)
    monkeypatch.setattr(Listing, "changed", 0)
    world.run("insert into sync_schedule (shop_id, stream, every_s) values (1, 'orders', 60)")
    return world


def pull(world: World, *, fetches: bool = True, **page: Any) -> int:
    """Pull twice; answers what the stream counts by then."""
    Listing.page = page
    for _ in range(2):
        world.clock.forward(61)
        assert sync_next(world.hub) == 1
        if not fetches:
            continue
        world.run("update pending_reference set due_at = :now", now=world.clock())
        while fetch_details(world.hub):
            pass
    return int(world.one("select documents from stream_cursor"))


def test_a_document_listed_again_counts_once_and_a_newer_one_again(listing: World) -> None:
    assert pull(listing, documents=(raw(a_document("T1")), raw(a_document("T2")))) == 2
    assert pull(listing, documents=(raw(a_document("T1", at=30)), raw(a_document("T2")))) == 3


def test_a_reference_listed_again_counts_once(listing: World) -> None:
    both = (Reference("T1", START), Reference("T2", START))
    assert pull(listing, fetches=False, references=both) == 2
    assert pull(listing, references=both) == 2
    Listing.changed = 30
    assert pull(listing, references=(Reference("T1", START + timedelta(seconds=30)), both[1])) == 3
