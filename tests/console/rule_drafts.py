"""A draft to edit in tests, and what the editor's page sends and is answered."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from oms.app.kernel.hub import Hub
from oms.app.rulebook.drafts import Content, create_set
from oms.db.channels import Shop
from oms.db.rulebook import RuleSetVersion
from tests.console import factories
from tests.console.browsing import page_of

Post = Callable[..., TestResponse]
COD = {"fact": "order.is_cod", "op": "eq", "value": True}
RULE: dict[str, Any] = {
    "id": "cod", "name": "货到付款送财审", "when": {"all": [COD, {"fact": "order.paid", "op": "gt", "value": 30000}]},
    "actions": [{"action": "send_to_tier", "params": {"tier": "finance"}}],
}  # fmt: skip
#: The same as the editor sends it.
TYPED = RULE | {
    "when": {"all": [COD | {"value": "true"}, {"fact": "order.paid", "op": "gt", "value": "300.00"}]},
    "priority": "30", "stop": False, "enabled": True, "active": [], "excluded": [], "limits": [],
}  # fmt: skip
_scopes = itertools.count(1)


def a_draft(hub: Hub, world: factories.World) -> tuple[int, int]:
    """(set, version) of a draft in a place of its own."""
    with hub.begin() as connection:
        shop = factories.add(
            connection, Shop, code=f"r{next(_scopes)}", name="规则店", channel_id=world.channel,
            account_id=world.account,
        )  # fmt: skip
    version = create_set(hub, "review", "shop", shop, "财务审核", Content([RULE], comment="第一版"), "user:1")
    return int(stored(hub, (0, version)).rule_set_id), version


def poster(client: FlaskClient, draft: tuple[int, int]) -> Post:
    """Sends JSON as the page does."""
    token = page_of(client, address(draft)).partition('data-token="')[2].partition('"')[0]

    def send(where: str, body: Any) -> TestResponse:
        sent = body if isinstance(body, str | bytes) else json.dumps(body)
        headers = {"X-CSRFToken": token, "Content-Type": "application/json"}
        return client.post(address(draft) + where, data=sent, headers=headers)

    return send


def address(draft: tuple[int, int]) -> str:
    """The path of the editor."""
    return f"/rules/{draft[0]}/versions/{draft[1]}/edit"


def stored(hub: Hub, draft: tuple[int, int]) -> Any:
    """The version as it is stored."""
    with hub.begin() as connection:
        return connection.execute(RuleSetVersion.__table__.select().where(RuleSetVersion.id == draft[1])).one()


def faults_of(answer: TestResponse) -> dict[str, str]:
    """Place → reason and remedy."""
    assert answer.status_code in (200, 422), answer.text[:300]
    return {fault["path"]: f"{fault['reason']} {fault['remedy']}" for fault in answer.get_json()["faults"]}
