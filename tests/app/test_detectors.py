"""Every detector by its data set: what it finds, what it leaves alone; and that each can be lifted as its kind says."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.pipeline.detecting.detectors import ALL_DETECTORS, DETECTORS, detect
from oms.app.pipeline.detecting.findings import courier_suspended, oversold, routed_too_often
from oms.app.pipeline.detecting.page import PAGE, page
from oms.app.pipeline.switches import switch_of
from oms.domain.hold_findings import FINDINGS
from oms.domain.holds import KINDS
from tests.app.detecting import DATA, an_order_of, cases_of, goods_of

CASES = [{**case, "kind": kind} for kind in DETECTORS for case in cases_of(kind)]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['kind']}: {case['says']}" for case in CASES])
def test_a_detector_sees_what_its_data_set_says(case: dict[str, Any]) -> None:
    seen = detect(an_order_of(case), goods_of(case)).get(case["kind"])
    assert seen == case["seen"]


@pytest.mark.parametrize("kind", DETECTORS)
def test_every_data_set_holds_what_is_found_and_what_is_not(kind: str) -> None:
    found = [case["seen"] is not None for case in cases_of(kind)]
    assert True in found
    assert False in found


def test_every_data_set_has_a_detector() -> None:
    assert {path.stem for path in DATA.glob("*.json")} == set(DETECTORS)


def test_every_kind_that_detectors_place_is_found_by_one() -> None:
    assert {kind.code for kind in FINDINGS} - {detector.kind for detector in ALL_DETECTORS} == set()
    assert {detector.kind for detector in ALL_DETECTORS} <= set(KINDS)


@pytest.mark.parametrize("detector", ALL_DETECTORS, ids=lambda detector: str(detector.kind))
def test_a_detector_that_is_off_or_fixed_says_why(detector: Any) -> None:
    assert bool(detector.why_zh and detector.why_en) is (detector.is_fixed or not detector.is_on)
    assert all(limit.least <= limit.default <= limit.most for limit in detector.thresholds)


def test_what_advises_only_is_off_until_it_is_switched_on() -> None:
    off = {detector.kind for detector in ALL_DETECTORS if not detector.is_on}
    assert off == {"gift_only", "memo_present", "message_present", "invoice_wanted", "unpaid_sibling",
                   "mergeable_sibling", "sibling_refund", "oversold"}  # fmt: skip


def test_a_fixed_detector_stays_on_and_an_unknown_threshold_counts_for_nothing() -> None:
    refund = switch_of(DETECTORS["refund_asked"], False, {"hours": 3})
    assert (refund.is_on, refund.limits) == (True, {})
    margin = switch_of(DETECTORS["negative_margin"], True, {"margin_bp": "ten", "hours": 3})
    assert margin.limits == {"margin_bp": 0}


@pytest.mark.parametrize(
    ("demands", "totals", "seen"),
    [
        ([[100, 5, 0]], {100: 4}, {"skus": [100], "wanted": 5, "sellable": 4}),
        ([[100, 5, 0]], {100: 5}, None),
        ([[100, 3, 0], [100, 3, 0]], {100: 5}, {"skus": [100], "wanted": 6, "sellable": 5}),
        ([[100, 5, 5]], {100: 0}, None),
        ([[100, 5, 0]], {}, None),
        ([[100, 1, 0], [101, 2, 0]], {100: 9, 101: -3}, {"skus": [101], "wanted": 2, "sellable": 0}),
    ],
)
def test_more_than_the_whole_pool_has_is_oversold(demands: Any, totals: dict[int, int], seen: Any) -> None:
    assert oversold(an_order_of({"demands": demands}), totals) == seen


@pytest.mark.parametrize(
    ("suspended", "reaching", "seen"),
    [(["SF", "EMS"], [], {"carriers": ["EMS", "SF"]}), (["SF"], ["YTO"], None), ([], [], None)],
)
def test_only_suspended_couriers_reach_the_place(suspended: list[str], reaching: list[str], seen: Any) -> None:
    assert courier_suspended(suspended, reaching) == seen


def test_sourcing_that_failed_often_enough_is_told_to_people() -> None:
    order = an_order_of({"order": {"attempts": 20}})
    assert routed_too_often(order, 20) == {"attempts": 20}
    assert routed_too_often(order, 21) is None


def test_the_page_tells_every_detector_as_it_is() -> None:
    assert page(PAGE.read_text("utf-8")) == PAGE.read_text("utf-8"), "run python -m oms.app.pipeline.detecting.page"
