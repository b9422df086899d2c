"""Numbers in the console's addresses: no larger than a document's id can be, so that others are simply not there."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter, Map, ValidationError

from oms.console.forms import LARGEST


class IdConverter(IntegerConverter):
    """`<int:…>` within what the database can hold, whatever the route says."""

    def __init__(
        self,
        map: Map,
        fixed_digits: int = 0,
        min: int | None = None,
        max: int | None = None,
        signed: bool = False,
    ) -> None:
        super().__init__(map, fixed_digits, min, LARGEST if max is None else max, signed)

    def to_python(self, value: str) -> int:
        """The number, unless it has more digits than any of ours."""
        if len(value) > len(str(LARGEST)):
            raise ValidationError
        return int(super().to_python(value))
