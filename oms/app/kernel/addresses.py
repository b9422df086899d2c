"""Which addresses the hub may call: web addresses, and its own network only where the installation allows it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from oms.domain.errors import Invalid

PRIVATE = "ask the administrator to set OMS_ALLOW_PRIVATE_ADDRESSES=1, or use a public address"
WRITE_IT = "write it like https://api.example.com"


def check_addresses(addresses: Mapping[str, str], *, allow_private: bool) -> None:
    """Invalid names the first field whose address is no web address or leads into a private network.

    Names are looked up, so call it outside of a transaction; one that nobody knows yet is let through.
    """
    for field, address in addresses.items():
        host, port = _host_of(field, address)
        if not allow_private and (is_private(host) or is_inner_name(host) or _leads_inside(host, port)):
            raise Invalid(field, "this address is in a private network", PRIVATE)


def is_private(host: str) -> bool:
    """Whether a literal address is not of the open internet; a name is not known to be."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global or (mapped or address).is_multicast


def is_inner_name(host: str) -> bool:
    """A name without a dot is one of this machine or its network."""
    return ":" not in host and "." not in host.rstrip(".")


def _host_of(field: str, address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Invalid(field, "this is not a web address", WRITE_IT) from None
    if parts.scheme not in ("https", "http") or not host or port == 0 or not address.isprintable() or " " in address:
        raise Invalid(field, "this is not a web address", WRITE_IT)
    return host, port or (443 if parts.scheme == "https" else 80)


def _leads_inside(host: str, port: int) -> bool:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(is_private(str(place[4][0])) for place in found)
