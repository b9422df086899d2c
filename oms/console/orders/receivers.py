"""A receiver as screens show it: masked unless it was asked for with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from oms.app.kernel.queries.order_page import OrderPage
from oms.app.kernel.receivers import open_receiver
from oms.console.context import connection, hub
from oms.domain.errors import HubError

_LONG_NUMBER = re.compile(r"\d{5,}")


@dataclass(frozen=True, slots=True)
class ShownReceiver:
    """Name, phone and address in the form that may be shown."""

    name: str
    phone: str
    address: str
    is_plain: bool = False
    is_platform_masked: bool = False


def shown(page: OrderPage, plain: Any = None) -> ShownReceiver | None:
    """The receiver of an order: in plain text when one is given, else masked; None when there is none."""
    if page.receiver is None:
        return None
    person = plain or _open(page.order.id)
    where = " ".join(part for part in (page.receiver.state, page.receiver.city, page.receiver.district) if part)
    if person is None:
        return ShownReceiver("**", "****", where)
    town = f"{where} {person.town}".strip()
    if plain is not None:
        return ShownReceiver(
            person.name, person.phone or person.telephone, f"{town} {person.address}", True, person.masked
        )
    return ShownReceiver(
        mask_name(person.name), mask_phone(person.phone or person.telephone), f"{town} ****", False, person.masked
    )


def message(page: OrderPage) -> dict[str, str]:
    """The buyer's message and the shop's memo, long numbers masked."""
    if page.receiver is None or not (page.order.has_message or page.order.has_memo):
        return {}
    try:
        _person, kept = open_receiver(hub(), connection(), page.order.id)
    except HubError:
        return {}
    return {name: _LONG_NUMBER.sub("****", str(text)) for name, text in kept.items() if text}


def mask_name(name: str) -> str:
    """The first character only."""
    return f"{name[:1]}**" if name else "**"


def mask_phone(phone: str) -> str:
    """The first three and the last four digits of a long enough number."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****"


def _open(order_id: int) -> Any:
    try:
        person, _kept = open_receiver(hub(), connection(), order_id)
    except HubError:
        return None
    return person
