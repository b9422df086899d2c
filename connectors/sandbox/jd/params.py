"""The business parameters of one call: the flat object of 360buy_param_json, read with the platform's refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.jd.clock import ms_of
from connectors.sandbox.jd.errors import invalid, missing


class Params:
    """Typed reading of the parameters; a bad value raises the ApiError that names it."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def require(self, *names: str) -> None:
        for name in names:
            if self.raw(name) in (None, "", []):
                raise missing(name)

    def raw(self, name: str) -> Any:
        return self._values.get(name)

    def text(self, name: str, default: str = "") -> str:
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, (dict, list)):
            raise invalid(name, "must not be wrapped in an object")
        return str(value).strip()

    def number(self, name: str, default: int = 0, low: int | None = None, high: int | None = None) -> int:
        text = self.text(name)
        try:
            value = int(text) if text else default
        except ValueError:
            raise invalid(name, "is not a number") from None
        if (low is not None and value < low) or (high is not None and value > high):
            raise invalid(name, f"must lie between {low} and {high}")
        return value

    def moment(self, name: str, default: int = 0) -> int:
        """Epoch milliseconds of a time, or the default when it is absent."""
        text = self.text(name)
        try:
            return ms_of(text) if text else default
        except ValueError:
            raise invalid(name, "must be yyyy-MM-dd HH:mm:ss") from None

    def names(self, name: str) -> list[str]:
        """A comma list (or a JSON array) without blanks."""
        value = self.raw(name)
        parts = [str(part) for part in value] if isinstance(value, list) else self.text(name).split(",")
        return [part.strip() for part in parts if part.strip()]
