"""Brings orders through the pipeline before a run, batch by batch in this process: so that tables are big."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

from bench.mix import Document, chunk, sizes_of
from connectors.contract.records import RawDocument
from oms.app.capture.intake import Taken, take_in
from oms.app.kernel.hub import Hub, no_poke
from oms.app.kernel.load import fetch
from oms.app.pipeline.advance import advance_batch
from oms.app.pipeline.merging.pump import merge_batch


def take_page(hub: Hub, shop_id: int, documents: Sequence[Document]) -> None:
    """Take one page in, in a transaction of its own."""
    now = hub.clock()
    land_page(hub, shop_id, tuple(RawDocument("order", str(d.tid), d.body, now, d.changed_at) for d in documents))


def land_page(hub: Hub, shop_id: int, documents: tuple[RawDocument, ...]) -> Taken:
    """The same with documents as a connector hands them over; answers what became of them."""
    with hub.begin() as connection:
        shop = hub.masters.get(connection, hub.clock()).shops[shop_id]
        return take_in(hub, connection, shop, documents)


def drain(batch: Callable[[Hub], int], hub: Hub) -> int:
    """Run a pump's batches until one finds nothing; answers how many items it did."""
    total = 0
    while done := batch(hub):
        total += done
    return total


def settle(hub: Hub) -> None:
    """Go on until no order is ready and no merge group waits."""
    while True:
        drain(advance_batch, hub)
        drain(merge_batch, hub)
        with hub.engine.connect() as connection:
            waiting = fetch(
                connection,
                """select exists (select from merge_group) or exists (select from orders where ready_at <= now())""",
            )
        if not waiting[0][0]:
            return
        time.sleep(0.2)


def preload(hub: Hub, seed: int, orders: int, shops: int, *, part: int = 0, parts: int = 1) -> None:
    """Bring this part of the chunks through; several processes share the work by their part."""
    hub.poke = no_poke
    for number, size in enumerate(sizes_of(orders)):
        if number % parts == part:
            take_page(hub, number % shops + 1, chunk(seed, number, size))
            drain(advance_batch, hub)
    settle(hub)


def main(argv: Sequence[str] | None = None) -> None:
    """One of the preloading processes; the hub comes from the environment."""
    from oms.bootstrap import make_hub
    from oms.config import Settings

    parser = argparse.ArgumentParser()
    for name in ("seed", "orders", "shops", "part", "parts"):
        parser.add_argument(f"--{name}", type=int, required=True)
    given = parser.parse_args(argv)
    hub = make_hub(Settings.from_env(), name="oms bench preload")
    preload(hub, given.seed, given.orders, given.shops, part=given.part, parts=given.parts)


if __name__ == "__main__":
    main()
