"""Times at the ends of the calendar, which no zone can shift: connectors refuse them or go without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.carriers.kuaidi100 import trails
from connectors.carriers.sf import papers
from connectors.contract import reading as contract
from connectors.contract.errors import BadRecord
from connectors.marketplaces.amazon import pushes as amazon_pushes
from connectors.marketplaces.amazon import reading as amazon
from connectors.marketplaces.douyin import pushes as douyin_pushes
from connectors.marketplaces.douyin import statements as douyin
from connectors.marketplaces.medusa import reading as medusa
from connectors.marketplaces.pinduoduo import reading as pinduoduo
from connectors.marketplaces.saleor import pushes as saleor_pushes
from connectors.marketplaces.shopify import pushes as shopify_pushes
from connectors.marketplaces.standard import reading as standard
from connectors.marketplaces.suning import reading as suning
from connectors.marketplaces.taobao import reading as taobao
from connectors.marketplaces.youzan import reading as youzan
from connectors.warehouses.qimen import xml

CHINA, OFFSET = "0001-01-01 00:00:00", "0001-01-01T00:00:00+08:00"
LATE = "9999-12-31T23:59:59-08:00"


@pytest.mark.parametrize("module", [taobao, pinduoduo, suning, youzan])
def test_a_record_of_chinas_clock_names_the_field(module: Any) -> None:
    with pytest.raises(BadRecord) as refused:
        module.moment({"at": CHINA}, "at")
    assert refused.value.field == "at"


@pytest.mark.parametrize("value", [OFFSET, LATE])
@pytest.mark.parametrize("module", [contract, amazon, standard, medusa])
def test_a_record_with_an_offset_names_the_field(module: Any, value: str) -> None:
    with pytest.raises(BadRecord) as refused:
        module.moment({"at": value}, "at")
    assert refused.value.field == "at"


@pytest.mark.parametrize("value", [CHINA, OFFSET, LATE])
def test_a_warehouses_document_names_the_field(value: str) -> None:
    with pytest.raises(BadRecord) as refused:
        xml.moment(value, "checkTime")
    assert refused.value.field == "checkTime"


@pytest.mark.parametrize(
    ("read", "values"),
    [
        (amazon_pushes._moment, (OFFSET, LATE)),
        (shopify_pushes._moment, (OFFSET, LATE)),
        (saleor_pushes._moment, (OFFSET, LATE)),
        (lambda at: douyin_pushes._changed_at({"update_time": at}), (OFFSET, LATE)),
        (papers._moment, (CHINA,)),
        (trails._moment, (CHINA, LATE)),
    ],
    ids=["amazon", "shopify", "saleor", "douyin", "sf", "kuaidi100"],
)
def test_a_hint_goes_without_it(read: Callable[[str], object], values: tuple[str, ...]) -> None:
    assert [read(value) for value in values] == [None] * len(values)


def test_a_settlement_names_the_field() -> None:
    with pytest.raises(BadRecord) as refused:
        douyin._moment(CHINA)
    assert refused.value.field == "settle_time"
