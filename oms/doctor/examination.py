"""The doctor's round: runs all checks and collects what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from oms.config import Settings
from oms.doctor import database, host
from oms.doctor.finding import Finding, bad
from oms.domain.errors import HubError

HostCheck = Callable[[Settings], Iterable[Finding]]
DatabaseCheck = Callable[[Settings, str], Iterable[Finding]]

#: What can be asked without a database.
HOST_CHECKS: list[HostCheck] = [host.check_keys, host.check_disk, host.check_connectors]

#: What needs one; each gets the database's address. The accounts of the installation are checked here, too.
DATABASE_CHECKS: list[DatabaseCheck] = [
    database.check_version,
    database.check_direct,
    database.check_pool_url,
    database.check_schema,
    database.check_clock,
]


def examine(settings: Settings, url: str | None) -> list[Finding]:
    """All findings; `url` None means that no database runs, which is a finding of its own."""
    findings = [finding for check in HOST_CHECKS for finding in check(settings)]
    return [*findings, *_database_findings(settings, url)]


def _database_findings(settings: Settings, url: str | None) -> list[Finding]:
    if url is None:
        remedy = "Start it with `oms up`, or set DATABASE_URL."
        return [bad("database", f"the embedded database of {settings.home} is not running", remedy)]
    try:
        return [finding for check in DATABASE_CHECKS for finding in check(settings, url)]
    except HubError as error:
        return [bad("database", error.words, error.remedy)]
