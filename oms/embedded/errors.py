"""What can keep the embedded server from running."""

from oms.domain.errors import HubError


class EmbeddedPostgresError(HubError):
    """The embedded PostgreSQL cannot be used; `remedy` says what to do about it."""

    code = "embedded-postgres"
