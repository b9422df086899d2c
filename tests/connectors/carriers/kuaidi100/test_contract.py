"""kuaidi100 keeps the promises of every carrier."""

from __future__ import annotations

import json
from typing import ClassVar

from connectors.carriers.kuaidi100 import Kuaidi100
from connectors.contract import errors as e
from tests.connectors.carriers.kuaidi100.factories import REQUEST, SALT, a_param, a_push, a_trail
from tests.connectors.contract_push import PushSuite
from tests.connectors.contract_suite import CarrierSuite, Kit, Refusal


def returning(code: str) -> bytes:
    return json.dumps({"result": False, "returnCode": code, "message": "no"}).encode()


class TestContract(PushSuite, CarrierSuite):
    connector: ClassVar = Kuaidi100
    kit: ClassVar = Kit(
        read=lambda vendor: vendor.track(REQUEST),
        settings=(("salt", SALT),),
        refusals=(
            Refusal(returning("400"), e.Refused),
            Refusal(returning("502"), e.Retryable),
            Refusal(returning("601"), e.AuthFailed),
        ),
        pushes=(a_push(a_param()), a_push(a_param(a_trail("3"), status="shutdown"))),
    )
