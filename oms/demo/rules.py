"""The demo's review rules: cash on delivery, and amounts over a limit, go to finance; the rest passes."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from oms.app.kernel.hub import utc_now
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.db.rulebook import RuleSet, RuleSetVersion
from oms.domain.money import format_amount
from rules.codec import read_rule_set

AMOUNT_LIMIT: Final = 100_000
_TO_FINANCE: Final = [{"action": "send_to_tier", "params": {"tier": "finance"}}]


def review_rules(limit: int) -> dict[str, Any]:
    """The rule set; `limit` is the amount in fen from which people look."""
    return {
        "format": 1,
        "stage": "review",
        "rules": [
            {
                "id": "cod-to-finance",
                "name": "货到付款转财审",
                "when": {"all": [{"fact": "order.is_cod", "op": "eq", "value": True}]},
                "actions": _TO_FINANCE,
            },
            {
                "id": "amount-to-finance",
                "name": f"实付满{format_amount(limit)}元转财审",
                "when": {"all": [{"fact": "order.paid", "op": "ge", "value": limit}]},
                "actions": _TO_FINANCE,
            },
        ],
    }


def publish_review_rules(connection: Connection, limit: int = AMOUNT_LIMIT) -> None:
    """Activate the demo's rule set unless a review rule set is there already: people's edits stay."""
    body = review_rules(limit)
    read_rule_set(body, VOCABULARY)
    if connection.scalar(select(RuleSet.id).where(RuleSet.stage == "review")) is not None:
        return
    row = insert(RuleSet).values(stage="review", scope="global", scope_id=0, name="审核 · 默认")
    rule_set_id = connection.execute(row.returning(RuleSet.id)).scalar_one()
    connection.execute(
        insert(RuleSetVersion).values(
            rule_set_id=rule_set_id,
            number=1,
            body=body,
            state="active",
            author="system",
            comment="demo",
            activated_at=utc_now(),
        )
    )
