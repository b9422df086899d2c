"""Calendars, capacity and areas of stock points; reports, counts, receipts; the nightly proof.

Rules: never import tables; expand, fill, switch, drop are migrations of their own; name every constraint.
"""

revision = "0009stock"
down_revision = "0008handling"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
