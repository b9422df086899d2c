"""The embedded PostgreSQL: real server binaries from a wheel, started, watched and stopped by our own code."""

from oms.embedded.errors import EmbeddedPostgresError
from oms.embedded.server import EmbeddedPostgres, running_url

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "running_url"]
