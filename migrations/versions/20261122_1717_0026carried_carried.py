"""What a fulfilment's lines left in is found by an index.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

from alembic import op

revision = "0026carried"
down_revision = "0025corrections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_parcel_item_fulfilment_line_id", "parcel_item", ["fulfilment_line_id"])


def downgrade() -> None:
    op.drop_index("ix_parcel_item_fulfilment_line_id", "parcel_item")
