"""The business parameters of one call: one object under its business name, read with the platform's refusals."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from connectors.sandbox.suning.clock import DAY_MS, SECOND_MS, ms_of
from connectors.sandbox.suning.errors import ApiError, invalid, missing

THREE_MONTHS_MS = 92 * DAY_MS
LARGEST_PAGE = 50


class Params:
    """Typed reading of the parameters; a bad value raises the ApiError that names it."""

    def __init__(self, biz: str, values: Mapping[str, Any]) -> None:
        self.biz = biz
        self._values = values

    def require(self, *names: str) -> None:
        for name in names:
            if self._values.get(name) in (None, "", [], {}):
                raise missing(self.biz, name)

    def text(self, name: str) -> str:
        value = self._values.get(name)
        if isinstance(value, (dict, list)):
            raise invalid(self.biz, name)
        return "" if value is None else str(value).strip()

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """One of the values the platform knows, or nothing."""
        text = self.text(name)
        if text and text not in allowed:
            raise invalid(self.biz, name, "值非法")
        return text

    def number(self, name: str, low: int, high: int) -> int:
        text = self.text(name)
        if not text.isdigit() or not low <= int(text) <= high:
            raise invalid(self.biz, name)
        return int(text)

    def group(self, name: str) -> Params:
        """A nested object; an absent one is empty."""
        return Params(self.biz, _object(self._values.get(name) or {}))

    def groups(self, name: str) -> list[Params]:
        """A list of nested objects; a single one may stand without its list."""
        value = self._values.get(name) or []
        return [Params(self.biz, _object(one)) for one in (value if isinstance(value, list) else [value])]

    def names(self, name: str) -> list[str]:
        """A list of texts; a single one may stand without its list."""
        value = self._values.get(name)
        listed = value if isinstance(value, list) else [value]
        return [str(one).strip() for one in listed if one not in (None, "", {})]

    def page(self) -> tuple[int, int]:
        """Page number from 1 and page size up to 50."""
        number, size = self.text("pageNo") or "1", self.text("pageSize") or "10"
        if not (number.isdigit() and size.isdigit()) or int(number) < 1 or not 1 <= int(size) <= LARGEST_PAGE:
            raise ApiError("sys.check.page-param:error")
        return int(number), int(size)

    def window(self, now_ms: int, days: float) -> tuple[int, int]:
        """Both ends in, to the second: at most so many days wide, begun within the last three months."""
        for name in ("startTime", "endTime"):
            if not self.text(name):
                raise ApiError(f"sys.check.{name.lower()}-value:null")
        since, until = self._moment("startTime"), self._moment("endTime")
        if since > until:
            raise ApiError("sys.check.query-time:error")
        if until - since > days * DAY_MS:
            raise ApiError("sys.check.query-time:outofrange")
        if since < now_ms - THREE_MONTHS_MS:
            raise ApiError("biz.orderquery.time-value:outofrange")
        return since, until + SECOND_MS

    def _moment(self, name: str) -> int:
        try:
            return ms_of(self.text(name))
        except ValueError:
            raise ApiError(f"biz.orderquery.{name}-format:error", "时间格式错误，如2012-06-20 00:00:00") from None


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ApiError("sys.check.request-params:error")
    return value
