"""Parcels on their way beyond the step itself: asked after, looked at, and those that come back."""
