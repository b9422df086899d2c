"""Couriers' statements hold corrections: amounts below zero.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

from alembic import op

revision = "0025corrections"
down_revision = "0024returns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_remittance_line_not_negative"), "remittance_line", type_="check")
    op.drop_constraint(op.f("ck_remittance_not_negative"), "remittance", type_="check")


def downgrade() -> None:
    op.create_check_constraint(op.f("ck_remittance_line_not_negative"), "remittance_line", "amount >= 0 and fee >= 0")
    op.create_check_constraint(op.f("ck_remittance_not_negative"), "remittance", "total >= 0 and fees >= 0")
