"""Bounds of reservations.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0022keeping"
down_revision = "0021places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
