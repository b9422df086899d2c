"""Sourcing settings people edit.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0020steering"
down_revision = "0019settling"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
