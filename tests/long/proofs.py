"""The proofs that `script/test --long` knows, each with the code it covers. What they assert is in their modules."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module

#: Proves something for one seed, or raises.
Run = Callable[[int], None]


@dataclass(frozen=True)
class Proof:
    """`module` holds `run(seed)`, or `opened()`, a context whose value is such a function."""

    name: str
    says: str
    covers: tuple[str, ...]
    module: str

    def opened(self) -> AbstractContextManager[Run]:
        """What it needs is there inside; modules are imported only now, since they drag a lot along."""
        module = import_module(f"tests.long.{self.module}")
        opened: AbstractContextManager[Run] = module.opened() if hasattr(module, "opened") else nullcontext(module.run)
        return opened

    @property
    def files(self) -> tuple[str, ...]:
        """The code it covers and its own."""
        return (*self.covers, f"tests/long/{self.module}.py")


PROOFS = {
    proof.name: proof
    for proof in (
        Proof("intake", "any versions of an order, in any order, with repeats, end in the same state",
              ("oms/app/capture", "oms/app/kernel", "oms/app/pipeline", "oms/domain", "oms/db"), "intake"),
        Proof("sourcing", "the ways found are valid, and the best of all that brute force finds",
              ("oms/domain/sourcing",), "sourcing"),
        Proof("shares", "shares add up and are nearest to the exact ones",
              ("oms/domain/shares.py",), "shares"),
        Proof("rules", "rule sets survive JSON, read as sentences and decide as their plain reading",
              ("rules",), "rule_sets"),
        Proof("paging", "the Taobao connector sees the last state of every trade although rows move",
              ("connectors/marketplaces/taobao", "connectors/contract", "connectors/sandbox/taobao",
               "connectors/sandbox/kit"), "paging"),
        Proof("moving", "no connector misses an order or its last state although rows move between pages",
              ("connectors", "tests/long/platforms.py"), "moving"),
        Proof("converging", "whatever way changes come, after one reconciliation the hub holds what platforms do",
              ("connectors", "oms/app", "oms/domain", "oms/db", "tests/long/lives.py", "tests/long/truth.py",
               "tests/long/dialects.py", "tests/long/one_hub.py", "tests/long/platforms.py"), "convergence"),
        Proof("stopping", "a refund asked at any point never ends with goods that left unnoticed",
              ("oms/app", "oms/domain", "oms/db"), "stopping"),
    )
}  # fmt: skip
