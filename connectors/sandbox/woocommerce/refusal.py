"""How WordPress refuses a call: code, message and a status inside of `data`. No rules of when."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.wrappers import Response


class Refusal(Exception):
    """A call is refused with this HTTP status; `data` takes the place of the usual {"status": …}."""

    def __init__(self, status: int, code: str | int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.data = {"status": status} if data is None else data

    def response(self) -> Response:
        return answer({"code": self.code, "message": str(self), "data": self.data}, self.status)


def answer(document: object, status: int = 200) -> Response:
    """A JSON answer as WordPress encodes it: non-ASCII escaped, slashes escaped."""
    body = json.dumps(document, separators=(",", ":")).replace("/", "\\/")
    return Response(body, status=status, content_type="application/json; charset=UTF-8")


def bad_params(reasons: Mapping[str, str]) -> Refusal:
    """Parameters that do not fit the schema, with the reason of each."""
    details = {name: {"code": "rest_invalid_type", "message": why, "data": None} for name, why in reasons.items()}
    told = {"status": 400, "params": dict(reasons), "details": details}
    return Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {', '.join(reasons)}", told)


def missing_params(names: Sequence[str]) -> Refusal:
    """Required parameters that are not there."""
    told = {"status": 400, "params": list(names)}
    return Refusal(400, "rest_missing_callback_param", f"Missing parameter(s): {', '.join(names)}", told)


def no_route() -> Refusal:
    return Refusal(404, "rest_no_route", "No route was found matching the URL and request method.")


def invalid_id(kind: str, status: int = 404) -> Refusal:
    """There is no such resource; WooCommerce answers 404 to a look-up and 400 to a change."""
    return Refusal(status, f"woocommerce_rest_{kind}_invalid_id", "Invalid ID.")


def not_signed_in(method: str, is_list: bool) -> Refusal:
    """Nobody is signed in: the code says what was not allowed."""
    if method == "GET":
        words = "cannot list resources" if is_list else "cannot view this resource"
        return Refusal(401, "woocommerce_rest_cannot_view", f"Sorry, you {words}.")
    verb, words = {
        "POST": ("create", "are not allowed to create resources"),
        "DELETE": ("delete", "are not allowed to delete this resource"),
    }.get(method, ("edit", "are not allowed to edit this resource"))
    return Refusal(401, f"woocommerce_rest_cannot_{verb}", f"Sorry, you {words}.")
