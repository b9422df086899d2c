"""Which addresses the hub may send messages to: the open internet, and its own network only where that is allowed."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from oms.app.kernel.addresses import PRIVATE, is_inner_name, is_private
from oms.domain.errors import Invalid

LONGEST = 500
FIELD = "url"
REMEDY = "send an address like https://shop.example.com/hooks/orders"


def host_of(url: str, *, allow_private: bool) -> tuple[str, int]:
    """The host and port of an address that may be registered; Invalid says what is wrong.

    Names are looked up only when a message is sent, since what they mean may change.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid(FIELD, "this is not an address", REMEDY) from None
    host = parts.hostname or ""
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST
    if not is_plain or parts.scheme not in ("https", "http") or not host or parts.username is not None or port == 0:
        raise Invalid(FIELD, "this is not a web address", REMEDY)
    if parts.scheme == "http" and not allow_private:
        raise Invalid(FIELD, "messages are only sent over https", REMEDY)
    if not allow_private and (is_private(host) or is_inner_name(host)):
        raise Invalid(FIELD, "this address is in a private network", PRIVATE)
    return host, port or (443 if parts.scheme == "https" else 80)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads at this moment; `trouble` says why nothing may be sent there.

    `address` is the network address that was checked: connecting to it, and not to the name once more, leaves a name
    that changes its meaning in between no way inside. It is empty where private addresses are allowed.
    """

    trouble: str = ""
    address: str = ""


def look_up(url: str, *, allow_private: bool) -> Place:
    """Look an address up, check all it leads to, and choose the one to connect to."""
    try:
        host, port = host_of(url, allow_private=allow_private)
        if allow_private:
            return Place()
        found = [str(place[4][0]) for place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except Invalid as error:
        return Place(error.words)
    except (OSError, UnicodeError):
        return Place("the name of the address is unknown")
    if not found:
        return Place("the name of the address is unknown")
    if any(is_private(address) for address in found):
        return Place("the address is in a private network")
    return Place(address=found[0])
