"""Merging and splitting by rule and by hand.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0012joining"
down_revision = "0011sourcing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
