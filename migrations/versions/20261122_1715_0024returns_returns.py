"""Returns taken at stores.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0024returns"
down_revision = "0023relabel"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
