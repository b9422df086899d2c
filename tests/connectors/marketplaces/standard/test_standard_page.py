"""The page of the standard interface names every field that is read, and every word a field may have."""

from __future__ import annotations

import re
from pathlib import Path

from connectors.contract.delivering import DeliveryMode, LastLeg
from connectors.contract.records import Fulfiller, OrderState, PaymentKind, RefundState
from connectors.marketplaces.standard import cases, orders

PAGE = Path(__file__).parents[4] / "docs" / "standard-interface.md"
#: A field is read by its name out of an object of the document.
READ = re.compile(
    r'\(\s*(?:[\w.]+, )?(?:tree|row|way|wish|whose|buyer|person), "(\w+)"|row\.get\("(\w+)"\)|tree\.get\("(\w+)"'
)


def test_the_page_names_every_field_that_is_read() -> None:
    sources = "".join(Path(str(module.__file__)).read_text("utf-8") for module in (orders, cases))
    read = {name for found in READ.findall(sources) for name in found if name}
    assert {"wanted_from", "settlement_amount", "external_no", "delivery", "evidence", "leg"} <= read
    read |= {*orders.RECEIVER, "latitude", "longitude", "code", "reference"}
    named = set(re.findall(r"`(\w+)`", PAGE.read_text("utf-8")))
    assert sorted(read - named) == []


def test_the_page_names_every_word_that_a_field_may_have() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE.read_text("utf-8")))
    enums = (OrderState, RefundState, Fulfiller, PaymentKind, DeliveryMode, LastLeg)
    words = {str(word.value) for kind in enums for word in kind}
    words |= {*orders.LINE_KINDS, *orders.INVOICE_KINDS, *cases.KINDS}
    assert sorted(words - named) == []
