"""`oms bench intake`: documents of every vendor landed and normalised, by vendor and as a mix."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from psycopg import Connection

from bench.harness import BenchFailed, Rig
from bench.invariants import lost_orders, violations
from bench.pipeline import Say, prepare
from bench.readings import processor
from bench.twin_shops import VENDORS

#: So much of each vendor's documents is kept for the mix, and landed before: connections, plans, caches of code.
MIX_PERCENT: Final = 20
WARM_PERCENT: Final = 2
#: A vendor is fast enough with so many documents a second, or with so little time for a kilobyte of document.
LEAST_PER_S: Final = 3000
MOST_US_PER_KB: Final = 40
#: The dearest to render are begun first, so that both cores are busy to the end.
SLOW_TO_RENDER: Final = ("shopify", "vendure", "saleor", "taobao")
KB: Final = 1024
#: Rendering is dear, so that each vendor has so many shops, and all take the same documents in.
SHOPS: Final = 5

Share = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Landing:
    """What to land: so many documents of each of these vendors, by so many processes."""

    documents: int
    vendors: Sequence[str] = VENDORS
    workers: int = 2
    seed: int = 1


class Crew:
    """The processes that land, told the same at the same time."""

    def __init__(self, rig: Rig, files: dict[str, Path], vendors: Sequence[str], workers: int) -> None:
        self._rig, self._files = rig, files
        self._shops = shops_of(vendors)
        self.members = [rig.start("bench.intake_worker") for _ in range(workers)]

    def load(self, shares: Sequence[Share]) -> None:
        """Have the documents `first` to `last` of each vendor's file in memory."""
        pages = [[self._shops[vendor], str(self._files[vendor]), first, last] for vendor, first, last in shares]
        for part, member in enumerate(self.members):
            _tell(member, orjson.dumps({"load": pages, "part": part, "parts": len(self.members)}).decode())
        for member in self.members:
            _answer(member)

    def land(self) -> tuple[float, float, dict[str, int]]:
        """Seconds it took, CPU seconds of Python, and what became of the documents."""
        began = time.perf_counter()
        for member in self.members:
            _tell(member, "land")
        answers = [_answer(member) for member in self.members]
        seconds = time.perf_counter() - began
        counts = {name: sum(int(answer[name]) for answer in answers) for name in ("new", "newer", "same", "parked")}
        return seconds, sum(answer["python_s"] for answer in answers), counts

    def parse(self) -> float:
        """CPU seconds that parsing one document takes."""
        _tell(self.members[0], "parse")
        answer = _answer(self.members[0])
        return float(answer["python_s"] / answer["documents"])


def run_intake(wanted: Landing, say: Say) -> dict[str, Any]:
    """One whole run in a fresh hub; answers the figures by name (docs/performance.md explains each)."""
    with Rig(workers=0) as rig:
        files = render(rig, wanted, say)
        sizes = {vendor: sizes_in(place) for vendor, place in files.items()}
        _write_shops(rig.look, wanted.vendors)
        crew = Crew(rig, files, wanted.vendors, wanted.workers)
        warm, own, mixed = _cut(sizes)
        crew.load(warm)
        crew.land()
        prepare(rig)
        figures = {}
        for share in own:
            figures[share[0]] = measure(rig, crew, [share], sizes)
            say(f"{share[0]}: {figures[share[0]]['documents_per_s']:.0f} documents/s")
        mix = measure(rig, crew, mixed, sizes)
        total = sum(map(len, sizes.values())) * SHOPS
        found = violations(rig.look) + lost_orders(rig.look, total)
    slow = [name for name, each in figures.items() if not _is_fast(each)]
    return {
        "documents": total, "workers": wanted.workers, "seed": wanted.seed, "cores": os.cpu_count(),
        "processor": processor(), "documents_per_s": mix["documents_per_s"], "mix": mix, "vendors": figures,
        "below_target": slow, "violations": [asdict(item) for item in found],
    }  # fmt: skip


def _is_fast(figures: dict[str, Any]) -> bool:
    return bool(figures["documents_per_s"] >= LEAST_PER_S or figures["cpu_us_per_kb"] <= MOST_US_PER_KB)


def measure(rig: Rig, crew: Crew, shares: Sequence[Share], sizes: dict[str, list[int]]) -> dict[str, Any]:
    """Land these documents, all processes at once, and tell how fast that was."""
    crew.load(shares)
    rig.settle_disk()
    before = rig.read()
    seconds, python_s, counts = crew.land()
    used = rig.read().since(before)
    parse_s = crew.parse()
    lengths = [size for vendor, first, last in shares for size in sizes[vendor][first:last]]
    documents, size = len(lengths) * SHOPS, sum(lengths) * SHOPS
    mean = size / documents
    return {
        "documents": documents,
        "documents_per_s": round(documents / seconds, 1),
        "cpu_us_per_kb": round(python_s / size * KB * 1e6, 1),
        "mean_document_bytes": round(mean),
        "parse_us_per_document": round(parse_s * 1e6, 1),
        "parse_us_per_kb": round(parse_s * 1e6 / mean * KB, 1),
        "python_us_per_document": round(python_s / documents * 1e6, 1),
        "postgres_us_per_document": round(used.postgres_s / documents * 1e6, 1),
        "parked": counts["parked"],
    }


def render(rig: Rig, wanted: Landing, say: Say) -> dict[str, Path]:
    """The file of each vendor's documents, made in two processes before any clock starts."""
    began = time.monotonic()
    waiting = [vendor for vendor in SLOW_TO_RENDER if vendor in wanted.vendors]
    waiting += [vendor for vendor in wanted.vendors if vendor not in waiting]
    files = {vendor: rig.folder / f"{vendor}.documents" for vendor in wanted.vendors}
    running: dict[str, subprocess.Popen[str]] = {}
    while waiting or running:
        while waiting and len(running) < 2:
            vendor = waiting.pop(0)
            running[vendor] = rig.start(
                "bench.document_files", "--vendor", vendor, "--documents", str(wanted.documents),
                "--seed", str(wanted.seed), "--place", str(files[vendor]),
            )  # fmt: skip
        for vendor in [vendor for vendor, process in running.items() if process.poll() is not None]:
            if running.pop(vendor).returncode:
                raise BenchFailed(f"the documents of {vendor} could not be made", "read what was printed above")
        time.sleep(0.02)
    say(f"documents of {len(files)} vendors rendered in {time.monotonic() - began:.0f} s")
    return files


def sizes_in(place: Path) -> list[int]:
    """The lengths of a file's documents."""
    head, _, _ = place.read_bytes().partition(b"\n")
    return [length for _, _, length in orjson.loads(head)]


def _write_shops(connection: Connection[Any], vendors: Sequence[str]) -> None:
    connection.execute("insert into stock_pool (id, code, name) values (1, 'CN', '全国通用库存池')")
    for number, vendor in enumerate(vendors, 1):
        connection.execute(
            """insert into channel (id, code, vendor, label_zh, label_en, mark, platform_code)
               values (%(id)s, %(vendor)s, %(vendor)s, %(vendor)s, %(vendor)s, '店', 'OTHER')""",
            {"id": number, "vendor": vendor},
        )
        connection.execute(
            "insert into account (id, family, vendor, name) values (%s, 'marketplace', %s, %s)",
            (number, vendor, vendor),
        )
        for shop_id in shops_of(vendors)[vendor]:
            connection.execute(
                """insert into shop (id, code, name, channel_id, account_id, stock_pool_id, merge_window_s)
                   values (%(id)s, %(code)s, %(code)s, %(vendor)s, %(vendor)s, 1, 0)""",
                {"id": shop_id, "code": f"{vendor}-{shop_id}", "vendor": number},
            )


def shops_of(vendors: Sequence[str]) -> dict[str, list[int]]:
    """The ids of each vendor's shops."""
    return {vendor: [number * SHOPS + copy for copy in range(SHOPS)] for number, vendor in enumerate(vendors, 1)}


def _cut(sizes: dict[str, list[int]]) -> tuple[list[Share], list[Share], list[Share]]:
    """Each vendor's documents to land before, alone and in the mix."""
    warm, own, mixed = [], [], []
    for vendor, found in sizes.items():
        total = len(found)
        first, last = max(1, total * WARM_PERCENT // 100), total * (100 - MIX_PERCENT) // 100
        warm.append((vendor, 0, first))
        own.append((vendor, first, last))
        mixed.append((vendor, last, total))
    return warm, own, mixed


def _tell(process: subprocess.Popen[str], words: str) -> None:
    assert process.stdin is not None
    process.stdin.write(words + "\n")
    process.stdin.flush()


def _answer(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise BenchFailed("a process that lands documents has ended", "read what was printed above")
    return orjson.loads(line)
