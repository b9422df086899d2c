"""The business parameters of one call, read with the platform's own refusals."""

import json
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.pinduoduo.errors import invalid, missing


class Params:
    """Typed reading of parameters; a bad value raises the ApiError that names it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def require(self, *names: str) -> None:
        for name in names:
            if not self.text(name):
                raise missing(name)

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, default).strip()

    def number(self, name: str, default: int = 0, low: int | None = None, high: int | None = None) -> int:
        text = self.text(name)
        try:
            value = int(text) if text else default
        except ValueError:
            raise invalid(name, "不是整数") from None
        if (low is not None and value < low) or (high is not None and value > high):
            raise invalid(name, f"取值范围{low}到{high}")
        return value

    def choice(self, name: str, allowed: tuple[int, ...], default: int | None = None) -> int:
        """One of the numbers an enumeration has; without a default the parameter must be there."""
        if default is None:
            self.require(name)
        value = self.number(name, default or 0)
        if value not in allowed:
            raise invalid(name, f"只支持{','.join(map(str, allowed))}")
        return value

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "1")

    def inner(self, name: str, *required: str) -> "Params":
        """A parameter that is itself an object (`request`, `param`), with what must stand in it."""
        found = self._json(name)
        if not isinstance(found, dict):
            raise invalid(name, "不是对象")
        texts = {
            key: value if isinstance(value, str) else _text(value) for key, value in found.items() if value is not None
        }
        inner = Params(texts)
        inner.require(*required)
        return inner

    def rows(self, name: str, most: int, *required: str) -> list[dict[str, Any]]:
        """A list of objects, each with what must stand in it."""
        found = self._json(name)
        if not isinstance(found, list) or not found or len(found) > most:
            raise invalid(name, f"1到{most}条")
        for row in found:
            if not isinstance(row, dict):
                raise invalid(name, "不是对象列表")
            for key in required:
                if not str(row.get(key) or "").strip():
                    raise missing(f"{name}.{key}")
        return found

    def names(self, name: str, most: int) -> list[str]:
        """A comma list of at most so many."""
        self.require(name)
        found = [part.strip() for part in self.text(name).split(",") if part.strip()]
        if len(found) > most:
            raise invalid(name, f"最多{most}个")
        return found

    def _json(self, name: str) -> Any:
        self.require(name)
        try:
            return json.loads(self.text(name))
        except ValueError:
            raise invalid(name, "不是JSON") from None


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else str(value)
