"""Plays the parts of a scripted run: waits until the hub is where a refund or an edit must hit it, then acts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from oms.demo import faults
from oms.demo.plan import REVIEWED, Part
from oms.demo.twins import TwinRefused, Twins
from oms.demo.watching import Seen

CHINA = timezone(timedelta(hours=8))
NEVER = datetime.min.replace(tzinfo=UTC)
LIVE: Final = frozenset({"planned", "sending", "sent", "accepted"})
#: Moment → the stage in which the warehouse keeps the order until its part is played.
STALLS: Final = {
    "sent": "NEW", "accepted": "ACCEPT", "packing": "PACKAGE", "just_shipped": "DELIVERED", "unknown": "NEW",
    "edited": "ACCEPT",
}  # fmt: skip
#: Moment → whether the hub is there.
IS_THERE: Final[Mapping[str, Callable[[Seen], bool]]] = {
    "planned": lambda seen: seen.review == "waiting" and "planned" in seen.statuses,
    "sent": lambda seen: "sent" in seen.statuses,
    "accepted": lambda seen: "accepted" in seen.statuses,
    "packing": lambda seen: "PACKAGE" in seen.steps,
    "just_shipped": lambda seen: "DELIVERED" in seen.steps and "shipped" not in seen.statuses,
    "unknown": lambda seen: "unknown" in seen.hand_overs,
    "edited": lambda seen: bool(seen.statuses & LIVE),
}


@dataclass(slots=True)
class Scene:
    """A part being played: waiting, acted (the platform knows, the hub may not), done."""

    part: Part
    state: str = "waiting"
    modified: datetime = NEVER

    @property
    def moment(self) -> str:
        """Where the hub must be for it."""
        return self.part.moment or "edited"


@dataclass
class Script:
    """All scenes. `tick` is called again and again with what the hub knows."""

    twins: Twins
    scenes: list[Scene]
    is_deaf: bool = False
    trouble: list[str] = field(default_factory=list)

    @classmethod
    def stage(cls, twins: Twins, parts: Sequence[Part]) -> Script:
        """Place the stalls in the warehouse before any of these orders gets there."""
        scenes = [Scene(part) for part in parts]
        for scene in scenes:
            if scene.moment in STALLS:
                twins.stall(scene.part.tid, STALLS[scene.moment])
        return cls(twins, scenes)

    @property
    def is_over(self) -> bool:
        """Whether every part has been played."""
        return all(scene.state == "done" for scene in self.scenes)

    @property
    def open_tids(self) -> list[str]:
        """Orders whose parts are still to be played."""
        return [scene.part.tid for scene in self.scenes if scene.state != "done"]

    def kept_from_reviewer(self) -> frozenset[str]:
        """Orders that must still wait in review: the planned ones, and the unknown ones until the stage is theirs."""
        return frozenset(
            scene.part.tid
            for scene in self.scenes
            if scene.state != "done" and scene.moment in REVIEWED and not (scene.moment == "unknown" and self.is_deaf)
        )

    def refunds_by_moment(self) -> dict[str, int]:
        """How many refunds were asked at each moment."""
        return dict(Counter(s.moment for s in self.scenes if s.part.act == "refund" and s.state != "waiting"))

    def tick(self, seen: Mapping[str, Seen]) -> None:
        """Act for scenes whose moment has come, and let the warehouse go on with those the hub has noticed."""
        for scene in self.scenes:
            order = seen.get(scene.part.tid)
            if order is None:
                continue
            if scene.state == "waiting" and IS_THERE[scene.moment](order):
                self._act(scene)
            elif scene.state == "acted" and _is_noticed(scene, order):
                self._finish(scene)
        self._open_or_close_ears()

    def _act(self, scene: Scene) -> None:
        part = scene.part
        body = {"oid": part.oid} if part.oid else {}
        try:
            answer = self.twins.trade(part.tid, part.act, **body)
        except TwinRefused as refusal:
            self.trouble.append(f"order {part.tid}: {part.act} while {scene.moment}: {refusal}")
            self._finish(scene)
            return
        scene.state = "acted"
        scene.modified = datetime.fromisoformat(answer["modified"]).replace(tzinfo=CHINA)

    def _finish(self, scene: Scene) -> None:
        scene.state = "done"
        if scene.moment in STALLS and scene.moment != "unknown":
            self.twins.release(scene.part.tid)

    def _open_or_close_ears(self) -> None:
        """The refunds of unknown outcome come last: the warehouse is made deaf for them, then itself again."""
        mine = [scene for scene in self.scenes if scene.moment == "unknown"]
        others = [scene for scene in self.scenes if scene.moment != "unknown"]
        if not mine or any(scene.state == "waiting" for scene in others):
            return
        is_played = all(scene.state == "done" for scene in mine)
        if not self.is_deaf and not is_played:
            self.is_deaf = True
            self.twins.qimen.set_faults([*faults.DEAF, *faults.QIMEN])
        elif self.is_deaf and is_played:
            self.is_deaf = False
            self.twins.qimen.set_faults(faults.QIMEN)
            for scene in mine:
                self.twins.release(scene.part.tid)


def _is_noticed(scene: Scene, seen: Seen) -> bool:
    """Whether the hub has drawn its conclusion, so that holding the warehouse back serves no more."""
    if scene.part.act == "refund":
        if scene.moment in REVIEWED:
            return "refund_asked" in seen.holds_ever and (scene.moment == "planned" or bool(seen.interceptions))
        return bool(seen.interceptions & {"succeeded", "failed", "expired"})
    changing = seen.holds & {"address_changed", "goods_changed"}
    return seen.changed_at >= scene.modified and not changing and "stopping" not in seen.statuses
