"""Sealed facts of past orders: asked of the receiver while its key exists, and compared with the hash that was kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.receivers import Opened, open_receivers
from oms.app.rulebook.sight import PLAIN
from rules.facts import UNKNOWN


def look_at(hub: Hub, connection: Connection, order_ids: Sequence[int]) -> dict[int, Opened]:
    """The plain receivers of orders; those whose details were erased are left out."""
    return open_receivers(hub, connection, order_ids)


def look_again(hub: Hub, opened: Opened | None, name: str, kept: str | None) -> tuple[Any, bool]:
    """(value, whether it is gone) of a sealed fact.

    Erased ones are gone, and those that are another one than the decision saw. Of a masked receiver the parts were
    never known.
    """
    read = PLAIN.get(name)
    if opened is None or read is None:
        return UNKNOWN, True
    if name.startswith("receiver.") and opened[0].masked:
        return UNKNOWN, kept is not None
    value = read(opened)
    if kept is None or bytes.fromhex(kept) in hub.keys.blinds(name, value):
        return value, False
    return UNKNOWN, True
