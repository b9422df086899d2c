"""The business parameters of one call, read with the platform's own refusals."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.sandbox.taobao.clock import moment_of
from connectors.sandbox.taobao.errors import invalid, missing


class Params:
    """Typed reading of form parameters; a bad value raises the ApiError that names it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def require(self, *names: str) -> None:
        for name in names:
            if not self._values.get(name, "").strip():
                raise missing(name)

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, default).strip()

    def number(self, name: str, default: int, low: int | None = None, high: int | None = None) -> int:
        text = self.text(name)
        try:
            value = int(text) if text else default
        except ValueError:
            raise invalid(name, f"{name} is not a number") from None
        if (low is not None and value < low) or (high is not None and value > high):
            raise invalid(name, f"{name} must lie between {low} and {high}")
        return value

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "1")

    def moment(self, name: str) -> datetime:
        try:
            return moment_of(self.text(name))
        except ValueError:
            raise invalid(name, "the format is yyyy-MM-dd HH:mm:ss") from None

    def names(self, name: str) -> list[str]:
        """A comma list without blanks."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def json(self, name: str) -> Any:
        try:
            return json.loads(self.text(name))
        except ValueError:
            raise invalid(name, f"{name} is not JSON") from None
