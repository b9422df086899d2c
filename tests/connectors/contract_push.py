"""What every connector that receives pushes promises, beside its family's suite."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import pytest

from connectors.contract import errors as e
from connectors.contract.manifest import Account
from tests.connectors.contract_kit import Kit, assert_normal


class PushSuite:
    """Promises of a connector that receives pushes; inherit it beside a family's suite."""

    kit: ClassVar[Kit]

    def test_a_genuine_push_is_verified_twice_with_one_key(self, vendor: Any) -> None:
        assert self.kit.pushes, "give at least one genuine push"
        for push in self.kit.pushes:
            first, second = vendor.verify_push(push), vendor.verify_push(push)
            assert first.key
            assert first == second
            assert first.answer.status == 200

    def test_different_pushes_have_different_keys(self, vendor: Any) -> None:
        keys = {vendor.verify_push(push).key for push in self.kit.pushes}
        assert len(keys) == len({(push.body, tuple(push.query.items())) for push in self.kit.pushes})

    def test_a_touched_body_is_refused(self, vendor: Any) -> None:
        for push in self.kit.pushes:
            middle = len(push.body) // 2
            flipped = push.body[:middle] + bytes([push.body[middle] ^ 1]) + push.body[middle + 1 :]
            for body in (flipped, push.body + b" ", b""):
                with pytest.raises(e.BadSignature):
                    vendor.verify_push(replace(push, body=body))

    def test_a_push_signed_with_another_secret_is_refused(self, vendor: Any) -> None:
        account = vendor.account
        other = Account(
            settings=account.settings,
            secrets={name: f"other-{value}" for name, value in account.secrets.items()},
            gateway=account.gateway,
        )
        stranger = type(vendor)(other, clock=vendor.clock)
        for push in self.kit.pushes:
            with pytest.raises(e.BadSignature):
                stranger.verify_push(push)

    def test_an_old_push_is_refused(self, vendor: Any) -> None:
        for push in self.kit.stale_pushes:
            with pytest.raises(e.BadSignature):
                vendor.verify_push(push)

    def test_parsing_a_push_is_pure(self, vendor: Any) -> None:
        for push in self.kit.pushes:
            assert vendor.parse_push(push) == vendor.parse_push(push)
            assert_normal(vendor.parse_push(push))

    def test_a_refusal_of_a_push_tells_no_secret(self, vendor: Any) -> None:
        answer = vendor.refuse_push("not genuine")
        assert answer.body
        for secret in vendor.account.secrets.values():
            assert secret.encode() not in answer.body
