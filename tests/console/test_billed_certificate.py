"""A certificate's page says which of the platform's lists were used, and what only a bill names."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from oms.app.kernel.hub import Hub
from oms.db.completeness import CompletenessCheck, CompletenessRow
from tests.console import factories
from tests.console.browsing import page_of

PATH = "/operations/completeness"


@pytest.mark.parametrize(
    ("method", "listed", "said"),
    [("list+bill", "清单和账单", "这段时间的账单也对过。"), ("bill", "账单", "平台的账单里有 1 单我们没有")],
)
def test_what_only_a_bill_names_is_told_so(
    client: FlaskClient, hub: Hub, world: factories.World, method: str, listed: str, said: str
) -> None:
    values = {"shop_id": world.shops[0], "since_at": factories.NOW - timedelta(days=1), "until_at": factories.NOW,
              "state": "done", "method": method, "listed": 3, "matched": 2, "missing": 1}  # fmt: skip
    with hub.begin() as connection:
        check_id = factories.add(connection, CompletenessCheck, **values)
        row = {"check_id": check_id, "external_no": "N9", "kind": "missing", "seen": {"list": "bill"}}
        connection.execute(insert(CompletenessRow).values(**row))
    page = page_of(client, f"{PATH}/{check_id}")
    assert said in page
    assert "账单里有</td>" in page
    assert f'<td class="t2 wraps">{listed}</td>' in page_of(client, PATH)
