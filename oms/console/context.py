"""What a view needs of its request: the hub, one read-only connection, the person and their shops."""

from __future__ import annotations

from typing import cast

from flask import Flask, abort, current_app, g
from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.names import Shops, load_shops
from oms.console.security import Person, current_person

EXTENSION = "oms_hub"


def hub() -> Hub:
    """The running hub's parts."""
    return cast(Hub, current_app.extensions[EXTENSION])


def connection() -> Connection:
    """The request's own connection; it refuses to write, so that a page can never change anything."""
    if "console_connection" not in g:
        opened = hub().engine.connect().execution_options(postgresql_readonly=True)
        g.console_connection = opened
    return cast(Connection, g.console_connection)


def close_connection(_error: BaseException | None = None) -> None:
    """Give the request's connection back; actions call it before they write, so that pages read what they wrote."""
    opened = g.pop("console_connection", None)
    if opened is not None:
        opened.close()


def person() -> Person:
    """Who is at the console; 401 before sign-in."""
    found = current_person()
    if found is None:
        abort(401)
    return found


def actor() -> str:
    """How events name the person."""
    return person().actor


def shops(permission: str = "order.view") -> Shops:
    """The shops this person may use a permission in."""
    at_console = person()
    if "console_shops" not in g:
        g.console_shops = load_shops(connection())
    return Shops(shop for shop in g.console_shops if at_console.allows(permission, shop.id))


def everywhere(permission: str) -> bool:
    """Whether the person may use a permission in every shop there is; what touches all shops asks for that."""
    return all(person().allows(permission, shop.id) for shop in load_shops(connection()))


def bind(app: Flask, running: Hub) -> None:
    """Give the application its hub and close connections after each request."""
    app.extensions[EXTENSION] = running
    app.teardown_appcontext(close_connection)
