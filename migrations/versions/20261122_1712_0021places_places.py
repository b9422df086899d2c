"""Places of orders, coverage.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021places"
down_revision = "0020steering"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _pool_places()
    _order_place()
    _stock_request()
    _oversold_pick()
    _point_outage()


def _pool_places() -> None:
    op.create_table(
        "pool_places",
        sa.Column("pool_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("geocoder_account_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["geocoder_account_id"], ["account.id"], name=op.f("fk_pool_places_geocoder_account_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_pool_places_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", name=op.f("pk_pool_places")),
    )


def _order_place() -> None:
    op.create_table(
        "order_place",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("address_blind", postgresql.BYTEA(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state in ('waiting', 'found', 'unknown')", name=op.f("ck_order_place_state_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_order_place_account_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_place")),
    )
    op.create_index(
        "ix_order_place_next_at",
        "order_place",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at is not null"),
    )


def _stock_request() -> None:
    op.create_table(
        "stock_request",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_stock_request")),
    )


def _oversold_pick() -> None:
    op.create_table(
        "oversold_pick",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.BigInteger(), nullable=False),
        sa.Column("order_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_oversold_pick_sku_id")),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_oversold_pick_stock_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oversold_pick")),
    )
    op.create_index("ix_oversold_pick_level", "oversold_pick", ["stock_point_id", "sku_id"], unique=False)


def _point_outage() -> None:
    op.create_table(
        "point_outage",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("stock_point_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("moved", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["stock_point_id"], ["stock_point.id"], name=op.f("fk_point_outage_stock_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_outage")),
    )
    op.create_index("ix_point_outage_stock_point_id", "point_outage", ["stock_point_id"], unique=False)


def downgrade() -> None:
    for table in ("point_outage", "oversold_pick", "stock_request", "order_place", "pool_places"):
        op.drop_table(table)
