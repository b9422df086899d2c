"""What is pushed to platforms of sellable stock: the switch of a shop, and what was accepted of each listing.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005pushed"
down_revision = "0004setwise"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock_push",
        sa.Column("shop_id", sa.BigInteger(), sa.ForeignKey("shop.id", name="fk_stock_push_shop_id"), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("safety", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("fence", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("last_success_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("last_error", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("shop_id", name="pk_stock_push"),
        sa.CheckConstraint("safety >= 0", name="ck_stock_push_safety_not_negative"),
    )
    op.create_table(
        "listing_push",
        sa.Column(
            "listing_id", sa.BigInteger(), sa.ForeignKey("listing.id", name="fk_listing_push_listing_id"), nullable=False
        ),
        sa.Column("units", sa.BigInteger()),
        sa.Column("pushed_at", sa.DateTime(timezone=True)),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True)),
        sa.Column("refusal", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("listing_id", name="pk_listing_push"),
    )


def downgrade() -> None:
    op.drop_table("listing_push")
    op.drop_table("stock_push")
