"""Notices to the merchant, in the console; and what a store is told of goods that it has not brought.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027notices"
down_revision = "0026carried"
branch_labels = None
depends_on = None

EVENTS = "'ready', 'out', 'overdue_soon', 'overdue', 'handed_over', 'refused', 'new_task', 'promised', 'task_late'"
BY_ACCOUNT = "uq_buyer_notice_shop_id_event_audience_account_id"
BY_TEAM = "uq_buyer_notice_shop_id_event_audience_account_id_user_group_id"


def upgrade() -> None:
    op.add_column("buyer_notice", sa.Column("user_group_id", sa.BigInteger(), nullable=True))
    op.alter_column("buyer_notice", "account_id", existing_type=sa.BigInteger(), nullable=True)
    _known("event", f"{EVENTS}, 'bring_late'")
    _known("audience", "'buyer', 'store', 'merchant'")
    op.create_check_constraint(
        op.f("ck_buyer_notice_sent_by"),
        "buyer_notice",
        "(account_id is null) = (audience = 'merchant') and (user_group_id is null or audience = 'merchant')",
    )
    op.drop_constraint(op.f(BY_ACCOUNT), "buyer_notice", type_="unique")
    op.create_unique_constraint(
        op.f(BY_TEAM),
        "buyer_notice",
        ["shop_id", "event", "audience", "account_id", "user_group_id"],
        postgresql_nulls_not_distinct=True,
    )


def _known(column: str, words: str) -> None:
    name = f"ck_buyer_notice_{column}_known"
    op.drop_constraint(op.f(name), "buyer_notice", type_="check")
    op.create_check_constraint(op.f(name), "buyer_notice", f"{column} in ({words})")


def downgrade() -> None:
    op.execute("delete from buyer_notice where audience = 'merchant' or event = 'bring_late'")
    op.drop_constraint(op.f(BY_TEAM), "buyer_notice", type_="unique")
    op.create_unique_constraint(op.f(BY_ACCOUNT), "buyer_notice", ["shop_id", "event", "audience", "account_id"])
    op.drop_constraint(op.f("ck_buyer_notice_sent_by"), "buyer_notice", type_="check")
    _known("audience", "'buyer', 'store'")
    _known("event", EVENTS)
    op.alter_column("buyer_notice", "account_id", existing_type=sa.BigInteger(), nullable=False)
    op.drop_column("buyer_notice", "user_group_id")
