"""How strictly requests are read: bodies that no parser can take, and questions that nobody asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import request
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser, abort

from oms.domain.errors import Invalid

P = ParamSpec("P")
R = TypeVar("R")


class StrictParser(FlaskParser):
    """Leaves it to the schema whether a query parameter is known.

    A body that is JSON but deeper, or a number in it longer, than Python reads is answered with 400.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": None}

    def load_json(self, req: Any, schema: Any) -> Any:
        """The body of a request."""
        try:
            return super().load_json(req, schema)
        except (RecursionError, ValueError):
            abort(400, messages={"json": ["Nested too deeply, or a number is too long."]})


class StrictBlueprint(Blueprint):  # type: ignore[misc]
    """flask-smorest's blueprint with our parser."""

    ARGUMENTS_PARSER = StrictParser()


def asks_nothing(view: Callable[P, R]) -> Callable[P, R]:
    """Refuse query parameters where there are none: whoever sends one believes that it narrows something."""

    @wraps(view)
    def strict(*args: P.args, **kwargs: P.kwargs) -> R:
        if request.args:
            raise Invalid(next(iter(request.args)), "Unknown field.", "leave it out; /api/docs lists what there is")
        return view(*args, **kwargs)

    return strict
