"""Each long proof passes for its first seeds and notices when what it proves is broken; the command keeps its word."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.marketplaces.taobao import Taobao
from oms.domain.shares import split
from oms.domain.sourcing import choosing, lots, terms
from rules.codec import write_rule_set
from rules.model import RuleSet
from tests.long import __main__ as command
from tests.long import paging, rule_sets, shares, sourcing
from tests.long.code import ROOT
from tests.long.proofs import PROOFS, Run

QUICK = ("paging", "rules", "shares", "sourcing")


@pytest.mark.parametrize("name", QUICK)
def test_the_first_seeds_pass(name: str) -> None:
    with PROOFS[name].opened() as run:
        for seed in range(3):
            run(seed)


@pytest.mark.full
def test_the_first_versions_of_orders_converge() -> None:
    with PROOFS["intake"].opened() as run:
        for seed in range(40):
            run(seed)


def test_every_proof_covers_files_that_exist() -> None:
    missing = [name for proof in PROOFS.values() for name in proof.files if not (ROOT / name).exists()]
    assert missing == []


def somewhere(run: Run, seeds: int = 60) -> bool:
    """Whether one of the first seeds fails."""
    for seed in range(seeds):
        try:
            run(seed)
        except AssertionError:
            return True
    return False


def test_a_share_that_goes_astray_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unfair(amount: int, weights: list[int]) -> list[int]:
        parts = split(amount, weights)
        return [parts[0] + 1, *parts[1:-1], parts[-1] - 1] if len(parts) > 2 else parts

    monkeypatch.setattr(shares, "split", unfair)
    assert somewhere(shares.run)


@pytest.mark.parametrize(
    ("place", "name", "wrong"),
    [
        (terms, "RANK_PENALTY", 50), (terms, "MOST_POINTS", 2), (choosing, "FEWEST", 100), (choosing, "MOST_STATES", 3),
        (lots.Packing, "_fits", lambda self, takes, point, stock: True),
        (lots.Lot, "at", lambda self, point, stock: self.most),
    ],
)  # fmt: skip
def test_a_wrong_way_of_sourcing_is_noticed(
    monkeypatch: pytest.MonkeyPatch, place: object, name: str, wrong: object
) -> None:
    monkeypatch.setattr(place, name, wrong)
    assert somewhere(sourcing.run, 400)


def test_a_rule_that_loses_something_on_its_way_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(rule_set: RuleSet) -> dict[str, Any]:
        return write_rule_set(replace(rule_set, rules=rule_set.rules[:1]))

    monkeypatch.setattr(rule_sets, "write_rule_set", forgetful)
    assert somewhere(rule_sets.run)


def test_a_walk_without_overlap_and_lag_loses_rows_and_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    careless = replace(Taobao.manifest, lag=timedelta(0), overlap=timedelta(0))
    monkeypatch.setattr(Taobao, "manifest", careless)
    with paging.opened() as run:
        assert somewhere(run)


def test_the_command_adds_up_over_runs_and_lists_totals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = tmp_path / "shares.json"
    words = ["shares", "--minutes", "0.002", "--ledger", str(ledger)]
    assert command.main(words) == 0
    first = json.loads(ledger.read_text("utf-8"))["done"]
    assert command.main(words) == 0
    second = json.loads(ledger.read_text("utf-8"))["done"]
    (code,) = second
    assert second[code][0][1] > first[code][0][1]
    capsys.readouterr()
    assert command.main(["--ledger", str(tmp_path)]) == 0
    listed = capsys.readouterr().out
    assert set(PROOFS) <= set(listed.split())
    assert f"{second[code][0][1] + 1:>12}" in listed


def test_known_failures_make_the_command_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failure = {"seed": 4, "code": "c1", "words": "AssertionError: lost", "mended": ""}
    content = {"format": 1, "proof": "rules", "done": {"c1": [[0, 9]]}, "failures": [failure], "seconds": 7200.0}
    (tmp_path / "rules.json").write_text(json.dumps(content), "utf-8")
    assert command.main(["--ledger", str(tmp_path)]) == 1
    assert "seed 4 under c1: AssertionError: lost" in capsys.readouterr().out


def test_a_spoilt_ledger_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text("no ledger")
    assert command.main(["shares", "--ledger", str(tmp_path / "x.json")]) == 2
    assert "move it away" in capsys.readouterr().err


def test_one_seed_can_be_looked_at_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["sourcing", "--seed", "11"]) == 0
    assert "seed 11 of sourcing passes" in capsys.readouterr().out
