"""What becomes of a case without a person."""

from __future__ import annotations

from typing import Final

from oms.app.rulebook.actions.making import REASON, action
from rules.model import ParamSpec, ValueType

WORDS: Final = ParamSpec("words", ValueType.TEXT, "附言", "words to the buyer", required=False)
ACTIONS: Final = (
    action("agree_case", "同意售后", "agree to the case", {"aftersales"}, WORDS, contradicts={"refuse_case"},
           exclusive=True, is_grave=True),
    action("refuse_case", "拒绝售后", "refuse the case", {"aftersales"}, REASON, exclusive=True, is_grave=True),
)  # fmt: skip
