"""Certificates of completeness, past windows, imported files, webhooks, ends of authorisations.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002channels"
down_revision = "0001core"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backfill",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("cursor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("estimate", sa.BigInteger(), nullable=True),
        sa.Column("documents", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("asked_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'running', 'done', 'failed', 'stopped')", name="ck_backfill_state_known"
        ),
        sa.CheckConstraint("since_at < until_at", name="ck_backfill_window_sane"),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name="fk_backfill_shop_id"),
        sa.PrimaryKeyConstraint("id", name="pk_backfill"),
    )
    op.create_index(
        "ix_backfill_open",
        "backfill",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state in ('waiting', 'running')"),
    )
    op.create_index("ix_backfill_shop_id", "backfill", ["shop_id"], unique=False)
    op.create_table(
        "completeness_check",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("cursor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("matched", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("missing", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("extra", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("differing", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pulled_again", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("asked_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="ck_completeness_check_state_known"),
        sa.CheckConstraint("since_at < until_at", name="ck_completeness_check_window_sane"),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name="fk_completeness_check_shop_id"),
        sa.PrimaryKeyConstraint("id", name="pk_completeness_check"),
    )
    op.create_index(
        "ix_completeness_check_open",
        "completeness_check",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state in ('waiting', 'running')"),
    )
    op.create_index("ix_completeness_check_shop_id", "completeness_check", ["shop_id"], unique=False)
    op.create_table(
        "import_batch",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("rows", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("taken", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("repeated", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("data_key_id", sa.BigInteger(), nullable=True),
        sa.Column("sealed_failures", postgresql.BYTEA(), nullable=True),
        sa.Column("imported_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('orders', 'stock', 'listings', 'shipped')", name="ck_import_batch_kind_known"),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name="fk_import_batch_shop_id"),
        sa.PrimaryKeyConstraint("id", name="pk_import_batch"),
        sa.UniqueConstraint(
            "kind",
            "shop_id",
            "content_hash",
            name="uq_import_batch_kind_shop_id_content_hash",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("topics", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sealed_secret", postgresql.BYTEA(), nullable=False),
        sa.Column("secret_key_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("paused_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state in ('active', 'paused')", name="ck_webhook_state_known"),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name="fk_webhook_shop_id"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_index("ix_webhook_shop_id", "webhook", ["shop_id"], unique=False)
    op.create_table(
        "completeness_row",
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column("external_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'listed'"), nullable=False),
        sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.CheckConstraint(
            "kind in ('listed', 'matched', 'missing', 'extra', 'differing', 'solved')",
            name="ck_completeness_row_kind_known",
        ),
        sa.ForeignKeyConstraint(
            ["check_id"], ["completeness_check.id"], name="fk_completeness_row_check_id", ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("check_id", "external_no", name="pk_completeness_row"),
    )
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'sent', 'dead')", name="ck_webhook_message_state_known"),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name="fk_webhook_message_webhook_id", ondelete="cascade"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_message"),
        sa.UniqueConstraint("webhook_id", "key", name="uq_webhook_message_webhook_id_key"),
    )
    op.create_index(
        "ix_webhook_message_due",
        "webhook_message",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.add_column("account", sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("authorisation_ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("authorised_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("listing", sa.Column("barcode", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("listing", sa.Column("is_on_sale", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("listing", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("listing", "seen_at")
    op.drop_column("listing", "is_on_sale")
    op.drop_column("listing", "barcode")
    op.drop_column("account", "authorised_at")
    op.drop_column("account", "authorisation_ends_at")
    op.drop_column("account", "token_expires_at")
    op.drop_index("ix_webhook_message_due", table_name="webhook_message", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_table("webhook_message")
    op.drop_table("completeness_row")
    op.drop_index("ix_webhook_shop_id", table_name="webhook")
    op.drop_table("webhook")
    op.drop_table("import_batch")
    op.drop_index("ix_completeness_check_shop_id", table_name="completeness_check")
    op.drop_index(
        "ix_completeness_check_open",
        table_name="completeness_check",
        postgresql_where=sa.text("state in ('waiting', 'running')"),
    )
    op.drop_table("completeness_check")
    op.drop_index("ix_backfill_shop_id", table_name="backfill")
    op.drop_index("ix_backfill_open", table_name="backfill", postgresql_where=sa.text("state in ('waiting', 'running')"))
    op.drop_table("backfill")
