"""How tests use the console's pages: read a page's text, send its forms with their token."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def page_of(client: FlaskClient, path: str, status: int = 200) -> str:
    """The page at a path."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:400]
    return answer.text


def send(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Post a form as the page at home would: with the session's token."""
    found = _TOKEN.search(client.get("/").text)
    assert found is not None
    return client.post(path, data={"csrf_token": found[1], **fields})
