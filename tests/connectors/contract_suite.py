"""What every connector promises, as tests that a vendor inherits.

A vendor's test module says:

    class TestContract(MarketplaceSuite):
        connector = Taobao
        kit = Kit(read=…, write=…, refusals=(…), orders=(…))

and adds `PushSuite` (contract_push) when it receives pushes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest
import requests
import responses

from connectors.contract import errors as e
from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.families import FAMILIES, Carrier, Connector, Marketplace, Warehouse
from connectors.contract.manifest import Account
from connectors.contract.telling import SERVICES
from tests.connectors.contract_kit import (
    CANARY,
    EVERYWHERE,
    NOW,
    BadDocument,
    Kit,
    Refusal,
    answer_always,
    assert_normal,
    assert_silent,
    echo,
    explained,
    mutants,
)

__all__ = [
    "NOW",
    "BadDocument",
    "CarrierSuite",
    "ConnectorSuite",
    "Kit",
    "MarketplaceSuite",
    "Refusal",
    "WarehouseSuite",
]

#: A write and the call that tells whether it happened.
LOOK_UPS = {
    "push_shipment": "find_shipment",
    "create_fulfilment": "find_fulfilment",
    "request_waybill": "find_waybill",
    "refund": "find_refund",
    "refund_case": "find_refund",
    "issue_invoice": "find_invoice",
}
#: A stream and the parser of what it brings.
PARSERS = {"pull_orders": "parse_order", "pull_cases": "parse_case"}


class ConnectorSuite:
    """Promises of every family: manifest, capabilities, errors, secrecy."""

    connector: ClassVar[type[Any]]
    kit: ClassVar[Kit]

    @pytest.fixture
    def platform(self) -> Iterator[responses.RequestsMock]:
        """The outside world; nothing leaves the machine."""
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            yield mock

    @pytest.fixture
    def account(self) -> Account:
        """Settings from the kit and defaults, every secret a canary."""
        manifest = self.connector.manifest
        settings = {f.name: f.default or "x1" for f in manifest.fields if not f.secret}
        secrets = {f.name: f"{CANARY}{f.name}" for f in manifest.fields if f.secret}
        given = dict(self.kit.settings)
        secrets.update({name: given.pop(name) for name in tuple(given) if name in secrets})
        return Account(settings={**settings, **given}, secrets=secrets)

    @pytest.fixture
    def vendor(self, account: Account) -> Any:
        """The connector under test, at a fixed time."""
        return self.connector(account, clock=lambda: NOW)

    # ---- what it says of itself --------------------------------------------------------------

    def test_manifest_names_vendor_and_family_as_its_folder_does(self) -> None:
        manifest = self.connector.manifest
        parts = self.connector.__module__.split(".")
        assert parts[0] == "connectors"
        assert parts[2] == manifest.vendor
        assert parts[1].startswith(manifest.family)
        assert any(
            issubclass(self.connector, base) and base.__name__.lower() == manifest.family
            for base in (*FAMILIES, *SERVICES)
        )

    def test_manifest_can_draw_the_account_form(self) -> None:
        manifest = self.connector.manifest
        assert len({f.name for f in manifest.fields}) == len(manifest.fields)
        for wanted in manifest.fields:
            assert wanted.label_zh, f"{wanted.name} lacks its Chinese label"
            assert wanted.label_en, f"{wanted.name} lacks its English label"
            assert not (wanted.secret and wanted.default), f"secret {wanted.name} must have no default"
        assert manifest.label_zh
        assert manifest.label_en
        assert len(manifest.mark) == 1

    def test_manifest_limits_are_sane(self) -> None:
        manifest = self.connector.manifest
        assert manifest.gateway.startswith("https://")
        assert manifest.page_size > 0
        assert timedelta(0) <= manifest.overlap < manifest.widest_window
        assert manifest.lag >= timedelta(0)
        assert manifest.calls_per_second > 0
        for name, limit in manifest.operations.items():
            assert name, "a call without a name has the account's limit alone"
            assert limit.per_second > 0, name
            assert limit.burst >= 1, name

    def test_it_can_be_checked(self) -> None:
        assert self.connector.check is not Connector.check

    def test_every_stream_has_its_parser_and_every_write_its_look_up(self) -> None:
        capabilities = self.connector.capabilities()
        for first, second in {**PARSERS, **LOOK_UPS}.items():
            if first in capabilities:
                assert second in capabilities, f"{first} needs {second}"

    def test_making_one_calls_nobody(self, vendor: Any, platform: responses.RequestsMock) -> None:
        assert vendor.gateway.startswith("http")
        assert len(platform.calls) == 0

    def test_account_gateway_is_called_instead_of_the_vendor_s(
        self, account: Account, platform: responses.RequestsMock
    ) -> None:
        platform.add_callback(responses.POST, EVERYWHERE, callback=lambda _: (500, {}, ""))
        platform.add_callback(responses.GET, EVERYWHERE, callback=lambda _: (500, {}, ""))
        moved = self.connector(replace(account, gateway="http://gate.example.invalid/top"), clock=lambda: NOW)
        with pytest.raises(e.ConnectorError):
            self.kit.read(moved)
        assert platform.calls[0].request.url.startswith("http://gate.example.invalid/top")

    # ---- errors ------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("failure", "reading", "writing"),
        [
            pytest.param(requests.exceptions.ConnectTimeout(), e.Retryable, e.Retryable, id="cannot-connect"),
            pytest.param(requests.exceptions.ReadTimeout(), e.Retryable, e.OutcomeUnknown, id="no-answer"),
            pytest.param((502, "bad gateway"), e.Retryable, e.OutcomeUnknown, id="server-error"),
            pytest.param((429, "slow down"), e.RateLimited, e.RateLimited, id="too-many-calls"),
            pytest.param((200, "<html>maintenance"), e.Retryable, e.OutcomeUnknown, id="not-the-format"),
            pytest.param((200, ""), e.Retryable, e.OutcomeUnknown, id="empty-answer"),
        ],
    )
    def test_transport_trouble_is_sorted_by_what_to_do_next(
        self, vendor: Any, platform: responses.RequestsMock, failure: Any, reading: type, writing: type
    ) -> None:
        answer_always(platform, failure)
        assert type(self._failure_of(vendor, self.kit.read)) is reading
        if self.kit.write is not None:
            assert type(self._failure_of(vendor, self.kit.write)) is writing

    def test_vendor_errors_are_sorted_by_what_to_do_next(self, vendor: Any) -> None:
        assert self.kit.refusals, "name the vendor's error bodies"
        for refusal in self.kit.refusals:
            error = self._refused(vendor, refusal)
            assert type(error) is refusal.error, f"{refusal.body!r} became {error!r}"
            if isinstance(error, e.RateLimited) and refusal.retry_after is not None:
                assert error.retry_after == refusal.retry_after

    def test_no_exception_tells_what_a_platform_echoes(self, vendor: Any, account: Account) -> None:
        for refusal in self.kit.refusals:
            private = (*account.secrets.values(), *(self.kit.sent if refusal.writing else ()))
            echoing = replace(refusal, body=echo(refusal.body, private))
            assert_silent(self._refused(vendor, echoing), private)

    def test_no_transport_failure_tells_secrets(
        self, vendor: Any, account: Account, platform: responses.RequestsMock
    ) -> None:
        leak = " ".join(account.secrets.values())
        for failure in (requests.exceptions.ReadTimeout(leak), (502, leak), (400, leak), (200, leak)):
            platform.reset()
            answer_always(platform, failure)
            assert_silent(self._failure_of(vendor, self.kit.read), tuple(account.secrets.values()))

    def test_account_hides_its_secrets(self, account: Account) -> None:
        assert CANARY not in repr(account)

    def _refused(self, vendor: Any, refusal: Refusal) -> e.ConnectorError:
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            answer_always(mock, (refusal.status, refusal.body), refusal.content_type)
            call = self.kit.write if refusal.writing else self.kit.read
            assert call is not None, "a refusal of a write needs kit.write"
            return self._failure_of(vendor, call)

    @staticmethod
    def _failure_of(vendor: Any, call: Callable[[Any], object]) -> e.ConnectorError:
        with pytest.raises(e.ConnectorError) as caught:
            call(vendor)
        return caught.value


class MarketplaceSuite(ConnectorSuite):
    """Promises of a marketplace: pure parsing, sums that hold, streams that end."""

    def test_it_is_a_marketplace_that_captures_and_writes_back(self) -> None:
        assert issubclass(self.connector, Marketplace)
        assert {"pull_orders", "parse_order", "push_shipment"} <= self.connector.capabilities()

    def test_parsing_an_order_is_pure(self, vendor: Any, platform: responses.RequestsMock) -> None:
        assert self.kit.orders, "give at least one order document"
        for body in self.kit.orders:
            assert vendor.parse_order(body) == vendor.parse_order(bytes(body))
        assert len(platform.calls) == 0

    def test_amounts_of_an_order_add_up(self, vendor: Any) -> None:
        for body in self.kit.orders:
            order = vendor.parse_order(body)
            for line in order.lines:
                assert explained(line) == line.paid_amount, f"line {line.external_no} of {order.external_no}"
            assert sum(line.paid_amount for line in order.lines) == order.paid_total
            assert sum(payment.amount for payment in order.payments) in (0, order.paid_total)

    def test_orders_carry_aware_times_whole_amounts_and_text_ids(self, vendor: Any) -> None:
        for body in self.kit.orders:
            assert_normal(vendor.parse_order(body))
            order = vendor.parse_order(body)
            assert len({line.external_no for line in order.lines}) == len(order.lines)

    def test_cases_carry_aware_times_whole_amounts_and_text_ids(self, vendor: Any) -> None:
        for body in self.kit.cases:
            assert vendor.parse_case(body) == vendor.parse_case(bytes(body))
            assert_normal(vendor.parse_case(body))

    def test_bad_documents_name_the_field_at_fault(self, vendor: Any) -> None:
        for parse, bad in self._bad_documents(vendor):
            with pytest.raises(e.BadRecord) as caught:
                parse(bad.body)
            assert bad.field in caught.value.field, f"{caught.value.field} is not {bad.field}"
            assert_silent(caught.value, self.kit.private)

    def test_broken_bytes_are_a_bad_record(self, vendor: Any) -> None:
        for parse, bodies in ((vendor.parse_order, self.kit.orders), (vendor.parse_case, self.kit.cases)):
            for body in bodies:
                for broken in (body[:-1], b"", b"null", b"[]", b"{}", b"\xff\xfe", b'"text"', b"7"):
                    with pytest.raises(e.BadRecord):
                        parse(broken)

    def test_whatever_is_wrong_in_a_document_is_a_bad_record_and_nothing_else(self, vendor: Any) -> None:
        for parse, bodies in ((vendor.parse_order, self.kit.orders), (vendor.parse_case, self.kit.cases)):
            for body in bodies:
                for mutant in mutants(body):
                    try:
                        parse(mutant)
                    except e.BadRecord as error:
                        assert_silent(error, self.kit.private)

    def test_a_parcel_with_units_of_a_line_is_sorted_as_any_parcel_is(
        self, vendor: Any, platform: responses.RequestsMock
    ) -> None:
        order = vendor.parse_order(self.kit.orders[0])
        line = next(line.external_no for line in order.lines if line.kind == "goods")
        notice = n.ShipmentNotice(order.external_no, "ZTO", "755", False, NOW, (line,), units={line: 1})
        answer_always(platform, (502, "bad gateway"))
        with suppress(e.Retryable, e.Refused):
            vendor.push_shipment(notice)
            assert not platform.calls, "a call that failed was told as a success"

    def test_a_quiet_platform_ends_the_stream_at_now(self, vendor: Any, platform: responses.RequestsMock) -> None:
        assert self.kit.empty_list, "give the answer of an empty list"
        answer_always(platform, (200, self.kit.empty_list))
        for pull in self._streams(vendor):
            cursors = [""]
            while True:
                page = pull(cursors[-1])
                assert page.cursor, "a cursor is never empty after a pull"
                assert not page.references
                assert not page.documents
                if not page.more:
                    break
                assert page.cursor not in cursors, "an equal cursor with more would loop for ever"
                cursors.append(page.cursor)
                assert len(cursors) < 500

    def _streams(self, vendor: Any) -> list[Callable[[str], r.Page]]:
        names = {"pull_orders", "pull_cases"} & self.connector.capabilities()
        return [getattr(vendor, name) for name in sorted(names)]

    def _bad_documents(self, vendor: Any) -> Iterator[tuple[Callable[[bytes], object], BadDocument]]:
        for bad in self.kit.bad_orders:
            yield vendor.parse_order, bad
        for bad in self.kit.bad_cases:
            yield vendor.parse_case, bad


class WarehouseSuite(ConnectorSuite):
    """Promises of a warehouse: writes that can be looked up and stopped."""

    def test_it_is_a_warehouse_that_takes_finds_and_stops_fulfilments(self) -> None:
        assert issubclass(self.connector, Warehouse)
        wanted = {"create_fulfilment", "find_fulfilment", "cancel_fulfilment"}
        assert wanted <= self.connector.capabilities()


class CarrierSuite(ConnectorSuite):
    """Promises of a carrier, a tracker, or whoever gives out waybill numbers."""

    def test_it_is_a_carrier_that_tells_where_parcels_are_or_gives_numbers(self) -> None:
        assert issubclass(self.connector, Carrier)
        capabilities = self.connector.capabilities()
        assert capabilities & {"track", "request_waybill"}
        assert ("request_waybill" in capabilities) == ("cancel_waybill" in capabilities), "numbers cost money"
