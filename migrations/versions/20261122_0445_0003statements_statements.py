"""Lines of platforms' statements; what tells two versions of a case apart.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003statements"
down_revision = "0002channels"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("content_hash", postgresql.BYTEA(), nullable=True))
    op.add_column("cases", sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "statement_row",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("external_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("line_no", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("document_no", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind in ('sale', 'refund', 'commission', 'freight', 'promotion', 'fee', 'tax', 'transfer', 'other')",
            name="ck_statement_row_kind_known",
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name="fk_statement_row_shop_id"),
        sa.PrimaryKeyConstraint("id", name="pk_statement_row"),
        sa.UniqueConstraint("shop_id", "external_no", name="uq_statement_row_shop_id_external_no"),
    )
    op.create_index(
        "ix_statement_row_order_no",
        "statement_row",
        ["shop_id", "order_no"],
        unique=False,
        postgresql_where=sa.text("order_no <> ''"),
    )
    op.create_index("ix_statement_row_at", "statement_row", ["shop_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_table("statement_row")
    op.drop_column("cases", "fetched_at")
    op.drop_column("cases", "content_hash")
