"""What may happen to orders on a platform: lives drawn from a seed, lived step by step. Nothing of the hub."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

from connectors.contract.errors import ConnectorError
from tests.journeys.stage import UnknownHere
from tests.long.platforms import Platform

KINDS = ("plain", "plain", "split", "split", "unpaid", "cod", "bundle", "gift")
LONGEST_LIFE = 9
Step = Callable[["Life"], None]


class Life:
    """One order from its creation on; every step is one that its platform allows, or nothing."""

    def __init__(self, platform: Platform, chance: random.Random) -> None:
        self.platform, self.chance = platform, chance
        self.number = ""
        self.steps = [_create, *chance.choices(STEPS, k=chance.randint(1, LONGEST_LIFE))]
        self.story: list[str] = []

    def go_on(self) -> bool:
        """Live one step more; False when this life is over."""
        if not self.steps:
            return False
        step = self.steps.pop(0)
        step(self)
        self.story.append(step.__name__.lstrip("_"))
        return True

    def act(self, verb: str, **body: object) -> bool:
        """One thing happens, if the platform lets it."""
        return self.platform.try_to(self.number, verb, **body)

    def a_line(self) -> str:
        """One of the order's lines."""
        return str(self.chance.choice(self.platform.trade(self.number)["lines"])["oid"])


def _create(life: Life) -> None:
    try:
        (life.number,) = life.platform.buy(life.chance.choice(KINDS))
    except UnknownHere:
        (life.number,) = life.platform.buy("plain")


def _pay(life: Life) -> None:
    life.act("pay")


def _edit_address(life: Life) -> None:
    life.act("edit_address")


def _edit_quantity(life: Life) -> None:
    life.act("edit_quantity", line=life.a_line(), num=life.chance.randint(1, 4))


def _remove_line(life: Life) -> None:
    life.act("remove_line", line=life.a_line())


def _edit_memo(life: Life) -> None:
    life.act("edit_memo", memo=life.chance.choice(("", "a", "hurry")), flag=life.chance.randint(0, 3))


def _ask_part(life: Life) -> None:
    """A part-cancel: one line, as it may be before shipment."""
    life.act("refund", line=life.a_line())


def _ask_all(life: Life) -> None:
    life.act("refund")


def _ask_return(life: Life) -> None:
    life.act("refund", **{"line": life.a_line(), "return": True})


def _withdraw(life: Life) -> None:
    life.act("withdraw_refund")


def _ship_elsewhere(life: Life) -> None:
    """The seller ships by hand, the whole order or one line of it."""
    lines = () if life.chance.random() < 0.6 else (life.a_line(),)
    waybill = f"ZT{life.chance.randrange(10**11, 10**12)}"
    with suppress(ConnectorError):
        life.platform.shop.push_shipment(life.platform.parcel(life.number, waybill, *lines))


def _decide_elsewhere(life: Life) -> None:
    """The seller agrees to a case or refuses it by hand."""
    platform = life.platform
    with suppress(ConnectorError):
        for refund in platform.trade(life.number)["refunds"]:
            case = platform.shop.parse_case(platform.shop.get_case(refund["refund_id"]).body)
            agrees = life.chance.random() < 0.6
            if ("agree" if agrees else "refuse") in case.allows:
                platform.shop.decide_case(case.external_no, agrees, "好的", platform.facts(case))


def _return_goods(life: Life) -> None:
    refunds = life.platform.trade(life.number)["refunds"]
    if refunds:
        life.act("return_goods", refund_id=refunds[-1]["refund_id"])


def _finish(life: Life) -> None:
    life.act("finish")


def _close(life: Life) -> None:
    life.act("cancel")


STEPS: tuple[Step, ...] = (
    _pay, _pay, _edit_address, _edit_quantity, _remove_line, _edit_memo, _ask_part, _ask_all, _ask_return, _withdraw,
    _withdraw, _ship_elsewhere, _ship_elsewhere, _decide_elsewhere, _return_goods, _finish, _close,
)  # fmt: skip
