"""The web console: server-rendered pages, a folder for each room, templates beside them.

`register_console` hangs it into a Flask application; sign-in lives in oms.console.security.
"""

from __future__ import annotations

from flask import Flask

from oms.app.kernel.hub import Hub


def register_console(app: Flask, hub: Hub) -> None:
    """Add the console's pages, languages and error pages to an application."""
    from oms.console import wiring

    wiring.register(app, hub)
