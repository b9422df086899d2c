"""The GraphQL texts hang together: balanced, every fragment and variable told and used."""

from __future__ import annotations

import re

import pytest

from connectors.marketplaces.shopify import documents

TEXTS = {name: text for name, text in vars(documents).items() if name.isupper() and not name.startswith("_")}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_document_is_whole(name: str):
    text = TEXTS[name]
    assert text.count("{") == text.count("}")
    assert text.count("(") == text.count(")")
    assert re.match(r"(query|mutation) \w+", text)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_fragments_and_variables_are_told_and_used(name: str):
    text = TEXTS[name]
    spread = set(re.findall(r"\.\.\.\s?([A-Z])\b", text))
    assert spread == set(re.findall(r"fragment (\w+) on", text))
    head, _, rest = text.partition("{")
    assert set(re.findall(r"\$(\w+)", head)) == set(re.findall(r"\$(\w+)", rest))


@pytest.mark.parametrize("name", ["REFUND_CREATE", "INVENTORY_SET"])
def test_writes_that_move_money_or_stock_carry_an_idempotency_key(name: str):
    assert "@idempotent(key: $key)" in TEXTS[name]
