"""A whole web application on a real database, and people who sign in to it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from oms.app.kernel.hub import Hub
from oms.bootstrap import assemble
from oms.config import Settings
from oms.db.sealed import KeyRing
from oms.db.session import CLICK_LOCK_TIMEOUT_MS, make_engine

PASSWORD = "rather-long-9-words"
SECRET = "a key for sessions of tests only, long enough"


def a_hub(url: str) -> Hub:
    """A hub with throw-away keys and no vendors."""
    engine = make_engine(url, name="oms test web", lock_timeout_ms=CLICK_LOCK_TIMEOUT_MS)
    return Hub(engine=engine, keys=KeyRing("k1", {"k1": b"k" * 32}), vendors={})


def an_app(hub: Hub, home: Path, **changes: object) -> Flask:
    """The application as bootstrap assembles it."""
    settings = replace(Settings.from_env({"OMS_HOME": str(home)}), **changes)  # type: ignore[arg-type]
    app = assemble(settings, hub, SECRET)
    app.testing = True
    return app


def token_of(page: TestResponse) -> str:
    """The page's CSRF token."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found is not None, page.text[:2000]
    return found[1]


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    """Fill in the sign-in form."""
    token = token_of(client.get("/sign-in"))
    return client.post("/sign-in", data={"email": email, "password": password, "csrf_token": token})
