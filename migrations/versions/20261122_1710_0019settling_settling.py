"""Settlement prices and who ships.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019settling"
down_revision = "0018money"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _partner()
    _partner_shop()
    _partner_goods()
    _settlement_price()
    _order_partner()
    _line_settlement()
    _partner_statement()
    _settlement_entry()


def _partner() -> None:
    op.create_table(
        "partner",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("ships", sa.Text(), server_default=sa.text("'us'"), nullable=False),
        sa.Column("needs_price", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("settles_own", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("deducts", sa.Text(), server_default=sa.text("'refunded'"), nullable=False),
        sa.Column("sender_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("sender_phone", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("is_stopped", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("deducts in ('refunded', 'returned', 'never')", name=op.f("ck_partner_deducts_known")),
        sa.CheckConstraint("kind in ('agent', 'distributor')", name=op.f("ck_partner_kind_known")),
        sa.CheckConstraint("ships in ('us', 'partner', 'sku')", name=op.f("ck_partner_ships_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("code", name=op.f("uq_partner_code")),
    )


def _partner_shop() -> None:
    op.create_table(
        "partner_shop",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_shop_partner_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_partner_shop_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_partner_shop")),
    )


def _partner_goods() -> None:
    op.create_table(
        "partner_goods",
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bundle_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_goods_partner_id")),
        sa.PrimaryKeyConstraint("partner_id", "sku_id", "bundle_id", name=op.f("pk_partner_goods")),
    )


def _settlement_price() -> None:
    op.create_table(
        "settlement_price",
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bundle_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("basis", sa.Text(), server_default=sa.text("'price'"), nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rate_bp", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "amount >= 0 and rate_bp between 0 and 100000 and (basis = 'price') = (rate_bp = 0)",
            name=op.f("ck_settlement_price_sane"),
        ),
        sa.CheckConstraint("basis in ('price', 'list', 'paid')", name=op.f("ck_settlement_price_basis_known")),
        sa.CheckConstraint("sku_id = 0 or bundle_id = 0", name=op.f("ck_settlement_price_one_target")),
        sa.CheckConstraint(
            "valid_until is null or valid_until > valid_from", name=op.f("ck_settlement_price_ends_later")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_settlement_price_partner_id")),
        sa.PrimaryKeyConstraint("partner_id", "sku_id", "bundle_id", "valid_from", name=op.f("pk_settlement_price")),
    )


def _order_partner() -> None:
    op.create_table(
        "order_partner",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("ships", sa.Text(), server_default=sa.text("'us'"), nullable=False),
        sa.Column(
            "stated", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "left_lines", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'::bigint[]"), nullable=False
        ),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ships in ('us', 'partner', 'sku')", name=op.f("ck_order_partner_ships_known")),
        sa.CheckConstraint("via in ('shop', 'document')", name=op.f("ck_order_partner_via_known")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_partner")),
    )
    op.create_index("ix_order_partner_partner_id", "order_partner", ["partner_id", "order_id"], unique=False)


def _line_settlement() -> None:
    op.create_table(
        "line_settlement",
        sa.Column("order_line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("bundle_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("base_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unit_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rate_bp", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("priced_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("priced_by", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.CheckConstraint(
            "basis in ('document', 'price', 'list', 'paid', 'person')", name=op.f("ck_line_settlement_basis_known")
        ),
        sa.CheckConstraint("units > 0", name=op.f("ck_line_settlement_units_positive")),
        sa.PrimaryKeyConstraint("order_line_id", name=op.f("pk_line_settlement")),
    )
    op.create_index("ix_line_settlement_order_id", "line_settlement", ["order_id"], unique=False)


def _partner_statement() -> None:
    op.create_table(
        "partner_statement",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("orders", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("units_back", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sold", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("back", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("changed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_statement_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_statement")),
        sa.UniqueConstraint("partner_id", "number", name=op.f("uq_partner_statement_partner_id_number")),
    )


def _settlement_entry() -> None:
    op.create_table(
        "settlement_entry",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('id_seq')"), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("statement_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind in ('sale', 'return', 'change')", name=op.f("ck_settlement_entry_kind_known")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_settlement_entry_partner_id")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["partner_statement.id"], name=op.f("fk_settlement_entry_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_entry")),
    )
    op.create_index("ix_settlement_entry_order_line_id", "settlement_entry", ["order_line_id"], unique=False)
    op.create_index("ix_settlement_entry_partner_id", "settlement_entry", ["partner_id", "at"], unique=False)
    op.create_index("ix_settlement_entry_statement_id", "settlement_entry", ["statement_id"], unique=False)


def downgrade() -> None:
    op.drop_table("settlement_entry")
    op.drop_table("partner_statement")
    op.drop_table("line_settlement")
    op.drop_table("order_partner")
    op.drop_table("settlement_price")
    op.drop_table("partner_goods")
    op.drop_table("partner_shop")
    op.drop_table("partner")
