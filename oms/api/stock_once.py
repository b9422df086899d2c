"""Requests that make a stock document: what makes repeating one harmless, and how a repeated one is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import jsonify, make_response
from flask.wrappers import Response
from marshmallow import EXCLUDE, Schema, fields, validate

from oms.api.access import caller
from oms.api.schemas import plain_text
from oms.app.stock.once import Request, requests_of

REFERENCE_WORDS: Final = (
    "Your own number of the document, unique among all of its kind: sent again with the same content it answers the same "
    "document, with other content it is refused (409)"
)


class OnceHeaders(Schema):
    """A key that makes repeating a request harmless; other headers are none of ours."""

    class Meta:
        unknown = EXCLUDE

    idempotency_key = fields.String(
        data_key="Idempotency-Key", load_default="", validate=[validate.Length(min=8, max=100), plain_text],
        metadata={"description": "The same key again answers the same document; with other content it is refused (422)"},
    )  # fmt: skip


def reference_field() -> fields.String:
    """The caller's own number of a document."""
    return fields.String(
        load_default="", validate=[validate.Length(max=100), plain_text], metadata={"description": REFERENCE_WORDS}
    )


def asked_once(kind: str, headers: Mapping[str, str], asked: Mapping[str, Any]) -> list[Request]:
    """What tells this request, by its header and by the reference in its body."""
    return requests_of(
        kind, caller().actor, dict(asked), key=headers["idempotency_key"], reference=asked.get("reference", "")
    )


def answer_once(schema: type[Schema], told: Mapping[str, Any], *, is_new: bool, status: int = 201) -> Response:
    """The document; that it had been made before is said in a header."""
    answer = make_response(jsonify(schema().dump(told)), status)
    if not is_new:
        answer.headers["Idempotent-Replay"] = "true"
    return answer
