"""One of the processes that land documents for `oms bench intake`; it is told what to do line by line.

`{"load": [[shops, file, first, last], …], "part": 0, "parts": 2}` answers `ready`; then `land` takes its part of
the pages in, and `parse` only parses pages that the other processes landed, so that nothing is remembered of them.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from bench.document_files import read_documents
from bench.preload import land_page
from connectors.contract.records import RawDocument
from oms.app.capture.intake import parser_of
from oms.app.capture.versions import parse_all
from oms.app.kernel.hub import Hub, no_poke
from oms.jobs.worker import calm_collector

#: Documents of one page, about as many as platforms' lists bring in one call.
PAGE: Final = 80
Page = tuple[int, tuple[RawDocument, ...]]


@dataclass(slots=True)
class Load:
    """The pages of this process, and those of the others."""

    own: list[Page] = field(default_factory=list)
    others: list[Page] = field(default_factory=list)


def load(command: dict[str, Any]) -> Load:
    """Read the files. A page goes to one process for all shops, so that the others know nothing of it."""
    part, parts = command["part"], command["parts"]
    own, others = [], []
    for shops, place, first, last in command["load"]:
        for number, documents in enumerate(_pages(place, first, last)):
            if number % parts == part:
                own += [(shop_id, documents) for shop_id in shops]
            else:
                others.append((shops[0], documents))
    random.Random(len(own)).shuffle(own)
    return Load(own, others or own)


def _pages(place: str, first: int, last: int) -> Iterator[tuple[RawDocument, ...]]:
    documents = read_documents(Path(place))[first:last]
    for start in range(0, len(documents), PAGE):
        yield tuple(documents[start : start + PAGE])


def land(hub: Hub, pages: list[Page]) -> dict[str, float]:
    """Take pages in; answers the CPU seconds of this process and what became of the documents."""
    counts = dict.fromkeys(("new", "newer", "same", "parked"), 0)
    began = time.process_time()
    for shop_id, documents in pages:
        taken = land_page(hub, shop_id, documents)
        for name in counts:
            counts[name] += getattr(taken, name)
    return {"python_s": time.process_time() - began, **counts}


def parse(hub: Hub, pages: list[Page]) -> dict[str, float]:
    """Parse pages and nothing more, checks and hashes included; answers the CPU seconds and how many documents."""
    shops = hub.masters.get(hub.engine, hub.clock()).shops
    parsers = {shop_id: parser_of(hub, shops[shop_id]) for shop_id, _ in pages}
    began = time.process_time()
    for shop_id, documents in pages:
        parse_all(parsers[shop_id], documents)
    return {"python_s": time.process_time() - began, "documents": sum(len(documents) for _, documents in pages)}


def main() -> None:
    """Follow commands until standard input ends; the hub comes from the environment."""
    from oms.bootstrap import make_hub
    from oms.config import Settings

    hub = make_hub(Settings.from_env(), name="oms bench intake")
    hub.poke = no_poke
    loaded = Load()
    for line in sys.stdin:
        answer: object
        if line.startswith("{"):
            loaded = load(orjson.loads(line))
            calm_collector()
            answer = "ready"
        else:
            answer = land(hub, loaded.own) if line.strip() == "land" else parse(hub, loaded.others)
        print(orjson.dumps(answer).decode(), flush=True)


if __name__ == "__main__":
    main()
