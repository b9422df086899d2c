"""A quick constructor makes the very records that the class itself makes."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace

import pytest

from connectors.contract.quick import quick
from connectors.contract.records import LineRecord, ReceiverRecord

LINE = ("1", "n", "v", "CODE", "title", 2, 200, 180)


def test_it_makes_records_of_the_class_itself() -> None:
    made = quick(LineRecord)(*LINE, discount_merchant=20)
    assert type(made) is LineRecord
    assert made == LineRecord(*LINE, discount_merchant=20)
    assert hash(made) == hash(LineRecord(*LINE, discount_merchant=20))
    assert repr(made) == repr(LineRecord(*LINE, discount_merchant=20))


def test_what_it_makes_is_frozen_and_can_be_replaced_and_pickled() -> None:
    made = quick(LineRecord)(*LINE)
    with pytest.raises(FrozenInstanceError):
        made.units = 3  # type: ignore[misc]
    assert replace(made, units=3) == replace(LineRecord(*LINE), units=3)
    assert pickle.loads(pickle.dumps(made)) == made


def test_each_record_gets_its_own_default_container() -> None:
    make = quick(ReceiverRecord)
    assert make().tokens is not make().tokens


def test_a_missing_field_is_refused() -> None:
    with pytest.raises(TypeError, match="seller_code"):
        quick(LineRecord)("1", "n", "v")  # type: ignore[call-arg]
