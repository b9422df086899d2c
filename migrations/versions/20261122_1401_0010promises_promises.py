"""Reservations from capture, presale, quotas, replenishment.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0010promises"
down_revision = "0009stock"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
