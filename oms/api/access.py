"""Who calls the API: a key in the Authorization header, or a person signed in at the console."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar, cast

from flask import Flask, current_app, g, request
from flask_wtf.csrf import validate_csrf  # type: ignore[import-untyped]
from sqlalchemy import Connection, text
from wtforms.validators import ValidationError  # type: ignore[import-untyped]

from oms.app.kernel.api_keys import find_key
from oms.app.kernel.hub import Hub
from oms.domain.errors import Forbidden, Invalid, NotFound

P = ParamSpec("P")
R = TypeVar("R")
EXTENSION = "oms_api"
SAFE = ("GET", "HEAD", "OPTIONS")

_SHOPS = text("select id from shop order by id")


class Unauthenticated(Exception):
    """The request names nobody we know; `words` say what is missing."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Caller(Protocol):
    """Whoever calls: a person or a key."""

    @property
    def actor(self) -> str:
        """How events name the caller."""
        ...

    def allows(self, permission: str, shop_id: int | None = None) -> bool:
        """Whether the caller may do this, in this shop when one is named."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the API needs of its application."""

    hub: Hub
    find_person: Callable[[], Caller | None]


def bind(app: Flask, hub: Hub, find_person: Callable[[], Caller | None]) -> None:
    """Give the application what the API needs."""
    app.extensions[EXTENSION] = Surroundings(hub, find_person)


def hub() -> Hub:
    """The running hub's parts."""
    return _surroundings().hub


def caller() -> Caller:
    """Who calls; Unauthenticated when nobody is named or the key is unknown."""
    if "oms_caller" not in g:
        g.oms_caller = _find_caller()
    return cast(Caller, g.oms_caller)


def needs(permission: str, *instead: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A route for callers with this permission, or one of `instead`, only."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not any(caller().allows(one) for one in (permission, *instead)):
                raise Forbidden(f"the permission {permission} is missing", "ask an administrator for it")
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def open_to_all(why: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A route without sign-in; `why` says what protects it or that nothing needs to."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        view.open_to_all = why  # type: ignore[attr-defined]
        return view

    return decorate


def visible_shops(connection: Connection, permission: str) -> list[int]:
    """Ids of the shops the caller has a permission in."""
    return [id_ for id_ in connection.execute(_SHOPS).scalars() if caller().allows(permission, id_)]


def require_shop(permission: str, shop_id: int, what: str) -> None:
    """NotFound when the caller may not see this shop's documents: whether they exist is not told either."""
    if not caller().allows(permission, shop_id):
        raise NotFound(f"there is no such {what}")


def _find_caller() -> Caller:
    header = request.headers.get("Authorization", "")
    scheme, _, key = header.partition(" ")
    if header:
        if scheme.lower() != "bearer" or not key.strip():
            raise Unauthenticated("the Authorization header must be: Bearer KEY")
        return _find_key(key.strip())
    person = _surroundings().find_person()
    if person is None:
        raise Unauthenticated("send an API key in the Authorization header, or sign in at the console")
    if request.method not in SAFE:
        _check_token()
    return person


def _find_key(text_: str) -> Caller:
    running = hub()
    with running.begin() as connection:
        key = find_key(connection, text_, running.clock())
    if key is None:
        raise Unauthenticated("this API key is unknown or revoked")
    return key


def _check_token() -> None:
    """A session comes with any request a browser makes, so a change must also bring the page's token."""
    try:
        validate_csrf(request.headers.get("X-CSRFToken", ""))
    except ValidationError as error:
        words = "a change made with a session needs the page's token"
        raise Invalid("X-CSRFToken", words, "send the header X-CSRFToken, or use an API key") from error


def _surroundings() -> Surroundings:
    return cast(Surroundings, current_app.extensions[EXTENSION])
