"""The open REST API, the hooks other systems push to, and health; `register_api` hangs them into an application."""

from oms.api.setup import API_BLUEPRINTS, register_api

__all__ = ["API_BLUEPRINTS", "register_api"]
