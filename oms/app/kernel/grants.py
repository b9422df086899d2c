"""The way of a shop's owner to the platform's page and back, and a person's trying of an account."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract.errors import AuthFailed, ConnectorError, NotSupported
from connectors.contract.families import CheckReport
from oms.app.kernel.authorisation import can_be_granted, keep_credentials
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.domain.errors import HubError, Invalid


class GrantRefused(HubError):
    """The platform did not authorise us, or does not answer; the words are the platform's."""

    code = "grant-refused"


def begin_grant(hub: Hub, account_id: int, redirect_url: str, state: str) -> str:
    """The platform's page on which the owner grants access. GrantRefused says what is to be filled in first."""
    connector = connector_of(hub, account_id=account_id, even_paused=True)
    if not can_be_granted(type(connector)):
        raise Invalid("account", "this platform's keys are typed in", "fill them in below and save")
    try:
        return connector.authorise_url(redirect_url, state)
    except ConnectorError as error:
        raise GrantRefused(error.words, "fill in the account's settings and save, then authorise") from None


def finish_grant(hub: Hub, account_id: int, query: Mapping[str, str], redirect_url: str) -> None:
    """Exchange what the platform sent back for credentials and keep them; a paused account goes on."""
    connector = connector_of(hub, account_id=account_id, even_paused=True)
    try:
        brought = connector.exchange_code(query, redirect_url)
    except AuthFailed as error:
        raise GrantRefused(error.words, "authorise again, as the shop's owner") from None
    except ConnectorError as error:
        raise GrantRefused(error.words, "try again in a few minutes") from None
    with hub.begin() as connection:
        keep_credentials(hub, connection, account_id, brought)
    hub.poke("sync")


def try_account(hub: Hub, account_id: int) -> CheckReport:
    """Try an account with a harmless call, paused or not; what goes wrong is told, never raised."""
    try:
        return connector_of(hub, account_id=account_id, even_paused=True).check()
    except NotSupported:
        return CheckReport(True, "this platform has no call to try keys with; the first pull will tell")
    except (ConnectorError, HubError) as error:
        return CheckReport(False, error.words)
