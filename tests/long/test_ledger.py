"""The ledger of long proofs adds up over runs, keeps failures until they pass, and survives being killed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.long.code import code_version
from tests.long.ledger import Ledger, LedgerSpoilt
from tests.long.working import ENOUGH_FAILURES, AlreadyRunning, alone_with, work


class Clock:
    """Each look at it costs a second."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def silent(_sentence: str) -> None:
    """Nobody listens."""


def test_a_second_run_goes_on_with_new_seeds(tmp_path: Path) -> None:
    path, seen = tmp_path / "x.json", list[int]()
    for _ in range(3):
        ledger = Ledger.read(path, "x")
        work(seen.append, ledger, "c1", 20, clock=Clock(), say=silent)
    assert seen == list(range(len(seen)))
    assert len(seen) >= 15
    again = Ledger.read(path, "x")
    assert again.seeds() == len(seen)
    assert again.done == {"c1": [[0, len(seen) - 1]]}
    assert again.seconds > 0


def test_seeds_are_counted_by_the_code_that_ran_them(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "x.json", "x")
    for seed, code in enumerate(["c1", "c1", "c2", "c1"]):
        ledger.note(seed, code)
    assert (ledger.seeds(), ledger.seeds("c1"), ledger.seeds("c2"), ledger.seeds("c3")) == (4, 3, 1, 0)
    assert ledger.done["c1"] == [[0, 1], [3, 3]]


def test_a_failure_is_kept_with_its_seed_and_repeated_first_under_other_code(tmp_path: Path) -> None:
    path, mended = tmp_path / "x.json", False

    def run(seed: int) -> None:
        seen.append(seed)
        assert mended or seed != 3, "three is one too many"

    seen: list[int] = []
    worked = work(run, Ledger.read(path, "x"), "c1", 20, clock=Clock(), say=silent)
    (failure,) = Ledger.read(path, "x").open_failures
    assert (failure.seed, failure.code, worked.failed) == (3, "c1", 1)
    assert failure.words.startswith("AssertionError: three is one too many")
    work(run, Ledger.read(path, "x"), "c1", 20, clock=Clock(), say=silent)
    assert seen.count(3) == 1
    work(run, Ledger.read(path, "x"), "c2", 20, clock=Clock(), say=silent)
    assert seen.count(3) == 2
    assert [one.code for one in Ledger.read(path, "x").open_failures] == ["c2"]
    mended = True
    work(run, Ledger.read(path, "x"), "c3", 20, clock=Clock(), say=silent)
    last = Ledger.read(path, "x")
    assert (last.open_failures, [one.mended for one in last.failures]) == ([], ["c3"])
    assert last.seeds() == len(set(seen))


def test_a_proof_that_always_fails_stops_early(tmp_path: Path) -> None:
    def run(seed: int) -> None:
        raise ValueError("broken")

    worked = work(run, Ledger(tmp_path / "x.json", "x"), "c1", 10**9, say=silent)
    assert worked.failed == ENOUGH_FAILURES


def test_an_interrupted_run_keeps_what_was_done(tmp_path: Path) -> None:
    path = tmp_path / "x.json"

    def run(seed: int) -> None:
        if seed == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work(run, Ledger.read(path, "x"), "c1", 10**9, say=silent)
    assert Ledger.read(path, "x").next_seed == 7


def test_long_words_are_cut_and_only_their_first_line_is_kept(tmp_path: Path) -> None:
    def run(seed: int) -> None:
        raise ValueError("\n" + "x" * 1_000 + "\nsecond line")

    ledger = Ledger(tmp_path / "x.json", "x")
    work(run, ledger, "c1", 4, clock=Clock(), say=silent)
    assert all(len(failure.words) <= 400 and "second" not in failure.words for failure in ledger.failures)


@given(st.lists(st.tuples(st.sampled_from(["c1", "c2"]), st.booleans(), st.booleans()), max_size=60))
def test_totals_are_what_was_run(runs: list[tuple[str, bool, bool]]) -> None:
    ledger = Ledger(Path("never-written"), "x")
    failed: set[int] = set()
    new = 0
    for code, fails, repeats in runs:
        seed = min(failed) if repeats and failed else ledger.next_seed
        new += seed == ledger.next_seed
        ledger.note(seed, code, "no" if fails else "")
        (failed.add if fails else failed.discard)(seed)
    assert ledger.seeds() == new == ledger.next_seed
    assert {failure.seed for failure in ledger.open_failures} == failed
    assert len(ledger.open_failures) == len(failed)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 1, "proof": "other"}', '{"format": 9, "proof": "x"}'])
def test_a_file_that_is_no_ledger_of_this_proof_is_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(LedgerSpoilt, match=r"x\.json"):
        Ledger.read(path, "x")
    assert path.read_text() == content


def test_a_ledger_is_plain_json_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "deep" / "x.json", "x")
    ledger.note(0, "c1", "no")
    ledger.write()
    assert [path.name for path in ledger.path.parent.iterdir()] == ["x.json"]
    kept = json.loads(ledger.path.read_text("utf-8"))
    assert kept["failures"] == [{"seed": 0, "code": "c1", "words": "no", "mended": ""}]


def test_two_runs_do_not_write_one_ledger(tmp_path: Path) -> None:
    with alone_with(tmp_path / "x.json"), pytest.raises(AlreadyRunning, match="--ledger"):
        alone_with(tmp_path / "x.json").__enter__()
    with alone_with(tmp_path / "x.json"):
        pass


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.invalid", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_code_is_named_by_the_commit_that_last_touched_it(tmp_path: Path) -> None:
    for name in ("covered.py", "other.py"):
        (tmp_path / name).write_text("1\n")
    git(tmp_path, "init", "-q")
    assert code_version(["covered.py"], tmp_path).startswith("files-")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    first = code_version(["covered.py"], tmp_path)
    assert git(tmp_path, "rev-parse", "HEAD").startswith(first)
    (tmp_path / "other.py").write_text("2\n")
    git(tmp_path, "commit", "-qam", "second")
    assert code_version(["covered.py"], tmp_path) == first
    (tmp_path / "covered.py").write_text("2\n")
    changed = code_version(["covered.py"], tmp_path)
    assert changed.startswith(f"{first}+")
    (tmp_path / "covered.py").write_text("3\n")
    assert code_version(["covered.py"], tmp_path) not in (first, changed)


def test_covering_what_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="which does not exist"):
        code_version(["gone.py"], tmp_path)
