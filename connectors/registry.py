"""Finds the vendors: every package connectors/<family>/<vendor> and modules named by an installation.

A vendor's module offers its class as `CONNECTOR`; nothing here knows a vendor by name.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType, ModuleType

import connectors
from connectors.contract.families import Connector
from connectors.contract.manifest import Manifest

#: Folder of a family → the family's name in manifests.
FAMILY_FOLDERS = {
    "marketplaces": "marketplace",
    "warehouses": "warehouse",
    "carriers": "carrier",
    "payments": "payment",
    "notifiers": "notifier",
    "invoicing": "invoicing",
    "desks": "desk",
    "ledgers": "ledger",
    "geocoders": "geocoder",
}


class UnknownVendor(LookupError):
    """No connector goes by this name."""


def find(vendor: str, extra_modules: tuple[str, ...] = ()) -> type[Connector]:
    """The connector class of a vendor; UnknownVendor lists the names there are."""
    vendors = all_vendors(extra_modules)
    try:
        return vendors[vendor]
    except KeyError:
        known = ", ".join(sorted(vendors))
        raise UnknownVendor(f"no connector is called {vendor!r}; there are: {known}") from None


@cache
def all_vendors(extra_modules: tuple[str, ...] = ()) -> Mapping[str, type[Connector]]:
    """Vendor → connector class, own ones first, then those of the modules named."""
    found: dict[str, type[Connector]] = {}
    for module in (*_own_modules(), *map(import_module, extra_modules)):
        connector = _connector_of(module)
        vendor = connector.manifest.vendor
        if vendor in found:
            rivals = f"{found[vendor].__module__} and {module.__name__}"
            raise ValueError(f"two connectors are called {vendor!r}: {rivals}")
        found[vendor] = connector
    return MappingProxyType(found)


def of_family(family: str, extra_modules: tuple[str, ...] = ()) -> tuple[Manifest, ...]:
    """Manifests of one family ("marketplace", "warehouse", …), by vendor name."""
    vendors = all_vendors(extra_modules).values()
    return tuple(
        sorted((c.manifest for c in vendors if c.manifest.family == family), key=lambda manifest: manifest.vendor)
    )


def _own_modules() -> Iterator[ModuleType]:
    present = {module.name for module in pkgutil.iter_modules(connectors.__path__)}
    for folder in FAMILY_FOLDERS:
        if folder not in present:
            continue
        family = import_module(f"connectors.{folder}")
        for vendor in pkgutil.iter_modules(family.__path__):
            if vendor.ispkg:
                yield import_module(f"connectors.{folder}.{vendor.name}")


def _connector_of(module: ModuleType) -> type[Connector]:
    connector = getattr(module, "CONNECTOR", None)
    if not (isinstance(connector, type) and issubclass(connector, Connector)):
        raise TypeError(f"{module.__name__} must set CONNECTOR to its connector class")
    return connector
