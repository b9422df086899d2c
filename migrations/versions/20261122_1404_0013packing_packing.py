"""Work at warehouses without a system; stopping and its record.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013packing"
down_revision = "0012joining"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _places()
    _setting()
    _waves()
    _units()
    _report()
    _interceptions()


def _places() -> None:
    op.create_table(
        "user_point",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_point_user_id")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_user_point_stock_point_id")),
        sa.PrimaryKeyConstraint("user_id", "stock_point_id", name=op.f("pk_user_point")),
    )
    op.create_table(
        "api_key_point",
        sa.Column("api_key_id", sa.BigInteger(), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_key.id"], name=op.f("fk_api_key_point_api_key_id")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_api_key_point_stock_point_id")),
        sa.PrimaryKeyConstraint("api_key_id", "stock_point_id", name=op.f("pk_api_key_point")),
    )


def _setting() -> None:
    op.create_table(
        "packing_setting",
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("swap_origins", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("swap_most_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("swap_same_category", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("slip_prices", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("must_check", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("calls_back", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("answer_minutes", sa.Integer(), server_default=sa.text("30"), nullable=False),
        sa.CheckConstraint("swap_most_amount >= 0", name=op.f("ck_packing_setting_swap_most")),
        sa.CheckConstraint("answer_minutes > 0", name=op.f("ck_packing_setting_answer_minutes")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_packing_setting_stock_point_id")),
        sa.PrimaryKeyConstraint("stock_point_id", name=op.f("pk_packing_setting")),
    )


def _waves() -> None:
    op.create_table(
        "pick_wave",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_pick_wave_stock_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_wave")),
    )
    op.create_index("ix_pick_wave_stock_point_id", "pick_wave", ["stock_point_id", "id"])
    op.create_table(
        "pick_wave_fulfilment",
        sa.Column("fulfilment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wave_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["pick_wave.id"], name=op.f("fk_pick_wave_fulfilment_wave_id")),
        sa.PrimaryKeyConstraint("fulfilment_id", name=op.f("pk_pick_wave_fulfilment")),
    )
    op.create_index("ix_pick_wave_fulfilment_wave_id", "pick_wave_fulfilment", ["wave_id"])


def _units() -> None:
    op.create_table(
        "packed_units",
        sa.Column("fulfilment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sku_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("checked_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_packed_units_units_positive")),
        sa.PrimaryKeyConstraint("fulfilment_id", "sku_id", name=op.f("pk_packed_units")),
    )


def _report() -> None:
    op.create_table(
        "packing_report",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.CheckConstraint(
            "verb in ('accept', 'ship', 'short', 'refuse', 'stopped', 'gone', 'swap')",
            name=op.f("ck_packing_report_verb_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packing_report")),
        sa.UniqueConstraint("stock_point_id", "key", name=op.f("uq_packing_report_stock_point_id_key")),
    )
    op.create_index("ix_packing_report_fulfilment_id", "packing_report", ["fulfilment_id"])


def _interceptions() -> None:
    """What is recorded of attempts from now on; those before were all asked of a warehouse, or of nobody."""
    columns = (
        sa.Column("asked_of", sa.Text(), server_default=sa.text("'warehouse'"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("user_group_id", sa.BigInteger(), nullable=True),
    )
    for column in columns:
        op.add_column("interception", column)
    op.create_check_constraint(
        op.f("ck_interception_asked_of_known"), "interception", "asked_of in ('nobody', 'warehouse', 'courier')"
    )
    op.create_index("ix_interception_asked_at", "interception", ["asked_at"])


def downgrade() -> None:
    op.drop_index("ix_interception_asked_at", "interception")
    op.drop_constraint(op.f("ck_interception_asked_of_known"), "interception", type_="check")
    for column in ("user_group_id", "owner_id", "expired_at", "received_at", "due_at", "parcel_id", "asked_of"):
        op.drop_column("interception", column)
    for table in ("packing_report", "packed_units", "pick_wave_fulfilment", "pick_wave", "packing_setting"):
        op.drop_table(table)
    op.drop_table("api_key_point")
    op.drop_table("user_point")
