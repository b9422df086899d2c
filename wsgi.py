"""The web application for a WSGI server, with settings from the environment."""

from __future__ import annotations

import os

from oms.bootstrap import create_app
from oms.config import Settings

app = create_app(Settings.from_env(os.environ))
