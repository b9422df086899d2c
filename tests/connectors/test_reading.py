"""The shared readers give a value or a BadRecord that names the field and does not repeat the value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import reading
from connectors.contract.errors import BadRecord


def test_a_body_is_an_object_or_a_bad_record() -> None:
    assert reading.tree(b'{"no":"7"}', "order") == {"no": "7"}
    for body, words in ((b"{", "not JSON"), (b"[]", "not an object"), (b"", "not JSON"), (b"7", "not an object")):
        with pytest.raises(BadRecord, match=words) as caught:
            reading.tree(body, "order")
        assert caught.value.field == "order"


def test_what_is_missing_is_empty_unless_it_is_needed() -> None:
    assert (reading.text({}, "a"), reading.rows({}, "a"), reading.whole({}, "a")) == ("", [], 0)
    assert (reading.inner({}, "a"), reading.moment({}, "a")) == ({}, None)
    with pytest.raises(BadRecord, match="missing"):
        reading.required({"a": ""}, "a")
    with pytest.raises(BadRecord, match="missing"):
        reading.needed_moment({}, "a")


def test_values_are_read_exactly() -> None:
    told = {"no": 1234567890123456789, "rows": [{"a": 1}], "in": {"b": 2}, "units": 3, "at": "2026-03-01T10:00:00+02:00"}
    assert reading.required(told, "no") == "1234567890123456789"
    assert (reading.rows(told, "rows"), reading.inner(told, "in"), reading.whole(told, "units")) == (
        [{"a": 1}],
        {"b": 2},
        3,
    )
    assert reading.moment(told, "at") == datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (reading.text, ["canary"]),
        (reading.rows, {"canary": 1}),
        (reading.rows, ["canary"]),
        (reading.inner, "canary"),
        (reading.whole, "canary"),
        (reading.whole, -7771),
        (reading.moment, "canary"),
        (reading.moment, "2026-03-01T10:00:00"),
        (reading.moment, 7771),
    ],
)
def test_another_form_is_refused_by_its_field_without_its_value(read: Callable[..., Any], value: object) -> None:
    with pytest.raises(BadRecord) as caught:
        read({"amount": value}, "amount")
    assert caught.value.field == "amount"
    assert "canary" not in str(caught.value)
    assert "7771" not in str(caught.value)
