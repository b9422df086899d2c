"""Documents of a batch that are checked each on its own, so that a bad one does not refuse the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from marshmallow import ValidationError, fields, post_load

from oms.api.problems import faults
from oms.api.schemas import Body


@dataclass(frozen=True, slots=True)
class Faulty:
    """A document that breaks its schema, with the first field at fault."""

    document: Any
    field: str
    words: str

    @property
    def number(self) -> str:
        """The document's number as far as it can be told."""
        number = self.document.get("external_no") if isinstance(self.document, dict) else None
        return number[:100].encode("utf-8", "replace").decode() if isinstance(number, str) else ""


class Document(Body):
    """Base of documents: what is valid stays exactly as it was sent, since it is kept and read as it is."""

    @post_load(pass_original=True)
    def stay_as_sent(self, _loaded: Any, sent: Any, **_: Any) -> Any:
        """The document itself instead of what marshmallow made of it."""
        return sent


class Alone(fields.Nested):
    """A document in a list: itself when it is valid, Faulty when it is not."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """As of other fields, but a null in the list refuses itself alone."""
        if value is None:
            return Faulty(None, "document", "Field may not be null.")
        return super().deserialize(value, attr, data, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, partial: Any = None, **kwargs: Any) -> Any:
        try:
            super()._deserialize(value, attr, data, partial, **kwargs)
            orjson.dumps(value)
        except ValidationError as error:
            fault = next(iter(faults(error.messages)))
            return Faulty(value, fault["field"], fault["detail"])
        except (TypeError, RecursionError):
            return Faulty(value, "document", "this cannot be written as JSON")
        return value
