"""What long proofs have shown so far: seeds done by version of the code, failures, hours. One JSON file a proof."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1
LONGEST_WORDS = 400


class LedgerSpoilt(Exception):
    """The file is not a ledger of this proof; move it away, or name another one with --ledger."""


@dataclass
class Failure:
    """A seed that failed, under which code and how it ended; `mended` is the code under which it passed again."""

    seed: int
    code: str
    words: str
    mended: str = ""


@dataclass
class Ledger:
    """Seeds are taken in order, so that those done by one version of the code are a few ranges, ends included."""

    path: Path
    proof: str
    done: dict[str, list[list[int]]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0

    @classmethod
    def read(cls, path: Path, proof: str) -> Ledger:
        """The ledger in a file, or a new one when there is none."""
        if not path.exists():
            return cls(path, proof)
        try:
            found = json.loads(path.read_text("utf-8"))
            if (found["format"], found["proof"]) != (FORMAT, proof):
                raise LedgerSpoilt(f"{path} keeps {found['proof']} in format {found['format']}: name another --ledger")
            failures = [Failure(**failure) for failure in found["failures"]]
            return cls(path, proof, found["done"], failures, found["seconds"])
        except (ValueError, KeyError, TypeError) as error:
            raise LedgerSpoilt(f"{path} cannot be read ({type(error).__name__}): move it away") from error

    def write(self) -> None:
        """Put the file in place in one step, so that a killed run leaves the last whole one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content: dict[str, Any] = {
            "format": FORMAT, "proof": self.proof, "done": self.done, "seconds": round(self.seconds, 1),
            "failures": [asdict(failure) for failure in self.failures],
        }  # fmt: skip
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
        fresh.replace(self.path)

    @property
    def next_seed(self) -> int:
        """The first seed that was never run."""
        return max((last for ranges in self.done.values() for _, last in ranges), default=-1) + 1

    @property
    def open_failures(self) -> list[Failure]:
        """Those that have not passed since."""
        return [failure for failure in self.failures if not failure.mended]

    def to_repeat(self, code: str) -> list[int]:
        """Seeds that failed under other code: they say first whether this code is better."""
        return sorted({failure.seed for failure in self.open_failures if failure.code != code})

    def note(self, seed: int, code: str, failure: str = "") -> None:
        """A seed was run; a new one is counted, an old one settles its failures."""
        if failure:
            self._fail(seed, code, failure)
        else:
            for known in self.open_failures:
                if known.seed == seed:
                    known.mended = code
        if seed >= self.next_seed:
            self._count(seed, code)

    def seeds(self, code: str | None = None) -> int:
        """How many seeds were run, in all or by one version of the code."""
        chosen = self.done.values() if code is None else [self.done.get(code, [])]
        return sum(last - first + 1 for ranges in chosen for first, last in ranges)

    def _fail(self, seed: int, code: str, words: str) -> None:
        known = next((one for one in self.open_failures if one.seed == seed), None)
        if known is None:
            self.failures.append(Failure(seed, code, words[:LONGEST_WORDS]))
        else:
            known.code, known.words = code, words[:LONGEST_WORDS]

    def _count(self, seed: int, code: str) -> None:
        ranges = self.done.setdefault(code, [])
        if ranges and ranges[-1][1] == seed - 1:
            ranges[-1][1] = seed
        else:
            ranges.append([seed, seed])
