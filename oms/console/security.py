"""Who is at the console and what they may do; how they sign in is in oms.console.sign_in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Flask, Response, abort, current_app, g, make_response, redirect, request, url_for

P = ParamSpec("P")
R = TypeVar("R")
Finder = Callable[[], "Person | None"]

FINDER = "oms_person_finder"
#: What everyone who is signed in may do: things of their own, like choosing a language.
SIGNED_IN = "signed_in"


@dataclass(frozen=True)
class Person:
    """Someone signed in; `shop_ids` None means every shop.

    `scopes` holds permissions whose shops differ from `shop_ids`, since each role is given for shops of its own.
    """

    id: int
    display_name: str
    locale: str = "zh"
    theme: str = "system"
    permissions: frozenset[str] = frozenset()
    shop_ids: Collection[int] | None = None
    scopes: Mapping[str, frozenset[int] | None] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        """How events name the person."""
        return f"user:{self.id}"

    def allows(self, permission: str, shop_id: int | None = None) -> bool:
        """Whether the person may do this, in this shop when one is named."""
        if permission == SIGNED_IN:
            return True
        if permission not in self.permissions:
            return False
        shops = self.scopes.get(permission, self.shop_ids)
        return shop_id is None or shops is None or shop_id in shops


def find_people_with(app: Flask, finder: Finder) -> None:
    """Tell the application how to find the person of a request."""
    app.extensions[FINDER] = finder


def current_person() -> Person | None:
    """The person of this request; None before sign-in."""
    if "oms_person" not in g:
        finder = cast(Finder, current_app.extensions.get(FINDER, _stand_in))
        g.oms_person = finder()
    return cast("Person | None", g.oms_person)


def _stand_in() -> Person | None:
    """An application without sign-in, as tests of pages build it, may name its only person."""
    person = current_app.config.get("CONSOLE_PERSON")
    return person if isinstance(person, Person) else None


def requires(permission: str, *instead: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A route that only people with this permission, or one of `instead`, may use; others sign in or are refused."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            person = current_person()
            if person is None:
                abort(ask_to_sign_in())
            if not any(person.allows(one) for one in (permission, *instead)):
                abort(403)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def ask_to_sign_in() -> Response | int:
    """Lead to the sign-in page and from there back; 401 where there is no page to lead to."""
    if "security.login" not in current_app.view_functions:
        return 401
    if "HX-Request" in request.headers:
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = url_for("security.login")
        return answer
    if request.method != "GET":
        return 401
    wanted = request.full_path.rstrip("?")
    return cast(Response, redirect(url_for("security.login", next=wanted if wanted != "/" else None)))
