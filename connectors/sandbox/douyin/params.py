"""The business parameters of one call (`param_json`), read with the platform's own refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.douyin.errors import invalid, missing

Doc = dict[str, Any]


class Params:
    """Typed reading of a JSON object; numbers may come as text. A bad value raises the ApiError that names it."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        return self._values.get(name) not in (None, "", [], {})

    def require(self, *names: str) -> None:
        for name in names:
            if not self.has(name):
                raise missing(name)

    def text(self, name: str, default: str = "") -> str:
        value = self._values.get(name, default)
        if isinstance(value, dict | list | bool):
            raise invalid(name, f"{name}应为字符串")
        return str(default if value is None else value).strip()

    def number(self, name: str, default: int = 0, low: int | None = None, high: int | None = None) -> int:
        value = self._values.get(name, default)
        try:
            if isinstance(value, bool | float):
                raise ValueError
            found = int(value)
        except (TypeError, ValueError):
            raise invalid(name, f"{name}应为整数") from None
        if (low is not None and found < low) or (high is not None and found > high):
            raise invalid(name, f"{name}应在{low}到{high}之间")
        return found

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._values.get(name, default)
        if value in (True, "true", "1", 1):
            return True
        if value in (False, "false", "0", 0, "", None):
            return False
        raise invalid(name, f"{name}应为布尔值")

    def items(self, name: str, most: int) -> list[Params]:
        """A list of 1 to `most` objects."""
        found = self._values.get(name)
        if not self.has(name):
            raise missing(name)
        if not isinstance(found, list) or len(found) > most or not all(isinstance(item, dict) for item in found):
            raise invalid(name, f"{name}应为1到{most}个对象的列表")
        return [Params(item) for item in found]

    def texts(self, name: str) -> list[str]:
        """A list of one text or more."""
        found = self._values.get(name)
        if not self.has(name):
            raise missing(name)
        if not isinstance(found, list) or not all(isinstance(item, str | int) for item in found):
            raise invalid(name, f"{name}应为字符串列表")
        return [str(item) for item in found]

    def inner(self, name: str) -> Params:
        """An object inside the object; empty when absent."""
        found = self._values.get(name) or {}
        if not isinstance(found, dict):
            raise invalid(name, f"{name}应为对象")
        return Params(found)
