"""Rules that ask for what is personal are tried only by who may see it: answers, asked often enough, would tell it."""

from __future__ import annotations

from typing import Any, Final

from oms.app.rulebook.documents import read_rules
from oms.app.rulebook.vocabulary import SEALED_FACTS
from oms.domain.errors import Forbidden
from rules.model import conditions_of

#: The permission of who sees receivers in plain text.
UNMASK: Final = "order.unmask"


def check_personal(stage: str, body: Any, *, sees_plain: bool) -> None:
    """Forbidden when rules of a body ask for a receiver's name, phone or street and the person may not see these."""
    if sees_plain:
        return
    rules, _broken = read_rules(stage, body)
    asked = {condition.fact for rule in rules for condition in conditions_of(rule.when)} & SEALED_FACTS
    if asked:
        words = f"these rules ask for what is personal: {', '.join(sorted(asked))}"
        raise Forbidden(words, f"somebody who may see plain text ({UNMASK}) can try them")
