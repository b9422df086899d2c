"""Calls that an account may still make of one operation, where the platform limits each operation by itself.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006operations"
down_revision = "0005pushed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operation_budget",
        sa.Column(
            "account_id",
            sa.BigInteger(),
            sa.ForeignKey("account.id", name="fk_operation_budget_account_id"),
            nullable=False,
        ),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("refilled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True)),
        sa.Column("rate", sa.Double()),
        sa.PrimaryKeyConstraint("account_id", "operation", name="pk_operation_budget"),
    )


def downgrade() -> None:
    op.drop_table("operation_budget")
