"""The intake bench: documents of every twin, their way between processes, and one small run of the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.exceptions import BadParameter

import bench
from bench.document_files import main, read_documents, write_documents
from bench.intake import SHOPS, Landing, run_intake, sizes_in
from bench.intake_worker import PAGE, load
from bench.twin_shops import STANDARD, VENDORS, dealt, documents_of
from connectors.contract.errors import BadRecord
from connectors.contract.families import Marketplace
from connectors.contract.manifest import Account
from connectors.contract.records import OrderRecord, OrderState, RawDocument
from connectors.registry import find, of_family
from oms.app.capture.versions import check_record

COUNT = 60
TRIED = ("jd", STANDARD)


def read(vendor: str, documents: list[RawDocument]) -> list[OrderRecord]:
    """The records of what can be read."""
    connector = find(vendor)(Account())
    assert isinstance(connector, Marketplace)
    records = []
    for document in documents:
        try:
            record = connector.parse_order(document.body)
            check_record(record)
        except (BadRecord, LookupError, TypeError, ValueError):
            continue
        records.append(record)
    return records


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_twin_renders_different_orders_that_its_connector_reads(vendor: str) -> None:
    documents = documents_of(vendor, COUNT, seed=3)
    records = read(vendor, documents)
    assert len({document.external_no for document in documents}) == COUNT
    assert len(records) >= COUNT * 0.8
    assert sum(record.state is OrderState.OPEN for record in records) > COUNT / 2
    assert max(len(record.lines) for record in records) > 1


def test_every_platform_with_a_twin_is_measured() -> None:
    sandbox = Path(bench.__file__).parents[1] / "connectors" / "sandbox"
    marketplaces = {manifest.vendor for manifest in of_family("marketplace")}
    assert {STANDARD, *(vendor for vendor in marketplaces if (sandbox / vendor).is_dir())} == set(VENDORS)


def test_documents_of_the_standard_interface_are_the_same_for_one_seed() -> None:
    bodies = [[document.body for document in documents_of(STANDARD, 20, seed)] for seed in (1, 1, 2)]
    assert bodies[0] == bodies[1] != bodies[2]
    assert len(read(STANDARD, documents_of(STANDARD, 200, 1))) == 200


def test_kinds_are_dealt_by_their_share_with_damaged_ones_beside() -> None:
    assert dealt({"plain": 3, "cod": 1, "never": 0}, 400, has_bad=True) == {"plain": 297, "cod": 99, "bad": 4}
    assert "bad" not in dealt({"plain": 1}, 400, has_bad=False)


def test_a_file_gives_back_the_documents_written_to_it(tmp_path: Path) -> None:
    written = documents_of(STANDARD, 5, seed=1)
    place = tmp_path / "some.documents"
    write_documents(place, written)
    found = read_documents(place)
    assert [(d.external_no, d.changed_at, d.body) for d in found] == [
        (d.external_no, d.changed_at, d.body) for d in written
    ]
    assert sizes_in(place) == [len(d.body) for d in written]


def test_processes_share_all_pages_and_no_page_twice(tmp_path: Path) -> None:
    place = tmp_path / "all.documents"
    main(["--vendor", STANDARD, "--documents", str(3 * PAGE + 5), "--seed", "1", "--place", str(place)])
    pages = [[[1], str(place), 0, 2 * PAGE], [[2], str(place), 2 * PAGE, 3 * PAGE + 5]]
    loads = [load({"load": pages, "part": part, "parts": 2}) for part in (0, 1)]
    numbers = [d.external_no for each in loads for _, documents in each.own for d in documents]
    assert len(numbers) == len(set(numbers)) == 3 * PAGE + 5
    assert sorted(d.external_no for _, page in loads[0].others for d in page) == sorted(
        d.external_no for _, page in loads[1].own for d in page
    )


def test_an_unknown_vendor_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadParameter, match="choose from taobao, jd"):
        bench.main(["intake", "--vendor", "nowhere"])


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return run_intake(Landing(40, TRIED), say=lambda _sentence: None)


def test_every_vendor_and_the_mix_have_their_figures(figures: dict[str, Any]) -> None:
    assert set(figures["vendors"]) == set(TRIED)
    assert figures["documents_per_s"] == figures["mix"]["documents_per_s"]
    for each in (*figures["vendors"].values(), figures["mix"]):
        names = {"documents_per_s", "cpu_us_per_kb", "mean_document_bytes", "parse_us_per_document", "parse_us_per_kb"}
        assert [name for name in names if not each[name] > 0] == []


def test_all_documents_are_landed_and_nothing_is_broken(figures: dict[str, Any]) -> None:
    assert figures["violations"] == []
    measured = sum(each["documents"] for each in (*figures["vendors"].values(), figures["mix"]))
    assert figures["documents"] == 80 * SHOPS
    assert measured == (80 - len(TRIED)) * SHOPS
