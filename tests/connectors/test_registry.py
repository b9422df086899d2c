"""Vendors are found by their folders and by modules an installation names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from connectors import registry
from connectors.contract.families import Marketplace
from connectors.contract.manifest import Manifest


class Bazaar(Marketplace):
    """A marketplace that lives outside this project."""

    manifest = Manifest("bazaar", "marketplace", "集市", "Bazaar", "集", "https://bazaar.example.invalid")


@pytest.fixture
def bazaar() -> Iterator[ModuleType]:
    """A module on the import path whose CONNECTOR is Bazaar."""
    module = ModuleType("bazaar_connector")
    module.CONNECTOR = Bazaar
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]
    registry.all_vendors.cache_clear()


def test_every_vendor_folder_is_found_under_its_own_name():
    for vendor, connector in registry.all_vendors().items():
        family, folder = connector.__module__.split(".")[1:3]
        assert vendor == folder == connector.manifest.vendor
        assert registry.FAMILY_FOLDERS[family] == connector.manifest.family
    assert "taobao" in registry.all_vendors()


def test_a_vendor_is_found_by_name():
    assert registry.find("taobao").manifest.label_zh == "淘宝/天猫"


def test_an_unknown_vendor_is_told_which_names_there_are():
    with pytest.raises(registry.UnknownVendor, match=r"'nowhere'.*taobao"):
        registry.find("nowhere")


def test_a_module_named_by_the_installation_is_found_too(bazaar: ModuleType):
    assert registry.find("bazaar", (bazaar.__name__,)) is Bazaar
    assert "taobao" in registry.all_vendors((bazaar.__name__,))


def test_two_vendors_of_one_name_are_refused(bazaar: ModuleType):
    with pytest.raises(ValueError, match="two connectors are called 'bazaar'"):
        registry.all_vendors((bazaar.__name__, bazaar.__name__))


def test_a_module_without_a_connector_is_refused(bazaar: ModuleType):
    bazaar.CONNECTOR = object
    with pytest.raises(TypeError, match="bazaar_connector must set CONNECTOR"):
        registry.all_vendors((bazaar.__name__,))


def test_manifests_of_a_family_come_by_name(bazaar: ModuleType):
    vendors = [manifest.vendor for manifest in registry.of_family("marketplace", (bazaar.__name__,))]
    assert vendors == sorted(vendors)
    assert {"bazaar", "taobao"} <= set(vendors)
