"""The demo's shops: one a platform, Taobao with the largest part of the traffic, docs/demo.md naming each."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors import registry
from oms.demo.markets import MARKETS, flagship_share

PAGE = (Path(__file__).parents[2] / "docs" / "demo.md").read_text("utf-8")


def test_shares_add_up_and_leave_taobao_the_largest() -> None:
    vendors = [market.vendor for market in MARKETS]
    left = flagship_share(vendors)
    assert left + sum(market.share for market in MARKETS) == pytest.approx(1)
    assert left >= 0.3
    assert left > max(market.share for market in MARKETS)
    assert len(set(vendors)) == len(vendors)


def test_the_page_names_every_platform() -> None:
    assert "eleven shops on eleven platforms" in PAGE
    assert len(MARKETS) + 1 == 11
    labels = [registry.find(market.vendor).manifest.label_en for market in MARKETS]
    assert [label for label in labels if label.split()[0].split(".")[0] not in PAGE] == []
