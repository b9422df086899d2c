"""How the API's routes are made: one decorator names permission, input, output and refusals of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from marshmallow import Schema

from oms.api.access import needs
from oms.api.problems import TYPE
from oms.api.reading import StrictBlueprint, asks_nothing
from oms.api.schemas import Problem

PREFIX = "/api/v1"
#: Where each kind of input comes from.
QUERY, HEADERS, BODY = "query", "headers", "json"
WORDS = {
    400: "The body is no JSON, or nested too deeply",
    401: "No valid key or session",
    403: "The permission is missing",
    404: "There is no such document, or not for this caller",
    409: "The document's state does not allow it, or somebody else works on it",
    415: "The body is not sent as application/json",
    422: "A field is wrong",
}
View = TypeVar("View", bound=Callable[..., Any])


class Routes:
    """The routes for one kind of document."""

    def __init__(self, name: str, words: str) -> None:
        self.blueprint = StrictBlueprint(f"api_{name}", f"oms.api.{name}", url_prefix=PREFIX, description=words)

    def get(self, path: str, permission: str, answer: type[Schema], **rest: Any) -> Callable[[View], View]:
        """A route to read."""
        return self._route("GET", path, permission, answer, **rest)

    def post(self, path: str, permission: str, answer: type[Schema] | None, **rest: Any) -> Callable[[View], View]:
        """A route to change something."""
        return self._route("POST", path, permission, answer, **rest)

    def put(self, path: str, permission: str, answer: type[Schema], **rest: Any) -> Callable[[View], View]:
        """A route to set something that the path names."""
        return self._route("PUT", path, permission, answer, **rest)

    def delete(self, path: str, permission: str, **rest: Any) -> Callable[[View], View]:
        """A route to remove something."""
        return self._route("DELETE", path, permission, None, status=204, **rest)

    def _route(
        self,
        method: str,
        path: str,
        permission: str,
        answer: type[Schema] | None,
        *,
        asks: Sequence[tuple[str, type[Schema]]] = (),
        refuses: Sequence[int] = (),
        status: int = 200,
        instead: Sequence[str] = (),
    ) -> Callable[[View], View]:
        """`asks` are the inputs, given to the view in this order before the parts of the path.

        Each permission of `instead` opens the route like `permission` does.
        """

        def decorate(view: View) -> View:
            made: Any = self.blueprint.response(status, answer)(view)
            for place, schema in reversed(asks):
                made = self.blueprint.arguments(schema, location=place)(made)
            if not any(place == QUERY for place, _ in asks):
                made = asks_nothing(made)
            made = needs(permission, *instead)(made)
            for code in (401, 403, *refuses):
                note = self.blueprint.alt_response(code, schema=Problem, content_type=TYPE, description=WORDS[code])
                made = note(made)
            self.blueprint.route(path, methods=[method])(made)
            return view

        return decorate
