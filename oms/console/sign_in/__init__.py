"""Signing in: Flask-Security on the plain user tables, with a second factor, recovery codes and limits on attempts."""

from oms.console.sign_in.accounts import ensure_user
from oms.console.sign_in.roles import keep_roles
from oms.console.sign_in.setup import register_sign_in

__all__ = ["ensure_user", "keep_roles", "register_sign_in"]
