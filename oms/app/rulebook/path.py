"""The shapes of an explanation: the steps of an order's path, as the page and the API tell them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook.candidates import Candidate
from oms.app.rulebook.carriers_out import CarrierOut
from oms.app.rulebook.retelling import Comparison
from oms.app.rulebook.rules_told import RuleTold
from oms.domain.holds import KINDS, Block
from oms.domain.review import tiers_in

BLOCKS = {
    Block.REVIEW: "review",
    Block.DISPATCH: "dispatch",
    Block.PRINT: "print",
    Block.SHIP: "ship",
}


@dataclass(frozen=True, slots=True)
class SetNamed:
    """The version that decided and its rule set; `state` and `canary` are today's, `canary` is 100 but of a canary.

    `share` is the share of the orders, in percent, that it decided then.
    """

    rule_set_id: int
    name: str
    stage: str
    scope: str
    scope_id: int
    place_zh: str
    place_en: str
    version_id: int
    number: int
    state: str
    canary: int
    share: int
    author: str
    comment: str
    activated_at: datetime | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Others:
    """Another place with a rule set of the stage, and why it does not decide or would today."""

    scope: str
    scope_id: int
    rule_set_id: int | None
    name: str
    number: int | None
    why: str
    why_zh: str
    why_en: str


@dataclass(frozen=True, slots=True)
class LostFact:
    """A fact that was seen and that nobody knows any more; the value is JSON."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class NoteTold:
    """Something that a stage keeps beside its verdict, in words; `ref` says which row of settings it is (`shop:3`)."""

    code: str
    zh: str
    en: str
    value_zh: str
    value_en: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class DecisionTold:
    """A stage's decision; without a rule set it went by default. `times` alike in a row, the first at `first_at`.

    `unknown_facts` are those that the vocabulary knows no more.
    """

    kind: ClassVar[str] = "decision"
    at: datetime
    id: int
    stage: str
    stage_zh: str
    stage_en: str
    verdict: str
    verdict_zh: str
    verdict_en: str
    times: int
    first_at: datetime
    rule_set: SetNamed | None
    rules: tuple[RuleTold, ...]
    comparison: Comparison | None
    unknown_facts: tuple[LostFact, ...]
    others: tuple[Others, ...]
    candidates: tuple[Candidate, ...]
    notes: tuple[NoteTold, ...]

    @property
    def is_default(self) -> bool:
        """Whether no rule set was in force."""
        return self.rule_set is None

    @property
    def matched(self) -> list[RuleTold]:
        """The rules that matched."""
        return [rule for rule in self.rules if rule.state == "matched"]


@dataclass(frozen=True, slots=True)
class HoldTold:
    """A hold, from when it was placed: what it blocks, how it clears, who may lift it, and who did."""

    kind: ClassVar[str] = "hold"
    at: datetime
    id: int
    hold: str
    zh: str
    en: str
    blocks: tuple[str, ...]
    clears: str
    lifted_with: str
    remedy_zh: str
    remedy_en: str
    seen: dict[str, Any]
    placed_by: str
    lifted_at: datetime | None
    lifted_by: str
    lift_reason: str

    @property
    def is_open(self) -> bool:
        """Whether it is in force."""
        return self.lifted_at is None

    @property
    def block_bits(self) -> int:
        """The steps it keeps the order from, as bits."""
        return sum(block for block, word in BLOCKS.items() if word in self.blocks)


@dataclass(frozen=True, slots=True)
class ReviewTold:
    """A person's word on tiers; void since `invalidated_at` when a change mattered."""

    kind: ClassVar[str] = "review"
    at: datetime
    id: int
    tiers: tuple[str, ...]
    tiers_zh: str
    tiers_en: str
    verdict: str
    actor: str
    amount: int
    reason: str
    invalidated_at: datetime | None
    invalidated_by: str


Step = DecisionTold | HoldTold | ReviewTold


@dataclass(frozen=True, slots=True)
class Path:
    """The steps of an order in the order in which they happened; `is_cut` when older decisions are left out.

    `carriers_out` are carriers that it could not leave with.
    """

    order_id: int
    order_no: str
    shop_id: int
    is_cut: bool
    steps: tuple[Step, ...]
    carriers_out: tuple[CarrierOut, ...] = ()

    @property
    def decisions(self) -> list[DecisionTold]:
        """The stages' decisions."""
        return [step for step in self.steps if isinstance(step, DecisionTold)]

    @property
    def holds(self) -> list[HoldTold]:
        """Holds, lifted ones too."""
        return [step for step in self.steps if isinstance(step, HoldTold)]

    @property
    def reviews(self) -> list[ReviewTold]:
        """What people said."""
        return [step for step in self.steps if isinstance(step, ReviewTold)]


def hold_told(row: AnyRow) -> HoldTold:
    """A hold as a step."""
    known = KINDS.get(row.kind)
    return HoldTold(
        row.placed_at, row.id, row.kind, known.zh if known else row.kind, known.en if known else row.kind,
        tuple(word for block, word in BLOCKS.items() if row.blocks & block), row.clears, row.lifted_with,
        known.remedy_zh if known else "", known.remedy_en if known else "", row.seen or {}, row.placed_by,
        row.cleared_at, row.cleared_by, row.clear_reason,
    )  # fmt: skip


def review_told(row: AnyRow) -> ReviewTold:
    """A person's word as a step."""
    tiers = tiers_in(row.tier)
    return ReviewTold(
        row.at, row.id, tuple(tier.code for tier in tiers), "、".join(tier.zh for tier in tiers),
        ", ".join(tier.en for tier in tiers), row.verdict, row.actor, row.amount, row.reason, row.invalidated_at,
        row.invalidated_by,
    )  # fmt: skip
