"""Races of a refund against everything that ships an order, with a warehouse that is late, silent or contradicts itself.

A seed is a few orders; each is asked back at one point of its way, and the warehouse's moods are drawn for each document.
What the warehouse keeps is its own book: whatever the hub believes is compared with that.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, Refused
from oms.app.intercept.expiring import expire_due, look_again
from oms.app.pipeline.advance import advance_batch
from oms.app.pipeline.merging.pump import merge_batch
from oms.app.pipeline.outbound.outbox import send_batch
from oms.domain.numbers import document_no
from oms.embedded import EmbeddedPostgres
from tests.app.invariants import check_invariants
from tests.factories import START, World, a_document, a_line, a_world, drain, raw, report, take
from tests.fakes import PlainWarehouse
from tests.long.intake import fresh_database
from tests.long.proofs import Run

RACES = 10
#: What a document goes through at its warehouse, one step a tick.
STEPS = ("new", "accepted", "printed", "packed", "shipped")
#: How a warehouse takes a call-back: plainly, after the answer was lost, never, saying yes and shipping, no and stopping.
MOODS = ("plain", "plain", "plain", "lost", "late", "yes but ships", "no but stops")
ROUNDS = 20


@dataclass
class Paper:
    """A document in the warehouse's own book."""

    notice: n.FulfilmentNotice
    step: str = "new"
    mood: str = "plain"
    calls: int = 0
    stops_at: int = 0
    is_silent: bool = False


@dataclass
class Book:
    """The warehouse: what it has, what it will tell."""

    chance: random.Random
    silent: float = 0.0
    tells_all: bool = True
    papers: dict[str, Paper] = field(default_factory=dict)
    coming: list[tuple[int, n.FulfilmentNotice]] = field(default_factory=list)
    reports: list[tuple[int, Any]] = field(default_factory=list)
    tick: int = 0

    def create(self, notice: n.FulfilmentNotice) -> n.Receipt:
        """Keep it: at once with an answer, with a lost one (30 %), or later (10 %)."""
        luck = self.chance.random()
        if luck < 0.1:
            self.coming.append((self.tick + 2, notice))
            raise OutcomeUnknown("slow")
        self._keep(notice)
        if luck < 0.4:
            raise OutcomeUnknown("the answer was lost")
        return n.Receipt(f"W{notice.number}")

    def _keep(self, notice: n.FulfilmentNotice) -> None:
        paper = self.papers.get(notice.number)
        if paper is None:
            paper = self.papers[notice.number] = Paper(notice, mood=self.chance.choice(MOODS))
            paper.is_silent = self.chance.random() < self.silent
        paper.calls += 1

    def find(self, number: str) -> n.FulfilmentFound | None:
        """What it has; one that is silent never answers."""
        paper = self.papers.get(number)
        if paper is None:
            return None
        if paper.is_silent:
            raise OutcomeUnknown("silence")
        states = {"shipped": n.WarehouseState.SHIPPED, "cancelled": n.WarehouseState.CANCELLED,
                  "new": n.WarehouseState.ACCEPTED}  # fmt: skip
        shipment = self._shipment(paper) if paper.step == "shipped" else None
        return n.FulfilmentFound(number, states.get(paper.step, n.WarehouseState.WORKING), f"W{number}", "", shipment)

    def cancel(self, number: str) -> n.Receipt:
        """Give it back, as the mood of the document has it."""
        paper = self.papers.get(number)
        if paper is None:
            raise Refused("no such document")
        if paper.is_silent:
            raise OutcomeUnknown("silence")
        if paper.step == "cancelled":
            return n.Receipt()
        if paper.step in ("packed", "shipped"):
            raise Refused("packed already")
        if paper.mood == "late":
            paper.mood, paper.stops_at = "plain", self.tick + 2
            raise OutcomeUnknown("late")
        if paper.mood == "yes but ships":
            return n.Receipt()
        paper.step = "cancelled"
        if paper.mood == "lost":
            paper.mood = "plain"
            raise OutcomeUnknown("the answer was lost")
        if paper.mood == "no but stops":
            self._tell(n.ProgressReport(number, f"{number}c", n.WarehouseState.CANCELLED, "CANCELED", START, "stopped"))
            raise Refused("not possible")
        return n.Receipt()

    def work(self) -> None:
        """A step of every document, and the reports that follow, some twice and some late."""
        self.tick += 1
        for at, notice in [one for one in self.coming if one[0] <= self.tick]:
            self.coming.remove((at, notice))
            self._keep(notice)
        for number, paper in self.papers.items():
            if paper.stops_at and self.tick >= paper.stops_at and paper.step in STEPS[:3]:
                paper.step, paper.stops_at = "cancelled", 0
            if paper.step in STEPS[:-1] and self.chance.random() < 0.5:
                paper.step = STEPS[STEPS.index(paper.step) + 1]
                if self.tells_all or paper.step == "shipped":
                    self._tell(self._step(number, paper))

    def _step(self, number: str, paper: Paper) -> Any:
        if paper.step == "shipped":
            return self._shipment(paper)
        state = n.WarehouseState.ACCEPTED if paper.step == "accepted" else n.WarehouseState.WORKING
        return n.ProgressReport(number, f"{number}{paper.step}", state, paper.step, START)

    def _shipment(self, paper: Paper) -> n.ShipmentReport:
        items = tuple(n.ParcelItem(line.sku_code, line.units, line.line_no) for line in paper.notice.lines)
        parcel = n.ParcelReport("ZTO", f"W{paper.notice.number}".replace("-", ""), items)
        return n.ShipmentReport(
            paper.notice.number, paper.notice.number, n.WarehouseState.SHIPPED, True, START, (parcel,), ()
        )

    def _tell(self, told: Any) -> None:
        for _ in range(2 if self.chance.random() < 0.2 else 1):
            self.reports.append((self.tick + self.chance.choice((0, 0, 0, 3)), told))

    def due(self) -> list[Any]:
        """Reports that arrive now."""
        due = [told for at, told in self.reports if at <= self.tick]
        self.reports = [(at, told) for at, told in self.reports if at > self.tick]
        return due


class BookWarehouse(PlainWarehouse):
    """The connector to the book."""

    book: Book

    def create_fulfilment(self, notice: n.FulfilmentNotice) -> n.Receipt:
        return self.book.create(notice)

    def find_fulfilment(self, ref: n.FulfilmentRef) -> n.FulfilmentFound | None:
        return self.book.find(ref.number)

    def cancel_fulfilment(self, ref: n.FulfilmentRef) -> n.Receipt:
        return self.book.cancel(ref.number)


def a_stage(url: str, *, window: int = 60) -> World:
    """A world with goods enough for every race."""
    return a_world(url, stock=10_000_000, window=window)


def enter(world: World, book: Book) -> None:
    """From now on this book is the warehouse's."""
    name = f"book{id(book)}"
    world.hub.vendors["plainwms"] = type(name, (BookWarehouse,), {"script": world.script, "book": book})
    world.hub.kept_connectors.clear()


def pumps(world: World, book: Book) -> list[Callable[[], object]]:
    """Everything that moves documents, in one step each."""
    return [
        lambda: advance_batch(world.hub),
        lambda: merge_batch(world.hub),
        lambda: send_batch(world.hub, 50),
        book.work,
        lambda: [report(world, told) for told in book.due()],
    ]


def race(world: World, seed: int, *, silent: float = 0.0) -> Book:
    """Orders on their way, each asked back at a point of it; answers the warehouse's book when all is quiet."""
    chance = random.Random(seed)
    book = Book(chance, silent)
    enter(world, book)
    world.clock.now = START
    names = [f"R{seed}-{index}" for index in range(RACES)]
    asked = {name: (seed * RACES + index) % ROUNDS for index, name in enumerate(names)}
    buyers = {name: {"external_id": f"b{seed}-{index // 2}", "nick": "x"} for index, name in enumerate(names)}
    for name in names:
        take(world, raw(a_document(name, [a_line("1"), a_line("2", "B", 2)], buyer=buyers[name])))
    for step in range(ROUNDS * 2):
        for name in (one for one in names if asked[one] == step):
            lines = [
                a_line("1", refund="asked", case_no=f"C{name}"),
                a_line("2", "B", 2, refund="asked", case_no=f"C{name}"),
            ]
            take(world, raw(a_document(name, lines, at=step + 1, buyer=buyers[name]), step + 1))
        for pump in chance.sample(pumps(world, book), 3):
            pump()
        world.clock.forward(20)
    _come_to_rest(world, book)
    return book


def _come_to_rest(world: World, book: Book) -> None:
    """What is late arrives; what was not answered expires, and is looked up as often as it is in six hours."""
    for _ in range(12):
        for pump in pumps(world, book):
            pump()
        drain(advance_batch, world)
        drain(lambda hub: send_batch(hub, 50), world)
        expire_due(world.hub)
        look_again(world.hub)
        world.clock.forward(31 * 60)
    book.reports = [(0, told) for _, told in book.reports]
    for pump in pumps(world, book) * 3:
        pump()


#: Fulfilments that the hub holds for stopped, with whether people are told that goods left all the same.
BELIEVED = """
select f.id, f.version, f.status, f.stop, coalesce(bool_or(h.id is not null), false) as flagged from fulfilment f
join fulfilment_line l on l.fulfilment_id = f.id join orders o on o.id = l.order_id
left join hold h on h.order_id = o.id and h.kind = 'already_shipped' and h.cleared_at is null
where o.external_no like :seed group by f.id"""
OPEN = """
select i.state, f.id from interception i join orders o on o.id = i.order_id join fulfilment f on f.id = i.fulfilment_id
where o.external_no like :seed and i.asked_of = 'warehouse' and i.ended_at is null"""


def wrong(world: World, book: Book, seed: int) -> list[str]:
    """Everything that was cancelled and left without people being told, and stops that are open but not visible."""
    like = {"seed": f"R{seed}-%"}
    found = []
    for row in world.rows(BELIEVED, **like):
        papers = [
            paper for number, paper in book.papers.items() if number == document_no("fulfilment", row.id, row.version)
        ]
        left = any(paper.step == "shipped" for paper in papers)
        if left and row.status == "cancelled" and not row.flagged:
            found.append(f"seed {seed}: {row.id} was cancelled and left, and nobody is told")
        if row.status == "shipped" and not left:
            found.append(f"seed {seed}: {row.id} is believed to have left, and has not")
    found += [f"seed {seed}: stop of {row.id} is {row.state} for hours" for row in world.rows(OPEN, **like)
              if row.state != "expired"]  # fmt: skip
    return found


def unresolved(world: World, seed: int) -> tuple[int, int]:
    """(stops that are still open, stops that a warehouse was asked for)."""
    like = {"seed": f"R{seed}-%"}
    asked = world.one(
        """select count(*) from interception i join orders o on o.id = i.order_id
           where o.external_no like :seed and i.asked_of = 'warehouse'""", **like,
    )  # fmt: skip
    return len(world.rows(OPEN, **like)), int(asked)


@contextmanager
def opened() -> Iterator[Run]:
    """A hub on a database of its own; the PostgreSQL goes away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="oms-long-"))
    server = EmbeddedPostgres(folder / "postgres", shared_buffers_mb=64, durable=False, throw_away=True)
    try:
        world = a_stage(fresh_database(server.start(), "stopping"))

        def run(seed: int) -> None:
            found = wrong(world, race(world, seed, silent=0.002), seed)
            assert not found, "\n".join(found)
            if seed % 20 == 0:
                check_invariants(world)

        yield run
        world.hub.engine.dispose()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
