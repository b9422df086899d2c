"""Returns taken at stores, money back over the counter, cash handed in, rounds of clerks, when goods are ready.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024returns"
down_revision = "0023relabel"
branch_labels = None
depends_on = None

ACTS = "'fulfilment', 'parcel', 'note', 'transfer'"
EVENTS = "'ready', 'out', 'overdue_soon', 'overdue', 'handed_over', 'refused', 'new_task'"


def upgrade() -> None:
    _return_terms()
    _store_return()
    _store_return_line()
    _store_return_photo()
    _store_payout()
    _cash_hand_in()
    _delivery_round()
    _round_stop()
    _when_ready()
    _known("store_act", "document", f"{ACTS}, 'order', 'round', 'store'")
    _known("buyer_notice", "event", f"{EVENTS}, 'promised', 'task_late'")


def _known(table: str, column: str, words: str) -> None:
    name = f"ck_{table}_{column}_known"
    op.drop_constraint(op.f(name), table, type_="check")
    op.create_check_constraint(op.f(name), table, f"{column} in ({words})")


def _when_ready() -> None:
    for name in ("wanted_from", "ready_by", "ready_clock_at"):
        op.add_column("order_delivery", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_order_delivery_clock",
        "order_delivery",
        ["ready_clock_at"],
        unique=False,
        postgresql_where=sa.text("ready_clock_at is not null"),
    )


def _return_terms() -> None:
    op.create_table(
        "return_terms",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.Integer(), server_default=sa.text("7"), nullable=False),
        sa.Column("own_limit", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("allows_other_stores", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("days between 0 and 365", name=op.f("ck_return_terms_days")),
        sa.CheckConstraint("own_limit >= 0", name=op.f("ck_return_terms_own_limit")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_return_terms_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_return_terms")),
    )


def _store_return() -> None:
    op.create_table(
        "store_return",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("platform_case_id", sa.BigInteger(), nullable=True),
        sa.Column("found_by", sa.Text(), server_default=sa.text("'store'"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("store_part", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("found_by in ('store', 'code', 'phone')", name=op.f("ck_store_return_found_by_known")),
        sa.CheckConstraint("amount >= 0 and store_part between 0 and amount", name=op.f("ck_store_return_amounts")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_store_return_case_id")),
        sa.ForeignKeyConstraint(["platform_case_id"], ["cases.id"], name=op.f("fk_store_return_platform_case_id")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_store_return_stock_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_return")),
        sa.UniqueConstraint("stock_point_id", "key", name=op.f("uq_store_return_stock_point_id_key")),
    )
    op.create_index("ix_store_return_case_id", "store_return", ["case_id"], unique=False)
    op.create_index("ix_store_return_order_id", "store_return", ["order_id"], unique=False)


def _store_return_line() -> None:
    op.create_table(
        "store_return_line",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("store_return_id", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("line_units", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("condition", sa.Text(), server_default=sa.text("'good'"), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("home_point_id", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.BigInteger(), nullable=True),
        sa.Column("good", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("defective", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("missing", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "condition in ('good', 'opened', 'damaged', 'parts_missing')",
            name=op.f("ck_store_return_line_condition_known"),
        ),
        sa.CheckConstraint(
            "good >= 0 and defective >= 0 and missing >= 0 and good + defective + missing <= units",
            name=op.f("ck_store_return_line_received"),
        ),
        sa.CheckConstraint("units > 0 and line_units >= 0", name=op.f("ck_store_return_line_units")),
        sa.ForeignKeyConstraint(["home_point_id"], ["stock_point.id"], name=op.f("fk_store_return_line_home_point_id")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_store_return_line_stock_point_id")),
        sa.ForeignKeyConstraint(
            ["store_return_id"], ["store_return.id"], name=op.f("fk_store_return_line_store_return_id")
        ),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_store_return_line_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_return_line")),
    )
    op.create_index("ix_store_return_line_return", "store_return_line", ["store_return_id"], unique=False)
    op.create_index(
        "ix_store_return_line_transfer",
        "store_return_line",
        ["transfer_id"],
        unique=False,
        postgresql_where=sa.text("transfer_id is not null"),
    )
    op.create_index(
        "ix_store_return_line_waiting",
        "store_return_line",
        ["stock_point_id", "home_point_id"],
        unique=False,
        postgresql_where=sa.text("settled_at is null"),
    )


def _store_return_photo() -> None:
    op.create_table(
        "store_return_photo",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("store_return_id", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("body", postgresql.BYTEA(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_return_id"], ["store_return.id"], name=op.f("fk_store_return_photo_store_return_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_return_photo")),
    )
    op.create_index("ix_store_return_photo_return", "store_return_photo", ["store_return_id"], unique=False)


def _store_payout() -> None:
    op.create_table(
        "store_payout",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("refund_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_store_payout_amount_positive")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_store_payout_refund_id")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_store_payout_stock_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_payout")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_store_payout_refund_id")),
        sa.UniqueConstraint("stock_point_id", "key", name=op.f("uq_store_payout_stock_point_id_key")),
    )
    op.create_index("ix_store_payout_order_id", "store_payout", ["order_id"], unique=False)


def _cash_hand_in() -> None:
    op.create_table(
        "cash_hand_in",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_cash_hand_in_amount_positive")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_cash_hand_in_stock_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_hand_in")),
        sa.UniqueConstraint("stock_point_id", "key", name=op.f("uq_cash_hand_in_stock_point_id_key")),
    )


def _delivery_round() -> None:
    op.create_table(
        "delivery_round",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'out'"), nullable=False),
        sa.Column("clerk", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status in ('out', 'closed')", name=op.f("ck_delivery_round_status_known")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_delivery_round_stock_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_round")),
        sa.UniqueConstraint("stock_point_id", "key", name=op.f("uq_delivery_round_stock_point_id_key")),
    )
    op.create_index(
        "ix_delivery_round_out",
        "delivery_round",
        ["stock_point_id"],
        unique=False,
        postgresql_where=sa.text("status = 'out'"),
    )


def _round_stop() -> None:
    op.create_table(
        "round_stop",
        sa.Column("delivery_round_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "result in ('open', 'delivered', 'refused', 'failed', 'left')", name=op.f("ck_round_stop_result_known")
        ),
        sa.ForeignKeyConstraint(
            ["delivery_round_id"], ["delivery_round.id"], name=op.f("fk_round_stop_delivery_round_id")
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_round_stop_parcel_id")),
        sa.PrimaryKeyConstraint("delivery_round_id", "parcel_id", name=op.f("pk_round_stop")),
    )
    op.create_index(
        "uq_round_stop_open", "round_stop", ["parcel_id"], unique=True, postgresql_where=sa.text("result = 'open'")
    )


def downgrade() -> None:
    op.execute("delete from store_act where document in ('order', 'round', 'store')")
    op.execute("delete from buyer_notice where event in ('promised', 'task_late')")
    _known("store_act", "document", ACTS)
    _known("buyer_notice", "event", EVENTS)
    op.drop_index("ix_order_delivery_clock", table_name="order_delivery")
    for name in ("ready_clock_at", "ready_by", "wanted_from"):
        op.drop_column("order_delivery", name)
    op.drop_table("round_stop")
    op.drop_table("delivery_round")
    op.drop_table("cash_hand_in")
    op.drop_table("store_payout")
    op.drop_table("store_return_photo")
    op.drop_table("store_return_line")
    op.drop_table("store_return")
    op.drop_table("return_terms")
