"""Following parcels, deadlines, what buyers see.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0016following"
down_revision = "0015stores"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
