"""Settlement prices and who ships.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0019settling"
down_revision = "0018money"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
